//! The preferences page as data for its template.

use askama::Template;
use jiff::tz::TimeZone;

use super::form::{PAUSES, Typed, Wrong, offered};
use super::zones::ZONES;
use crate::domain::rhythm::{Cadence, find_zone};
use crate::locale::Locale;
use crate::service::preferences::{Person, Standing};
use crate::web::page::SiteView;

/// What comes, when, and where to; one form for all lists, and small ones for what ends things. Posts to its own address; `do`
/// says what.
#[derive(Debug, Template)]
#[template(path = "web/preferences.html")]
pub struct PreferencesPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// Whose it is.
    pub person: &'a Person,
    /// What was just done: the end of the text's key, `preferences-note-<word>`.
    pub note: Option<&'static str>,
    /// The lists that were just ended by one button, each with the proof that undoes it.
    pub undo: Vec<(&'a str, &'a str)>,
    /// The lists.
    pub lists: Vec<ListView<'a>>,
    /// The zone of the hours.
    pub zone: &'a str,
    /// Whether nobody chose the zone yet, so that a script may propose the browser's.
    pub guess_zone: bool,
    /// The new address as it was typed.
    pub email: &'a str,
    /// Why it is refused.
    pub email_remark: Option<String>,
    /// Where to sign up again, for who has left the link's list.
    pub subscribe_url: Option<String>,
}

/// One list in [`PreferencesPage`].
#[derive(Debug)]
pub struct ListView<'a> {
    /// The subscription as it stands.
    pub standing: &'a Standing,
    /// What stands in its fields.
    pub typed: Typed,
    /// The fields that cannot be taken.
    pub wrong: Vec<Wrong>,
    /// The page to leave it.
    pub leave_url: String,
}

impl ListView<'_> {
    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.contains(&field)
    }

    fn is_ticked(&self, section: &str) -> bool {
        self.typed.sections.iter().any(|key| key == section)
    }

    /// The words of the cadences, the list's own first.
    fn cadences(&self) -> Vec<&'static str> {
        let own = offered(self.standing);
        std::iter::once("list")
            .chain(own.into_iter().map(Cadence::as_str))
            .collect()
    }

    /// The words of the pauses, the present state first.
    fn pauses(&self) -> Vec<&'static str> {
        let paused = self.standing.choices.paused_until_ms.is_some();
        let resume = paused.then_some("none");
        let others = PAUSES.iter().map(|(word, _)| *word);
        std::iter::once("keep")
            .chain(resume)
            .chain(others)
            .collect()
    }

    fn pause(&self, locale: &Locale, word: &str) -> String {
        if word == "keep" && self.standing.choices.paused_until_ms.is_some() {
            return locale.text("preferences-pause-on");
        }
        locale.text(&format!("preferences-pause-{word}"))
    }

    fn zone(&self) -> TimeZone {
        let own = self.standing.choices.rhythm.as_ref();
        own.and_then(|rhythm| find_zone(rhythm.zone()))
            .unwrap_or_else(|| self.standing.list.schedule.zone().clone())
    }

    /// What is in effect: until when it is paused, and when the next digest comes, in the reader's zone.
    fn in_effect(&self, locale: &Locale) -> String {
        let zone = self.zone();
        let city = locale.zone_city_of(&zone);
        let mut said = String::new();
        if let Some(until) = self.standing.choices.paused_until_ms {
            let date = locale.date_long(until, &zone);
            said = locale.text_with("preferences-paused", &[("date", date.into())]);
            said.push(' ');
        }
        if let Some(next) = self.standing.next_ms {
            let time = locale.date_time(next, &zone);
            let values = [("time", time.into()), ("zone", city.into())];
            said.push_str(&locale.text_with("preferences-next", &values));
        }
        said
    }
}

impl PreferencesPage<'_> {
    fn has_error(&self) -> bool {
        self.email_remark.is_some() || self.lists.iter().any(|list| !list.wrong.is_empty())
    }

    fn zone_is_wrong(&self) -> bool {
        self.lists.iter().any(|list| list.is_wrong("zone"))
    }

    fn asks_zone(&self) -> bool {
        self.lists.iter().any(|list| list.cadences().len() > 1)
    }

    fn is_zone(&self, name: &str) -> bool {
        self.zone == name
    }

    /// Name and city of each zone, with the chosen one if it is none of the usual.
    fn zones(&self) -> Vec<(&str, String)> {
        let other = (!ZONES.contains(&self.zone)).then_some(self.zone);
        let known = other.filter(|name| find_zone(name).is_some());
        let names = known.into_iter().chain(ZONES);
        names
            .map(|name| (name, self.locale.zone_city(name)))
            .collect()
    }

    /// For whom, so that the owner knows it and nobody else learns it.
    fn masked(&self) -> String {
        let (local, domain) = self.person.address.rsplit_once('@').unwrap_or_default();
        let mut letters = local.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        let last = letters.next_back().map(String::from).unwrap_or_default();
        format!("{first}•••{last}@{domain}")
    }
}

/// Asks once more before everything of a reader is erased.
#[derive(Debug, Template)]
#[template(path = "web/erase.html")]
pub struct ErasePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
}

/// Everything of a reader is erased.
#[derive(Debug, Template)]
#[template(path = "web/erased.html")]
pub struct ErasedPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
}
