//! Leaving: GET and HEAD show a button, POST acts. The same address is the one of the List-Unsubscribe header; a mail program's
//! one-click POST (RFC 8058) gets a short 2xx without redirect or cookie (H5, H6), a browser gets a page. Whatever the body, a
//! POST leaves; only the other buttons of our own pages say something else: less often, a pause, and undo.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::page::{UnsubscribePage, UnsubscribedPage};
use super::preferences::pause_until;
use super::visit::{Visit, render};
use super::{Error, Web};
use crate::domain::rhythm::Cadence;
use crate::domain::subscription::ConsentMethod;
use crate::domain::token::Purpose;
use crate::locale::Locale;
use crate::service::preferences::{self, Instead};
use crate::service::unsubscribe::{self, Subscription};

/// What a pause in place of leaving is.
const PAUSE: &str = "month";

/// `GET /u/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let found = unsubscribe::look(&web.context, &token).await?;
    let found = found.ok_or_else(Error::bad_link)?;
    if found.ended() {
        return ended(&web, &visit, &found, None);
    }
    let (site, locale) = (web.site(), locale(&web, &visit, &found)?);
    let offers = preferences::offers(&web.context, found.token).await?;
    render(&UnsubscribePage {
        locale: &locale,
        site: &site,
        list_name: &found.list_name,
        instead: offers.map(|cadences| cadences.iter().map(|cadence| cadence.as_str()).collect()),
        preferences_url: preferences_url(&web, &found),
    })
}

/// `POST /u/{token}`
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Error> {
    let wish = Wish::read(&body);
    let method = match wish {
        Wish::OneClick => ConsentMethod::OneClick,
        _ => ConsentMethod::Form,
    };
    let origin = visit.origin(&web, "", &visit.site_locale(&web)?);
    match &wish {
        Wish::Instead(word) => return instead(&web, &token, &visit, word).await,
        Wish::Undo(proof) => {
            let found = unsubscribe::undo(&web.context, &token, proof, &origin).await?;
            let (found, undone) = found.ok_or_else(Error::bad_link)?;
            return if undone || found.confirmed() {
                Ok(to_preferences(&web, &visit, &found, "back"))
            } else {
                Ok((StatusCode::GONE, ended(&web, &visit, &found, None)?).into_response())
            };
        }
        Wish::OneClick | Wish::Leave => {}
    }
    let found = unsubscribe::unsubscribe(&web.context, &token, method, &origin).await?;
    let (found, undo) = found.ok_or_else(Error::bad_link)?;
    if wish == Wish::OneClick {
        return Ok("unsubscribed\n".into_response());
    }
    Ok(ended(&web, &visit, &found, undo)?.into_response())
}

/// What a POST asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    /// RFC 8058.
    OneClick,
    /// The page's first button, and whatever else anybody sends.
    Leave,
    /// A button of the page: a cadence, or a pause.
    Instead(String),
    /// The button of the page that comes after leaving.
    Undo(String),
}

impl Wish {
    fn read(body: &[u8]) -> Self {
        const ONE_CLICK: &[u8] = b"One-Click";
        if body
            .windows(ONE_CLICK.len())
            .any(|window| window == ONE_CLICK)
        {
            return Self::OneClick;
        }
        match url::form_urlencoded::parse(body).next() {
            Some((key, value)) if key == "instead" => Self::Instead(value.into_owned()),
            Some((key, value)) if key == "undo" => Self::Undo(value.into_owned()),
            _ => Self::Leave,
        }
    }
}

async fn instead(web: &Web, token: &str, visit: &Visit, word: &str) -> Result<Response, Error> {
    let found = unsubscribe::look(&web.context, token).await?;
    let found = found.ok_or_else(Error::bad_link)?;
    let pause = || (word == "pause").then(|| pause_until(PAUSE, web.context.clock.now_ms()))?;
    let wish = Cadence::parse(word)
        .map(Instead::LessOften)
        .or_else(|| pause().map(Instead::PauseUntil))
        .ok_or_else(|| Error::unreadable(StatusCode::BAD_REQUEST))?;
    if preferences::instead(&web.context, found.token, wish).await? {
        return Ok(to_preferences(web, visit, &found, "saved"));
    }
    // Not on offer any more, or left meanwhile: the page says how things stand.
    Ok(Redirect::to(&visit.link(&format!("/u/{token}"))).into_response())
}

fn ended(
    web: &Web,
    visit: &Visit,
    found: &Subscription,
    undo: Option<String>,
) -> Result<Html<String>, Error> {
    let (site, locale) = (web.site(), locale(web, visit, found)?);
    let list = web.context.list_by_id(found.token.list_id);
    render(&UnsubscribedPage {
        locale: &locale,
        site: &site,
        list_name: &found.list_name,
        moved: found.moved,
        undo: undo.filter(|_| list.is_some()),
        subscribe_url: list
            .filter(|_| !found.moved)
            .map(|list| format!("/subscribe/{}", list.slug)),
    })
}

fn preferences_url(web: &Web, found: &Subscription) -> String {
    let token = found.token.sign(&web.context.keyring, Purpose::Preferences);
    format!("/p/{token}")
}

fn to_preferences(web: &Web, visit: &Visit, found: &Subscription, note: &str) -> Response {
    let page = preferences_url(web, found);
    Redirect::to(&visit.link(&format!("{page}?note={note}"))).into_response()
}

/// The list's language, or the site's for a list that is gone.
fn locale(web: &Web, visit: &Visit, found: &Subscription) -> Result<Locale, Error> {
    match web.context.list_by_id(found.token.list_id) {
        Some(list) => visit.list_locale(list),
        None => visit.site_locale(web),
    }
}

#[cfg(test)]
mod tests {
    use super::Wish;

    #[test]
    fn h5_only_the_buttons_of_our_pages_do_not_leave() {
        for body in [
            "",
            "hello",
            "x=1&instead=weekly",
            "{\"instead\": \"weekly\"}",
            "\u{0}",
        ] {
            assert_eq!(Wish::read(body.as_bytes()), Wish::Leave, "{body}");
        }
        assert_eq!(Wish::read(b"List-Unsubscribe=One-Click"), Wish::OneClick);
        assert_eq!(
            Wish::read(b"instead=weekly&List-Unsubscribe=One-Click"),
            Wish::OneClick
        );
        assert_eq!(
            Wish::read(b"instead=weekly"),
            Wish::Instead("weekly".into())
        );
        assert_eq!(Wish::read(b"undo=A_-"), Wish::Undo("A_-".into()));
    }
}
