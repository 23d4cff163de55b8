//! An article: one item of a site, as it comes from a feed or a file, and what makes two of them the same.

use serde::{Deserialize, Serialize};

/// HTML that a sanitiser made safe: inline text tags and http(s) links only (standards X2).
///
/// The only HTML that a template may print unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Takes the output of the sanitiser (`feed::sanitise`), or what the database kept of it.
    pub fn from_sanitised(html: String) -> Self {
        Self(html)
    }

    /// Plain text as HTML.
    pub fn of_text(text: &str) -> Self {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        Self(escaped.replace('>', "&gt;").replace('"', "&quot;"))
    }

    /// The HTML text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A picture that belongs to an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute http(s) address.
    pub url: String,
    /// What it shows, in words; empty when the source says nothing.
    #[serde(default)]
    pub alt: String,
}

/// An article as a source gave it, cleaned, before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArticle {
    /// The source's own id for it (RSS `guid`, Atom `id`), when it has one.
    pub guid: Option<String>,
    /// Absolute http(s) address of the article's page.
    pub url: String,
    /// Plain text, NFC, one line, never empty.
    pub title: String,
    /// The lead as sanitised inline HTML; may be empty.
    pub summary_html: SafeHtml,
    /// The lead as plain text, one paragraph; may be empty.
    pub summary_text: String,
    /// The source line ("agencies"), when the source gives one.
    pub source: Option<String>,
    /// Who wrote it, when the source says so.
    pub author: Option<String>,
    /// The source's categories or tags, as given, in order.
    pub categories: Vec<String>,
    /// The picture, when there is one.
    pub image: Option<Image>,
    /// When it was published, epoch milliseconds; `None` when the source does not say.
    pub published_ms: Option<i64>,
    /// How often it was read or talked about, when the source says so.
    pub views: Option<i64>,
}

impl NewArticle {
    /// What makes it the same article when it is met again: the GUID within its site, else its canonical address.
    ///
    /// GUIDs such as `1042` are unique only within a site, so the host is part of the key; a GUID that is itself
    /// an address stands alone.
    pub fn identity(&self) -> String {
        match self
            .guid
            .as_deref()
            .map(str::trim)
            .filter(|guid| !guid.is_empty())
        {
            Some(guid) if guid.starts_with("http://") || guid.starts_with("https://") => {
                guid.to_owned()
            }
            Some(guid) => format!("{} {guid}", host(&self.url)),
            None => canonical_url(&self.url),
        }
    }
}

/// Whether it changes the direction of the text around it, beyond the text that holds it (ZWNJ and marks do not), or is a byte order mark.
pub fn is_turning(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn host(address: &str) -> String {
    url::Url::parse(address)
        .ok()
        .and_then(|parsed| parsed.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The address without what does not name the article: fragment, tracking parameters, a trailing slash.
pub fn canonical_url(address: &str) -> String {
    const TRACKING: [&str; 4] = ["fbclid", "gclid", "mc_cid", "mc_eid"];
    let Ok(mut parsed) = url::Url::parse(address) else {
        return address.trim().to_owned();
    };
    parsed.set_fragment(None);
    let kept: Vec<(String, String)> = parsed
        .query_pairs()
        .filter(|(key, _)| !key.starts_with("utm_") && !TRACKING.contains(&key.as_ref()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    parsed.set_query(None);
    if !kept.is_empty() {
        parsed.query_pairs_mut().extend_pairs(kept);
    }
    let mut text = parsed.to_string();
    if parsed.query().is_none() && parsed.path() != "/" && text.ends_with('/') {
        text.pop();
    }
    text
}

/// An article as the store knows it, placed in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its row.
    pub id: i64,
    /// Absolute http(s) address of the article's page.
    pub url: String,
    /// Plain text, one line.
    pub title: String,
    /// The lead as sanitised inline HTML.
    pub summary_html: SafeHtml,
    /// The lead as plain text.
    pub summary_text: String,
    /// The source line, when there is one.
    pub source: Option<String>,
    /// The picture, when there is one.
    pub image: Option<Image>,
    /// When it was published, epoch milliseconds.
    pub published_ms: i64,
    /// The source's own categories.
    pub categories: Vec<String>,
    /// The key of the list's section that it belongs to.
    pub section: String,
}
