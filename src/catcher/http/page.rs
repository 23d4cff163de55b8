//! The pages of the inbox; they work without JavaScript. The HTML of a message is shown in a sandbox that runs nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::{Absent, Caught, Site, find, readable_time};

/// The HTML of a message: pictures and styles but no scripts. Its links open beside the inbox, as from a mail reader.
const MESSAGE_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'";

#[derive(Template)]
#[template(path = "catcher/inbox.html")]
struct InboxPage {
    smtp: SocketAddr,
    accepted: u64,
    messages: Vec<Row>,
}

struct Row {
    id: u64,
    subject: String,
    from: String,
    recipients: String,
    received: String,
}

#[derive(Template)]
#[template(path = "catcher/message.html")]
struct MessagePage {
    row: Row,
    envelope_from: String,
    size: usize,
    tab: Tab,
    has_html: bool,
    has_text: bool,
    text: String,
    headers: Vec<(String, String)>,
}

/// What a message page shows of its message.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tab {
    Html,
    Text,
    Headers,
    Source,
}

#[derive(Deserialize)]
pub(super) struct View {
    show: Option<Tab>,
}

pub(super) async fn inbox(State(site): State<Site>) -> Response {
    let messages = site.inbox.messages();
    page(&InboxPage {
        smtp: site.smtp,
        accepted: site.inbox.accepted(),
        messages: messages.iter().rev().map(Row::of).collect(),
    })
}

pub(super) async fn message(
    site: State<Site>,
    Path(id): Path<String>,
    Query(view): Query<View>,
) -> Result<Response, Absent> {
    let message = find(&site, &id)?;
    let (has_html, text) = (message.html().is_some(), message.text());
    let usual = if has_html { Tab::Html } else { Tab::Text };
    let tab = view.show.unwrap_or(usual);
    let has_text = text.is_some();
    Ok(page(&MessagePage {
        row: Row::of(&message),
        envelope_from: message.envelope_from.clone(),
        size: message.size(),
        tab,
        has_html,
        has_text,
        text: match tab {
            Tab::Source => String::from_utf8_lossy(&message.raw).into_owned(),
            _ => text.unwrap_or_default(),
        },
        headers: message.headers(),
    }))
}

pub(super) async fn html(site: State<Site>, Path(id): Path<String>) -> Result<Response, Absent> {
    let html = find(&site, &id)?.html().ok_or(Absent)?;
    let policy = [(header::CONTENT_SECURITY_POLICY, MESSAGE_POLICY)];
    Ok((policy, Html(with_links_outside(&html))).into_response())
}

pub(super) async fn text(site: State<Site>, Path(id): Path<String>) -> Result<Response, Absent> {
    let text = find(&site, &id)?.text().ok_or(Absent)?;
    Ok((PLAIN, text).into_response())
}

pub(super) async fn source(site: State<Site>, Path(id): Path<String>) -> Result<Response, Absent> {
    Ok((PLAIN, find(&site, &id)?.raw.clone()).into_response())
}

pub(super) async fn style() -> impl IntoResponse {
    let style = include_str!("../../../templates/catcher/style.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], style)
}

const PLAIN: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of the inbox could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Makes links leave the frame; a page that names its own base keeps it.
fn with_links_outside(html: &str) -> String {
    const BASE: &str = r#"<base target="_blank">"#;
    let lower = html.to_ascii_lowercase();
    let head = lower.match_indices("<head").find_map(|(at, tag)| {
        let rest = &lower[at + tag.len()..];
        let named = rest.starts_with(|next: char| next == '>' || next.is_ascii_whitespace());
        named.then(|| rest.find('>').map(|end| at + tag.len() + end + 1))?
    });
    match head {
        Some(at) => [&html[..at], BASE, &html[at..]].concat(),
        None => [BASE, html].concat(),
    }
}

impl Row {
    fn of(message: &Arc<Caught>) -> Self {
        Self {
            id: message.id,
            subject: message.subject(),
            from: message.from(),
            recipients: message.recipients.join(", "),
            received: readable_time(message.received_ms),
        }
    }
}
