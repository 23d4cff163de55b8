//! What was decided about each article that a digest looked at, and why (promise 8).

use serde::{Deserialize, Serialize};

/// What became of an article that was looked at (promise 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is the lead story.
    Lead,
    /// It stands in its section.
    Chosen,
    /// It stands first in its section because an editor wants it there.
    Pinned,
    /// An editor left it out.
    Dropped,
    /// Its section was full with newer ones.
    SectionFull,
    /// Its section had too few to stand, and no fallback.
    SectionShort,
    /// It tells the story of another article, which stands or was sent.
    Folded,
    /// Its section is no longer in the list.
    NoSection,
    /// It was looked at for readers with other choices than this edition's.
    OtherReaders,
}

impl Decision {
    const ALL: [Self; 9] = [
        Self::Lead,
        Self::Chosen,
        Self::Pinned,
        Self::Dropped,
        Self::SectionFull,
        Self::SectionShort,
        Self::Folded,
        Self::NoSection,
        Self::OtherReaders,
    ];

    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Chosen => "chosen",
            Self::Pinned => "pinned",
            Self::Dropped => "dropped",
            Self::SectionFull => "section_full",
            Self::SectionShort => "section_short",
            Self::Folded => "folded",
            Self::NoSection => "no_section",
            Self::OtherReaders => "other_readers",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|decision| decision.as_str() == word)
    }
}

/// A decision about one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The article's row.
    pub article_id: i64,
    /// What was decided.
    pub decision: Decision,
    /// The section it stands in, or would.
    pub section: String,
    /// Its place in the letter, from 0; past the last chosen one for those left out.
    pub position: i64,
    /// The article that it was folded into.
    pub other_id: Option<i64>,
    /// The figures behind it.
    pub why: Why,
}

/// The figures behind a decision; those that it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Why {
    /// How alike the two articles are, in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alike: Option<u8>,
    /// Whether the other one was sent with an earlier digest.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sent: bool,
    /// The section it comes from, which had too few to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many articles its section had,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub had: Option<usize>,
    /// and how many it needs to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<usize>,
    /// How many newer articles of its section stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer: Option<usize>,
}

/// An article that stands beside the news of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extra {
    /// The article's row.
    pub article_id: i64,
    /// Where it stands.
    pub kind: ExtraKind,
    /// Its place there, from 0.
    pub position: i64,
    /// Thousandths: how near it is, or how popular.
    pub score: i64,
    /// The article that it is related to.
    pub other_id: Option<i64>,
}

/// Where an article stands that is not news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtraKind {
    /// "Read also".
    Related,
    /// "You may also like".
    Suggested,
    /// "Popular posts".
    Popular,
}

impl ExtraKind {
    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Related => "related",
            Self::Suggested => "suggested",
            Self::Popular => "popular",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Related, Self::Suggested, Self::Popular]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}
