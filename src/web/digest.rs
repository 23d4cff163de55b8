//! One digest in the browser: the same for everyone, with an address that cannot be guessed (T14).

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName};
use axum::response::{IntoResponse, Response};

use super::page::DigestPage;
use super::visit::{Visit, render};
use super::{Error, Web, archive, headers};
use crate::domain::digest::{Audience, DigestStatus};
use crate::domain::token::is_random_id;
use crate::service::letter;
use crate::store;
use crate::store::digest::Digest;
use crate::store::digest_variant::Variant;

/// `GET /d/{digest}`
pub async fn get(
    State(web): State<Web>,
    Path(public_id): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    if !is_random_id(&public_id) {
        return Err(Error::not_found());
    }
    let (found, variant) = find(&web, &public_id).await?;
    let shown =
        found.filter(|digest| matches!(digest.status, DigestStatus::Sending | DigestStatus::Sent));
    let digest = shown.ok_or_else(Error::not_found)?;
    let list = web
        .context
        .list_by_id(digest.list_id)
        .cloned()
        .ok_or_else(Error::not_found)?;
    let language = variant.as_ref().and_then(|own| own.language.as_deref());
    let locale = match language.filter(|_| visit.lang().is_none()) {
        Some(_) => letter::chosen_locale(&list, language)?,
        None => visit.list_locale(&list)?,
    };
    let edition = variant.as_ref().map_or(&digest.edition, |own| &own.edition);
    let site = web.list_site(&list);
    let page = render(&DigestPage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        zone: list.schedule.zone(),
        date_ms: digest.period_ms,
        edition,
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    })?;
    let policy = [
        (CONTENT_SECURITY_POLICY, headers::POLICY_WITH_PICTURES),
        (CACHE_CONTROL, archive::CACHING),
    ];
    // What is not in a public archive is only for who has its address.
    let is_archived = list.archive && variant.is_none() && digest.audience == Audience::List;
    let robots = (!is_archived).then_some([(HeaderName::from_static("x-robots-tag"), "noindex")]);
    Ok(match robots {
        Some(robots) => (policy, robots, page).into_response(),
        None => (policy, page).into_response(),
    })
}

/// A digest by the name of its page, or by that of what some of its readers got.
async fn find(web: &Web, public_id: &str) -> Result<(Option<Digest>, Option<Variant>), Error> {
    let mut tx = web.context.database.read().await?;
    if let Some(digest) = store::digest::by_public_id(&mut tx, public_id).await? {
        return Ok((Some(digest), None));
    }
    let Some(variant) = store::digest_variant::by_public_id(&mut tx, public_id).await? else {
        return Ok((None, None));
    };
    let digest = store::digest::by_id(&mut tx, variant.digest_id).await?;
    Ok((digest, Some(variant)))
}
