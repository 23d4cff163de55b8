//! `[secrets]`: the key that the personal links are made with.

use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;

/// Where the key behind confirmation, unsubscribe and preference links comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// It was given, at least 32 characters.
    Given(SecretString),
    /// It is in this file, which the program makes when it first starts.
    File(PathBuf),
}

const DEFAULT_FILE: &str = "data/secret.key";
const SHORTEST: usize = 32;

impl KeySource {
    /// `key_file` is not read here, unlike other secrets' files: it may have to be made first.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let Some(key) = reader.hidden("key") else {
            return Self::File(reader.or("key_file", DEFAULT_FILE, PathBuf::from_str));
        };
        if reader.optional("key_file", PathBuf::from_str).is_some() {
            reader.problem("key", "is given twice: leave out this key or key_file");
        }
        if key.expose_secret().chars().count() < SHORTEST {
            reader.problem(
                "key",
                format!("must have at least {SHORTEST} characters, taken at random"),
            );
        }
        Self::Given(key)
    }
}
