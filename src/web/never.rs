//! "Never mail this address again" (D6): GET shows a button, POST presses it.

use axum::extract::{Path, State};
use axum::response::Html;

use super::page::{NeverPage, Stage};
use super::visit::{Visit, render};
use super::{Error, Web};
use crate::service::never;

/// `GET /never/{token}`
pub async fn get(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Html<String>, Error> {
    show(&web, &visit, never::look(&web.context, &token).await?)
}

/// `POST /never/{token}`
pub async fn post(
    State(web): State<Web>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Html<String>, Error> {
    let origin = visit.origin(&web, "", &visit.site_locale(&web)?);
    show(
        &web,
        &visit,
        never::never(&web.context, &token, &origin).await?,
    )
}

/// The page, under the masthead and in the language of the list whose mail had the link.
fn show(
    web: &Web,
    visit: &Visit,
    found: Option<(i64, never::State)>,
) -> Result<Html<String>, Error> {
    let (list_id, state) = found.ok_or_else(Error::bad_link)?;
    let stage = match state {
        never::State::Open => Stage::Asked,
        never::State::Suppressed => Stage::Done,
        never::State::Gone => Stage::Gone,
    };
    let (site, locale) = match web.context.list_by_id(list_id) {
        Some(list) => (web.list_site(list), visit.list_locale(list)?),
        None => (web.site(), visit.site_locale(web)?),
    };
    render(&NeverPage {
        locale: &locale,
        site: &site,
        stage,
    })
}
