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
    asset(
        &web,
        &headers,
        "text/css; charset=utf-8",
        web.stylesheet.0.clone(),
    )
}

/// `GET /static/zone.js`: proposes the browser's time zone where none was chosen.
pub async fn zone_script(State(web): State<Web>, headers: HeaderMap) -> Response {
    let script = include_str!("../../static/zone.js");
    asset(
        &web,
        &headers,
        "text/javascript; charset=utf-8",
        script.to_owned(),
    )
}

fn asset(web: &Web, headers: &HeaderMap, content_type: &'static str, body: String) -> Response {
    let cached = Cached {
        content_type,
        caching: "public, max-age=3600",
        modified_ms: web.since_ms,
        body,
    };
    cached.answer(headers)
}

/// `GET /healthz`: the database answers.
pub async fn health(State(web): State<Web>) -> Result<&'static str, Error> {
    web.context.database.read().await?;
    Ok("ok\n")
}
