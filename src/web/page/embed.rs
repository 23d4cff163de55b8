//! The page that gives a form away, for the owner of another site, and the form itself.

use askama::Template;

use super::{Choice, SiteView};
use crate::locale::Locale;

/// A form for other people's pages: complete without a script, and without any style of ours.
#[derive(Debug, Clone, Template)]
#[template(path = "web/embed_form.html")]
pub struct EmbedForm<'a> {
    /// The language of the form.
    pub locale: &'a Locale,
    /// Where it posts to: an absolute address.
    pub action: String,
    /// What makes the ids of its fields its own.
    pub id: &'a str,
    /// The lists to choose from; none: the address names the list.
    pub choices: Vec<Choice<'a>>,
    /// Whether it asks for a name.
    pub asks_name: bool,
    /// The label that is kept with the consent; empty: the page's address is.
    pub source: &'a str,
    /// The script that keeps the reader on the page.
    pub script_url: Option<String>,
}

/// The form in both kinds, to be copied, and as it looks without styles of the other site.
#[derive(Debug, Template)]
#[template(path = "web/embed.html")]
pub struct EmbedPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// What a link to this page in another language takes along: a query without its question mark, or nothing.
    pub kept: &'a str,
    /// HTML alone.
    pub plain: String,
    /// HTML and the script.
    pub scripted: String,
    /// HTML alone, to be looked at: our own template's, with everything escaped that is not.
    pub preview: String,
}

/// The form was asked for with a list that is not there.
#[derive(Debug, Template)]
#[template(path = "web/embed_unknown.html")]
pub struct UnknownListPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// As in [`EmbedPage`].
    pub kept: &'a str,
    /// The names of no list.
    pub unknown: &'a str,
    /// The names that there are.
    pub known: &'a str,
}
