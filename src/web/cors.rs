//! Which other sites' scripts may read the answers to a sign-up (D15): those that the lists name, without credentials. A plain form
//! needs no leave, and gets none here. A sign-up names its lists in its body: each must name the site, and until they are known (a
//! preflight, a form that cannot be read) it is enough that one does.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use crate::domain::list::List;

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

/// The lists that a form named, as an extension of its answer: all of them must name the site that reads it.
#[derive(Debug, Clone)]
pub struct About(pub Vec<Arc<List>>);

/// A layer around all pages, so that preflights and errors are answered for scripts too.
pub async fn allow(State(web): State<Web>, request: Request, next: Next) -> Response {
    let Some(whose) = whose(request.uri().path()) else {
        return next.run(request).await;
    };
    let origin = request.headers().get(ORIGIN).cloned();
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let known = origin.filter(|origin| counts(&web, &whose, origin));
    let mut response = if asks && known.is_some() {
        let terms = [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, accept"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, terms).into_response()
    } else {
        next.run(request).await
    };
    let about = response.extensions_mut().remove::<About>();
    let reads = |origin: &HeaderValue| match &about {
        Some(About(lists)) => lists.iter().all(|list| names(list, origin)),
        None => true,
    };
    let reader = known.filter(reads);
    let headers = response.headers_mut();
    headers.append(VARY, VARY_ORIGIN);
    if let Some(origin) = reader {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Whether an origin may be let in at an address.
fn counts(web: &Web, whose: &Whose<'_>, origin: &HeaderValue) -> bool {
    web.context.lists.iter().any(|list| match whose {
        Whose::List(slug) => *slug == list.slug && names(list, origin),
        Whose::Any => names(list, origin),
    })
}

fn names(list: &List, origin: &HeaderValue) -> bool {
    let mut origins = list.origins.iter();
    origins.any(|known| known.as_bytes() == origin.as_bytes())
}
