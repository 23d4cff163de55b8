//! The style sheet, the script of embedded forms, and the sign of life for load balancers.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Error, Web, page};
use crate::domain::theme::Theme;
use crate::domain::token::fingerprint;

/// Where the style sheet is.
pub const STYLESHEET_URL: &str = "/static/nashra.css";

/// Where the script of embedded forms is: other sites' pages name it, so it never moves.
pub const SCRIPT_URL: &str = "/static/embed.js";

const SCRIPT: &str = include_str!("../../static/embed.js");

/// The style sheet with the site's colours, and its validator.
pub struct Stylesheet {
    text: String,
    etag: String,
}

impl Stylesheet {
    /// The sheet in these colours.
    pub fn new(theme: &Theme) -> Self {
        let text = page::stylesheet(theme);
        let etag = validator(&text);
        Self { text, etag }
    }
}

/// `GET /static/nashra.css`
pub async fn stylesheet(State(web): State<Web>, headers: HeaderMap) -> Response {
    let sheet = &web.stylesheet;
    let kind = "text/css; charset=utf-8";
    answer(
        &headers,
        &sheet.text,
        &sheet.etag,
        kind,
        "public, max-age=3600",
    )
}

/// `GET /static/embed.js`: for a day, and for a week more while a newer one is fetched.
pub async fn script(headers: HeaderMap) -> Response {
    static ETAG: LazyLock<String> = LazyLock::new(|| validator(SCRIPT));
    let caching = "public, max-age=86400, stale-while-revalidate=604800";
    answer(
        &headers,
        SCRIPT,
        &ETAG,
        "text/javascript; charset=utf-8",
        caching,
    )
}

fn validator(text: &str) -> String {
    format!("\"{}\"", &fingerprint(text.as_bytes())[..16])
}

fn answer(
    headers: &HeaderMap,
    text: &str,
    etag: &str,
    kind: &'static str,
    caching: &'static str,
) -> Response {
    let caching = [(ETAG, etag.to_owned()), (CACHE_CONTROL, caching.to_owned())];
    let known = headers.get(IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, kind)], text.to_owned()).into_response()
}

/// `GET /healthz`: the database answers.
pub async fn health(State(web): State<Web>) -> Result<&'static str, Error> {
    web.context.database.read().await?;
    Ok("ok\n")
}
