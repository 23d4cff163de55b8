//! What the API answers when it cannot (RFC 9457): a code for programs, a sentence for people, and for articles each fault.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde_json::json;

use crate::service::push::{ItemFault, MOST_ARTICLES, MOST_BYTES, Refusal};

/// A problem on its way out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    faults: Vec<ItemFault>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn of(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            faults: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// No token is configured.
    pub fn closed() -> Self {
        let detail = "the API is closed: no [[api.tokens]] is configured";
        Self::of(StatusCode::FORBIDDEN, "api-closed", detail)
    }

    /// Without a token of ours. The words are the same for every reason; `was_given` decides about RFC 6750's error code alone
    /// (section 3.1: none for a request without any).
    pub fn unauthorized(was_given: bool) -> Self {
        let detail = "send Authorization: Bearer with a token of [[api.tokens]]";
        let mut problem = Self::of(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        let challenge = if was_given {
            "Bearer realm=\"nashra\", error=\"invalid_token\""
        } else {
            "Bearer realm=\"nashra\""
        };
        let challenge = HeaderValue::from_static(challenge);
        problem.headers.push((WWW_AUTHENTICATE, challenge));
        problem
    }

    /// Too many wrong tokens.
    pub fn too_many(wait: Duration) -> Self {
        let detail = "too many requests without a right token came from this network";
        let mut problem = Self::of(StatusCode::TOO_MANY_REQUESTS, "too-many", detail);
        let seconds = wait.as_millis().div_ceil(1_000) as u64;
        problem.headers.push((RETRY_AFTER, seconds.into()));
        problem
    }

    /// Not JSON by its `Content-Type`.
    pub fn not_json() -> Self {
        let detail = "send Content-Type: application/json";
        Self::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", detail)
    }

    /// An Idempotency-Key that is none.
    pub fn bad_key() -> Self {
        let detail = "Idempotency-Key must be one text of 1 to 255 visible ASCII characters, with or without quotation marks";
        Self::of(StatusCode::BAD_REQUEST, "bad-idempotency-key", detail)
    }

    /// A body that did not come whole, or is too large.
    pub fn unreadable(status: StatusCode) -> Self {
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("a request has at most {MOST_BYTES} bytes");
            return Self::of(status, "body-too-large", detail);
        }
        Self::of(
            StatusCode::BAD_REQUEST,
            "body",
            "the body could not be read",
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        match refusal {
            Refusal::NotJson(reason) => Self::of(
                StatusCode::BAD_REQUEST,
                "not-json",
                format!("the body is not JSON: {reason}"),
            ),
            Refusal::Number(number) => Self::of(
                UNPROCESSABLE,
                "number-of-articles",
                format!("a request has 1 to {MOST_ARTICLES} articles, not {number}"),
            ),
            Refusal::Articles(faults) => Self {
                faults,
                ..Self::of(
                    UNPROCESSABLE,
                    "articles",
                    "nothing was stored; put right what `errors` names and send all again",
                )
            },
            Refusal::KeyReused => Self::of(
                UNPROCESSABLE,
                "idempotency-key-reused",
                "this Idempotency-Key came with another body before",
            ),
            Refusal::KeyRunning => Self {
                headers: vec![(RETRY_AFTER, HeaderValue::from_static("1"))],
                ..Self::of(
                    StatusCode::CONFLICT,
                    "idempotency-key-running",
                    "the first request with this Idempotency-Key is not done yet",
                )
            },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if !self.faults.is_empty() {
            body["errors"] = json!(self.faults);
        }
        let kind = [(CONTENT_TYPE, "application/problem+json")];
        (
            self.status,
            kind,
            AppendHeaders(self.headers),
            body.to_string(),
        )
            .into_response()
    }
}
