//! JSON Feed 1.0 and 1.1 (jsonfeed.org), and JSON lines with the same keys: one article per line.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::draft::{Draft, MAX_VIEWS, Rich, name_line, parse_date};
use super::error::{FeedError, FileFault, SkipReason};
use super::sanitise;
use super::{FetchLimits, ParsedFeed};
use crate::domain::article::{Image, NewArticle};

#[derive(Deserialize)]
struct JsonFeed {
    version: String,
    title: Option<String>,
    items: Vec<Value>,
}

/// The keys of JSON Feed, and for files of ours the keys of the Markdown front matter.
#[derive(Debug, Deserialize)]
struct JsonItem {
    #[serde(alias = "guid")]
    id: Option<Value>,
    #[serde(alias = "link")]
    url: Option<String>,
    external_url: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    content_html: Option<String>,
    content_text: Option<String>,
    image: Option<String>,
    banner_image: Option<String>,
    image_alt: Option<String>,
    #[serde(alias = "date", alias = "published")]
    date_published: Option<String>,
    date_modified: Option<String>,
    source: Option<String>,
    section: Option<String>,
    #[serde(alias = "categories")]
    tags: Option<Vec<String>>,
    author: Option<Author>,
    authors: Option<Vec<Author>>,
    attachments: Option<Vec<Attachment>>,
    views: Option<Value>,
    /// JSON Feed's place for what it does not know.
    #[serde(rename = "_nashra")]
    extension: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Author {
    Name(String),
    Object { name: Option<String> },
}

#[derive(Debug, Deserialize)]
struct Attachment {
    url: Option<String>,
    mime_type: Option<String>,
}

impl JsonItem {
    fn into_draft(self) -> Draft {
        let author = self
            .author
            .into_iter()
            .chain(self.authors.into_iter().flatten())
            .find_map(|author| match author {
                Author::Name(name) => Some(name),
                Author::Object { name } => name,
            });
        let attached = self
            .attachments
            .into_iter()
            .flatten()
            .find_map(|attachment| {
                attachment
                    .mime_type
                    .filter(|kind| kind.starts_with("image/"))
                    .and(attachment.url)
            });
        let alt = self.image_alt.unwrap_or_default();
        Draft {
            // JSON Feed: an id that is a number is to be read as its text.
            guid: self.id.and_then(|id| match id {
                Value::String(id) => Some(id),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            }),
            link: self.url.or(self.external_url),
            title: self.title.map(Rich::Text),
            summary: self.summary.map(Rich::Text),
            content: self
                .content_html
                .map(Rich::Html)
                .or(self.content_text.map(Rich::Text)),
            source: self.source,
            author,
            categories: self
                .section
                .into_iter()
                .chain(self.tags.into_iter().flatten())
                .collect(),
            image: self
                .image
                .or(self.banner_image)
                .or(attached)
                .map(|url| Image { url, alt }),
            published_ms: self
                .date_published
                .as_deref()
                .and_then(parse_date)
                .or_else(|| self.date_modified.as_deref().and_then(parse_date)),
            views: self
                .views
                .or_else(|| self.extension?.get("views").cloned())
                .and_then(|views| views.as_i64()),
        }
    }
}

/// Reads a JSON Feed.
pub fn parse_json(
    text: &str,
    place: &str,
    base: Option<&Url>,
    limits: &FetchLimits,
) -> Result<ParsedFeed, FeedError> {
    let feed: JsonFeed = serde_json::from_str(text).map_err(|reason| FeedError::Json {
        place: place.to_owned(),
        reason,
    })?;
    if !feed.version.contains("jsonfeed.org/version/1") {
        return Err(FeedError::NotAFeed {
            place: place.to_owned(),
            found: "other JSON".to_owned(),
        });
    }
    let mut parsed = ParsedFeed {
        title: feed
            .title
            .map(|title| sanitise::line(&title))
            .filter(|title| !title.is_empty()),
        ..ParsedFeed::default()
    };
    let count = feed.items.len();
    for (index, item) in feed.items.into_iter().take(limits.max_items).enumerate() {
        let bytes = item.to_string().len();
        let name = item
            .get("title")
            .or(item.get("id"))
            .and_then(Value::as_str)
            .and_then(name_line)
            .unwrap_or_default();
        if bytes > limits.max_item_bytes {
            let limit = limits.max_item_bytes;
            parsed
                .skipped
                .push((name, SkipReason::TooLarge { bytes, limit }));
            continue;
        }
        let read = serde_json::from_value::<JsonItem>(item)
            .map_err(|_| SkipReason::Unreadable { number: index + 1 });
        match read.and_then(|item| item.into_draft().into_article(base)) {
            Ok(article) => parsed.articles.push(article),
            Err(reason) => parsed.skipped.push((name, reason)),
        }
    }
    parsed.note_left_out(count.saturating_sub(limits.max_items), limits);
    Ok(parsed)
}

/// Reads a file of one JSON object per line; empty lines are passed over, and every error names its line.
pub fn read_json_lines(text: &str) -> Vec<Result<NewArticle, FeedError>> {
    text.trim_start_matches('\u{FEFF}')
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            read_json_line(line).map_err(|fault| FeedError::File {
                place: "JSON lines".to_owned(),
                line: index + 1,
                fault,
            })
        })
        .collect()
}

fn read_json_line(line: &str) -> Result<NewArticle, FileFault> {
    read_item(serde_json::from_str(line)?)
}

/// Reads one object with the keys of a line.
pub(super) fn read_json_object(object: Map<String, Value>) -> Result<NewArticle, FileFault> {
    read_item(serde_json::from_value(Value::Object(object))?)
}

fn read_item(item: JsonItem) -> Result<NewArticle, FileFault> {
    if let Some(date) = item
        .date_published
        .as_ref()
        .filter(|date| parse_date(date).is_none())
    {
        return Err(FileFault::Date(date.clone()));
    }
    if let Some(views) = item
        .views
        .as_ref()
        .filter(|views| !is_number_of_views(views))
    {
        return Err(FileFault::Views(views.to_string()));
    }
    Ok(item.into_draft().into_article(None)?)
}

/// How often an article was read: a whole number, 0 or more.
pub(super) fn is_number_of_views(value: &Value) -> bool {
    value
        .as_i64()
        .is_some_and(|views| (0..=MAX_VIEWS).contains(&views))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_name_the_line_of_every_error() {
        let text = concat!(
            "{\"id\":7,\"url\":\"https://site.example/7\",\"title\":\"عنوان\",\"date\":\"2026-11-20\",\"section\":\"reports\",\"author\":\"سلمى\",\"views\":3}\n",
            "\n",
            "{\"url\":\"https://site.example/8\",\n",
            "{\"title\":\"no link\"}\n",
            "{\"url\":\"https://site.example/9\",\"title\":\"t\",\"date\":\"soon\"}\n",
            "{\"url\":\"https://site.example/10\",\"title\":\"t\",\"views\":-3}\n",
        );
        let read = read_json_lines(text);
        let first = read[0].as_ref().unwrap();
        assert_eq!(first.guid.as_deref(), Some("7"));
        assert_eq!(first.categories, ["reports"]);
        assert_eq!(first.views, Some(3));
        assert_eq!(first.author.as_deref(), Some("سلمى"));
        assert_eq!(
            first.published_ms,
            Some(1_763_596_800_000 + 365 * 86_400_000)
        );
        let said: Vec<String> = read[1..]
            .iter()
            .map(|read| read.as_ref().unwrap_err().to_string())
            .collect();
        assert!(
            said[0].contains("line 3") && said[0].contains("JSON"),
            "{said:?}"
        );
        assert!(
            said[1].contains("line 4") && said[1].contains("link"),
            "{said:?}"
        );
        assert!(
            said[2].contains("line 5") && said[2].contains("soon"),
            "{said:?}"
        );
        assert!(
            said[3].contains("line 6") && said[3].contains("-3 is not how often"),
            "{said:?}"
        );
    }
}
