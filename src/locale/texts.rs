//! The Fluent texts, built into the program, once with isolating marks around values and once without.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::{LanguageIdentifier, StaticLoader, static_loader};

pub use fluent_templates::fluent_bundle::FluentValue as Value;

static_loader! {
    static ISOLATING = {
        locales: "./locales",
        fallback_language: "en",
    };
}

static_loader! {
    static PLAIN = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The text of a key; a key that is missing shows itself, is logged, and fails the tests.
pub fn find(
    language: &str,
    key: &str,
    values: &[(&'static str, Value<'_>)],
    isolating: bool,
) -> String {
    let loader: &StaticLoader = if isolating { &ISOLATING } else { &PLAIN };
    let values: HashMap<Cow<'static, str>, Value<'_>> = values
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), value.clone()))
        .collect();
    language
        .parse::<LanguageIdentifier>()
        .ok()
        .and_then(|id| loader.lookup_single_language(&id, key, Some(&values)).ok())
        .unwrap_or_else(|| {
            tracing::error!(language, key, "a text is missing or lacks a value");
            key.to_owned()
        })
}
