//! Links of digests that are counted: they lead on to the article, and how often is all that is kept.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{LOCATION, USER_AGENT};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;

use super::{Error, Web, origin};
use crate::service::clicks::{self, Follower};

/// How often clicks that have waited long enough are written.
const PAUSE: Duration = Duration::from_secs(5);
/// Browsers and proxies say with one of these that nobody has clicked yet.
const PREFETCH: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// `GET /l/{token}`. Referrer-Policy and Cache-Control are those of every answer: the article's site is not told where its
/// readers come from, and each click comes here.
///
/// Promise 1, GET changes nothing, holds: see [`clicks::follow`].
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    method: Method,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let address = origin::client_ip(Some(peer.ip()), &headers, &web.trusted);
    let program = headers.get(USER_AGENT).and_then(|name| name.to_str().ok());
    let only_looks =
        method == Method::HEAD || PREFETCH.iter().any(|name| headers.contains_key(*name));
    let follower = address.map(|address| Follower {
        address,
        program: program.unwrap_or_default(),
        only_looks,
    });
    let url = clicks::follow(&web.context, &token, follower).await?;
    let url = url.ok_or_else(Error::not_found)?;
    Ok((StatusCode::FOUND, [(LOCATION, url)]).into_response())
}

/// Writes clicks now and then until `stop`, and the rest of them then.
pub async fn count(web: Web, stop: CancellationToken) {
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(PAUSE) => false,
        };
        if let Err(error) = clicks::write(&web.context, stopped).await {
            tracing::warn!(%error, "clicks could not be written; they wait");
        }
        if stopped {
            return;
        }
    }
}
