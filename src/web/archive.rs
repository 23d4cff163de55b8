//! The archive of a list: its past digests as a page and as an Atom feed.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::page::{ArchivePage, DigestEntry, FeedPage};
use super::visit::{Visit, render};
use super::{Error, Web, subscribe};
use crate::domain::list::List;
use crate::store;
use crate::store::digest::Digest;

/// Past digests on the page and in the feed.
const MOST: i64 = 100;
/// Archives change once a period.
pub const CACHING: &str = "public, max-age=300";

/// `GET /archive/{list}`
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let list = public(&web, &slug)?;
    let locale = visit.edition_locale(&list)?;
    let digests = published(&web, &list, MOST).await?;
    let entries = digests
        .iter()
        .map(|digest| entry(digest, format!("/d/{}", digest.public_id)))
        .collect();
    let site = web.list_site(&list);
    let page = render(&ArchivePage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        zone: list.schedule.zone(),
        entries,
        subscribe_url: format!("/subscribe/{slug}"),
        feed_url: format!("/archive/{slug}/feed.xml"),
    })?;
    Ok(([(CACHE_CONTROL, CACHING)], page).into_response())
}

/// `GET /archive/{list}/feed.xml`
pub async fn feed(
    State(web): State<Web>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Error> {
    let list = public(&web, &slug)?;
    let locale = visit.edition_locale(&list)?;
    let digests = published(&web, &list, MOST).await?;
    let entries = digests
        .iter()
        .map(|digest| entry(digest, web.context.digest_url(&digest.public_id)))
        .collect();
    let archive_url = web.context.archive_url(&list);
    let page = FeedPage {
        locale: &locale,
        site_name: &list.masthead,
        list_name: &list.name,
        feed_url: &format!("{archive_url}/feed.xml"),
        archive_url: &archive_url,
        updated_ms: digests.first().map_or(0, |digest| digest.period_ms),
        entries,
    };
    let atom = askama::Template::render(&page).map_err(Error::internal)?;
    Ok((
        [
            (CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
            (CACHE_CONTROL, CACHING),
        ],
        atom,
    )
        .into_response())
}

/// The page of the newest digest of a public archive.
pub async fn latest_url(web: &Web, list: &List) -> Result<Option<String>, Error> {
    if !list.archive {
        return Ok(None);
    }
    Ok(published(web, list, 1)
        .await?
        .first()
        .map(|digest| format!("/d/{}", digest.public_id)))
}

fn public(web: &Web, slug: &str) -> Result<std::sync::Arc<List>, Error> {
    subscribe::find(web, slug).and_then(|list| {
        if list.archive {
            Ok(list)
        } else {
            Err(Error::not_found())
        }
    })
}

async fn published(web: &Web, list: &List, most: i64) -> Result<Vec<Digest>, Error> {
    Ok(store::digest::published(&mut web.context.database.read().await?, list.id, most).await?)
}

fn entry(digest: &Digest, url: String) -> DigestEntry {
    let title = digest
        .edition
        .items()
        .next()
        .map_or_else(|| digest.subject.clone(), |item| item.title.clone());
    DigestEntry {
        url,
        title,
        date_ms: digest.period_ms,
        articles: digest.edition.article_count(),
    }
}
