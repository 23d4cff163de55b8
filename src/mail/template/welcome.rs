//! The welcome: the subscription stands, when the next digest comes, and where to change one's mind.

use askama::Template;
use jiff::tz::TimeZone;

use super::{Rendered, Sender, TemplateError, templates};
use crate::domain::theme::Theme;
use crate::locale::Locale;

/// Greets a reader who has confirmed.
#[derive(Debug, Clone)]
pub struct WelcomeMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its date.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list.
    pub list_name: &'a str,
    /// The reader's address as its owner writes it.
    pub address: &'a str,
    /// When the next digest comes, epoch milliseconds.
    pub next_ms: Option<i64>,
    /// The last digest in the browser.
    pub latest_url: Option<String>,
    /// Where the reader chooses what comes, and when.
    pub preferences_url: &'a str,
    /// The subscriber's own unsubscribe link.
    pub unsubscribe_url: &'a str,
}

impl WelcomeMail<'_> {
    /// Subject, text and HTML.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        self.fill(&self.what())
    }

    fn what(&self) -> String {
        let (list, site) = (self.list_name.into(), self.site.name.into());
        let confirmed = self
            .locale
            .text_with("welcome-what", &[("list", list), ("site", site)]);
        match self.next_ms {
            Some(ms) => {
                let date = self.locale.date_long(ms, self.zone);
                let next = self
                    .locale
                    .plain_with("welcome-next", &[("date", date.into())]);
                format!("{confirmed} {next}")
            }
            None => confirmed,
        }
    }

    fn why(&self) -> String {
        self.locale.text_with(
            "welcome-why",
            &[
                ("address", self.address.into()),
                ("list", self.list_name.into()),
            ],
        )
    }
}

templates!(WelcomeMail:
    WelcomeSubject "email/welcome/subject.txt",
    WelcomeText "email/welcome/body.txt",
    WelcomeHtml "email/welcome/body.html");
