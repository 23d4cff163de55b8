//! The challenge of the proof of work, and the script that solves it in the form. ALTCHA's own widget can use the same address.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::domain::token::challenge::Challenge;
use crate::web::Web;

/// Where the script is.
pub const SCRIPT_URL: &str = "/static/proof.js";

/// The policy of a page that solves a challenge.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// `GET /challenge`: a new one each time.
pub async fn challenge(State(web): State<Web>) -> Json<Challenge> {
    let context = &web.context;
    let now_ms = context.clock.now_ms();
    Json(Challenge::new(
        &context.keyring,
        context.sign_up.difficulty,
        now_ms,
    ))
}

/// `GET /static/proof.js`
pub async fn script() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, "public, max-age=3600"),
        ],
        include_str!("../../../static/proof.js"),
    )
}

/// Permits the script on a page that has one.
pub fn with_script(script_url: Option<&str>, page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    if script_url.is_some() {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    response
}
