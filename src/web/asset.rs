//! The style sheet, the script of one page, and the sign of life for load balancers.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Error, Web, page};
use crate::domain::theme::Theme;
use crate::domain::token::fingerprint;

/// Where the style sheet is.
pub const STYLESHEET_URL: &str = "/static/nashra.css";

/// Where the script of the preferences page is.
pub const ZONE_SCRIPT_URL: &str = "/static/zone.js";

/// The style sheet with the site's colours, and its validator.
pub struct Stylesheet {
    text: String,
    etag: String,
}

impl Stylesheet {
    /// The sheet in these colours.
    pub fn new(theme: &Theme) -> Self {
        let text = page::stylesheet(theme);
        let etag = format!("\"{}\"", &fingerprint(text.as_bytes())[..16]);
        Self { text, etag }
    }
}

/// `GET /static/nashra.css`
pub async fn stylesheet(State(web): State<Web>, headers: HeaderMap) -> Response {
    let sheet = &web.stylesheet;
    let caching = [
        (ETAG, sheet.etag.clone()),
        (CACHE_CONTROL, "public, max-age=3600".to_owned()),
    ];
    if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == sheet.etag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (
        caching,
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        sheet.text.clone(),
    )
        .into_response()
}

/// `GET /static/zone.js`: proposes the browser's time zone where none was chosen.
pub async fn zone_script() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("../../static/zone.js"))
}

/// `GET /healthz`: the database answers.
pub async fn health(State(web): State<Web>) -> Result<&'static str, Error> {
    web.context.database.read().await?;
    Ok("ok\n")
}
