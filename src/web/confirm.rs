//! The confirmation link, of a sign-up or a change of address: GET shows a button, POST presses it (D1); an expired one can ask for a new mail (D3).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::page::{CheckMailPage, ConfirmPage, ConfirmedPage, ExpiredPage, Moving, MovingPage};
use super::visit::{Visit, render};
use super::{Error, Web, archive};
use crate::domain::list::List;
use crate::locale::Locale;
use crate::service::change_address::{State as Move, Terms};
use crate::service::confirm::{self, State as Confirmation};

/// `GET /confirm/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let state = confirm::look(&web.context, &token).await?;
    show(&web, &visit, state, false).await
}

/// `POST /confirm/{token}`: confirms; with `again=1`, mails a new confirmation.
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
    body: String,
) -> Result<Response, Error> {
    let again = url::form_urlencoded::parse(body.as_bytes())
        .any(|(key, value)| key == "again" && value == "1");
    let origin = visit.origin(&web, "", &visit.site_locale(&web)?);
    if again {
        let state = confirm::resend(&web.context, &token, &origin).await?;
        return show(&web, &visit, state, true).await;
    }
    let state = match confirm::confirm(&web.context, &token, &origin).await? {
        // It was open when the button was pressed: now it is confirmed, for the first time.
        Confirmation::Open(lists) => {
            let page = confirmed(&web, &visit, &lists, false).await?;
            return Ok(page.into_response());
        }
        state => state,
    };
    show(&web, &visit, state, false).await
}

async fn show(
    web: &Web,
    visit: &Visit,
    state: Confirmation,
    mailed: bool,
) -> Result<Response, Error> {
    let lists = match &state {
        Confirmation::Open(lists)
        | Confirmation::Confirmed(lists)
        | Confirmation::Expired(lists) => lists.as_slice(),
        Confirmation::Move(list, _) => std::slice::from_ref(list),
        Confirmation::Unknown => return Err(Error::bad_link()),
    };
    let (list, more) = first(lists)?;
    let (site, locale) = (&web.list_site(list), &visit.list_locale(list)?);
    let list_name = &names(lists, locale);
    Ok(match &state {
        Confirmation::Open(_) => render(&ConfirmPage {
            locale,
            site,
            list_name,
        })?
        .into_response(),
        Confirmation::Move(_, change) => {
            let stage = match change {
                Move::Open(Terms { from, lists }) => Moving::Asked { from, lists },
                Move::Done => Moving::Done,
                Move::Expired if mailed => Moving::Mailed,
                Move::Expired => Moving::Expired,
            };
            let page = render(&MovingPage {
                locale,
                site,
                stage,
            })?;
            let gone = stage == Moving::Expired;
            let status = if gone {
                StatusCode::GONE
            } else {
                StatusCode::OK
            };
            (status, page).into_response()
        }
        Confirmation::Expired(_) if mailed => render(&CheckMailPage {
            locale,
            site,
            list_name: &list.name,
            more: more.iter().map(|list| list.name.as_str()).collect(),
            subscribe_url: format!("/subscribe/{}", list.slug),
        })?
        .into_response(),
        Confirmation::Expired(_) => {
            let page = render(&ExpiredPage {
                locale,
                site,
                list_name,
            })?;
            (StatusCode::GONE, page).into_response()
        }
        _ => confirmed(web, visit, lists, true).await?.into_response(),
    })
}

async fn confirmed(
    web: &Web,
    visit: &Visit,
    lists: &[Arc<List>],
    already: bool,
) -> Result<Html<String>, Error> {
    let (list, _) = first(lists)?;
    let locale = visit.list_locale(list)?;
    render(&ConfirmedPage {
        locale: &locale,
        site: &web.list_site(list),
        list_name: &names(lists, &locale),
        already,
        latest_url: archive::latest_url(web, list).await?,
    })
}

/// The list that sent the mail, and the others.
fn first(lists: &[Arc<List>]) -> Result<(&List, &[Arc<List>]), Error> {
    let (first, more) = lists.split_first().ok_or_else(Error::bad_link)?;
    Ok((first, more))
}

/// What a page about several lists calls them.
fn names(lists: &[Arc<List>], locale: &Locale) -> String {
    locale.several(lists.iter().map(|list| list.name.as_str()))
}
