//! A digest: one edition of a list for one period, and what it says.

use serde::{Deserialize, Serialize};

use super::article::{Image, SafeHtml};
use super::list::Layout;

/// What a digest says, frozen when it is composed and kept as JSON in its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The lead story.
    pub lead: Option<Item>,
    /// The sections that have something, in the list's order; the lead is not repeated.
    pub sections: Vec<EditionSection>,
}

/// One section of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionSection {
    /// The section's key in the list.
    pub key: String,
    /// What the reader sees.
    pub name: String,
    /// How its items are shown.
    pub layout: Layout,
    /// Newest first.
    pub items: Vec<Item>,
}

/// One article in an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The article's row.
    pub article_id: i64,
    /// Plain text, one line.
    pub title: String,
    /// Absolute http(s) address.
    pub url: String,
    /// The lead as sanitised inline HTML; may be empty.
    pub summary_html: SafeHtml,
    /// The lead as plain text; may be empty.
    pub summary_text: String,
    /// The source line, when there is one.
    pub source: Option<String>,
    /// The picture, when there is one.
    pub image: Option<Image>,
    /// Epoch milliseconds.
    pub published_ms: i64,
}

impl Edition {
    /// Every item, lead first, in the order of the letter.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.lead
            .iter()
            .chain(self.sections.iter().flat_map(|section| &section.items))
    }

    /// How many articles it holds.
    pub fn article_count(&self) -> usize {
        self.items().count()
    }
}
