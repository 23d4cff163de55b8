//! The typed values of a [`Reader`]: text with a check, flags, arrays of text.
//!
//! A method that meets a problem records it and returns a stand-in, so that reading goes on to the next key.
//! What it returns is also noted for `config show`.

use std::fmt::{Debug, Display};

use toml::de::{DeArray, DeValue};

use super::reader::{Reader, kind};
use super::redaction::without_credentials;
use super::report::quoted;

impl<'i> Reader<'_, 'i> {
    /// A text that has to be there.
    pub(super) fn required<E: Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<String, E>,
    ) -> String {
        let missing = !self.has(key);
        let value = self.parsed(key, parse);
        if missing {
            self.problem(key, "is missing");
        }
        let (text, value) = value.unwrap_or_default();
        self.report.show(key, Some(&quoted(&text)));
        value
    }

    /// A value that may be missing.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let found = self.parsed(key, parse);
        let shown = found.as_ref().map(|(text, _)| quoted(text));
        self.report.show(key, shown.as_deref());
        found.map(|(_, value)| value)
    }

    /// A value with a default, which is written as in the file.
    pub(super) fn or<T, E: Debug + Display>(
        &mut self,
        key: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> T {
        let (text, value) = self.parsed(key, &parse).unwrap_or_else(|| {
            let value = parse(default).expect("a default passes its own check");
            (default.to_owned(), value)
        });
        self.report.show(key, Some(&quoted(&text)));
        value
    }

    /// A text whose default follows from other keys, and is taken as it is.
    pub(super) fn derived<E: Display>(
        &mut self,
        key: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<String, E>,
    ) -> String {
        let found = self.parsed(key, parse);
        let value = found.map_or_else(|| default.to_owned(), |(_, value)| value);
        self.report.show(key, Some(&quoted(&value)));
        value
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let value = match self.take(key) {
            None => default,
            Some(DeValue::Boolean(value)) => value,
            Some(DeValue::String(text)) if self.is_from_environment(key) && text == "true" => true,
            Some(DeValue::String(text)) if self.is_from_environment(key) && text == "false" => {
                false
            }
            Some(other) => {
                self.problem(key, format!("must be true or false, not {}", kind(&other)));
                default
            }
        };
        self.report.show(key, Some(&value.to_string()));
        value
    }

    /// An array of values that are written as strings.
    pub(super) fn several<T, E: Display>(
        &mut self,
        key: &'static str,
        default: &[&str],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let items = self.array(key, "strings");
        let given = items.and_then(|items| self.strings(key, items));
        let texts = given.unwrap_or_else(|| default.iter().map(|&text| text.to_owned()).collect());
        let shown: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        self.report
            .show(key, Some(&format!("[{}]", shown.join(", "))));
        let mut values = Vec::new();
        for text in &texts {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(reason) => self.problem(key, format!("{text:?} {reason}")),
            }
        }
        if values.len() < texts.len() {
            return default.iter().filter_map(|text| parse(text).ok()).collect();
        }
        values
    }

    /// An array of anything; `of` says of what, should it be none.
    pub(super) fn array(&mut self, key: &'static str, of: &str) -> Option<DeArray<'i>> {
        let reason = match self.take(key)? {
            DeValue::Array(items) => return Some(items),
            DeValue::String(_) if self.is_from_environment(key) => {
                "is an array, and arrays can be set in the file only".to_owned()
            }
            other => format!("must be an array of {of}, not {}", kind(&other)),
        };
        self.problem(key, reason);
        None
    }

    fn strings(&mut self, key: &'static str, items: DeArray<'i>) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for item in items {
            let DeValue::String(text) = item.into_inner() else {
                self.problem(key, "must hold strings only");
                return None;
            };
            texts.push(text.into_owned());
        }
        Some(texts)
    }

    fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<(String, T)> {
        let text = self.string(key)?;
        match parse(&text) {
            Ok(value) => Some((text, value)),
            Err(reason) => {
                self.problem(key, format!("{:?} {reason}", without_credentials(&text)));
                None
            }
        }
    }

    /// A text that is not empty, unchecked otherwise.
    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            DeValue::String(text) if text.trim().is_empty() => {
                self.problem(key, "is empty: give it a value, or leave the key out");
                None
            }
            DeValue::String(text) => Some(text.into_owned()),
            other => {
                self.problem(
                    key,
                    format!("must be a string in quotes, not {}", kind(&other)),
                );
                None
            }
        }
    }
}
