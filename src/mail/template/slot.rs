//! The slots of a digest: ASCII words in the rendered parts that a reader's own values replace.

use std::borrow::Cow;

use crate::domain::digest::Edition;
use crate::locale::Locale;

/// Where the greeting of the reader goes; see [`salutation`].
pub const SLOT_SALUTATION: &str = "NASHRASLOTSALUTATION";
/// Where the reader's address goes.
pub const SLOT_ADDRESS: &str = "NASHRASLOTADDRESS";
/// Where the reader's unsubscribe link goes.
pub const SLOT_UNSUBSCRIBE: &str = "NASHRASLOTUNSUBSCRIBE";
/// How every slot begins; content that holds it is changed so that it cannot be mistaken for a slot.
const SLOT_PREFIX: &str = "NASHRASLOT";

/// What differs between the readers of one digest.
#[derive(Debug, Clone)]
pub struct Personal<'a> {
    /// From [`salutation`].
    pub salutation: &'a str,
    /// The reader's address.
    pub address: &'a str,
    /// The reader's own unsubscribe link.
    pub unsubscribe_url: &'a str,
}

impl<'a> Personal<'a> {
    /// Slot and value for the text part.
    pub fn text(&self) -> [(&'static str, Cow<'a, str>); 3] {
        [
            (SLOT_SALUTATION, Cow::Borrowed(self.salutation)),
            (SLOT_ADDRESS, Cow::Borrowed(self.address)),
            (SLOT_UNSUBSCRIBE, Cow::Borrowed(self.unsubscribe_url)),
        ]
    }

    /// Slot and value for the HTML part, escaped.
    pub fn html(&self) -> [(&'static str, Cow<'a, str>); 3] {
        self.text()
            .map(|(slot, value)| (slot, Cow::Owned(escape(&value))))
    }
}

/// The text with its slots filled; for previews, and for who sends one mail. Values are not looked into again.
pub fn fill(text: &str, values: &[(&'static str, Cow<'_, str>)]) -> String {
    let mut filled = String::with_capacity(text.len() + 256);
    let mut rest = text;
    while let Some(at) = rest.find(SLOT_PREFIX) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let (taken, value) = values
            .iter()
            .find(|(slot, _)| from.starts_with(slot))
            .map_or((SLOT_PREFIX, SLOT_PREFIX), |(slot, value)| (*slot, value));
        filled.push_str(value);
        rest = &from[taken.len()..];
    }
    filled.push_str(rest);
    filled
}

/// How a digest greets its reader, by name when there is one.
pub fn salutation(locale: &Locale, name: Option<&str>) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => locale.text_with("salutation-name", &[("name", name.into())]),
        None => locale.text("salutation"),
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

fn escape(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html)
        .map_or_else(|never| match never {}, |escaped| escaped.to_string())
}
