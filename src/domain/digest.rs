//! A digest: one edition of a list for one period, and what it says.

mod decision;

use serde::{Deserialize, Serialize};

use super::article::{Image, SafeHtml};
use super::list::Layout;

pub use decision::{Decided, Decision, Extra, ExtraKind, Why};

/// What a digest says, frozen when it is composed and kept as JSON in its row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The editor's words before the first story: plain text, paragraphs parted by an empty line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// What an earlier digest said wrong, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<String>,
    /// The lead story.
    pub lead: Option<Item>,
    /// The sections that have something, in the list's order; the lead is not repeated.
    pub sections: Vec<EditionSection>,
    /// "You may also like": older articles that go with those above. They are not news and do not count as articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggested: Vec<Item>,
    /// "Popular posts": what was read most, the most read first. They are not news and do not count as articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub popular: Vec<Item>,
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
    /// "Read also": articles that go with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

/// An article that another one leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The article's row.
    pub article_id: i64,
    /// Plain text, one line.
    pub title: String,
    /// Absolute http(s) address.
    pub url: String,
}

impl Edition {
    /// Every article of the news, lead first, in the order of the letter.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.lead
            .iter()
            .chain(self.sections.iter().flat_map(|section| &section.items))
    }

    /// Every article that stands in it, news and what is beside them.
    pub fn each_item(&mut self) -> impl Iterator<Item = &mut Item> {
        let news = self.sections.iter_mut().flat_map(|one| &mut one.items);
        let beside = self.suggested.iter_mut().chain(&mut self.popular);
        self.lead.iter_mut().chain(news).chain(beside)
    }

    /// Does something to the address of every link to an article, told the article's row.
    pub fn each_link(&mut self, mut change: impl FnMut(i64, &mut String)) {
        for item in self.each_item() {
            change(item.article_id, &mut item.url);
            for related in &mut item.related {
                change(related.article_id, &mut related.url);
            }
        }
    }

    /// Its news alone, as they were chosen: without what stands beside them.
    pub fn news(&self) -> Self {
        let bare = |item: &Item| Item {
            related: Vec::new(),
            ..item.clone()
        };
        let sections = self.sections.iter().map(|section| EditionSection {
            items: section.items.iter().map(bare).collect(),
            ..section.clone()
        });
        Self {
            introduction: self.introduction.clone(),
            corrections: self.corrections.clone(),
            lead: self.lead.as_ref().map(bare),
            sections: sections.collect(),
            popular: Vec::new(),
            suggested: Vec::new(),
        }
    }

    /// How many articles it holds.
    pub fn article_count(&self) -> usize {
        self.items().count()
    }

    /// How many items it shows in all: the news, and what is suggested and popular beside them.
    pub fn size(&self) -> usize {
        self.article_count() + self.popular.len() + self.suggested.len()
    }

    /// The edition with the `most` items that matter most: the lead, then the first of each section, the second of each and so on,
    /// then what is popular, then what is suggested.
    pub fn first(&self, most: usize) -> Self {
        let mut left = most;
        let mut take = || {
            let is_room = left > 0;
            left = left.saturating_sub(1);
            is_room
        };
        let lead = self.lead.clone().filter(|_| take());
        let deepest = self.sections.iter().map(|section| section.items.len());
        let mut kept = vec![0_usize; self.sections.len()];
        for rank in 0..deepest.max().unwrap_or_default() {
            for (section, kept) in self.sections.iter().zip(&mut kept) {
                if section.items.len() > rank && take() {
                    *kept += 1;
                }
            }
        }
        let sections = self.sections.iter().zip(kept);
        let sections = sections.filter(|(_, kept)| *kept > 0);
        let sections = sections.map(|(section, kept)| EditionSection {
            items: section.items[..kept].to_vec(),
            ..section.clone()
        });
        let sections = sections.collect();
        let mut head = |items: &[Item]| items.iter().take_while(|_| take()).cloned().collect();
        Self {
            introduction: self.introduction.clone(),
            corrections: self.corrections.clone(),
            lead,
            sections,
            popular: head(&self.popular),
            suggested: head(&self.suggested),
        }
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
