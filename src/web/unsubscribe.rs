//! Leaving: GET and HEAD show a button, POST acts. The same address is the one of the List-Unsubscribe header; a mail program's
//! one-click POST (RFC 8058) gets a short 2xx without redirect or cookie (H5, H6), a browser gets a page.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};

use super::page::{UnsubscribePage, UnsubscribedPage};
use super::visit::{Visit, render};
use super::{Error, Web};
use crate::domain::subscription::ConsentMethod;
use crate::locale::Locale;
use crate::service::unsubscribe::{self, Subscription};

/// `GET /u/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let found = unsubscribe::look(&web.context, &token)
        .await?
        .ok_or_else(Error::bad_link)?;
    if found.ended {
        return ended(&web, &visit, &found);
    }
    let (site, locale) = (web.site(), locale(&web, &visit, &found)?);
    render(&UnsubscribePage {
        locale: &locale,
        site: &site,
        list_name: &found.list_name,
    })
}

/// `POST /u/{token}`, whatever its body: what a mail program sends is only read to choose the answer.
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Error> {
    const ONE_CLICK: &[u8] = b"One-Click";
    let one_click = body
        .windows(ONE_CLICK.len())
        .any(|window| window == ONE_CLICK);
    let method = if one_click {
        ConsentMethod::OneClick
    } else {
        ConsentMethod::Form
    };
    let origin = visit.origin(&web, "", &visit.site_locale(&web)?);
    let found = unsubscribe::unsubscribe(&web.context, &token, method, &origin)
        .await?
        .ok_or_else(Error::bad_link)?;
    if one_click {
        return Ok("unsubscribed\n".into_response());
    }
    Ok(ended(&web, &visit, &found)?.into_response())
}

fn ended(web: &Web, visit: &Visit, found: &Subscription) -> Result<Html<String>, Error> {
    let (site, locale) = (web.site(), locale(web, visit, found)?);
    let subscribe_url = web
        .context
        .list_by_id(found.list_id)
        .map(|list| format!("/subscribe/{}", list.slug));
    render(&UnsubscribedPage {
        locale: &locale,
        site: &site,
        list_name: &found.list_name,
        subscribe_url,
    })
}

/// The list's language, or the site's for a list that is gone.
fn locale(web: &Web, visit: &Visit, found: &Subscription) -> Result<Locale, Error> {
    match web.context.list_by_id(found.list_id) {
        Some(list) => visit.list_locale(list),
        None => visit.site_locale(web),
    }
}
