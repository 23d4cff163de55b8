//! RSS, Atom (through feed-rs, item by item) and JSON Feed to articles.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model::{Entry, Feed, FeedType, Link, MediaObject, Text};
use url::Url;

use super::beside::{Beside, title_of};
use super::draft::{Draft, Rich};
use super::error::{FeedError, SkipReason};
use super::json::parse_json;
use super::xml::Frame;
use super::{FetchLimits, ParsedFeed, charset, sanitise};
use crate::domain::article::Image;

/// Reads a feed from its raw bytes; `base_url` is where it came from, for relative links and for the errors.
pub fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    base_url: &str,
    limits: &FetchLimits,
) -> Result<ParsedFeed, FeedError> {
    let base = Url::parse(base_url).ok();
    let place = base
        .as_ref()
        .map_or_else(|| base_url.to_owned(), super::guard::shown);
    let text = charset::decode(bytes, content_type);
    let text = text.trim_start();
    match text.chars().next() {
        Some('<') => parse_xml(text, &place, base.as_ref(), limits),
        Some('{') => parse_json(text, &place, base.as_ref(), limits),
        first => Err(FeedError::NotAFeed {
            place,
            found: if first.is_some() {
                "plain text or other data"
            } else {
                "empty"
            }
            .to_owned(),
        }),
    }
}

fn parse_xml(
    text: &str,
    place: &str,
    base: Option<&Url>,
    limits: &FetchLimits,
) -> Result<ParsedFeed, FeedError> {
    let frame = Frame::read(text, place, limits)?;
    let mut parsed = ParsedFeed {
        title: frame
            .title()
            .and_then(|title| title_line(&read_xml(&title, base)?)),
        ..ParsedFeed::default()
    };
    for (index, item) in frame.items.iter().enumerate() {
        if item.len() > limits.max_item_bytes {
            let (bytes, limit) = (item.len(), limits.max_item_bytes);
            parsed
                .skipped
                .push((String::new(), SkipReason::TooLarge { bytes, limit }));
            continue;
        }
        let beside = Beside::read(item);
        let Some(draft) = draft(&frame, beside, base) else {
            let number = index + 1;
            parsed
                .skipped
                .push((title_of(item), SkipReason::Unreadable { number }));
            continue;
        };
        let name = draft.name();
        match draft.into_article(base) {
            Ok(article) => parsed.articles.push(article),
            Err(reason) => parsed.skipped.push((name, reason)),
        }
    }
    parsed.note_left_out(frame.left_out, limits);
    if let Some((line, reason)) = frame.fault {
        parsed
            .skipped
            .push((String::new(), SkipReason::Malformed { line, reason }));
    }
    Ok(parsed)
}

impl ParsedFeed {
    /// Records the items beyond the limit, if there were any.
    pub(super) fn note_left_out(&mut self, count: usize, limits: &FetchLimits) {
        if count > 0 {
            let limit = limits.max_items;
            self.skipped
                .push((String::new(), SkipReason::OverLimit { count, limit }));
        }
    }
}

/// feed-rs on one small document. It panics on some input, such as a time in Arabic digits: an item is not worth the
/// process.
fn read_xml(xml: &str, base: Option<&Url>) -> Option<Feed> {
    let base = base.filter(|base| matches!(base.scheme(), "http" | "https"));
    let parser = feed_rs::parser::Builder::new()
        .base_uri(base.map(Url::as_str))
        .sanitize_content(false)
        // An id that the source does not give is none.
        .id_generator(|_, _, _| String::new())
        .build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(xml.as_bytes()).ok()))
        .ok()
        .flatten()
}

fn title_line(feed: &Feed) -> Option<String> {
    let title = sanitise::read_html(&feed.title.as_ref()?.content, None).text;
    Some(title).filter(|title| !title.is_empty())
}

fn draft(frame: &Frame<'_>, beside: Beside, base: Option<&Url>) -> Option<Draft> {
    let feed = read_xml(&frame.alone(&beside.rest), base)?;
    let kind = feed.feed_type;
    let entry = feed.entries.into_iter().next()?;
    let image = picture(&entry).or_else(|| {
        beside.thumbnail.map(|url| Image {
            url,
            alt: String::new(),
        })
    });
    let guid = Some(entry.id).filter(|id| !id.is_empty());
    let permalink = guid.clone().filter(|_| beside.guid_is_link);
    let credit = entry
        .media
        .iter()
        .find_map(|media| Some(media.credits.first()?.entity.clone()));
    Some(Draft {
        link: article_link(&entry.links).or(permalink),
        guid,
        title: entry.title.map(|title| rich(&kind, title)),
        summary: entry.summary.map(|summary| rich(&kind, summary)),
        content: entry.content.and_then(|content| {
            let readable = content.content_type.ty() == "text"
                || content.content_type.as_str().contains("xhtml");
            let body = content.body.filter(|_| readable)?;
            Some(if content.content_type.as_str() == "text/plain" {
                Rich::Text(body)
            } else {
                Rich::Html(body)
            })
        }),
        source: beside.source.or(credit),
        author: beside
            .author
            .or_else(|| entry.authors.into_iter().find_map(|author| author.name)),
        categories: entry
            .categories
            .into_iter()
            .map(|category| category.label.unwrap_or(category.term))
            .collect(),
        image,
        published_ms: entry
            .published
            .or(entry.updated)
            .map(|time| time.timestamp_millis()),
        views: beside.views,
    })
}

/// Atom says whether its text is HTML; in RSS everything may be.
fn rich(kind: &FeedType, text: Text) -> Rich {
    match kind {
        FeedType::Atom if text.content_type.as_str() == "text/plain" => Rich::Text(text.content),
        _ => Rich::Html(text.content),
    }
}

fn article_link(links: &[Link]) -> Option<String> {
    let pages = || {
        links.iter().filter(|link| {
            link.target.is_none()
                && !link.href.is_empty()
                && link.rel.as_deref().is_none_or(|rel| rel == "alternate")
        })
    };
    pages()
        .find(|link| {
            link.media_type
                .as_deref()
                .is_none_or(|kind| kind.contains("html"))
        })
        .or_else(|| pages().next())
        .map(|link| link.href.clone())
}

/// A picture that the item names: media:content or an enclosure, else a thumbnail.
fn picture(entry: &Entry) -> Option<Image> {
    let described = |media: &MediaObject, url: String| Image {
        url,
        alt: media
            .description
            .as_ref()
            .or(media.title.as_ref())
            .map(|text| text.content.clone())
            .unwrap_or_default(),
    };
    let content = entry.media.iter().find_map(|media| {
        let image = media
            .content
            .iter()
            .find(|content| match &content.content_type {
                Some(kind) => kind.ty() == "image",
                None => content.url.as_ref().is_some_and(|url| !is_other_media(url)),
            })?;
        Some(described(media, image.url.clone()?.into()))
    });
    let thumbnail = || {
        entry.media.iter().find_map(|media| {
            Some(described(
                media,
                media.thumbnails.first()?.image.uri.clone(),
            ))
        })
    };
    let enclosed = || {
        let link = entry.links.iter().find(|link| {
            link.rel.as_deref() == Some("enclosure")
                && link
                    .media_type
                    .as_deref()
                    .is_some_and(|kind| kind.starts_with("image/"))
        })?;
        Some(Image {
            url: link.href.clone(),
            alt: String::new(),
        })
    };
    content.or_else(thumbnail).or_else(enclosed)
}

/// Media without a type are pictures more often than not, but these names say otherwise.
fn is_other_media(url: &Url) -> bool {
    const OTHER: [&str; 10] = [
        "mp3", "mp4", "m4a", "m4v", "mov", "ogg", "wav", "webm", "pdf", "m3u8",
    ];
    let path = url.path().to_ascii_lowercase();
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| OTHER.contains(&ending))
}

#[cfg(test)]
mod tests;
