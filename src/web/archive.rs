//! The archive of a list: its past digests as a page, as an Atom feed and as a JSON feed, a hundred at a time.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::HeaderName;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::cached::Cached;
use super::page::{ArchivePage, DigestEntry, FeedPage, Preview, rfc3339};
use super::visit::{Visit, render};
use super::{Error, Web, subscribe};
use crate::domain::correction::{Correction, corrected};
use crate::domain::list::List;
use crate::locale::Locale;
use crate::store;
use crate::store::digest::Digest;

/// Past digests on a page and in a feed.
const MOST: usize = 100;
/// Archives change once a period.
pub const CACHING: &str = "public, max-age=300";

/// `GET /archive/{list}`; `?before=` a period for older ones.
pub async fn get(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let past = Past::read(&web, &slug, query.as_deref()).await?;
    let (list, locale) = (&past.list, visit.edition_locale(&past.list)?);
    let archive_url = format!("/archive/{slug}");
    let site = web.list_site(list);
    let description = if list.description.is_empty() {
        locale.text("archive-title")
    } else {
        list.description.clone()
    };
    let page = render(&ArchivePage {
        locale: &locale,
        site: &site,
        list_name: &list.name,
        preview: Preview {
            url: at(&web.context.archive_url(list), past.before_ms),
            kind: "website",
            title: &list.name,
            description,
            image: None,
            index: list.index,
        },
        zone: list.schedule.zone(),
        entries: past.entries(&web, |id| format!("/d/{id}")),
        older_url: past.older_ms.map(|ms| at(&archive_url, Some(ms))),
        newest_url: past.before_ms.map(|_| archive_url.clone()),
        subscribe_url: format!("/subscribe/{slug}"),
        archive_url,
    })?;
    Ok(past.answer(&web, &visit, "text/html; charset=utf-8", page.0))
}

/// `GET /archive/{list}/feed.xml`
pub async fn feed(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let past = Past::read(&web, &slug, query.as_deref()).await?;
    let (list, locale) = (&past.list, visit.edition_locale(&past.list)?);
    let archive_url = web.context.archive_url(list);
    let feed_url = format!("{archive_url}/feed.xml");
    let older_url = past.older_ms.map(|ms| at(&feed_url, Some(ms)));
    let page = FeedPage {
        locale: &locale,
        id: &list_tag(&web, list),
        site_name: &list.masthead,
        list_name: &list.name,
        feed_url: &at(&feed_url, past.before_ms),
        archive_url: &archive_url,
        older_url: older_url.as_deref(),
        updated_ms: past
            .digests
            .iter()
            .map(|digest| past.updated_ms(digest))
            .max()
            .unwrap_or(web.since_ms),
        entries: past.entries(&web, |id| web.context.digest_url(id)),
    };
    let atom = askama::Template::render(&page).map_err(Error::internal)?;
    Ok(past.answer(&web, &visit, "application/atom+xml; charset=utf-8", atom))
}

/// `GET /archive/{list}/feed.json` (JSON Feed 1.1)
pub async fn json_feed(
    State(web): State<Web>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Error> {
    let past = Past::read(&web, &slug, query.as_deref()).await?;
    let (list, locale) = (&past.list, visit.edition_locale(&past.list)?);
    let archive_url = web.context.archive_url(list);
    let feed_url = format!("{archive_url}/feed.json");
    let entries = past.entries(&web, |id| web.context.digest_url(id));
    let mut feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": format!("{} · {}", list.masthead, list.name),
        "home_page_url": archive_url,
        "feed_url": at(&feed_url, past.before_ms),
        "language": locale.lang(),
        "authors": [{ "name": list.masthead }],
        "items": entries.iter().map(|entry| item(&locale, entry)).collect::<Vec<_>>(),
    });
    if !list.description.is_empty() {
        feed["description"] = json!(list.description);
    }
    if let Some(ms) = past.older_ms {
        feed["next_url"] = json!(at(&feed_url, Some(ms)));
    }
    Ok(past.answer(
        &web,
        &visit,
        "application/feed+json; charset=utf-8",
        feed.to_string(),
    ))
}

fn item(locale: &Locale, entry: &DigestEntry) -> Value {
    let mut item = json!({
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": locale.count("count-articles", entry.articles),
        "content_text": entry.text(locale),
        "date_published": rfc3339(entry.date_ms),
    });
    if entry.updated_ms > entry.date_ms {
        item["date_modified"] = json!(rfc3339(entry.updated_ms));
    }
    if let Some(url) = &entry.image_url {
        item["image"] = json!(url);
    }
    item
}

/// Some past digests of a list with a public archive.
struct Past {
    list: Arc<List>,
    /// As they are corrected.
    digests: Vec<Digest>,
    /// What was corrected, by the digest's row.
    corrections: Corrections,
    /// Where they end, when the reader asked for older ones.
    before_ms: Option<i64>,
    /// Where the next ones end, when there are more.
    older_ms: Option<i64>,
}

impl Past {
    async fn read(web: &Web, slug: &str, query: Option<&str>) -> Result<Self, Error> {
        let list = subscribe::find(web, slug)?;
        if !list.archive {
            return Err(Error::not_found());
        }
        let before_ms = query.and_then(|query| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == "before")?.1.parse().ok()
        });
        let (mut digests, corrections) =
            published(web, &list, before_ms.unwrap_or(i64::MAX), MOST as i64 + 1).await?;
        let more = digests.len() > MOST;
        digests.truncate(MOST);
        let older_ms = digests
            .last()
            .map(|digest| digest.period_ms)
            .filter(|_| more);
        Ok(Self {
            list,
            digests,
            corrections,
            before_ms,
            older_ms,
        })
    }

    fn corrections(&self, digest: &Digest) -> &[Correction] {
        self.corrections.get(&digest.id).map_or(&[], Vec::as_slice)
    }

    /// When the newest of it was said: the digest itself, or its last correction.
    fn updated_ms(&self, digest: &Digest) -> i64 {
        let last = self.corrections(digest).last();
        last.map_or(digest.period_ms, |last| {
            last.created_ms.max(digest.period_ms)
        })
    }

    fn entries(&self, web: &Web, url: impl Fn(&str) -> String) -> Vec<DigestEntry> {
        let tag = list_tag(web, &self.list);
        let entry = |digest: &Digest| DigestEntry {
            updated_ms: self.updated_ms(digest),
            notes: self
                .corrections(digest)
                .iter()
                .map(|one| one.note.clone())
                .collect(),
            id: format!("{tag}/{}", digest.public_id),
            url: url(&digest.public_id),
            title: headline(digest).to_owned(),
            titles: digest
                .edition
                .items()
                .map(|item| item.title.clone())
                .collect(),
            date_ms: digest.period_ms,
            articles: digest.edition.article_count(),
            image_url: lead_image(digest).map(|image| image.url.clone()),
        };
        self.digests.iter().map(entry).collect()
    }

    fn answer(
        &self,
        web: &Web,
        visit: &Visit,
        content_type: &'static str,
        body: String,
    ) -> Response {
        let last_ms = self
            .digests
            .iter()
            .map(|digest| self.updated_ms(digest))
            .max();
        let cached = Cached {
            content_type,
            caching: CACHING,
            // What stands around the digests changes with the configuration, which is read at the start.
            modified_ms: self
                .digests
                .first()
                .map_or(0, published_ms)
                .max(last_ms.unwrap_or(0))
                .max(web.since_ms),
            body,
        };
        (robots(self.list.index), cached.answer(visit.headers())).into_response()
    }
}

/// The address of digests before this period.
fn at(url: &str, before_ms: Option<i64>) -> String {
    before_ms.map_or_else(|| url.to_owned(), |ms| format!("{url}?before={ms}"))
}

/// The header for search engines that do not read the page, where they may not list it.
pub fn robots(index: bool) -> Option<[(HeaderName, &'static str); 1]> {
    (!index).then_some([(HeaderName::from_static("x-robots-tag"), "noindex")])
}

/// The page of the newest digest of a public archive.
pub async fn latest_url(web: &Web, list: &List) -> Result<Option<String>, Error> {
    if !list.archive {
        return Ok(None);
    }
    let (digests, _) = published(web, list, i64::MAX, 1).await?;
    Ok(digests
        .first()
        .map(|digest| format!("/d/{}", digest.public_id)))
}

/// What a digest is called: its first headline.
pub fn headline(digest: &Digest) -> &str {
    let first = digest.edition.items().next();
    first.map_or(digest.subject.as_str(), |item| &item.title)
}

/// The picture of its lead.
pub fn lead_image(digest: &Digest) -> Option<&crate::domain::article::Image> {
    digest.edition.lead.as_ref()?.image.as_ref()
}

/// When readers got it.
pub fn published_ms(digest: &Digest) -> i64 {
    digest.started_ms.unwrap_or(digest.composed_ms)
}

/// Names a list's feed whatever its address is (RFC 4151), by what its List-Id is made of; the year is that of this scheme, and
/// stays.
fn list_tag(web: &Web, list: &List) -> String {
    format!("tag:{},2026:{}", web.context.mail.list_id_domain, list.slug)
}

/// What was corrected in digests, by their rows, oldest first.
type Corrections = HashMap<i64, Vec<Correction>>;

/// Past digests as they are corrected.
async fn published(
    web: &Web,
    list: &List,
    before_ms: i64,
    most: i64,
) -> Result<(Vec<Digest>, Corrections), Error> {
    let mut tx = web.context.database.read().await?;
    let mut digests = store::digest::published(&mut tx, list.id, before_ms, most).await?;
    let ids: Vec<i64> = digests.iter().map(|digest| digest.id).collect();
    let mut corrections = Corrections::new();
    for (digest, correction) in store::correction::of(&mut tx, &ids).await? {
        corrections.entry(digest).or_default().push(correction);
    }
    for digest in &mut digests {
        if let Some(corrections) = corrections.get(&digest.id) {
            digest.edition = corrected(std::mem::take(&mut digest.edition), corrections);
        }
    }
    Ok((digests, corrections))
}
