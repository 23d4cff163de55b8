//! The page of a change of address that is to be confirmed, and what is true after it.

use askama::Template;

use super::SiteView;
use crate::locale::Locale;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moving<'a> {
    /// It waits for its button.
    Asked {
        /// The old address, masked.
        from: &'a str,
        /// The lists that go over, by name.
        lists: &'a [String],
    },
    /// Everything has gone over.
    Done,
    /// The link is too old.
    Expired,
    /// A new one is on its way.
    Mailed,
}

/// A change of address by the link of its mail: one button that posts (D1). It names nobody.
#[derive(Debug, Template)]
#[template(path = "web/moving.html")]
pub struct MovingPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// How far it is.
    pub stage: Moving<'a>,
}

impl MovingPage<'_> {
    fn asks(&self) -> bool {
        matches!(self.stage, Moving::Asked { .. })
    }

    fn is_expired(&self) -> bool {
        self.stage == Moving::Expired
    }

    fn title(&self) -> String {
        self.locale.text(match self.stage {
            Moving::Asked { .. } => "move-title",
            Moving::Done => "move-done-title",
            Moving::Expired => "expired-title",
            Moving::Mailed => "check-mail-title",
        })
    }

    fn words(&self) -> String {
        match self.stage {
            Moving::Asked { from, lists } => {
                let lists = self.locale.quoted(lists);
                let values = [("from", from.into()), ("lists", lists.into())];
                self.locale.text_with("move-text", &values)
            }
            Moving::Done => self.locale.text("move-done-text"),
            Moving::Expired => self.locale.text("move-expired-text"),
            Moving::Mailed => self.locale.text("move-mailed-text"),
        }
    }
}
