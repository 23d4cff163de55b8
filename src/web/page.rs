//! The reader's pages and the feeds of digests, as data for their templates: each is rendered to complete HTML with
//! language and direction. Forms post to the page's own address, so a page works wherever it is mounted.

mod archive;
mod embed;
mod form;
mod moving;
mod never;
#[cfg(test)]
mod tests;

use askama::Template;

pub use embed::{EmbedForm, EmbedPage, UnknownListPage};
pub use form::{
    AddressError, CheckMailPage, Choice, FormView, ListView, ListsPage, SubscribePage,
    address_error,
};

use crate::domain::theme::{Palette, Theme};
use crate::locale::Locale;

pub use archive::{ArchivePage, DigestEntry, DigestPage, FeedPage, Preview, rfc3339};
pub use moving::{Moving, MovingPage};
pub use never::{NeverPage, Stage};

/// The style sheet of all pages, with the site's colours; served from a route, for the CSP allows no inline style (X8).
pub fn stylesheet(theme: &Theme) -> String {
    format!(
        ":root{{{}}}\n@media (prefers-color-scheme: dark){{:root{{{}}}}}\n{}",
        variables(&theme.light),
        variables(&theme.dark),
        include_str!("../../static/nashra.css")
    )
}

fn variables(palette: &Palette) -> String {
    let Palette {
        page,
        paper,
        ink,
        muted,
        rule,
        tint,
        accent,
        on_accent,
    } = palette;
    format!(
        "--page:{page};--paper:{paper};--ink:{ink};--muted:{muted};--rule:{rule};--tint:{tint};--accent:{accent};--on-accent:{on_accent}"
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

/// The unsubscribe link: a button that posts (H8), and others for who would rather stay (`instead`).
#[derive(Debug, Template)]
#[template(path = "web/unsubscribe.html")]
pub struct UnsubscribePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list_name: &'a str,
    /// The cadences that come less often; `None` where nothing is offered, not even a pause.
    pub instead: Option<Vec<&'static str>>,
    /// The page with all choices.
    pub preferences_url: String,
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
    /// Whether it went to another address of its reader.
    pub moved: bool,
    /// The proof that undoes it, for who pressed by mistake.
    pub undo: Option<String>,
    /// The list's form; none for a list that is gone.
    pub subscribe_url: Option<String>,
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
    /// When to try again, where that is known.
    pub again: Option<String>,
    /// A way back: the form that was tried, where there is one.
    pub back_url: Option<String>,
    /// The front page.
    pub lists_url: &'a str,
    /// The request, as the log knows it.
    pub request_id: &'a str,
}
