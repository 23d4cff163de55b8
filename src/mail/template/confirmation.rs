//! The confirmation of a sign-up, its one reminder, and that of a change of address: no promotion, nothing from the form but the
//! address (D6).

use askama::Template;
use jiff::tz::TimeZone;

use super::{Rendered, Sender, TemplateError, templates};
use crate::domain::theme::Theme;
use crate::locale::Locale;

/// What a confirmation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks<'a> {
    /// To confirm a subscription.
    SignUp,
    /// The same, once more and for the last time.
    Reminder,
    /// To confirm that subscriptions go to this address.
    Move {
        /// The address that they go to now, masked.
        from: &'a str,
        /// Their lists, by name.
        lists: &'a [String],
    },
}

/// Asks whoever owns an address to confirm a subscription. Nothing in it comes from the form but the address (D6).
#[derive(Debug, Clone)]
pub struct ConfirmationMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its times.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list to be confirmed, or all of them, in the order of the form.
    pub list_name: &'a str,
    /// The link to the confirmation page.
    pub confirm_url: &'a str,
    /// The link that never mails the address again.
    pub never_url: &'a str,
    /// What it asks for.
    pub asks: Asks<'a>,
    /// When the form was sent, epoch milliseconds.
    pub requested_ms: i64,
    /// When the link stops to work, epoch milliseconds.
    pub expires_ms: i64,
    /// The network address that the form came from, when it may be told.
    pub ip: Option<&'a str>,
}

impl ConfirmationMail<'_> {
    /// Subject, text and HTML.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        self.fill(&self.what())
    }

    /// The text of a key for what it asks for.
    fn key(&self, part: &str) -> String {
        let kind = match self.asks {
            Asks::SignUp => "confirmation",
            Asks::Reminder => "reminder",
            Asks::Move { .. } => "move",
        };
        format!("{kind}-{part}")
    }

    fn subject(&self) -> String {
        let values = [
            ("list", self.list_name.into()),
            ("site", self.site.name.into()),
        ];
        self.locale.plain_with(&self.key("subject"), &values)
    }

    fn title(&self) -> String {
        self.locale.text(&self.key("title"))
    }

    fn what(&self) -> String {
        let mut values = vec![
            ("list", self.list_name.into()),
            ("site", self.site.name.into()),
        ];
        if let Asks::Move { from, lists } = self.asks {
            values.push(("from", from.into()));
            values.push(("lists", self.locale.quoted(lists).into()));
        }
        self.locale.text_with(&self.key("what"), &values)
    }

    fn button(&self) -> String {
        self.locale.text(match self.asks {
            Asks::SignUp | Asks::Reminder => "confirmation-button",
            Asks::Move { .. } => "move-button",
        })
    }

    /// What happens when nothing is done.
    fn otherwise(&self) -> String {
        self.locale.text(match self.asks {
            Asks::SignUp | Asks::Move { .. } => "confirmation-not-you",
            Asks::Reminder => "reminder-only",
        })
    }

    fn when(&self) -> String {
        let time = self.locale.date_time(self.requested_ms, self.zone);
        let zone = self.locale.zone_city_of(self.zone);
        let mut values = vec![("time", time.into()), ("zone", zone.into())];
        match self.ip {
            Some(ip) => {
                values.push(("ip", ip.into()));
                self.locale.text_with("confirmation-when-ip", &values)
            }
            None => self.locale.text_with("confirmation-when", &values),
        }
    }

    fn expires(&self) -> String {
        let time = self.locale.date_time(self.expires_ms, self.zone);
        self.locale.text_with(
            "confirmation-expires",
            &[
                ("time", time.into()),
                ("zone", self.locale.zone_city_of(self.zone).into()),
            ],
        )
    }
}

templates!(ConfirmationMail:
    ConfirmationSubject "email/confirmation/subject.txt",
    ConfirmationText "email/confirmation/body.txt",
    ConfirmationHtml "email/confirmation/body.html");
