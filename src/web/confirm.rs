//! The confirmation link, of a sign-up or a change of address: GET shows a button, POST presses it (D1); an expired one can ask for a new mail (D3).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::page::{CheckMailPage, ConfirmPage, ConfirmedPage, ExpiredPage, Moving, MovingPage};
use super::visit::{Visit, render};
use super::{Error, Web, archive};
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
        Confirmation::Open(list) => {
            let locale = visit.list_locale(&list)?;
            let (site, latest_url) = (
                web.list_site(&list),
                archive::latest_url(&web, &list).await?,
            );
            let page = ConfirmedPage {
                locale: &locale,
                site: &site,
                list_name: &list.name,
                already: false,
                latest_url,
            };
            return Ok(render(&page)?.into_response());
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
    let (Confirmation::Open(list)
    | Confirmation::Confirmed(list)
    | Confirmation::Expired(list)
    | Confirmation::Move(list, _)) = &state
    else {
        return Err(Error::bad_link());
    };
    let (site, locale) = (web.list_site(list), visit.list_locale(list)?);
    let (site, locale, list_name) = (&site, &locale, list.name.as_str());
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
            list_name,
            more: Vec::new(),
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
        _ => render(&ConfirmedPage {
            locale,
            site,
            list_name,
            already: true,
            latest_url: archive::latest_url(web, list).await?,
        })?
        .into_response(),
    })
}
