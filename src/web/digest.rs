//! One digest in the browser: the same for everyone, with an address that cannot be guessed (T14).

use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};

use super::cached::Cached;
use super::page::{DigestPage, Preview};
use super::visit::{Visit, render};
use super::{Error, Web, archive, headers};
use crate::domain::digest::DigestStatus;
use crate::domain::token::is_random_id;
use crate::locale::Locale;
use crate::store;
use crate::store::digest::Digest;

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
    let locale = visit.list_locale(&list)?;
    let site = web.list_site(&list);
    let index = list.archive && list.index;
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
        subscribe_url: format!("/subscribe/{}", list.slug),
        archive_url: list.archive.then(|| format!("/archive/{}", list.slug)),
    })?;
    let cached = Cached {
        content_type: "text/html; charset=utf-8",
        caching: archive::CACHING,
        modified_ms: archive::published_ms(&digest).max(web.since_ms),
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
