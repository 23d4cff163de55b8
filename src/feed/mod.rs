//! Feeds and files in, articles out: fetching (HTTP, SSRF guard, conditional GET) and reading; knows no database.
//!
//! Every format becomes a `draft::Draft` first, so one set of rules (standards X2–X5, M16, M17) makes every article.

mod beside;
mod charset;
mod draft;
mod error;
mod fetch;
mod folder;
mod guard;
mod json;
mod markdown;
mod markup;
mod parse;
mod pushed;
mod sanitise;
mod xml;

use std::time::Duration;

use crate::domain::article::NewArticle;

pub use error::{FeedError, FileFault, SkipReason};
pub use fetch::{Fetched, Fetcher, Validators, read_source};
pub use folder::{is_folder, read_folder};
pub use json::read_json_lines;
pub use markdown::read_markdown;
pub use parse::parse;
pub use pushed::{Fault, Pushed, read_pushed};

/// How long a feed may take and how much it may be (standards X4).
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// Time to connect, per address.
    pub connect: Duration,
    /// Time for everything: look-up, redirects, the last byte.
    pub total: Duration,
    /// Bytes of a body, as announced and after decompression.
    pub max_bytes: usize,
    /// Items read from one feed; the rest is left out with a record.
    pub max_items: usize,
    /// Bytes of one item's XML.
    pub max_item_bytes: usize,
    /// Redirects followed.
    pub redirects: usize,
    /// Whether loopback and private addresses and every port are allowed: the demo and tests only.
    pub allow_private: bool,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            max_bytes: 5_000_000,
            max_items: 500,
            max_item_bytes: 1_000_000,
            redirects: 5,
            allow_private: false,
        }
    }
}

/// What a feed held.
#[derive(Debug, Default)]
pub struct ParsedFeed {
    /// The feed's own title.
    pub title: Option<String>,
    /// In the feed's order.
    pub articles: Vec<NewArticle>,
    /// Items that did not become articles: a title or id to know them by, and why.
    pub skipped: Vec<(String, SkipReason)>,
    /// Articles that are not to be published yet.
    pub drafts: usize,
}

impl ParsedFeed {
    /// What did not become an article, one line each.
    pub fn passed_over(&self) -> impl Iterator<Item = String> {
        self.skipped.iter().map(|(what, why)| match what.as_str() {
            "" => why.to_string(),
            what => format!("{what}: {why}"),
        })
    }
}
