//! A list: a newsletter, its ordered sections, and where its articles come from.

use serde::{Deserialize, Serialize};

/// How a section shows its articles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Picture, headline and summary.
    #[default]
    Cards,
    /// Headlines alone, with source and date.
    Headlines,
    /// One image with its caption.
    Cartoon,
}

/// A part of a list; sections stand in the digest in the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Short ASCII name, unique in the list.
    pub key: String,
    /// What the reader sees.
    pub name: String,
    /// At most this many articles in one digest.
    pub limit: usize,
    /// How its articles are shown.
    pub layout: Layout,
    /// Feed categories that lead here, compared without regard to case.
    pub categories: Vec<String>,
}

/// Where a list's articles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSource {
    /// http(s) address, or a path to a file.
    pub url: String,
    /// The section of all its articles; when absent, their categories decide.
    pub section: Option<String>,
}

/// The section an article belongs to: the feed's own, else the first whose categories name one of the article's,
/// else the first section that names none (the fallback), else the last.
pub fn section_for<'a>(
    sections: &'a [Section],
    feed: Option<&str>,
    categories: &[String],
) -> Option<&'a Section> {
    if let Some(key) = feed {
        return sections.iter().find(|section| section.key == key);
    }
    let named = |section: &&Section| {
        section
            .categories
            .iter()
            .chain([&section.name, &section.key])
            .any(|wanted| {
                categories
                    .iter()
                    .any(|given| given.trim().to_lowercase() == wanted.trim().to_lowercase())
            })
    };
    sections
        .iter()
        .find(named)
        .or_else(|| {
            sections
                .iter()
                .find(|section| section.categories.is_empty())
        })
        .or_else(|| sections.last())
}
