//! The challenge of the proof of work, and the leave for the script that solves it in the form. ALTCHA's own widget can use the same address.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::domain::token::challenge::Challenge;
use crate::web::Web;
use crate::web::headers::POLICY_WITH_PROOF;

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

/// Permits the script on a page that has one.
pub fn with_script(script_url: Option<&str>, page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    if script_url.is_some() {
        response.headers_mut().insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY_WITH_PROOF),
        );
    }
    response
}
