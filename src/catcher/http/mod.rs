//! The inbox of the catcher: its URL table, and the guard that keeps other sites out of it.

mod api;
mod page;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Caught, Inbox};

/// What a page may load: its style sheet, and a message in a frame.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Clone)]
struct Site {
    inbox: Arc<Inbox>,
    smtp: SocketAddr,
}

/// Serves the inbox until cancelled.
pub(super) async fn serve(
    listener: TcpListener,
    inbox: Arc<Inbox>,
    smtp: SocketAddr,
    cancel: CancellationToken,
) {
    let site = Router::new()
        .route("/", get(page::inbox))
        .route("/style.css", get(page::style))
        .route("/messages/{id}", get(page::message))
        .route("/messages/{id}/html", get(page::html))
        .route("/messages/{id}/text", get(page::text))
        .route("/messages/{id}/source", get(page::source))
        .route("/api/messages", get(api::list).delete(api::clear))
        .route("/api/messages/{id}", get(api::show))
        .fallback(async || Absent)
        .layer(from_fn(guard))
        .with_state(Site { inbox, smtp });
    let served = axum::serve(listener, site).with_graceful_shutdown(cancel.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the inbox of the catcher stopped");
    }
}

/// Answers only to `localhost` and to bare addresses: a name that someone else's DNS points here (rebinding) gets 403.
async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    if !host.is_some_and(|host| is_local(host.host())) {
        let reason = "The inbox is read at localhost or at its IP address, under no other name.\n";
        return (StatusCode::FORBIDDEN, reason).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

/// The message of this number, as it stands in a URL.
fn find(State(site): &State<Site>, id: &str) -> Result<Arc<Caught>, Absent> {
    let id = id.parse().map_err(|_| Absent)?;
    site.inbox.message(id).ok_or(Absent)
}

/// There is no such page, message or part.
struct Absent;

impl IntoResponse for Absent {
    fn into_response(self) -> Response {
        let reason = "There is no such message here; it may have been dropped to make room. The inbox is at /.\n";
        (StatusCode::NOT_FOUND, reason).into_response()
    }
}

fn readable_time(epoch_ms: i64) -> String {
    Timestamp::from_millisecond(epoch_ms)
        .map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default()
}
