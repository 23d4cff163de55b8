//! An article before it is clean: what a format gave, and the rules that make an article of it.

use std::collections::HashSet;

use url::Url;

use super::error::SkipReason;
use super::sanitise::{self, Fragment};
use crate::domain::article::{Image, NewArticle};

/// An address longer than this is none that a reader can use, nor one that an index can hold.
pub const MAX_URL: usize = 2_000;
/// Characters of a lead.
const MAX_LEAD: usize = 320;
/// Characters of a title.
const MAX_TITLE: usize = 300;
/// Characters of a title that is made of the lead.
const MAX_MADE_TITLE: usize = 80;
/// Characters of a name: source, author, category.
const MAX_NAME: usize = 120;
/// Characters of the words for a picture.
const MAX_ALT: usize = 300;
/// Bytes of a GUID.
const MAX_GUID: usize = 1_000;
/// Categories read of one article.
const MAX_CATEGORIES: usize = 50;
/// More readers than there are people.
pub(super) const MAX_VIEWS: i64 = 1_000_000_000_000;
/// The end of the year 9999, beyond which no calendar here goes.
pub(super) const MAX_PUBLISHED_MS: i64 = 253_402_300_799_999;

/// Text as a format gave it.
#[derive(Debug, Clone)]
pub enum Rich {
    /// Plain text.
    Text(String),
    /// HTML from outside.
    Html(String),
}

impl Rich {
    fn read(&self, base: Option<&Url>) -> Fragment {
        match self {
            Self::Text(text) => sanitise::read_text(text),
            Self::Html(html) => sanitise::read_html(html, base),
        }
    }
}

/// What a format gave.
#[derive(Debug, Default)]
pub struct Draft {
    pub guid: Option<String>,
    pub link: Option<String>,
    pub title: Option<Rich>,
    pub summary: Option<Rich>,
    pub content: Option<Rich>,
    pub source: Option<String>,
    pub author: Option<String>,
    pub categories: Vec<String>,
    pub image: Option<Image>,
    pub published_ms: Option<i64>,
    pub views: Option<i64>,
}

impl Draft {
    /// Something to know it by when it is skipped.
    pub fn name(&self) -> String {
        let title = self.title.as_ref().map(|title| title.read(None).text);
        title
            .filter(|title| !title.is_empty())
            .or_else(|| self.guid.clone())
            .or_else(|| self.link.clone())
            .and_then(|name| name_line(&name))
            .unwrap_or_default()
    }

    /// The article, when there is a link and something to call it; `base` is the feed's own address.
    pub fn into_article(self, base: Option<&Url>) -> Result<NewArticle, SkipReason> {
        let url = self
            .link
            .as_deref()
            .and_then(|link| sanitise::absolute(link, base))
            .filter(|url| url.as_str().len() <= MAX_URL)
            .ok_or(SkipReason::NoLink)?;
        let read = |rich: Option<Rich>| rich.map(|rich| rich.read(Some(&url))).unwrap_or_default();
        let (summary, content) = (read(self.summary), read(self.content));
        let picture = self
            .image
            .and_then(|image| clean_image(&image, &url))
            .or(summary.image.clone())
            .or(content.image.clone());
        let lead = if summary.text.is_empty() {
            content
        } else {
            summary
        };
        let title = read(self.title).text;
        let title = sanitise::cut(&title, MAX_TITLE).unwrap_or(title);
        let title = if title.is_empty() {
            sanitise::cut(&lead.text, MAX_MADE_TITLE).unwrap_or_else(|| lead.text.clone())
        } else {
            title
        };
        if title.is_empty() {
            return Err(SkipReason::NoTitle);
        }
        let lead = match sanitise::cut(&lead.text, MAX_LEAD) {
            Some(text) => sanitise::read_text(&text),
            None => lead,
        };
        Ok(NewArticle {
            guid: self
                .guid
                .map(|guid| guid.trim().to_owned())
                .filter(|guid| (1..=MAX_GUID).contains(&guid.len()))
                // Such an id is damaged, and PostgreSQL stores no NUL.
                .filter(|guid| !guid.chars().any(char::is_control)),
            url: url.into(),
            title,
            summary_html: lead.html,
            summary_text: lead.text,
            source: self.source.and_then(|source| name_line(&source)),
            author: self.author.and_then(|author| name_line(&person(&author))),
            categories: clean_categories(&self.categories),
            image: picture.map(|image| Image {
                alt: sanitise::cut(&image.alt, MAX_ALT).unwrap_or(image.alt),
                url: image.url,
            }),
            published_ms: self
                .published_ms
                .filter(|ms| (0..=MAX_PUBLISHED_MS).contains(ms)),
            views: self.views.filter(|views| (0..=MAX_VIEWS).contains(views)),
        })
    }
}

/// A name, or what stands for one: one line of text, cut.
pub fn name_line(text: &str) -> Option<String> {
    let text = sanitise::read_html(text, None).text;
    Some(sanitise::cut(&text, MAX_NAME).unwrap_or(text)).filter(|text| !text.is_empty())
}

/// RSS wants an address of mail as the author; readers want the name beside it, and nobody wants the address.
fn person(author: &str) -> String {
    if !author.contains('@') {
        return author.to_owned();
    }
    author
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | ',' | '،' | ';'))
        .filter(|word| !word.is_empty() && !word.contains('@'))
        .collect::<Vec<_>>()
        .join(" ")
}

fn clean_image(image: &Image, base: &Url) -> Option<Image> {
    let url =
        sanitise::absolute(&image.url, Some(base)).filter(|url| url.as_str().len() <= MAX_URL)?;
    Some(Image {
        url: url.into(),
        alt: sanitise::read_html(&image.alt, None).text,
    })
}

fn clean_categories(given: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    given
        .iter()
        .take(MAX_CATEGORIES)
        .filter_map(|category| name_line(category))
        .filter(|category| seen.insert(category.to_lowercase()))
        .collect()
}

/// A date as epoch milliseconds: RFC 3339, a date alone or without a zone (both UTC), or RFC 2822.
pub fn parse_date(text: &str) -> Option<i64> {
    let text = text.trim();
    let utc = |time: jiff::civil::DateTime| {
        time.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|time| time.timestamp())
    };
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    text.parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| utc(text.parse::<jiff::civil::DateTime>().ok()?))
        .or_else(|| parser.parse_timestamp(text).ok())
        .map(jiff::Timestamp::as_millisecond)
}
