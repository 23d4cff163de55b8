//! Answers that everybody gets alike, with their validators: `ETag` from what they say, `Last-Modified` from when it was said, and 304
//! for who has it already (RFC 9110 §13).

use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::domain::token::fingerprint;

/// An answer before it is known whether its reader has it already.
pub struct Cached {
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be used without asking.
    pub caching: &'static str,
    /// When it was last changed, epoch milliseconds.
    pub modified_ms: i64,
    /// What it says.
    pub body: String,
}

impl Cached {
    /// The answer to a request with these headers.
    pub fn answer(self, request: &HeaderMap) -> Response {
        let etag = etag(&self.body);
        let modified =
            Timestamp::from_millisecond(self.modified_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let validators = [
            (ETAG, etag.clone()),
            (
                LAST_MODIFIED,
                modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            ),
            (CACHE_CONTROL, self.caching.to_owned()),
        ];
        if is_known(request, &etag, modified) {
            return (StatusCode::NOT_MODIFIED, validators).into_response();
        }
        (validators, [(CONTENT_TYPE, self.content_type)], self.body).into_response()
    }
}

/// The strong validator of some text.
fn etag(body: &str) -> String {
    format!("\"{}\"", &fingerprint(body.as_bytes())[..16])
}

/// What the reader names decides; the date counts only without a name.
fn is_known(request: &HeaderMap, etag: &str, modified: Timestamp) -> bool {
    let mut named = request.get_all(IF_NONE_MATCH).iter().peekable();
    if named.peek().is_some() {
        let mut names = named
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            // A proxy that compresses makes it weak; what it says is the same.
            .map(|name| name.trim().trim_start_matches("W/"));
        return names.any(|name| name == etag || name == "*");
    }
    let since = request
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| DateTimeParser::new().parse_timestamp(text).ok());
    since.is_some_and(|since| modified.as_second() <= since.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().expect("a name");
            map.append(name, value.parse().expect("a value"));
        }
        let modified = Timestamp::from_millisecond(1_767_596_400_999).expect("a time");
        is_known(&map, "\"abc\"", modified)
    }

    #[test]
    fn a_name_decides_and_else_the_date_to_the_second() {
        let at = "Mon, 05 Jan 2026 07:00:00 GMT";
        let before = "Mon, 05 Jan 2026 06:59:59 GMT";
        for headers in [
            &[("if-none-match", "\"abc\"")][..],
            &[("if-none-match", "\"x\", W/\"abc\"")],
            &[("if-none-match", "\"x\""), ("if-none-match", "\"abc\"")],
            &[("if-none-match", "*")],
            &[("if-modified-since", at)],
            &[("if-none-match", "\"abc\""), ("if-modified-since", before)],
        ] {
            assert!(known(headers), "{headers:?}");
        }
        for headers in [
            &[][..],
            &[("if-none-match", "abc")],
            &[("if-none-match", "\"x\""), ("if-modified-since", at)],
            &[("if-modified-since", before)],
            &[("if-modified-since", "yesterday")],
        ] {
            assert!(!known(headers), "{headers:?}");
        }
    }
}
