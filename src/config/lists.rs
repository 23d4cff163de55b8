//! `[[lists]]` with their `[[lists.sections]]` and `[[lists.feeds]]`: the newsletters.

use jiff::tz::TimeZone;

use super::digest::DigestConfig;
use super::mail::{MailConfig, warn_of_noreply};
use super::reader::Reader;
use super::site::SiteConfig;
use super::smtp::{self, SmtpConfig};
use super::value;
use crate::domain::list::{FeedSource, Layout, Section, Welcome};
use crate::domain::placing::UrlPattern;
use crate::domain::rhythm::Cadence;
use crate::domain::schedule::Schedule;

/// A list as the operator declares it, with what it takes over from the other sections filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// Its name in addresses, unique.
    pub slug: String,
    /// What the reader sees.
    pub name: String,
    /// What stands at the top of its pages and mails: the site's name, or the name of one of its titles.
    pub masthead: String,
    /// A sentence on what it brings.
    pub description: Option<String>,
    /// Its language (BCP 47), one that has texts.
    pub locale: String,
    /// The language tag that dates and numbers are written by, with the digits and the calendar that were chosen.
    pub formats: String,
    /// When it sends: a cron expression.
    pub schedule: String,
    /// The time zone of the schedule (IANA).
    pub zone: String,
    /// Whether the newest article leads the digest.
    pub lead: bool,
    /// Whether past digests are public.
    pub archive: bool,
    /// Whether search engines may list past digests.
    pub index: bool,
    /// What greets who has confirmed.
    pub welcome: Welcome,
    /// Whether the form asks for a name.
    pub ask_name: bool,
    /// The rhythms that readers may choose in place of the schedule; empty for none.
    pub cadences: Vec<Cadence>,
    /// The origins whose scripts may sign readers up (D15).
    pub origins: Vec<String>,
    /// The address in From.
    pub from: String,
    /// The name in From.
    pub from_name: String,
    /// Where replies go, when not to `from`.
    pub reply_to: Option<String>,
    /// The relays that may carry its mails, by name; empty for all of them.
    pub relays: Vec<String>,
    /// How late a missed digest may still go out, and how many articles it needs.
    pub digest: DigestConfig,
    /// Its parts in the order of the digest, at least one.
    pub sections: Vec<Section>,
    /// Where its articles come from; may be empty when they are imported.
    pub feeds: Vec<FeedSource>,
}

const LAYOUTS: [(&str, Layout); 5] = [
    ("lead", Layout::Lead),
    ("cards", Layout::Cards),
    ("headlines", Layout::Headlines),
    ("cartoon", Layout::Cartoon),
    ("brief", Layout::Brief),
];

const WELCOMES: [(&str, Welcome); 3] = [
    ("off", Welcome::Off),
    ("link", Welcome::Link),
    ("digest", Welcome::Digest),
];

pub(super) fn read(
    reader: &mut Reader,
    site: &SiteConfig,
    relays: &[SmtpConfig],
    mail: &MailConfig,
    digest: &DigestConfig,
) -> Vec<ListConfig> {
    let advice = "there is no list; declare one with [[lists]], slug = \"weekly\", name = \"…\" and a [[lists.sections]]";
    let mut slugs = Vec::new();
    reader.at_least_one("lists", advice, |reader| {
        let list = ListConfig::read(reader, site, relays, mail, digest);
        reader.unique("slug", &list.slug, &mut slugs);
        list
    })
}

impl ListConfig {
    /// The domain in From, in its ASCII form.
    pub fn from_domain(&self) -> String {
        value::domain_of(&self.from)
    }

    fn read(
        reader: &mut Reader,
        site: &SiteConfig,
        relays: &[SmtpConfig],
        mail: &MailConfig,
        digest: &DigestConfig,
    ) -> Self {
        let slug = reader.required("slug", value::slug);
        let name = reader.required("name", value::line);
        let masthead = reader.derived("masthead", &site.name, value::line);
        let description = reader.optional("description", value::line);
        let locale = reader.or("locale", &site.locale, value::locale);
        let formats = reader.derived("formats", &locale, value::formats);
        let digits = reader.optional("digits", |text| value::choice(text, &value::DIGITS));
        let calendar = reader.optional("calendar", |text| value::choice(text, &value::CALENDARS));
        let formats = value::formats_with(&formats, digits, calendar);
        let zone = reader.or("zone", "UTC", check_zone);
        let schedule = reader.or("schedule", "0 7 * * 1", |text| check_schedule(text, &zone));
        let lead = reader.flag("lead", true);
        let archive = reader.flag("archive", true);
        let index = reader.flag("index", false);
        let welcome = reader.or("welcome", "off", |text| value::choice(text, &WELCOMES));
        let ask_name = reader.flag("ask_name", false);
        let cadences = cadences(reader);
        let origins = reader.several("origins", &[], value::origin);
        let from = reader.derived("from", &mail.from, value::address);
        let from_name = reader.derived("from_name", &mail.from_name, value::line);
        let reply_to = match &mail.reply_to {
            Some(default) => Some(reader.derived("reply_to", default, value::address)),
            None => reader.optional("reply_to", value::address),
        };
        let relays = smtp::relay_names(reader, relays);
        let digest = DigestConfig::read_over(reader, digest);
        if !digest.review.is_zero() && digest.editors.is_empty() {
            reader.warning(
                "review",
                "is set, and nobody is told when the draft opens: name its editors, or edit it by `nashra digest edit`",
            );
        }
        let sections = sections(reader);
        let feeds = feeds(reader, &sections);
        if from != mail.from {
            warn_of_noreply(reader, "from", Some(&from));
        }
        if reply_to != mail.reply_to {
            warn_of_noreply(reader, "reply_to", reply_to.as_deref());
        }
        Self {
            slug,
            name,
            masthead,
            description,
            locale,
            formats,
            schedule,
            zone,
            lead,
            archive,
            index,
            welcome,
            ask_name,
            cadences,
            origins,
            from,
            from_name,
            reply_to,
            relays,
            digest,
            sections,
            feeds,
        }
    }
}

/// The words in any order, each once; the most frequent first.
fn cadences(reader: &mut Reader) -> Vec<Cadence> {
    let words = Cadence::ALL.map(|cadence| (cadence.as_str(), cadence));
    let chosen = reader.several("cadences", &Cadence::ALL.map(Cadence::as_str), |text| {
        value::choice(text, &words)
    });
    let is_offered = |cadence: &Cadence| chosen.contains(cadence);
    Cadence::ALL.into_iter().filter(is_offered).collect()
}

fn sections(reader: &mut Reader) -> Vec<Section> {
    let advice = "a list needs a section; add [[lists.sections]] with a key and a name";
    let mut keys = Vec::new();
    let sections = reader.at_least_one("sections", advice, |reader| {
        let section = Section {
            key: reader.required("key", value::slug),
            name: reader.required("name", value::line),
            limit: reader.number("limit", 5, 1..=50),
            min: reader.number("min", 0, 0..=50),
            fallback: reader.optional("fallback", value::slug),
            layout: reader.or("layout", "cards", |text| value::choice(text, &LAYOUTS)),
            categories: reader.several("categories", &[], value::line),
            urls: reader.several("urls", &[], UrlPattern::parse),
        };
        reader.unique("key", &section.key, &mut keys);
        if section.min > section.limit {
            let (min, limit) = (section.min, section.limit);
            let reason = format!("{min} is more than the section's limit of {limit}, so that it would never be filled");
            reader.problem("min", reason);
        }
        if section.fallback.is_some() && section.min < 2 {
            let reason = "has no effect without `min`: say from how many articles on the section stands";
            reader.warning("fallback", reason);
        }
        section
    });
    for reason in wrong_fallbacks(&sections) {
        reader.problem("sections", reason);
    }
    sections
}

/// Fallbacks that are no section, or lead back to where they began.
fn wrong_fallbacks(sections: &[Section]) -> Vec<String> {
    let find = |key: &str| sections.iter().find(|section| section.key == key);
    let mut wrong = Vec::new();
    for section in sections {
        let mut way = vec![section.key.as_str()];
        let mut at = section;
        while let Some(key) = at.fallback.as_deref() {
            way.push(key);
            let Some(next) = find(key) else {
                let keys: Vec<&str> = sections.iter().map(|one| one.key.as_str()).collect();
                if at.key == section.key {
                    wrong.push(format!(
                        "{:?} has the fallback {key:?}, which is not a section of this list; it has: {}",
                        section.key,
                        keys.join(", ")
                    ));
                }
                break;
            };
            if key == section.key {
                // Told once of each circle.
                if way.iter().min() == Some(&section.key.as_str()) {
                    wrong.push(format!("fallbacks lead in a circle: {}", way.join(" → ")));
                }
                break;
            }
            if way.len() > sections.len() {
                break;
            }
            at = next;
        }
    }
    wrong
}

fn feeds(reader: &mut Reader, sections: &[Section]) -> Vec<FeedSource> {
    let mut urls = Vec::new();
    reader.each("feeds", |reader| {
        let url = reader.required("url", feed_url);
        let section = reader.optional("section", |text| {
            if sections.iter().any(|section| section.key == text) {
                return Ok(text.to_owned());
            }
            let keys: Vec<&str> = sections
                .iter()
                .map(|section| section.key.as_str())
                .collect();
            Err(format!(
                "is not a section of this list; it has: {}",
                keys.join(", ")
            ))
        });
        reader.unique("url", &url, &mut urls);
        FeedSource { url, section }
    })
}

/// Anything without a scheme is a path.
fn feed_url(text: &str) -> Result<String, &'static str> {
    if text.contains("://") {
        value::web_address(text).map(String::from)
    } else {
        Ok(text.to_owned())
    }
}

fn check_zone(text: &str) -> Result<String, &'static str> {
    match TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is not a time zone, such as Asia/Beirut or UTC"),
    }
}

/// Checks a cron expression; the zone is good.
fn check_schedule(cron: &str, zone: &str) -> Result<String, String> {
    match Schedule::parse(cron, zone) {
        Ok(_) => Ok(cron.to_owned()),
        Err(error) => Err(format!("is not a schedule: {error}")),
    }
}
