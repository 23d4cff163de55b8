//! A digest: one edition of a list for one period, and what it says.

use serde::{Deserialize, Serialize};

use super::article::{Image, SafeHtml};
use super::list::Layout;

/// What a digest says, frozen when it is composed and kept as JSON in its row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Does something to every item.
    pub fn each_item(&mut self, mut change: impl FnMut(&mut Item)) {
        self.lead.iter_mut().for_each(&mut change);
        for section in &mut self.sections {
            section.items.iter_mut().for_each(&mut change);
        }
    }

    /// How many articles it holds.
    pub fn article_count(&self) -> usize {
        self.items().count()
    }
}

/// Where a digest stands: `ready → sending → sent`, or `skipped` for a period that had no digest, or `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestStatus {
    /// Being edited.
    Draft,
    /// Composed; its recipients are not frozen yet.
    Ready,
    /// Its recipients are frozen and are being mailed.
    Sending,
    /// Every delivery has ended.
    Sent,
    /// Taken back by a person.
    Cancelled,
    /// Its period passed without a digest; the reason is recorded.
    Skipped,
}

impl DigestStatus {
    const ALL: [Self; 6] = [
        Self::Draft,
        Self::Ready,
        Self::Sending,
        Self::Sent,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// For whom a digest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everyone whose digests come when the list sends, and those whose own hour had come by then.
    List,
    /// Readers with a rhythm of their own whose hour has come.
    Own,
}

impl Audience {
    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Own => "own",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::List, Self::Own]
            .into_iter()
            .find(|audience| audience.as_str() == word)
    }
}

/// How many readers with choices of their own a digest left out, and why. What they missed comes with their next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftOut {
    /// They asked for a pause.
    pub paused: i64,
    /// Their own hour was noticed later than `lateness` allows.
    pub late: i64,
    /// Too little of it was new for them.
    pub nothing_new: i64,
}

/// Who holds a digest that is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PausedBy {
    /// A person, until a person lets it go on.
    Operator,
    /// No relay can be used; it goes on by itself when one can.
    Relay,
    /// A relay refuses one mail after the other because of us; a person has to look into it.
    Refusal,
}

impl PausedBy {
    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Relay => "relay",
            Self::Refusal => "refusal",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Operator, Self::Relay, Self::Refusal]
            .into_iter()
            .find(|by| by.as_str() == word)
    }
}

/// Why a period has no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// Fewer new articles than `min_articles`.
    NothingNew,
    /// Noticed later than `lateness` allows.
    TooLate,
    /// Nobody is confirmed.
    NoRecipients,
}

impl SkipReason {
    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NothingNew => "nothing_new",
            Self::TooLate => "too_late",
            Self::NoRecipients => "no_recipients",
        }
    }
}

/// What became of an article that was looked at (promise 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is the lead story.
    Lead,
    /// It stands in its section.
    Chosen,
    /// Its section was full with newer ones.
    SectionFull,
    /// Its section is no longer in the list.
    NoSection,
    /// It was looked at for readers with other choices than this edition's.
    OtherReaders,
}

impl Decision {
    const ALL: [Self; 5] = [
        Self::Lead,
        Self::Chosen,
        Self::SectionFull,
        Self::NoSection,
        Self::OtherReaders,
    ];

    /// The word in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Chosen => "chosen",
            Self::SectionFull => "section_full",
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
    /// The section it belongs to.
    pub section: String,
    /// Its place in the letter, from 0; past the last chosen one for those left out.
    pub position: i64,
}
