//! The newspaper as its file holds it: `static/sample/*.json`.

use serde::Deserialize;

/// A sample newspaper.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    pub title: String,
    pub language: String,
    pub direction: String,
    pub tagline: String,
    pub description: String,
    pub address: String,
    /// January first.
    pub months: [String; 12],
    /// Monday first.
    pub weekdays: [String; 7],
    pub words: Words,
    /// In the order of the front page; the lead story comes from the first.
    pub sections: Vec<Section>,
    /// Slugs, the most read first.
    pub popular: Vec<String>,
    pub articles: Vec<Article>,
}

/// What the pages say around the articles, in the newspaper's language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub sections: String,
    pub skip: String,
    pub popular: String,
    pub read_also: String,
    pub related: String,
    pub newsletter: String,
    pub newsletter_text: String,
    pub email: String,
    pub subscribe: String,
    pub feed: String,
    pub not_found: String,
    pub not_found_text: String,
    pub front_page: String,
}

/// A part of the newspaper; its name is the category in the feeds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub key: String,
    pub name: String,
    /// `cards`, `headlines` or `cartoon`: also the name of its style rule.
    pub layout: String,
}

/// One article.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Article {
    pub slug: String,
    /// The key of its section.
    pub section: String,
    pub title: String,
    pub lead: String,
    /// Empty for a cartoon, whose lead is its caption.
    pub body: Vec<String>,
    /// The slug of the article that its text points to.
    pub read_also: Option<String>,
    pub source: String,
    pub author: String,
    pub image: Option<Image>,
    pub hours_ago: i64,
}

/// A picture of 1120 by 600 pixels under `static/sample/images/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Image {
    pub file: String,
    pub alt: String,
}

impl Image {
    pub fn path(&self) -> String {
        format!("/images/{}", self.file)
    }
}
