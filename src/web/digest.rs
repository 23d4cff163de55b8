//! One digest in the browser: the same for everyone, with an address that cannot be guessed (T14).

use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};

use super::cached::Cached;
use super::page::{DigestPage, Preview};
use super::visit::{Visit, render};
use super::{Error, Web, archive, headers};
use crate::domain::correction::{Correction, corrected};
use crate::domain::digest::{Audience, DigestStatus};
use crate::domain::token::is_random_id;
use crate::locale::Locale;
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
    let mut digest = shown.ok_or_else(Error::not_found)?;
    let list = web
        .context
        .list_by_id(digest.list_id)
        .cloned()
        .ok_or_else(Error::not_found)?;
    let site = web.list_site(&list);
    // What is not in a public archive is only for who has its address.
    let is_archived = list.archive && variant.is_none() && digest.audience == Audience::List;
    let index = is_archived && list.index;
    let language = variant.as_ref().and_then(|own| own.language.as_deref());
    let locale = match language {
        Some(_) => visit.reader_locale(&list, language)?,
        None => visit.edition_locale(&list)?,
    };
    if let Some(own) = variant {
        (digest.subject, digest.edition) = (own.subject, own.edition);
    }
    let mut tx = web.context.database.read().await?;
    let corrections = store::correction::of(&mut tx, &[digest.id]).await?;
    let mut corrections: Vec<Correction> = corrections.into_iter().map(|(_, one)| one).collect();
    drop(tx);
    digest.edition = corrected(digest.edition, &corrections);
    // One note may be about several articles.
    corrections.dedup_by(|one, before| one.note == before.note);
    let last_ms = corrections.last().map_or(0, |last| last.created_ms);
    let page = render(&DigestPage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        preview: Preview {
            url: web.context.digest_url(&public_id),
            kind: "article",
            title: archive::headline(&digest),
            description: description(&digest, &locale),
            image: archive::lead_image(&digest),
            index,
        },
        zone: list.schedule.zone(),
        date_ms: digest.period_ms,
        edition: &digest.edition,
        corrections,
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    })?;
    let cached = Cached {
        content_type: "text/html; charset=utf-8",
        caching: archive::CACHING,
        modified_ms: archive::published_ms(&digest)
            .max(last_ms)
            .max(web.since_ms),
        body: page.0,
    };
    let policy = [(CONTENT_SECURITY_POLICY, headers::POLICY_WITH_PICTURES)];
    let answer = cached.answer(visit.headers());
    Ok((policy, archive::robots(index), answer).into_response())
}

/// What the page is about, in a line: how much there is, and the titles after the first.
fn description(digest: &Digest, locale: &Locale) -> String {
    let titles = digest.edition.items().skip(1).take(3);
    let titles = titles.map(|item| locale.isolate(&item.title));
    let count = locale.count("count-articles", digest.edition.article_count());
    std::iter::once(count)
        .chain(titles)
        .collect::<Vec<_>>()
        .join(" · ")
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
