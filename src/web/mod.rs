//! The reader's pages. This file is the whole URL table; one file per page holds its `get` and `post`.
//!
//! GET and HEAD change nothing anywhere (promise 1; what `link` counts is nobody's state). A handler extracts, calls a service, and
//! answers with a page.

mod api;
mod archive;
mod asset;
mod cached;
mod confirm;
mod cors;
mod digest;
mod draft;
mod embed;
mod error;
mod floor;
mod form;
pub mod guard;
mod headers;
mod home;
mod link;
mod never;
mod origin;
pub mod page;
mod preferences;
mod refusal;
mod shown;
mod subscribe;
mod unsubscribe;
mod validate;
mod visit;

use std::future::Future;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::domain::network::Network;
use crate::service::Context;
pub(crate) use asset::{DRAFT_STYLE_URL, ZONE_SCRIPT_URL};
pub use error::Error;

/// A form is a few hundred octets; more than this is refused with 413.
const BODY_LIMIT: usize = 64 * 1024;
/// How long a stop waits for requests that are being answered.
const GRACE: Duration = Duration::from_secs(10);

/// What every page needs. Each request takes some copies of it along.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

/// The parts of [`Web`].
pub struct Parts {
    context: Context,
    trusted: Vec<Network>,
    timeout: Duration,
    stylesheet: asset::Stylesheet,
    shown: shown::Shown,
    /// When the configuration was read, epoch milliseconds: what every page says may have changed then.
    since_ms: i64,
}

impl Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Web {
    /// The pages of this context; forwarded addresses are believed from `trusted` proxies only (X9), and no
    /// request takes longer than `timeout`.
    pub fn new(context: Context, trusted: Vec<Network>, timeout: Duration) -> Self {
        Self(Arc::new(Parts {
            since_ms: context.clock.now_ms(),
            stylesheet: asset::Stylesheet::new(&context.site.theme),
            shown: shown::Shown::default(),
            context,
            trusted,
            timeout,
        }))
    }
}

/// The pages, with what surrounds them all.
pub fn router(web: Web) -> Router {
    surrounded(table(), web)
}

/// The URL table.
pub fn table() -> Router<Web> {
    Router::new()
        .route("/", get(home::get))
        .route("/subscribe", get(home::get).post(subscribe::post_several))
        .route(
            "/subscribe/{list}",
            get(subscribe::get).post(subscribe::post),
        )
        .route("/subscribe/{list}/embed", get(embed::get))
        .route("/subscribe/{list}/check-mail", get(subscribe::check_mail))
        .route("/confirm/{token}", get(confirm::get).post(confirm::post))
        .route("/never/{token}", get(never::get).post(never::post))
        .route("/u/{token}", get(unsubscribe::get).post(unsubscribe::post))
        .route("/u/{token}/", get(unsubscribe::get).post(unsubscribe::post))
        .route("/p/{token}", get(preferences::get).post(preferences::post))
        .route("/archive/{list}", get(archive::get))
        .route("/archive/{list}/feed.xml", get(archive::feed))
        .route("/archive/{list}/feed.json", get(archive::json_feed))
        .route("/d/{digest}", get(digest::get))
        .route(
            "/draft/{token}",
            get(draft::get)
                .post(draft::post)
                .layer(DefaultBodyLimit::max(draft::BODY_LIMIT)),
        )
        .route(
            "/draft/{token}/preview",
            get(draft::preview).post(draft::send),
        )
        .route("/draft/{token}/letter", get(draft::letter))
        .route("/l/{token}", get(link::get))
        .route("/challenge", get(guard::challenge))
        .route("/static/proof.js", get(asset::proof_script))
        .route("/static/nashra.css", get(asset::stylesheet))
        .route("/static/draft.css", get(asset::draft_style))
        .route("/static/zone.js", get(asset::zone_script))
        .route("/static/embed.js", get(asset::embed_script))
        .route("/api/articles", post(api::articles::post))
        .route("/api/openapi.json", get(api::openapi::get))
        .route("/healthz", get(asset::health))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method)
}

/// What surrounds every page: limits, a net under panics, one face for all errors, and headers.
pub fn surrounded(pages: Router<Web>, web: Web) -> Router {
    let https = web.context.site.public_url.starts_with("https://");
    pages
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        // What a request changes is in one transaction: cutting it short leaves nothing half done.
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            web.timeout,
        ))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(web.clone(), error::show))
        .layer(from_fn_with_state(web.clone(), cors::allow))
        .layer(from_fn(move |request, next| {
            headers::secure(https, request, next)
        }))
        .with_state(web)
}

/// Serves the pages until `stop` is done; then requests that are being answered have a short time to end.
pub async fn serve(
    listener: TcpListener,
    web: Web,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let served = CancellationToken::new();
    let counting = tokio::spawn(link::count(web.clone(), served.clone()));
    let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let signal = async move {
        stop.await;
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(signal);
    let ended = tokio::select! {
        served = serving.into_future() => served,
        () = async { let _ = stopped.await; tokio::time::sleep(GRACE).await } => Ok(()),
    };
    served.cancel();
    counting.await.map_err(std::io::Error::other)?;
    ended
}
