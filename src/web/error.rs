//! What a page answers when it cannot: one kind of error, one page (or JSON) in the reader's language, the cause only in the log.

use std::any::Any;
use std::time::Duration;

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::Web;
use super::form::Answer;
use super::page::{ErrorKind, ErrorPage};
use super::visit::Visit;
use crate::domain::token;
use crate::locale::Locale;
use crate::service;

/// When to try again what we cannot do now.
const AGAIN: Duration = Duration::from_secs(30);

/// Why a request cannot be answered.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    /// A way back for the reader.
    back: Option<String>,
    /// For the log, never for the reader (X15).
    cause: Option<String>,
    /// How long to wait.
    wait: Option<Duration>,
    /// The language of the form that was tried.
    lang: Option<&'static str>,
}

impl Error {
    fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            back: None,
            cause: None,
            wait: None,
            lang: None,
        }
    }

    /// No such page or list.
    pub fn not_found() -> Self {
        Self::of(ErrorKind::NotFound)
    }

    /// A token that is not one of ours (H7).
    pub fn bad_link() -> Self {
        Self::of(ErrorKind::BadLink)
    }

    /// A form that cannot be read; the status says in which way.
    pub fn unreadable(status: StatusCode) -> Self {
        Self::of(match status {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorKind::Unsupported,
            _ => ErrorKind::BadRequest,
        })
    }

    /// A form that is not ours.
    pub fn refused() -> Self {
        Self::of(ErrorKind::Refused)
    }

    /// Too many sign-ups from one network, which may go on after this time.
    pub fn too_many(wait: Duration) -> Self {
        Self {
            wait: Some(wait),
            ..Self::of(ErrorKind::TooMany)
        }
    }

    /// A fault of ours.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::of(ErrorKind::Internal)
        }
    }

    /// What a layer or an extractor answered in its own words: a path that is no text, a body that is too large, a time-out.
    /// `None` for the pages of handlers, whatever their status.
    fn foreign(response: &Response) -> Option<Self> {
        let status = response.status();
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind != "text/plain; charset=utf-8");
        if is_page || !(status.is_client_error() || status.is_server_error()) {
            return None;
        }
        Some(match status {
            StatusCode::SERVICE_UNAVAILABLE => Self::of(ErrorKind::Unavailable),
            _ if status.is_server_error() => Self::internal(status),
            _ => Self::unreadable(status),
        })
    }

    /// With a way back.
    pub fn back(mut self, url: String) -> Self {
        self.back = Some(url);
        self
    }

    /// In the language of the form.
    pub fn in_language(mut self, locale: &Locale) -> Self {
        self.lang = Some(locale.lang());
        self
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            ErrorKind::NotFound | ErrorKind::BadLink => StatusCode::NOT_FOUND,
            ErrorKind::BadRequest => StatusCode::BAD_REQUEST,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Refused => StatusCode::FORBIDDEN,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<service::Error> for Error {
    fn from(error: service::Error) -> Self {
        if let service::Error::TooMany(wait) = error {
            return Self::too_many(wait);
        }
        let kind = if error.is_temporary() {
            ErrorKind::Unavailable
        } else {
            ErrorKind::Internal
        };
        Self {
            cause: Some(error.to_string()),
            ..Self::of(kind)
        }
    }
}

impl From<crate::store::Error> for Error {
    fn from(error: crate::store::Error) -> Self {
        service::Error::from(error).into()
    }
}

/// The error itself travels in the response; `show`, which knows the reader's language, makes the page of it.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The fallback of the URL table.
pub async fn not_found() -> Error {
    Error::not_found()
}

/// The address exists, the method does not.
pub async fn method() -> Error {
    Error::of(ErrorKind::Method)
}

/// A panic in a handler ends here, not the process.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over"
)]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let cause = panic.downcast_ref::<String>().cloned();
    let cause = cause.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    Error::internal(format!("panic: {}", cause.unwrap_or_default())).into_response()
}

/// Turns an [`Error`] on its way out into a page or JSON, and logs its cause with the number that the page shows.
pub async fn show(State(web): State<Web>, request: Request, next: Next) -> Response {
    let visit = Visit::of(
        request.headers(),
        request.extensions(),
        request.uri().query(),
    );
    let answer = Answer::wanted(request.headers());
    let (method, path) = (request.method().clone(), masked(request.uri().path()));
    let mut response = next.run(request).await;
    let stated = response.extensions_mut().remove::<Error>();
    let Some(error) = stated.or_else(|| Error::foreign(&response)) else {
        return response;
    };
    let request_id = token::random_id();
    let status = error.status();
    if let Some(cause) = &error.cause {
        tracing::error!(request_id, %method, path, status = status.as_u16(), cause, "request failed");
    }
    let visit = visit.in_language(error.lang.unwrap_or_default());
    let mut shown = body(&web, &visit, answer, &error, &request_id);
    *shown.status_mut() = status;
    *shown.extensions_mut() = std::mem::take(response.extensions_mut());
    // What the handler said of the answer (a 405's Allow) stays.
    for (name, value) in response.headers() {
        if !shown.headers().contains_key(name) && name != "content-length" {
            shown.headers_mut().insert(name, value.clone());
        }
    }
    let wait = error
        .wait
        .or((error.kind == ErrorKind::Unavailable).then_some(AGAIN));
    if let Some(wait) = wait {
        let seconds = wait.as_millis().div_ceil(1_000) as u64;
        shown.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    shown
}

fn body(web: &Web, visit: &Visit, answer: Answer, error: &Error, request_id: &str) -> Response {
    let Ok(locale) = visit.site_locale(web) else {
        return error.status().into_response();
    };
    let again = error.wait.map(|wait| again(&locale, wait));
    if answer == Answer::Json {
        let (title, mut text) = (error.kind.title(&locale), error.kind.text(&locale));
        if let Some(again) = again {
            text = format!("{text} {again}");
        }
        return Json(serde_json::json!({ "error": { "title": title, "message": text, "request_id": request_id } })).into_response();
    }
    let site = web.site();
    let page = ErrorPage {
        locale: &locale,
        site: &site,
        kind: error.kind,
        again,
        back_url: error.back.clone(),
        lists_url: "/",
        request_id,
    };
    page.render().map_or_else(
        |_| error.status().into_response(),
        |html| Html(html).into_response(),
    )
}

/// When to try again, for people: in minutes, and what is long in hours, never too soon.
fn again(locale: &Locale, wait: Duration) -> String {
    let minutes = usize::try_from(wait.as_millis().div_ceil(60_000)).unwrap_or(usize::MAX);
    if minutes <= 90 {
        locale.count("again-minutes", minutes)
    } else {
        locale.count("again-hours", minutes.div_ceil(60))
    }
}

/// A path without its token (promise 10).
fn masked(path: &str) -> String {
    let mut parts = path.splitn(4, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(page @ ("confirm" | "u" | "p" | "never" | "draft")), Some(_)) => {
            format!("/{page}/…")
        }
        _ => path.to_owned(),
    }
}
