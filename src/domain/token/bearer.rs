//! Tokens of programs that use the API: known by their hash, compared in constant time.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// A token that is taken, by its name. Holds no more of it than its SHA-256.
#[derive(Debug, Clone)]
pub struct Bearer {
    name: String,
    hash: [u8; 32],
}

impl Bearer {
    /// A token and what to call it.
    pub fn new(name: &str, token: &str) -> Self {
        Self {
            name: name.to_owned(),
            hash: Sha256::digest(token.as_bytes()).into(),
        }
    }

    /// The name of the token that this is. Every token is looked at, and every octet of it: the time tells nothing (X11).
    pub fn find<'a>(taken: &'a [Self], given: &str) -> Option<&'a str> {
        let given: [u8; 32] = Sha256::digest(given.as_bytes()).into();
        taken.iter().fold(None, |found, bearer| {
            let is_it = bool::from(bearer.hash.ct_eq(&given));
            if is_it {
                Some(bearer.name.as_str())
            } else {
                found
            }
        })
    }
}
