//! Articles from files: Markdown with front matter, and JSON lines with the same keys.

use std::path::Path;

use serde::Deserialize;

use super::{FeedError, sanitise};
use crate::domain::article::{Image, NewArticle, SafeHtml};

/// What a file says of an article; in JSON lines one object a line, in Markdown the lines between `---`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    title: String,
    url: String,
    #[serde(alias = "guid")]
    id: Option<String>,
    #[serde(alias = "published")]
    date: Option<String>,
    section: Option<String>,
    categories: Vec<String>,
    source: Option<String>,
    author: Option<String>,
    image: Option<String>,
    image_alt: Option<String>,
    /// HTML; in Markdown files the text itself is the summary unless this is given.
    summary: Option<String>,
}

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String, FeedError> {
    let failed = |reason: String| FeedError::File {
        path: path.display().to_string(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes)
        .map(|text| text.trim_start_matches('\u{feff}').to_owned())
        .map_err(|error| {
            failed(format!(
                "not UTF-8 (octet {}); save it as UTF-8",
                error.utf8_error().valid_up_to()
            ))
        })
}

/// Reads one article per line; empty lines are passed over.
pub fn read_json_lines(text: &str) -> Vec<Result<NewArticle, FeedError>> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let read = |(number, line): (usize, &str)| {
        let place = format!("line {}", number + 1);
        let fields: Fields = serde_json::from_str(line).map_err(|error| FeedError::Article {
            place: place.clone(),
            reason: format!("not an article: {error}"),
        })?;
        let summary = fields.summary.clone().unwrap_or_default();
        article(fields, &summary, &place)
    };
    lines.map(read).collect()
}

/// Reads a Markdown file whose front matter stands between two lines of `---`.
pub fn read_markdown(text: &str, path: &str) -> Result<NewArticle, FeedError> {
    let wrong = |line: usize, reason: String| FeedError::Article {
        place: format!("{path}, line {line}"),
        reason,
    };
    let normal = text.replace("\r\n", "\n");
    let begin = normal.strip_prefix("---\n").ok_or_else(|| {
        wrong(1, "begin the file with front matter: a line `---`, then `title: …` and `url: …`, then a line `---`".to_owned())
    })?;
    let (head, body) = begin
        .split_once("\n---\n")
        .or_else(|| begin.strip_suffix("\n---").map(|head| (head, "")))
        .ok_or_else(|| {
            wrong(
                1,
                "the front matter has no end: write a line `---` after it".to_owned(),
            )
        })?;
    let mut fields = Fields::default();
    for (number, line) in head
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let (key, value) = line
            .split_once(':')
            .ok_or_else(|| wrong(number + 2, format!("`{line}` is not `key: value`")))?;
        set(&mut fields, key.trim(), unquoted(value.trim()))
            .map_err(|reason| wrong(number + 2, reason))?;
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(body));
    let summary = fields.summary.clone().unwrap_or(html);
    article(fields, &summary, path)
}

fn unquoted(value: &str) -> &str {
    let inside = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn set(fields: &mut Fields, key: &str, value: &str) -> Result<(), String> {
    let some = || Some(value.to_owned()).filter(|value| !value.is_empty());
    match key {
        "title" => value.clone_into(&mut fields.title),
        "url" => value.clone_into(&mut fields.url),
        "id" | "guid" => fields.id = some(),
        "date" | "published" => fields.date = some(),
        "section" => fields.section = some(),
        "categories" | "tags" => {
            let names = value
                .trim_start_matches('[')
                .trim_end_matches(']')
                .split(',');
            fields.categories = names
                .map(|name| unquoted(name.trim()).to_owned())
                .filter(|name| !name.is_empty())
                .collect();
        }
        "source" => fields.source = some(),
        "author" => fields.author = some(),
        "image" => fields.image = some(),
        "image_alt" => fields.image_alt = some(),
        "summary" => fields.summary = some(),
        _ => {
            return Err(format!(
                "`{key}` is not known; there are title, url, id, date, section, categories, source, author, image, image_alt, summary"
            ));
        }
    }
    Ok(())
}

fn article(fields: Fields, summary: &str, place: &str) -> Result<NewArticle, FeedError> {
    let wrong = |reason: String| FeedError::Article {
        place: place.to_owned(),
        reason,
    };
    let title = sanitise::text(&fields.title);
    if title.is_empty() {
        return Err(wrong("`title` is missing".to_owned()));
    }
    let url = sanitise::absolute(&fields.url, None).ok_or_else(|| {
        wrong(format!(
            "`url` must be the article's http(s) address, not `{}`",
            fields.url
        ))
    })?;
    let published_ms = fields
        .date
        .as_deref()
        .map(date)
        .transpose()
        .map_err(wrong)?;
    let image = match &fields.image {
        None => None,
        Some(address) => Some(Image {
            url: sanitise::absolute(
                address,
                Some(
                    &url.parse()
                        .map_err(|_| wrong("`url` is no address".to_owned()))?,
                ),
            )
            .ok_or_else(|| wrong(format!("`image` is no http(s) address: `{address}`")))?,
            alt: fields
                .image_alt
                .as_deref()
                .map(sanitise::text)
                .unwrap_or_default(),
        }),
    };
    let (summary_html, summary_text) = if summary.trim().is_empty() {
        (SafeHtml::default(), String::new())
    } else {
        sanitise::summary(summary)
    };
    let line = |text: Option<String>| {
        text.map(|text| sanitise::text(&text))
            .filter(|text| !text.is_empty())
    };
    Ok(NewArticle {
        guid: fields.id,
        url,
        title,
        summary_html,
        summary_text,
        source: line(fields.source),
        author: line(fields.author),
        categories: fields
            .section
            .into_iter()
            .chain(fields.categories)
            .collect(),
        image,
        published_ms,
    })
}

/// RFC 3339, or a date (midnight UTC).
fn date(text: &str) -> Result<i64, String> {
    let day = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    text.parse::<jiff::Timestamp>()
        .ok()
        .or_else(day)
        .map(jiff::Timestamp::as_millisecond)
        .ok_or_else(|| {
            format!("`date` is not a date: `{text}`; write 2026-01-05 or 2026-01-05T07:00:00+02:00")
        })
}
