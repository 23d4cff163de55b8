//! Past digests: the archive, one digest, what a link to either shows elsewhere, and the Atom feed.

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use super::SiteView;
use crate::domain::article::Image;
use crate::domain::correction::Correction;
use crate::domain::digest::Edition;
use crate::locale::Locale;

/// One digest in the archive and in the feeds.
#[derive(Debug, Clone)]
pub struct DigestEntry {
    /// What names it for ever, wherever the pages are (RFC 4151).
    pub id: String,
    /// Its page; absolute in the feeds.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// The titles of its articles, in order.
    pub titles: Vec<String>,
    /// What was corrected in it, oldest first.
    pub notes: Vec<String>,
    /// Its day, epoch milliseconds.
    pub date_ms: i64,
    /// When it was last corrected, or its day.
    pub updated_ms: i64,
    /// How many articles it has.
    pub articles: usize,
    /// The picture of its lead.
    pub image_url: Option<String>,
}

impl DigestEntry {
    /// What a feed says of it: the titles, and what was corrected.
    pub fn text(&self, locale: &Locale) -> String {
        let mut lines = self.titles.clone();
        let (title, colon) = (locale.text("corrections-title"), locale.text("colon"));
        let notes = self.notes.iter();
        lines.extend(notes.map(|note| format!("{title}{colon} {note}")));
        lines.join("\n")
    }
}

/// What a link to a page shows elsewhere (Open Graph), and whether search engines may list it.
#[derive(Debug, Clone)]
pub struct Preview<'a> {
    /// The page's one address, absolute.
    pub url: String,
    /// `article` or `website`.
    pub kind: &'static str,
    /// What it is called.
    pub title: &'a str,
    /// A few words of it.
    pub description: String,
    /// Its picture.
    pub image: Option<&'a Image>,
    /// Whether search engines may list it.
    pub index: bool,
}

/// Past digests of a list, newest first.
#[derive(Debug, Template)]
#[template(path = "web/archive.html")]
pub struct ArchivePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// What a link to it shows.
    pub preview: Preview<'a>,
    /// The list's zone.
    pub zone: &'a TimeZone,
    /// The digests.
    pub entries: Vec<DigestEntry>,
    /// Those before them.
    pub older_url: Option<String>,
    /// The newest ones, on the page of older ones.
    pub newest_url: Option<String>,
    /// The list's form.
    pub subscribe_url: String,
    /// The archive, under which its feeds are.
    pub archive_url: String,
}

/// One digest in the browser, without personal data (T14). Its pictures are the articles' own, so this page's CSP must
/// allow images over https.
#[derive(Debug, Template)]
#[template(path = "web/digest.html")]
pub struct DigestPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// What a link to it shows.
    pub preview: Preview<'a>,
    /// The list's zone.
    pub zone: &'a TimeZone,
    /// Its day, epoch milliseconds.
    pub date_ms: i64,
    /// What it says, as it is corrected.
    pub edition: &'a Edition,
    /// What was corrected, oldest first.
    pub corrections: Vec<Correction>,
    /// The list's form.
    pub subscribe_url: String,
    /// Past digests.
    pub archive_url: Option<String>,
}

/// Past digests as an Atom feed (RFC 4287); all addresses absolute.
#[derive(Debug, Template)]
#[template(path = "feed.xml")]
pub struct FeedPage<'a> {
    /// The language of the texts.
    pub locale: &'a Locale,
    /// What names the feed for ever.
    pub id: &'a str,
    /// Who publishes.
    pub site_name: &'a str,
    /// The list.
    pub list_name: &'a str,
    /// This feed.
    pub feed_url: &'a str,
    /// The archive page.
    pub archive_url: &'a str,
    /// The feed of the digests before these (RFC 5005).
    pub older_url: Option<&'a str>,
    /// When the newest entry came, epoch milliseconds.
    pub updated_ms: i64,
    /// The digests, newest first.
    pub entries: Vec<DigestEntry>,
}

/// RFC 3339, as feeds want it.
pub fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}
