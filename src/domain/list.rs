//! A list: a newsletter, its ordered sections, and where its articles come from.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::extras::Extras;
use super::placing::UrlPattern;
use super::rhythm::Cadence;
use super::schedule::Schedule;
use super::subject::SubjectPattern;

/// How a section shows its articles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Each article large, its picture across the whole width.
    Lead,
    /// Picture, headline and summary.
    #[default]
    Cards,
    /// Headlines alone, with source and date.
    Headlines,
    /// One image with its caption.
    Cartoon,
    /// A short paragraph that begins with the headline, without a picture.
    Brief,
}

/// What greets a reader who has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// Nothing but the page.
    Off,
    /// A mail that says when the next digest comes and where the last one is.
    Link,
    /// The last digest itself, or that mail while there is none.
    Digest,
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
    /// With fewer the section is left out of a digest; 0 and 1: never.
    pub min: usize,
    /// The section that has its articles then; `None`: they are left out with it.
    pub fallback: Option<String>,
    /// How its articles are shown.
    pub layout: Layout,
    /// Feed categories that lead here, compared without regard to case.
    pub categories: Vec<String>,
    /// Patterns of addresses that lead here.
    pub urls: Vec<UrlPattern>,
}

/// Where a list's articles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSource {
    /// http(s) address, or a path to a file or a folder of Markdown files.
    pub url: String,
    /// The section of all its articles; when absent, their categories decide.
    pub section: Option<String>,
}

/// Who a list's mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderIdentity {
    /// The From address.
    pub address: EmailAddress,
    /// Its display name.
    pub name: String,
    /// Where answers go, when not to the From address.
    pub reply_to: Option<EmailAddress>,
}

/// A list as the configuration declares it.
#[derive(Debug, Clone)]
pub struct List {
    /// Its row in the database.
    pub id: i64,
    /// Its short name in addresses: `weekly`.
    pub slug: String,
    /// What the reader sees.
    pub name: String,
    /// What stands at the top of its pages and mails.
    pub masthead: String,
    /// One sentence for the form and the front page.
    pub description: String,
    /// The language of its pages and mails: `ar`.
    pub language: String,
    /// The locale of its dates and numbers when it is more than the language: `ar-LB-u-nu-latn`.
    pub formats: Option<String>,
    /// When it sends.
    pub schedule: Schedule,
    /// The relays that may carry its mails; none named: all of them (V23).
    pub relays: Vec<String>,
    /// Up to when a schedule was changed: periods until then are not due.
    pub rescheduled_ms: Option<i64>,
    /// How late a missed period may still go out.
    pub lateness: Duration,
    /// A digest with fewer new articles is skipped.
    pub min_articles: usize,
    /// What its subjects say, where it is not its name and the first title.
    pub subject: Option<SubjectPattern>,
    /// How long before its hour a draft opens for the editors; zero: it does not.
    pub review: Duration,
    /// Who is told of the draft and may edit it by a link.
    pub editors: Vec<EmailAddress>,
    /// Whether the first story stands apart.
    pub lead: bool,
    /// Whether articles that tell the same story are folded into one.
    pub fold: bool,
    /// What stands beside the news.
    pub extras: Extras,
    /// Whether past digests are listed on the web.
    pub archive: bool,
    /// Whether search engines may list past digests.
    pub index: bool,
    /// What greets who has confirmed.
    pub welcome: Welcome,
    /// Whether the form asks for a name.
    pub ask_name: bool,
    /// The rhythms that readers may choose in place of the schedule.
    pub cadences: Vec<Cadence>,
    /// The origins whose scripts may sign readers up (D15).
    pub origins: Vec<String>,
    /// Who its mail comes from.
    pub sender: SenderIdentity,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// Where its articles come from.
    pub feeds: Vec<FeedSource>,
}

#[cfg(test)]
pub(crate) mod testing {
    //! A list for unit tests.
    use super::*;
    use crate::domain::popular::{Popular, Source};

    /// A list of one section with this schedule and a lateness of one day.
    pub(crate) fn list(cron: &str, zone: &str) -> List {
        List {
            id: 1,
            slug: "weekly".into(),
            name: "Weekly".into(),
            masthead: "News".into(),
            description: String::new(),
            language: "en".into(),
            formats: None,
            schedule: Schedule::parse(cron, zone).expect("a schedule"),
            relays: Vec::new(),
            rescheduled_ms: None,
            lateness: Duration::from_hours(24),
            min_articles: 1,
            subject: None,
            review: Duration::ZERO,
            editors: Vec::new(),
            lead: true,
            fold: true,
            extras: extras(),
            archive: true,
            index: false,
            welcome: Welcome::Off,
            ask_name: false,
            cadences: Cadence::ALL.to_vec(),
            origins: Vec::new(),
            sender: SenderIdentity {
                address: EmailAddress::parse("news@example.org").expect("an address"),
                name: "News".into(),
                reply_to: None,
            },
            sections: vec![section("news", 5)],
            feeds: Vec::new(),
        }
    }

    /// Two articles to read also, and nothing else.
    pub(crate) fn extras() -> Extras {
        Extras {
            read_also: 2,
            suggest: 0,
            popular: Popular {
                most: 0,
                by: Source::ALL.to_vec(),
                half_life: Duration::from_hours(7 * 24),
                min_age: Duration::from_hours(24),
                max_age: Duration::from_hours(30 * 24),
            },
        }
    }

    /// A section of cards without rules.
    pub(crate) fn section(key: &str, limit: usize) -> Section {
        Section {
            key: key.into(),
            name: key.to_uppercase(),
            limit,
            min: 0,
            fallback: None,
            layout: Layout::Cards,
            categories: Vec::new(),
            urls: Vec::new(),
        }
    }
}
