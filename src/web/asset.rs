//! The style sheet, the script of one page, and the sign of life for load balancers.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::cached::Cached;
use super::{Error, Web, page};
use crate::domain::theme::Theme;

/// Where the style sheet is.
pub const STYLESHEET_URL: &str = "/static/nashra.css";

/// Where the script of the preferences page is.
pub const ZONE_SCRIPT_URL: &str = "/static/zone.js";

/// The style sheet with the site's colours.
pub struct Stylesheet(String);

impl Stylesheet {
    /// The sheet in these colours.
    pub fn new(theme: &Theme) -> Self {
        Self(page::stylesheet(theme))
    }
}

/// `GET /static/nashra.css`
pub async fn stylesheet(State(web): State<Web>, headers: HeaderMap) -> Response {
    let cached = Cached {
        content_type: "text/css; charset=utf-8",
        caching: "public, max-age=3600",
        modified_ms: web.since_ms,
        body: web.stylesheet.0.clone(),
    };
    cached.answer(&headers)
}

/// `GET /static/zone.js`: proposes the browser's time zone where none was chosen.
pub async fn zone_script(State(web): State<Web>, headers: HeaderMap) -> Response {
    let cached = Cached {
        content_type: "text/javascript; charset=utf-8",
        caching: "public, max-age=3600",
        modified_ms: web.since_ms,
        body: include_str!("../../static/zone.js").to_owned(),
    };
    cached.answer(&headers)
}

/// `GET /healthz`: the database answers.
pub async fn health(State(web): State<Web>) -> Result<&'static str, Error> {
    web.context.database.read().await?;
    Ok("ok\n")
}
