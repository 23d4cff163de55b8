//! "Never mail this address again": one button, and what is true after it.

use askama::Template;

use super::SiteView;
use crate::locale::Locale;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its button.
    Asked,
    /// The address is never mailed again.
    Done,
    /// Nothing is known of the address.
    Gone,
}

/// The link that never mails an address again: one button that posts (H8). It names nobody.
#[derive(Debug, Template)]
#[template(path = "web/never.html")]
pub struct NeverPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// How far it is.
    pub stage: Stage,
}

impl NeverPage<'_> {
    fn asks(&self) -> bool {
        self.stage == Stage::Asked
    }

    fn title(&self) -> String {
        match self.stage {
            Stage::Asked => self.locale.text("never-title"),
            Stage::Done => self.locale.text("never-done-title"),
            Stage::Gone => self.locale.text("never-gone-title"),
        }
    }

    fn words(&self) -> String {
        let site = [("site", self.site.name.into())];
        match self.stage {
            Stage::Asked => self.locale.text_with("never-text", &site),
            Stage::Done => self.locale.text_with("never-done-text", &site),
            Stage::Gone => self.locale.text_with("never-gone-text", &site),
        }
    }
}
