//! The confirmation and its one reminder: no promotion, nothing from the form but the address (D6).

use askama::Template;
use jiff::tz::TimeZone;

use super::{
    PREHEADER_CHARS, Rendered, SUBJECT_CHARS, Sender, TemplateError, finish, one_line, shorten,
    templates, zone_name,
};
use crate::domain::theme::Theme;
use crate::locale::Locale;

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
    /// Whether it is the one reminder of a sign-up.
    pub is_reminder: bool,
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
        let subject = one_line(&ConfirmationSubject { mail: self }.render()?);
        // The names of many lists would make it endless.
        let subject = shorten(&subject, SUBJECT_CHARS);
        let text = ConfirmationText { mail: self }.render()?;
        let html = ConfirmationHtml {
            mail: self,
            subject: &subject,
            preheader: shorten(&self.what(), PREHEADER_CHARS),
        }
        .render()?;
        finish(subject, text, &html)
    }

    fn subject(&self) -> String {
        let values = [("list", self.list_name.into())];
        if self.is_reminder {
            self.locale.plain_with("reminder-subject", &values)
        } else {
            self.locale.plain_with("confirmation-subject", &values)
        }
    }

    fn title(&self) -> String {
        if self.is_reminder {
            self.locale.text("reminder-title")
        } else {
            self.locale.text("confirmation-title")
        }
    }

    fn what(&self) -> String {
        let values = [
            ("list", self.list_name.into()),
            ("site", self.site.name.into()),
        ];
        if self.is_reminder {
            self.locale.text_with("reminder-what", &values)
        } else {
            self.locale.text_with("confirmation-what", &values)
        }
    }

    /// What happens when nothing is done.
    fn otherwise(&self) -> String {
        if self.is_reminder {
            self.locale.text("reminder-only")
        } else {
            self.locale.text("confirmation-not-you")
        }
    }

    fn when(&self) -> String {
        let time = self.locale.date_time(self.requested_ms, self.zone);
        let zone = zone_name(self.zone);
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
            &[("time", time.into()), ("zone", zone_name(self.zone).into())],
        )
    }
}

templates!(ConfirmationMail:
    ConfirmationSubject "email/confirmation/subject.txt",
    ConfirmationText "email/confirmation/body.txt",
    ConfirmationHtml "email/confirmation/body.html");
