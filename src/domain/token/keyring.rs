//! The secret keys: the first signs, all of them verify, and each purpose has a key of its own (H11, X10).

use std::fmt;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// A shorter key is refused.
const MIN_KEY_LEN: usize = 32;

/// A file of keys was refused; no message repeats what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyring {
    /// No key at all.
    #[error(
        "there is no key: write one line such as 1:BASE64 (\"openssl rand -base64 32\" makes a key)"
    )]
    Empty,
    /// The part before the colon is no key id.
    #[error("line {line}: the number before the colon must be 1 to 255")]
    Id {
        /// Counted from one.
        line: usize,
    },
    /// Neither base64 nor hexadecimal.
    #[error("line {line}: the key is neither base64 nor hexadecimal")]
    Encoding {
        /// Counted from one.
        line: usize,
    },
    /// Too short.
    #[error(
        "line {line}: the key has {found} bytes, it needs at least 32 (\"openssl rand -base64 32\" makes one)"
    )]
    TooShort {
        /// Counted from one.
        line: usize,
        /// Its length in bytes.
        found: usize,
    },
    /// Two keys with one id.
    #[error("line {line}: key {id} stands there twice")]
    Duplicate {
        /// Counted from one.
        line: usize,
        /// The id.
        id: u8,
    },
}

/// Secret keys, newest first. Rotation: put a new line with a new number on top and keep the old ones below it, as long as
/// the links that they signed shall work.
pub struct Keyring {
    keys: Vec<(u8, SecretSlice<u8>)>,
}

impl Keyring {
    /// Reads `id:key` lines, or a bare key, which gets the id 1. Keys are base64 or hexadecimal; `#` starts a comment line.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyring> {
        let mut keys: Vec<(u8, SecretSlice<u8>)> = Vec::new();
        let lines = text
            .lines()
            .zip(1..)
            .map(|(text, line)| (text.trim(), line));
        for (text, line) in lines.filter(|(text, _)| !text.is_empty() && !text.starts_with('#')) {
            let (id, key) = text.split_once(':').unwrap_or(("1", text));
            let id: u8 = match id.trim().parse() {
                Ok(id) if id > 0 => id,
                _ => return Err(InvalidKeyring::Id { line }),
            };
            let key = decode(key.trim()).ok_or(InvalidKeyring::Encoding { line })?;
            let found = key.expose_secret().len();
            if found < MIN_KEY_LEN {
                return Err(InvalidKeyring::TooShort { line, found });
            }
            if keys.iter().any(|(other, _)| *other == id) {
                return Err(InvalidKeyring::Duplicate { line, id });
            }
            keys.push((id, key));
        }
        if keys.is_empty() {
            return Err(InvalidKeyring::Empty);
        }
        Ok(Self { keys })
    }

    /// The text of a new ring with one random key, for the first start.
    pub fn generate() -> String {
        let key = Zeroizing::new(super::random_bytes::<MIN_KEY_LEN>());
        format!("1:{}\n", Base64::encode_string(&*key))
    }

    /// A MAC under the newest key's sub-key for this purpose.
    pub fn mac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.mac_with(self.newest(), purpose, bytes)
    }

    /// The left part of the Message-ID of a delivery, which is named by its row, or by its digest and its subscriber: unique, not
    /// to be guessed, and the same at each attempt (M9, V11).
    ///
    /// It is made with the oldest key, so that adding a key between two attempts does not change it.
    pub fn message_id_tag(&self, delivery: &[i64]) -> String {
        let oldest = self.keys[self.keys.len() - 1].0;
        let octets: Vec<u8> = delivery.iter().flat_map(|id| id.to_be_bytes()).collect();
        let mac = self.mac_with(oldest, "message-id", &octets);
        let ids: Vec<String> = delivery.iter().map(i64::to_string).collect();
        format!(
            "{}.{}",
            ids.join("."),
            Base64UrlUnpadded::encode_string(&mac[..12])
        )
    }

    /// What is kept of an address that was erased: under each key, newest first, so that it is known again after a rotation.
    pub fn erasure_hashes(&self, identity: &str) -> Vec<String> {
        let hash = |(id, _): &(u8, _)| {
            let mac = self.mac_with(*id, "erasure", identity.as_bytes());
            Base64UrlUnpadded::encode_string(&mac[..16])
        };
        self.keys.iter().map(hash).collect()
    }

    /// The id of the key that signs.
    pub(super) fn newest(&self) -> u8 {
        self.keys[0].0
    }

    /// Whether a key has this id.
    pub(super) fn holds(&self, id: u8) -> bool {
        self.keys.iter().any(|(key, _)| *key == id)
    }

    /// A MAC under this key's sub-key for this purpose; the id must be one that the ring holds.
    pub(super) fn mac_with(&self, id: u8, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let (_, key) = self
            .keys
            .iter()
            .find(|(key, _)| *key == id)
            .expect("callers ask for ids that the ring holds");
        let label = format!("nashra purpose {purpose} v1");
        let purpose_key = Zeroizing::new(hmac_sha256(key.expose_secret(), label.as_bytes()));
        hmac_sha256(&*purpose_key, bytes)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u8> = self.keys.iter().map(|(id, _)| *id).collect();
        write!(f, "Keyring(ids {ids:?})")
    }
}

fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// Hexadecimal first: 64 hexadecimal digits are also base64, of another key.
fn decode(text: &str) -> Option<SecretSlice<u8>> {
    if text.len() >= 2 * MIN_KEY_LEN && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        let pairs = text.as_bytes().chunks(2);
        let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.map(octet).collect();
        return bytes
            .filter(|_| text.len().is_multiple_of(2))
            .map(Into::into);
    }
    let plain = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    Base64UrlUnpadded::decode_vec(&plain).ok().map(Into::into)
}
