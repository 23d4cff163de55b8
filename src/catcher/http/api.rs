//! The inbox as JSON. A DELETE from another site needs a preflight, which is never granted.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use super::{Absent, Caught, Site, find};

/// The answer to `GET /api/messages`: newest first.
#[derive(Serialize)]
pub(super) struct Listing {
    /// Counted since the start, dropped messages included.
    accepted: u64,
    messages: Vec<Summary>,
}

#[derive(Serialize)]
struct Summary {
    id: u64,
    received_ms: i64,
    envelope_from: String,
    recipients: Vec<String>,
    smtputf8: bool,
    size: usize,
    from: String,
    to: String,
    subject: String,
}

/// The answer to `GET /api/messages/{id}`.
#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(flatten)]
    summary: Summary,
    headers: Vec<Header>,
    text: Option<String>,
    html: Option<String>,
    source: String,
}

#[derive(Serialize)]
struct Header {
    name: String,
    value: String,
}

pub(super) async fn list(State(site): State<Site>) -> Json<Listing> {
    let messages = site.inbox.messages();
    Json(Listing {
        accepted: site.inbox.accepted(),
        messages: messages.iter().rev().map(Summary::of).collect(),
    })
}

pub(super) async fn clear(State(site): State<Site>) -> StatusCode {
    site.inbox.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn show(
    site: State<Site>,
    Path(id): Path<String>,
) -> Result<Json<Detail>, Absent> {
    let message = find(&site, &id)?;
    let headers = message.headers().into_iter();
    Ok(Json(Detail {
        summary: Summary::of(&message),
        headers: headers
            .map(|(name, value)| Header { name, value })
            .collect(),
        text: message.text(),
        html: message.html(),
        source: String::from_utf8_lossy(&message.raw).into_owned(),
    }))
}

impl Summary {
    fn of(message: &Arc<Caught>) -> Self {
        Self {
            id: message.id,
            received_ms: message.received_ms,
            envelope_from: message.envelope_from.clone(),
            recipients: message.recipients.clone(),
            smtputf8: message.smtputf8,
            size: message.size(),
            from: message.from(),
            to: message.to(),
            subject: message.subject(),
        }
    }
}
