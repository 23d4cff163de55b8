//! RSS, Atom and JSON Feed become articles: cleaned, absolute, in one shape.

use feed_rs::model::{Entry, MediaObject};
use url::Url;

use super::fetch::FetchLimits;
use super::{FeedError, sanitise, scan};
use crate::domain::article::{Image, NewArticle, SafeHtml};

/// A feed that was read.
#[derive(Debug, Default)]
pub struct ParsedFeed {
    /// Its name.
    pub title: Option<String>,
    /// What can be used, in the feed's order.
    pub articles: Vec<NewArticle>,
    /// What cannot, and why.
    pub skipped: Vec<(String, String)>,
}

/// Reads a feed from what a server or a file gave.
pub fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    base_url: &str,
    limits: &FetchLimits,
) -> Result<ParsedFeed, FeedError> {
    let scanned = scan::scan(bytes, content_type, base_url)?;
    let base = Url::parse(base_url).ok();
    let feed = feed_rs::parser::Builder::new()
        .base_uri(base.as_ref().map(Url::as_str))
        // The parser would invent an id from link and title; an article without one is known by its address.
        .id_generator(|_, _, _| String::new())
        .build()
        .parse(scanned.text.as_bytes())
        .map_err(|error| FeedError::NotAFeed {
            url: base_url.to_owned(),
            reason: error.to_string(),
        })?;
    let mut parsed = ParsedFeed {
        title: feed.title.map(|title| sanitise::text(&title.content)),
        ..ParsedFeed::default()
    };
    for (place, entry) in feed.entries.into_iter().enumerate() {
        if place >= limits.max_items {
            let reason = format!(
                "only the first {} items of a feed are read",
                limits.max_items
            );
            parsed.skipped.push((format!("item {}", place + 1), reason));
            break;
        }
        let name = entry.title.as_ref().map_or_else(
            || format!("item {}", place + 1),
            |title| sanitise::text(&title.content),
        );
        let source = scanned.sources.get(place).cloned().flatten();
        match article(&entry, source, base.as_ref(), limits) {
            Ok(article) => parsed.articles.push(article),
            Err(reason) => parsed.skipped.push((name, reason)),
        }
    }
    if scanned.broken {
        parsed.skipped.push((
            "the rest".to_owned(),
            "the XML breaks off after the last whole item".to_owned(),
        ));
    }
    Ok(parsed)
}

fn article(
    entry: &Entry,
    source: Option<String>,
    base: Option<&Url>,
    limits: &FetchLimits,
) -> Result<NewArticle, String> {
    let summary = entry.summary.as_ref().map(|text| text.content.as_str());
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.as_deref());
    let size = summary.map_or(0, str::len) + content.map_or(0, str::len);
    if size > limits.max_item_bytes {
        return Err(format!(
            "its text is larger than {} octets",
            limits.max_item_bytes
        ));
    }
    let url = address(entry, base).ok_or("it has no http(s) link")?;
    let words = [summary, content]
        .into_iter()
        .flatten()
        .find(|html| !html.trim().is_empty());
    let (summary_html, summary_text) =
        words.map_or_else(|| (SafeHtml::default(), String::new()), sanitise::summary);
    let title = entry
        .title
        .as_ref()
        .map(|title| sanitise::text(&title.content))
        .filter(|title| !title.is_empty());
    let title = title
        .or_else(|| first_words(&summary_text))
        .ok_or("it has neither title nor text")?;
    Ok(NewArticle {
        guid: Some(entry.id.trim().to_owned()).filter(|id| !id.is_empty()),
        image: picture(entry, base).or_else(|| in_text(&[content, summary], base)),
        url,
        title,
        summary_html,
        summary_text,
        source: source.or_else(|| entry.source.clone()),
        author: entry
            .authors
            .iter()
            .find_map(|author| author.name.as_deref())
            .map(sanitise::text)
            .filter(|name| !name.is_empty()),
        categories: entry
            .categories
            .iter()
            .flat_map(|category| [category.label.as_deref(), Some(category.term.as_str())])
            .flatten()
            .map(sanitise::one_line)
            .filter(|name| !name.is_empty())
            .collect(),
        published_ms: entry
            .published
            .or(entry.updated)
            .map(|date| date.timestamp_millis()),
    })
}

/// The article's own page; a GUID that is an address stands in for a missing link.
fn address(entry: &Entry, base: Option<&Url>) -> Option<String> {
    let mut own = entry
        .links
        .iter()
        .filter(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    own.find_map(|link| sanitise::absolute(&link.href, base))
        .or_else(|| sanitise::absolute(&entry.id, None))
}

fn first_words(text: &str) -> Option<String> {
    let words: Vec<&str> = text
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(10)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn picture(entry: &Entry, base: Option<&Url>) -> Option<Image> {
    let media = entry.media.iter().find_map(|media| {
        let url = media_address(media, base)?;
        let alt = media
            .description
            .as_ref()
            .or(media.title.as_ref())
            .map(|text| sanitise::text(&text.content));
        Some(Image {
            url,
            alt: alt.unwrap_or_default(),
        })
    });
    media.or_else(|| {
        let mut enclosures = entry.links.iter().filter(|link| {
            link.media_type
                .as_deref()
                .is_some_and(|kind| kind.starts_with("image/"))
        });
        enclosures.find_map(|link| {
            let url = sanitise::absolute(&link.href, base)?;
            Some(Image {
                url,
                alt: link
                    .title
                    .as_deref()
                    .map(sanitise::text)
                    .unwrap_or_default(),
            })
        })
    })
}

fn media_address(media: &MediaObject, base: Option<&Url>) -> Option<String> {
    let is_image = |content: &&feed_rs::model::MediaContent| {
        content
            .content_type
            .as_ref()
            .is_none_or(|kind| kind.ty() == "image")
    };
    let content = media
        .content
        .iter()
        .filter(is_image)
        .find_map(|content| content.url.as_ref());
    let content = content.and_then(|url| sanitise::absolute(url.as_str(), base));
    content.or_else(|| {
        media
            .thumbnails
            .iter()
            .find_map(|thumbnail| sanitise::absolute(&thumbnail.image.uri, base))
    })
}

fn in_text(texts: &[Option<&str>], base: Option<&Url>) -> Option<Image> {
    let mut images = texts
        .iter()
        .flatten()
        .filter_map(|html| sanitise::first_image(html, base));
    images.next().map(|(url, alt)| Image { url, alt })
}
