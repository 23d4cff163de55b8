//! The sign-up form, of one list and of several, and the page after it.

use askama::Template;
use jiff::tz::TimeZone;

use super::SiteView;
use crate::locale::Locale;
use crate::web::guard::Guard;

/// Why the address in the form is refused.
#[derive(Debug, Clone, Default)]
pub struct AddressError<'a> {
    /// The end of the text's key, `address-error-<code>`.
    pub code: &'a str,
    /// The character that is at fault, where one is.
    pub character: Option<char>,
}

/// A list that one can tick. None is ticked beforehand (D11).
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// What the form sends.
    pub slug: &'a str,
    /// What the reader sees.
    pub name: &'a str,
    /// What it brings and when, in the operator's words; may be empty.
    pub description: &'a str,
    /// Its own form.
    pub subscribe_url: String,
    /// Whether the reader ticked it before the form came back.
    pub chosen: bool,
}

/// The fields of the form, as they were typed.
///
/// They are `lists` (where there are several), `email`, `name` (when asked for), `source`, `lang`; the button of a suggestion
/// sends `suggestion`, which goes before `email`; `insist` holds an address that is right as typed, although it looks like a slip.
#[derive(Debug, Clone, Default)]
pub struct FormView<'a> {
    /// The lists to choose from; none: the page is of one list.
    pub choices: Vec<Choice<'a>>,
    /// Why the choice of lists is refused: the end of the text's key, `lists-error-<code>`.
    pub lists_refused: Option<&'a str>,
    /// What was typed as the address.
    pub email: &'a str,
    /// Why it is refused.
    pub error: Option<AddressError<'a>>,
    /// The address that was probably meant.
    pub suggestion: Option<&'a str>,
    /// The address that was questioned: sent again, it is accepted.
    pub insist: &'a str,
    /// Whether the form asks for a name.
    pub asks_name: bool,
    /// What was typed as the name.
    pub name: &'a str,
    /// Whether the name is refused.
    pub name_refused: bool,
    /// The page where the reader found the form.
    pub source: &'a str,
}

impl FormView<'_> {
    fn has_error(&self) -> bool {
        !self.first_error().is_empty()
    }

    /// The first field that is at fault: it gets the focus.
    fn first_error(&self) -> &'static str {
        if self.lists_refused.is_some() {
            "lists"
        } else if self.error.is_some() {
            "email"
        } else if self.name_refused {
            "name"
        } else {
            ""
        }
    }

    /// What stands under the address: the reason of the refusal.
    fn remark(&self, locale: &Locale) -> Option<String> {
        self.error
            .as_ref()
            .map(|error| address_error(locale, error, self.suggestion))
    }

    #[expect(clippy::unused_self, reason = "called by the template")]
    fn lists_remark(&self, locale: &Locale, code: &str) -> String {
        locale.text(&format!("lists-error-{code}"))
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

/// The form of one list.
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
    /// The fields.
    pub form: FormView<'a>,
    /// What protects the form.
    pub guard: &'a Guard,
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

/// The front page: what one can subscribe to. With several lists it is one form for all of them.
#[derive(Debug, Template)]
#[template(path = "web/lists.html")]
pub struct ListsPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The lists, in the operator's order.
    pub lists: Vec<ListView<'a>>,
    /// The form, with choices where there are several lists.
    pub form: FormView<'a>,
    /// What protects the form.
    pub guard: &'a Guard,
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
    /// Further lists that were signed up for.
    pub more: Vec<&'a str>,
    /// The list's form.
    pub subscribe_url: String,
}
