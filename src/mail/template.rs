//! What the mails say: subject, text part and HTML part of each, from the same data (M20).
//!
//! A digest is rendered once and holds slots where its readers differ; [`Personal`] has what goes into them.

mod alert;
mod confirmation;
mod digest;
mod draft;
mod slot;
mod welcome;

#[cfg(test)]
mod tests;

use askama::Template;
use css_inline::{CSSInliner, InlineError};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::subject::without_reply_marks;
use crate::domain::theme::Theme;
use crate::locale::Locale;

pub use alert::AlertMail;
pub use confirmation::{Asks, ConfirmationMail};
pub use digest::DigestMail;
pub use draft::DraftMail;
pub use slot::{
    Greeting, Personal, Place, SLOT_ADDRESS, SLOT_PREFERENCES, SLOT_SALUTATION, SLOT_UNSUBSCRIBE,
    Slot, cut,
};
pub use welcome::WelcomeMail;

/// A subject is cut here, in graphemes and in octets (M18): a family of emoji is one grapheme of 25 octets.
const SUBJECT: Bounds = Bounds {
    graphemes: 110,
    octets: 400,
};
/// A preheader is cut here (T10).
const PREHEADER: Bounds = Bounds {
    graphemes: 100,
    octets: 400,
};

/// How long a line may be.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    graphemes: usize,
    octets: usize,
}

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
                Ok(parent::subject(&subject))
            }

            /// Subject, text and HTML, with the words that an inbox shows beside the subject.
            fn fill(&self, preheader: &str) -> Result<Rendered, TemplateError> {
                use $crate::mail::template as parent;
                let subject = self.subject_line()?;
                let text = $text { mail: self }.render()?;
                let html = $html {
                    mail: self,
                    subject: &subject,
                    preheader: parent::shorten(preheader, parent::PREHEADER),
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

/// What mailbox providers take for a false reply is left out (V15), unless nothing else is there.
fn subject(line: &str) -> String {
    let honest = without_reply_marks(line);
    let line = if honest.is_empty() { line } else { honest };
    shorten(line, SUBJECT)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line within its bounds, cut between words, or else between graphemes, with an ellipsis, its isolates closed.
fn shorten(text: &str, bounds: Bounds) -> String {
    let fits = |text: &str| {
        text.len() <= bounds.octets && text.graphemes(true).count() <= bounds.graphemes
    };
    if fits(text) {
        return text.to_owned();
    }
    // The ellipsis takes a grapheme and three octets, closing an isolate another and three for each.
    let (mut end, mut open) = (0, 0_usize);
    for (count, (at, grapheme)) in text.grapheme_indices(true).enumerate() {
        let next = at + grapheme.len();
        if count + 2 + open > bounds.graphemes || next + 6 + 3 * open > bounds.octets {
            break;
        }
        open += grapheme.matches('\u{2068}').count();
        open = open.saturating_sub(grapheme.matches('\u{2069}').count());
        end = next;
    }
    let head = &text[..end];
    let words = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    let open = words
        .matches('\u{2068}')
        .count()
        .saturating_sub(words.matches('\u{2069}').count());
    format!("{words}…{}", "\u{2069}".repeat(open))
}
