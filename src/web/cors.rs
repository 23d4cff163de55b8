//! Which other sites' scripts may read the answers to a sign-up (D15): those that the lists name, without credentials. A plain form
//! needs no leave, and gets none here.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;

const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("origin");

/// Which lists' origins count at an address.
enum Whose<'a> {
    /// Those of the list that the address names.
    List(&'a str),
    /// Those of any list: the form names its lists itself.
    Any,
}

/// The addresses that scripts of other sites have business with.
fn whose(path: &str) -> Option<Whose<'_>> {
    match path.strip_prefix("/subscribe") {
        Some("") => Some(Whose::Any),
        Some(rest) => rest.strip_prefix('/').map(Whose::List),
        None => None,
    }
}

/// A layer around all pages, so that preflights and errors are answered for scripts too.
pub async fn allow(State(web): State<Web>, request: Request, next: Next) -> Response {
    let Some(whose) = whose(request.uri().path()) else {
        return next.run(request).await;
    };
    let Some(origin) = allowed(&web, &whose, request.headers()) else {
        let mut response = next.run(request).await;
        response.headers_mut().append(VARY, VARY_ORIGIN);
        return response;
    };
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        let terms = [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, accept"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, terms).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, VARY_ORIGIN);
    response
}

/// The origin of the request, when it may read the answer.
fn allowed(web: &Web, whose: &Whose<'_>, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let mut lists = web.context.lists.iter();
    let known = lists.any(|list| {
        let counts = match whose {
            Whose::List(slug) => *slug == list.slug,
            Whose::Any => true,
        };
        counts
            && list
                .origins
                .iter()
                .any(|known| known.as_bytes() == origin.as_bytes())
    });
    known.then(|| origin.clone())
}
