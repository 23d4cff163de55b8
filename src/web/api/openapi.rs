//! `GET /api/openapi.json`: what programs may ask, in the words of OpenAPI 3.1. It tells nothing of this site, so that everybody may
//! read it.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

/// Written by hand; a test holds it against the URL table, the codes and the real answers.
const DESCRIPTION: &str = include_str!("openapi.json");

/// The description.
pub async fn get() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DESCRIPTION)
}
