//! The reader's pages and the Atom feed, as data for their templates: each is rendered to complete HTML with
//! language and direction. Forms post to the page's own address, so a page works wherever it is mounted.

#[cfg(test)]
mod tests;

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use crate::domain::digest::Edition;
use crate::domain::theme::Theme;
use crate::locale::Locale;
use crate::web::guard::Guard;

/// The style sheet of all pages, with the site's colours; served from a route, for the CSP allows no inline style (X8).
pub fn stylesheet(theme: &Theme) -> String {
    format!(
        ":root{{--accent-light:{};--on-accent-light:{};--accent-dark:{};--on-accent-dark:{}}}\n{}",
        theme.accent,
        theme.on_accent,
        theme.accent_dark,
        theme.on_accent_dark,
        include_str!("../../static/nashra.css")
    )
}

/// The site, as every page shows it.
#[derive(Debug, Clone)]
pub struct SiteView<'a> {
    /// The masthead.
    pub name: &'a str,
    /// Where the masthead leads.
    pub home_url: &'a str,
    /// The privacy page.
    pub privacy_url: Option<&'a str>,
    /// Where the style sheet is served.
    pub stylesheet_url: &'a str,
}

/// A list in [`ListsPage`].
#[derive(Debug, Clone)]
pub struct ListView<'a> {
    /// What the reader sees.
    pub name: &'a str,
    /// What it brings and when, in the operator's words; may be empty.
    pub description: &'a str,
    /// Its form.
    pub subscribe_url: String,
    /// Its past editions, where they are public.
    pub archive_url: Option<String>,
}

/// The front page: what one can subscribe to.
#[derive(Debug, Template)]
#[template(path = "web/lists.html")]
pub struct ListsPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The lists, in the operator's order.
    pub lists: Vec<ListView<'a>>,
}

/// Why the address in the form is refused.
#[derive(Debug, Clone, Default)]
pub struct AddressError<'a> {
    /// The end of the text's key, `address-error-<code>`.
    pub code: &'a str,
    /// The character that is at fault, where one is.
    pub character: Option<char>,
}

/// The form of one list.
///
/// Fields: `email`, `name` (when asked for), `source`; the button of a suggestion sends `suggestion`, which goes
/// before `email`.
#[derive(Debug, Template)]
#[template(path = "web/subscribe.html")]
pub struct SubscribePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// What it brings and when, in the operator's words; may be empty.
    pub description: &'a str,
    /// When the next edition is due, epoch milliseconds.
    pub next_ms: Option<i64>,
    /// The list's zone.
    pub zone: &'a TimeZone,
    /// The last edition in the archive.
    pub latest_url: Option<String>,
    /// What was typed as the address.
    pub email: &'a str,
    /// Why it is refused.
    pub error: Option<AddressError<'a>>,
    /// The address that was probably meant.
    pub suggestion: Option<&'a str>,
    /// Whether the form asks for a name.
    pub asks_name: bool,
    /// What was typed as the name.
    pub name: &'a str,
    /// Whether the name is refused.
    pub name_refused: bool,
    /// The page where the reader found the form.
    pub source: &'a str,
    /// What protects the form.
    pub guard: &'a Guard,
}

impl SubscribePage<'_> {
    fn has_error(&self) -> bool {
        self.error.is_some() || self.name_refused
    }

    /// What stands under the address: the reason of the refusal, or the question about a likely slip.
    fn remark(&self) -> Option<String> {
        match &self.error {
            Some(error) => Some(address_error(self.locale, error, self.suggestion)),
            None => self.suggestion.map(|suggestion| {
                self.locale
                    .text_with("subscribe-suggestion", &[("suggestion", suggestion.into())])
            }),
        }
    }
}

/// The sentence for a refused address, also for the JSON answer.
pub fn address_error(
    locale: &Locale,
    error: &AddressError<'_>,
    suggestion: Option<&str>,
) -> String {
    let character = error.character.map(String::from).unwrap_or_default();
    locale.text_with(
        &format!("address-error-{}", error.code),
        &[
            ("suggestion", suggestion.unwrap_or_default().into()),
            ("character", character.into()),
        ],
    )
}

/// After the form: the same page whatever the state of the address (D5).
#[derive(Debug, Template)]
#[template(path = "web/check_mail.html")]
pub struct CheckMailPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// The list's form.
    pub subscribe_url: String,
}

/// The confirmation link: one button that posts (D1).
#[derive(Debug, Template)]
#[template(path = "web/confirm.html")]
pub struct ConfirmPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
}

/// The subscription is confirmed, now or before (D3).
#[derive(Debug, Template)]
#[template(path = "web/confirmed.html")]
pub struct ConfirmedPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// Whether it had been confirmed before.
    pub already: bool,
    /// The last edition in the archive.
    pub latest_url: Option<String>,
}

/// The confirmation link came too late: one button sends a new one (D3). Posts `again=1` to the same address.
#[derive(Debug, Template)]
#[template(path = "web/expired.html")]
pub struct ExpiredPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
}

/// The unsubscribe link: one button that posts (H8).
#[derive(Debug, Template)]
#[template(path = "web/unsubscribe.html")]
pub struct UnsubscribePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
}

/// The subscription has ended.
#[derive(Debug, Template)]
#[template(path = "web/unsubscribed.html")]
pub struct UnsubscribedPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// The list's form, for who pressed by mistake; none for a list that is gone.
    pub subscribe_url: Option<String>,
}

/// One digest in the archive and in the Atom feed.
#[derive(Debug, Clone)]
pub struct DigestEntry {
    /// Its page; absolute in the feed.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// Its day, epoch milliseconds.
    pub date_ms: i64,
    /// How many articles it has.
    pub articles: usize,
}

/// Past digests of a list, newest first.
#[derive(Debug, Template)]
#[template(path = "web/archive.html")]
pub struct ArchivePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// The list's zone.
    pub zone: &'a TimeZone,
    /// The digests.
    pub entries: Vec<DigestEntry>,
    /// The list's form.
    pub subscribe_url: String,
    /// The Atom feed of this page.
    pub feed_url: String,
}

/// One digest in the browser, without personal data (T14). Its pictures are the articles' own, so this page's CSP must
/// allow images over https.
#[derive(Debug, Template)]
#[template(path = "web/digest.html")]
pub struct DigestPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// The list's zone.
    pub zone: &'a TimeZone,
    /// Its day, epoch milliseconds.
    pub date_ms: i64,
    /// What it says.
    pub edition: &'a Edition,
    /// The list's form.
    pub subscribe_url: String,
    /// Past digests.
    pub archive_url: Option<String>,
}

/// What went wrong, as far as the reader is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No such page or list.
    NotFound,
    /// A token that is garbled or unknown.
    BadLink,
    /// A form that cannot be read.
    BadRequest,
    /// A body over the limit.
    TooLarge,
    /// A content type that the form does not take.
    Unsupported,
    /// A method that the address does not take.
    Method,
    /// Too many sign-ups from one network.
    TooMany,
    /// A form that is not ours.
    Refused,
    /// The database is away or busy.
    Unavailable,
    /// Our fault.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::NotFound,
        Self::BadLink,
        Self::BadRequest,
        Self::TooLarge,
        Self::Unsupported,
        Self::Method,
        Self::TooMany,
        Self::Refused,
        Self::Unavailable,
        Self::Internal,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::BadLink => "bad-link",
            Self::BadRequest => "bad-request",
            Self::TooLarge => "too-large",
            Self::Unsupported => "unsupported",
            Self::Method => "method",
            Self::TooMany => "too-many",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// What happened, as a title.
    pub fn title(self, locale: &Locale) -> String {
        locale.text(&format!("error-{}-title", self.name()))
    }

    /// What to do next.
    pub fn text(self, locale: &Locale) -> String {
        locale.text(&format!("error-{}-text", self.name()))
    }
}

/// An error: what happened, what to do next, and the number to ask about (X15).
#[derive(Debug, Template)]
#[template(path = "web/error.html")]
pub struct ErrorPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// What happened.
    pub kind: ErrorKind,
    /// A way back: the form that was tried, where there is one.
    pub back_url: Option<String>,
    /// The front page.
    pub lists_url: &'a str,
    /// The request, as the log knows it.
    pub request_id: &'a str,
}

/// Past digests as an Atom feed (RFC 4287); all addresses absolute.
#[derive(Debug, Template)]
#[template(path = "feed.xml")]
pub struct FeedPage<'a> {
    /// The language of the texts.
    pub locale: &'a Locale,
    /// Who publishes.
    pub site_name: &'a str,
    /// The list.
    pub list_name: &'a str,
    /// This feed.
    pub feed_url: &'a str,
    /// The archive page.
    pub archive_url: &'a str,
    /// When the list began or the newest entry came, epoch milliseconds.
    pub updated_ms: i64,
    /// The digests, newest first.
    pub entries: Vec<DigestEntry>,
}

/// RFC 3339, as Atom wants it.
fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}
