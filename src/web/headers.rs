//! The headers of every answer (X8): nothing from elsewhere, nothing in frames, no referrer, and no caching unless a page
//! says so itself.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

/// The policy of every page.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The policy of a page with a script of ours, which it can do without.
pub const POLICY_WITH_SCRIPT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The policy of a page whose script of ours fetches a challenge and solves it.
pub const POLICY_WITH_PROOF: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The policy of a digest's page, whose pictures come from the site.
pub const POLICY_WITH_PICTURES: &str = "default-src 'none'; style-src 'self'; img-src 'self' http: https:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The policy of a page that shows a mail in a frame.
pub const POLICY_WITH_FRAME: &str = "default-src 'none'; frame-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The policy of that mail: its own styles and its pictures, and nothing that acts.
pub const POLICY_OF_LETTER: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; form-action 'none'; frame-ancestors 'self'; base-uri 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// Adds what the answer does not say itself.
pub async fn secure(https: bool, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut unless_said = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    unless_said(CONTENT_SECURITY_POLICY, POLICY);
    unless_said(X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_said(X_FRAME_OPTIONS, "DENY");
    unless_said(REFERRER_POLICY, "no-referrer");
    unless_said(CACHE_CONTROL, "no-store");
    if https {
        unless_said(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
