//! The API for programs: a bearer token lets them in, problems are `application/problem+json` (RFC 9457) with stable codes. No cookies
//! and no CORS: pages of other sites have no business here.

pub mod articles;
pub mod openapi;
mod problem;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The token of a request (RFC 6750, section 2.1): one header, its scheme in any case. Any other place for it is not looked at.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(only), None) = (given.next(), given.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
