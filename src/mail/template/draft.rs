//! What tells an editor that a draft is open: when it goes out, what it holds so far, and where it is edited.

use askama::Template;
use jiff::tz::TimeZone;

use super::{Rendered, Sender, TemplateError, templates};
use crate::domain::theme::Theme;
use crate::locale::Locale;

/// How many titles are named; a mail is no page.
const TITLES: usize = 40;

/// Tells an editor that a draft is open.
#[derive(Debug, Clone)]
pub struct DraftMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its time.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list.
    pub list_name: &'a str,
    /// What the draft holds so far, in its order.
    pub titles: &'a [String],
    /// When it goes out, epoch milliseconds.
    pub sends_ms: i64,
    /// Where this editor edits it.
    pub edit_url: &'a str,
}

impl DraftMail<'_> {
    /// Subject, text and HTML.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        self.fill(&self.what())
    }

    fn subject(&self) -> String {
        let date = self.locale.date_day(self.sends_ms, self.zone);
        let values = [("list", self.list_name.into()), ("date", date.into())];
        self.locale.plain_with("draft-subject", &values)
    }

    fn what(&self) -> String {
        let time = self.locale.date_time(self.sends_ms, self.zone);
        let zone = self.locale.zone_city_of(self.zone);
        let values = [
            ("list", self.list_name.into()),
            ("time", time.into()),
            ("zone", zone.into()),
        ];
        self.locale.text_with("draft-what", &values)
    }

    fn why(&self) -> String {
        self.locale
            .text_with("draft-why", &[("list", self.list_name.into())])
    }

    fn shown(&self) -> &[String] {
        &self.titles[..self.titles.len().min(TITLES)]
    }
}

templates!(DraftMail:
    DraftSubject "email/draft/subject.txt",
    DraftText "email/draft/body.txt",
    DraftHtml "email/draft/body.html");
