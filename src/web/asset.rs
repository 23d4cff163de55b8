//! The style sheet, the scripts, and the sign of life for load balancers.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::cached::Cached;
use super::{Error, Web, page};
use crate::domain::theme::Theme;

/// Where the style sheet is.
pub const STYLESHEET_URL: &str = "/static/nashra.css";
/// Where the style sheet of the editors' pages is, which they have beside that of all.
pub const DRAFT_STYLE_URL: &str = "/static/draft.css";
/// Where the script of the preferences page is.
pub const ZONE_SCRIPT_URL: &str = "/static/zone.js";
/// Where the script of embedded forms is: other sites' pages name it, so it never moves.
pub const SCRIPT_URL: &str = "/static/embed.js";

/// Where the script that does the proof of work is.
pub const PROOF_SCRIPT_URL: &str = "/static/proof.js";

const AN_HOUR: &str = "public, max-age=3600";
/// And for a week more while a newer one is fetched.
const A_DAY: &str = "public, max-age=86400, stale-while-revalidate=604800";

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
    let kind = "text/css; charset=utf-8";
    answer(&web, &headers, kind, AN_HOUR, &web.stylesheet.0)
}

/// `GET /static/draft.css`
pub async fn draft_style(State(web): State<Web>, headers: HeaderMap) -> Response {
    let kind = "text/css; charset=utf-8";
    answer(
        &web,
        &headers,
        kind,
        AN_HOUR,
        include_str!("../../static/draft.css"),
    )
}

/// `GET /static/zone.js`: proposes the browser's time zone where none was chosen.
pub async fn zone_script(State(web): State<Web>, headers: HeaderMap) -> Response {
    script(
        &web,
        &headers,
        AN_HOUR,
        include_str!("../../static/zone.js"),
    )
}

/// `GET /static/proof.js`: solves a challenge in the form.
pub async fn proof_script(State(web): State<Web>, headers: HeaderMap) -> Response {
    script(
        &web,
        &headers,
        AN_HOUR,
        include_str!("../../static/proof.js"),
    )
}

/// `GET /static/embed.js`: makes an embedded form stay on its page.
pub async fn embed_script(State(web): State<Web>, headers: HeaderMap) -> Response {
    script(&web, &headers, A_DAY, include_str!("../../static/embed.js"))
}

fn script(web: &Web, headers: &HeaderMap, caching: &'static str, text: &str) -> Response {
    answer(
        web,
        headers,
        "text/javascript; charset=utf-8",
        caching,
        text,
    )
}

fn answer(
    web: &Web,
    headers: &HeaderMap,
    content_type: &'static str,
    caching: &'static str,
    text: &str,
) -> Response {
    let cached = Cached {
        content_type,
        caching,
        modified_ms: web.since_ms,
        body: text.to_owned(),
    };
    cached.answer(headers)
}

/// `GET /healthz`: the database answers.
pub async fn health(State(web): State<Web>) -> Result<&'static str, Error> {
    web.context.database.read().await?;
    Ok("ok\n")
}
