//! `POST /api/articles`: a program sends articles (docs/articles.md).

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Extensions, HeaderMap};
use axum::response::{IntoResponse, Response};

use super::bearer;
use super::problem::Problem;
use crate::service::push::{self, Admission, Done, MOST_BYTES, PushError};
use crate::web::origin::client_ip;
use crate::web::{Error, Web};

/// The key of a request that may be sent again (draft-ietf-httpapi-idempotency-key-header).
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Said of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters of a key.
const LONGEST_KEY: usize = 255;

/// Lets the program in, reads what it sends no further than it may go, stores it.
pub async fn post(State(web): State<Web>, mut request: Request) -> Response {
    let by = match admit(&web, request.headers(), request.extensions()) {
        Ok(by) => by.to_owned(),
        Err(problem) => return problem.into_response(),
    };
    if !is_json(request.headers()) {
        return Problem::not_json().into_response();
    }
    let Ok(key) = request_key(request.headers()) else {
        return Problem::bad_key().into_response();
    };
    DefaultBodyLimit::max(MOST_BYTES).apply(&mut request);
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body.into(),
        Err(rejection) => return Problem::unreadable(rejection.status()).into_response(),
    };
    match push::push(&web.context, push::Request { by, key, body }).await {
        Ok(done) => answer(done),
        Err(PushError::Refused(refusal)) => Problem::from(refusal).into_response(),
        Err(PushError::Failed(error)) => Error::from(error).into_response(),
    }
}

/// The name of the token that the request came with.
fn admit<'a>(
    web: &'a Web,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<&'a str, Problem> {
    let door = &web.context.api;
    if !door.is_open() {
        return Err(Problem::closed());
    }
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let ip = client_ip(peer.map(|info| info.0.ip()), headers, &web.trusted);
    match door.admit(bearer(headers), ip, web.context.clock.now_ms()) {
        Admission::Welcome(name) => Ok(name),
        Admission::Unknown => {
            tracing::warn!("a request to the API came without a right token");
            Err(Problem::unauthorized(headers.contains_key(AUTHORIZATION)))
        }
        Admission::TooMany(wait) => Err(Problem::too_many(wait)),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next();
    kind.unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
}

/// The key, which the draft wants in quotation marks and many programs send without.
fn request_key(headers: &HeaderMap) -> Result<Option<String>, ()> {
    let mut given = headers.get_all(KEY).iter();
    let Some(only) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(());
    }
    let text = only.to_str().map_err(drop)?.trim();
    let key = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    let is_good = (1..=LONGEST_KEY).contains(&key.len())
        && key
            .bytes()
            .all(|octet| octet.is_ascii_graphic() && !b"\"\\".contains(&octet));
    if is_good {
        Ok(Some(key.to_owned()))
    } else {
        Err(())
    }
}

fn answer(done: Done) -> Response {
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (kind, done.answer).into_response();
    if done.is_repeated {
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
