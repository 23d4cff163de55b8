//! What tells the operator that a feed fails: since when, why, and what is missing because of it.

use askama::Template;
use jiff::tz::TimeZone;

use super::{Rendered, Sender, TemplateError, templates};
use crate::domain::theme::Theme;
use crate::locale::Locale;

/// Tells that a feed fails.
#[derive(Debug, Clone)]
pub struct AlertMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its time.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list that lacks its articles.
    pub list_name: &'a str,
    /// The feed's address in the configuration.
    pub feed: &'a str,
    /// Since when it fails, epoch milliseconds.
    pub since_ms: i64,
    /// Why, in the program's own words.
    pub error: &'a str,
}

impl AlertMail<'_> {
    /// Subject, text and HTML.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        self.fill(self.feed)
    }

    fn subject(&self) -> String {
        let values = [("list", self.list_name.into())];
        self.locale.plain_with("alert-subject", &values)
    }

    fn what(&self) -> String {
        let time = self.locale.date_time(self.since_ms, self.zone);
        let values = [
            ("list", self.list_name.into()),
            ("time", time.into()),
            ("zone", self.locale.zone_city_of(self.zone).into()),
        ];
        self.locale.text_with("alert-what", &values)
    }
}

templates!(AlertMail:
    AlertSubject "email/alert/subject.txt",
    AlertText "email/alert/body.txt",
    AlertHtml "email/alert/body.html");
