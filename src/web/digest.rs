//! One digest in the browser: the same for everyone, with an address that cannot be guessed (T14).

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName};
use axum::response::{IntoResponse, Response};

use super::page::DigestPage;
use super::visit::{Visit, render};
use super::{Error, Web, archive, headers};
use crate::domain::digest::DigestStatus;
use crate::domain::token::is_random_id;
use crate::store;

/// `GET /d/{digest}`
pub async fn get(
    State(web): State<Web>,
    Path(public_id): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    if !is_random_id(&public_id) {
        return Err(Error::not_found());
    }
    let found =
        store::digest::by_public_id(&mut web.context.database.read().await?, &public_id).await?;
    let shown =
        found.filter(|digest| matches!(digest.status, DigestStatus::Sending | DigestStatus::Sent));
    let digest = shown.ok_or_else(Error::not_found)?;
    let list = web
        .context
        .list_by_id(digest.list_id)
        .cloned()
        .ok_or_else(Error::not_found)?;
    let locale = visit.edition_locale(&list)?;
    let site = web.list_site(&list);
    let page = render(&DigestPage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        zone: list.schedule.zone(),
        date_ms: digest.period_ms,
        edition: &digest.edition,
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    })?;
    let policy = [
        (CONTENT_SECURITY_POLICY, headers::POLICY_WITH_PICTURES),
        (CACHE_CONTROL, archive::CACHING),
    ];
    // A digest of a list without a public archive is only for who has its address.
    let robots = (!list.archive).then_some([(HeaderName::from_static("x-robots-tag"), "noindex")]);
    Ok(match robots {
        Some(robots) => (policy, robots, page).into_response(),
        None => (policy, page).into_response(),
    })
}
