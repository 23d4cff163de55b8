//! The slots of a digest: ASCII words in the rendered parts that a reader's own values replace, escaped for their place.

use std::borrow::Cow;

use crate::domain::digest::Edition;
use crate::locale::Locale;
use crate::mail::clean;

/// Where the greeting of the reader goes; see [`Greeting`].
pub const SLOT_SALUTATION: &str = "NASHRASLOTSALUTATION";
/// Where the reader's address goes.
pub const SLOT_ADDRESS: &str = "NASHRASLOTADDRESS";
/// Where the reader's unsubscribe link goes.
pub const SLOT_UNSUBSCRIBE: &str = "NASHRASLOTUNSUBSCRIBE";
/// Where the link to the reader's choices goes.
pub const SLOT_PREFERENCES: &str = "NASHRASLOTPREFERENCES";
/// How every slot begins; content that holds it is changed so that it cannot be mistaken for a slot.
const SLOT_PREFIX: &str = "NASHRASLOT";

/// A place in a part that differs between readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The greeting.
    Salutation,
    /// The reader's address.
    Address,
    /// The reader's unsubscribe link.
    Unsubscribe,
    /// The link to the reader's choices.
    Preferences,
}

impl Slot {
    const ALL: [Self; 4] = [
        Self::Salutation,
        Self::Address,
        Self::Unsubscribe,
        Self::Preferences,
    ];

    /// The word that stands for it in a template.
    fn word(self) -> &'static str {
        match self {
            Self::Salutation => SLOT_SALUTATION,
            Self::Address => SLOT_ADDRESS,
            Self::Unsubscribe => SLOT_UNSUBSCRIBE,
            Self::Preferences => SLOT_PREFERENCES,
        }
    }
}

/// What a value must be escaped for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The text part.
    Text,
    /// The HTML part, between tags or in an attribute.
    Html,
}

/// What goes into the slots of one reader.
#[derive(Debug, Clone, Copy)]
pub struct Personal<'a> {
    /// From [`Greeting::to`].
    pub salutation: &'a str,
    /// The reader's address.
    pub address: &'a str,
    /// The reader's own unsubscribe link.
    pub unsubscribe_url: &'a str,
    /// The link to the reader's own choices.
    pub preferences_url: &'a str,
}

impl<'a> Personal<'a> {
    /// The value of a slot.
    pub fn value(&self, slot: Slot, place: Place) -> Cow<'a, str> {
        let value = match slot {
            Slot::Salutation => self.salutation,
            Slot::Address => self.address,
            Slot::Unsubscribe => self.unsubscribe_url,
            Slot::Preferences => self.preferences_url,
        };
        match place {
            Place::Text => Cow::Borrowed(value),
            Place::Html => escape(value),
        }
    }

    /// The text with its slots filled. Values are not looked into again.
    pub fn fill(&self, text: &str, place: Place) -> String {
        let mut filled = String::with_capacity(text.len() + 256);
        let (before, rest) = cut(text);
        for (shared, slot) in before {
            filled.push_str(shared);
            filled.push_str(&self.value(slot, place));
        }
        filled.push_str(rest);
        filled
    }
}

/// The text cut at its slots: each slot with what stands before it, and what stands after the last.
pub fn cut(text: &str) -> (Vec<(&str, Slot)>, &str) {
    let mut cuts = Vec::new();
    let (mut start, mut seen) = (0, 0);
    while let Some(found) = text[seen..].find(SLOT_PREFIX) {
        let at = seen + found;
        seen = at + SLOT_PREFIX.len();
        let mut slots = Slot::ALL.into_iter();
        if let Some(slot) = slots.find(|slot| text[at..].starts_with(slot.word())) {
            cuts.push((&text[start..at], slot));
            start = at + slot.word().len();
            seen = start;
        }
    }
    (cuts, &text[start..])
}

/// How a digest greets its readers, by name where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    nameless: String,
    before: String,
    after: String,
}

impl Greeting {
    /// The greeting of a language. It is asked for its words once and not for each reader.
    pub fn new(locale: &Locale) -> Self {
        let named = locale.text_with("salutation-name", &[("name", SLOT_PREFIX.into())]);
        let (before, after) = named.split_once(SLOT_PREFIX).unwrap_or((&named, ""));
        Self {
            nameless: clean::clean(&locale.text("salutation")).into_owned(),
            before: clean::clean(before).into_owned(),
            after: clean::clean(after).into_owned(),
        }
    }

    /// The greeting of one reader.
    pub fn to(&self, name: Option<&str>) -> Cow<'_, str> {
        let name = name.map(clean::name).filter(|name| !name.is_empty());
        name.map_or(Cow::Borrowed(self.nameless.as_str()), |name| {
            Cow::Owned([self.before.as_str(), &name, &self.after].concat())
        })
    }
}

/// The edition, with anything that looks like a slot broken, so that an article cannot ask for a reader's data.
pub(super) fn without_slots(edition: &Edition) -> Cow<'_, Edition> {
    let harmless = serde_json::to_string(edition)
        .ok()
        .filter(|json| json.contains(SLOT_PREFIX))
        .and_then(|json| serde_json::from_str(&json.replace(SLOT_PREFIX, "NASHRA-SLOT")).ok());
    harmless.map_or(Cow::Borrowed(edition), Cow::Owned)
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let escaped = askama::filters::escape(text, askama::filters::Html);
    Cow::Owned(escaped.map_or_else(|never| match never {}, |escaped| escaped.to_string()))
}
