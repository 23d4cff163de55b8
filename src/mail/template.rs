//! What the mails say: subject, text part and HTML part of each, from the same data (M20).
//!
//! A digest is rendered once and holds slots where its readers differ; [`Personal`] has what goes into them.

mod alert;
mod confirmation;
mod draft;
mod slot;
mod welcome;

#[cfg(test)]
mod tests;

use askama::Template;
use css_inline::{CSSInliner, InlineError};
use jiff::tz::TimeZone;

use crate::domain::digest::Edition;
use crate::domain::theme::Theme;
use crate::locale::Locale;

pub use alert::AlertMail;
pub use confirmation::{Asks, ConfirmationMail};
pub use draft::DraftMail;
pub use slot::{
    Greeting, Personal, Place, SLOT_ADDRESS, SLOT_PREFERENCES, SLOT_SALUTATION, SLOT_UNSUBSCRIBE,
    Slot, cut,
};
pub use welcome::WelcomeMail;

/// A subject is cut here (M18).
const SUBJECT_CHARS: usize = 110;
/// A preheader is cut here (T10).
const PREHEADER_CHARS: usize = 100;

/// Why a mail cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A template failed.
    #[error("a mail template failed")]
    Template(#[from] askama::Error),
    /// The style rules could not be written into the elements.
    #[error("the styles of a mail could not be inlined")]
    Inline(#[from] InlineError),
}

/// A mail's three texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, not yet encoded.
    pub subject: String,
    /// The `text/plain` part; lines end with LF.
    pub text: String,
    /// The `text/html` part, styles inlined.
    pub html: String,
}

/// The site that a mail comes from.
#[derive(Debug, Clone)]
pub struct Sender<'a> {
    /// The masthead.
    pub name: &'a str,
    /// The site's address, where the masthead leads.
    pub home_url: &'a str,
    /// Where mail on paper reaches the sender (T13).
    pub postal_address: Option<&'a str>,
    /// The privacy page.
    pub privacy_url: Option<&'a str>,
}

/// Tells a subscriber that somebody asked to subscribe the address again (D5: the form tells nobody).
#[derive(Debug, Clone)]
pub struct NoticeMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list that the address is subscribed to, or all that were asked for again.
    pub list_name: &'a str,
    /// The subscriber's own unsubscribe link.
    pub unsubscribe_url: &'a str,
    /// The link that never mails the address again.
    pub never_url: &'a str,
}

impl NoticeMail<'_> {
    /// Subject, text and HTML.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        self.fill(&self.what())
    }

    fn what(&self) -> String {
        self.locale.text_with(
            "notice-what",
            &[
                ("list", self.list_name.into()),
                ("site", self.site.name.into()),
            ],
        )
    }
}

/// One edition of a list, the same for all its readers but for the slots.
#[derive(Debug, Clone)]
pub struct DigestMail<'a> {
    /// The language of the mail.
    pub locale: &'a Locale,
    /// The zone of its dates.
    pub zone: &'a TimeZone,
    /// Who sends it.
    pub site: Sender<'a>,
    /// Its colours.
    pub theme: &'a Theme,
    /// The list.
    pub list_name: &'a str,
    /// What it says.
    pub edition: &'a Edition,
    /// The day of the edition, epoch milliseconds.
    pub date_ms: i64,
    /// The same edition in the browser.
    pub view_url: &'a str,
    /// Past editions.
    pub archive_url: Option<&'a str>,
}

impl DigestMail<'_> {
    /// The subject alone.
    pub fn subject(&self) -> Result<String, TemplateError> {
        let edition = slot::without_slots(self.edition);
        let mail = DigestMail {
            edition: &edition,
            ..self.clone()
        };
        mail.subject_line()
    }

    /// Subject, text and HTML, with slots.
    pub fn render(&self) -> Result<Rendered, TemplateError> {
        let edition = slot::without_slots(self.edition);
        let mail = DigestMail {
            edition: &edition,
            ..self.clone()
        };
        mail.fill(&mail.preheader())
    }

    /// The first titles that the subject has not told.
    fn preheader(&self) -> String {
        let titles: Vec<String> = self
            .edition
            .items()
            .skip(1)
            .take(4)
            .map(|item| self.locale.isolate(&item.title))
            .collect();
        match (titles.is_empty(), self.edition.items().next()) {
            (true, Some(only)) => only.summary_text.clone(),
            _ => titles.join(" · "),
        }
    }

    fn date(&self) -> String {
        self.locale.date_long(self.date_ms, self.zone)
    }

    /// The headline of the subject: the lead's, else the first.
    fn headline(&self) -> String {
        let title = self.edition.items().next().map(|item| &item.title);
        title.map_or_else(|| self.date(), |title| self.locale.isolate(title))
    }

    fn intro(&self) -> String {
        let articles = self
            .locale
            .count("count-articles", self.edition.article_count());
        match self.edition.sections.len() {
            0 => self
                .locale
                .plain_with("digest-intro-short", &[("articles", articles.into())]),
            sections => self.locale.plain_with(
                "digest-intro",
                &[
                    ("articles", articles.into()),
                    (
                        "sections",
                        self.locale.count("in-sections", sections).into(),
                    ),
                ],
            ),
        }
    }

    fn why(&self) -> String {
        self.locale.text_with(
            "digest-why",
            &[
                ("address", SLOT_ADDRESS.into()),
                ("list", self.list_name.into()),
            ],
        )
    }

    /// Source and date of an item, on one line of the text part.
    fn meta(&self, item: &crate::domain::digest::Item) -> String {
        let day = self.locale.date_day(item.published_ms, self.zone);
        match &item.source {
            Some(source) => format!("{} · {day}", self.locale.isolate(source)),
            None => day,
        }
    }
}

/// Declares the three templates of a mail, and how they are filled: the subject and the text are not escaped, the HTML is.
macro_rules! templates {
    ($mail:ident: $subject:ident $subject_path:literal, $text:ident $text_path:literal, $html:ident $html_path:literal) => {
        #[derive(Template)]
        #[template(path = $subject_path)]
        struct $subject<'a> {
            mail: &'a $mail<'a>,
        }

        #[derive(Template)]
        #[template(path = $text_path)]
        struct $text<'a> {
            mail: &'a $mail<'a>,
        }

        #[derive(Template)]
        #[template(path = $html_path)]
        struct $html<'a> {
            mail: &'a $mail<'a>,
            subject: &'a str,
            preheader: String,
        }

        impl $mail<'_> {
            /// On one line, and no longer than inboxes show.
            fn subject_line(&self) -> Result<String, TemplateError> {
                use $crate::mail::template as parent;
                let subject = parent::one_line(&$subject { mail: self }.render()?);
                Ok(parent::shorten(&subject, parent::SUBJECT_CHARS))
            }

            /// Subject, text and HTML, with the words that an inbox shows beside the subject.
            fn fill(&self, preheader: &str) -> Result<Rendered, TemplateError> {
                use $crate::mail::template as parent;
                let subject = self.subject_line()?;
                let text = $text { mail: self }.render()?;
                let html = $html {
                    mail: self,
                    subject: &subject,
                    preheader: parent::shorten(preheader, parent::PREHEADER_CHARS),
                };
                parent::finish(subject.clone(), text, &html.render()?)
            }
        }
    };
}

use templates;

templates!(NoticeMail:
    NoticeSubject "email/notice/subject.txt",
    NoticeText "email/notice/body.txt",
    NoticeHtml "email/notice/body.html");
templates!(DigestMail:
    DigestSubject "email/digest/subject.txt",
    DigestText "email/digest/body.txt",
    DigestHtml "email/digest/body.html");

/// Inlines the first style element; the second, which the template marks, stays where it is: css-inline would put
/// the `@media` rules that it keeps before the declaration of the character set (T6, T9).
fn finish(subject: String, mut text: String, html: &str) -> Result<Rendered, TemplateError> {
    let html = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(false)
        .minify_css(true)
        .build()
        .inline(html)?
        .replacen("<style data-css-inline=\"keep\">", "<style>", 1);
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(Rendered {
        subject,
        text,
        html,
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters, cut between words, with an ellipsis, its isolates closed.
fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit - 2).collect();
    let words = head
        .rsplit_once(' ')
        .map_or(head.as_str(), |(words, _)| words);
    let open = words
        .matches('\u{2068}')
        .count()
        .saturating_sub(words.matches('\u{2069}').count());
    format!("{words}…{}", "\u{2069}".repeat(open))
}
