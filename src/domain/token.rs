//! Random tokens and signed links: the only place that makes random bytes, but for the keys of DKIM.
//!
//! A confirmation link is random and its hash is stored; the links of a subscription are MACs over who and which list, each
//! for one purpose, so that they need no row and outlive the digest (H4, H10, H11, D2, X10, X11).

pub mod bearer;
pub mod challenge;
mod draft;
mod keyring;
pub mod link;
pub mod stamp;
#[cfg(test)]
mod tests;
mod undo;

use std::fmt::{self, Write};

use base64ct::{Base64UrlUnpadded, Encoding};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use draft::DraftToken;
pub use keyring::{InvalidKeyring, Keyring};
pub use undo::UNDO_MS;

/// Octets of the MAC that a subscription's link carries: 128 bits.
const MAC_LEN: usize = 16;

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .expect("a running operating system gives random bytes");
    bytes
}

/// A public id that cannot be guessed: 128 bits in 22 characters of base64url.
pub fn random_id() -> String {
    Base64UrlUnpadded::encode_string(&random_bytes::<16>())
}

/// Whether a text can be one of [`random_id`]'s.
pub fn is_random_id(text: &str) -> bool {
    text.len() == 22
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A positive random number, such as the id of a worker.
pub fn random_i64() -> i64 {
    (i64::from_be_bytes(random_bytes()) & i64::MAX).max(1)
}

/// The SHA-256 of some octets in hexadecimal: names a wording in the consent ledger, a version of a page.
pub fn fingerprint(octets: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for octet in Sha256::digest(octets) {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// The secret of a confirmation link: 256 random bits in 43 characters of base64url. The store keeps only its hash.
pub struct ConfirmationToken(String);

impl ConfirmationToken {
    /// A new one.
    pub fn generate() -> Self {
        Self(Base64UrlUnpadded::encode_string(&random_bytes::<32>()))
    }

    /// Reads what a link carried; `None` when no link of ours can have carried it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let decoded = Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        (Base64UrlUnpadded::encode_string(decoded) == text && decoded.len() == 32)
            .then(|| Self(text.to_owned()))
    }

    /// The text that goes into the link.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the text: what is stored and looked up.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for ConfirmationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationToken(redacted)")
    }
}

/// What a subscription's link is good for. A link for one purpose is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Ends the subscription.
    Unsubscribe,
    /// Shows and changes what its reader chose.
    Preferences,
    /// Never mails its address again.
    Never,
}

impl Purpose {
    /// What the MAC is bound to, besides list and subscriber.
    fn label(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribe",
            Self::Preferences => "preferences",
            Self::Never => "never",
        }
    }
}

/// Which subscription a link in a mail is about.
///
/// In the link: key id, list and subscriber as variable-length numbers, and a MAC, in base64url; at most 36 characters while
/// both ids are below 2^35.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionToken {
    /// The subscriber's row.
    pub subscriber_id: i64,
    /// The list's row.
    pub list_id: i64,
}

impl SubscriptionToken {
    /// The text that goes into the link, signed with the newest key.
    pub fn sign(self, keys: &Keyring, purpose: Purpose) -> String {
        self.encode(keys, keys.newest(), purpose)
    }

    /// Reads what a link for this purpose carried; any key of the ring will do. `None` for everything that was not signed by
    /// one of them.
    pub fn verify(keys: &Keyring, purpose: Purpose, text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (&key, mut rest) = bytes.split_first()?;
        let token = Self {
            list_id: take_number(&mut rest)?,
            subscriber_id: take_number(&mut rest)?,
        };
        if !keys.holds(key) {
            return None;
        }
        // Signed anew and compared as text, so that only the one spelling that we write is taken.
        let expected = token.encode(keys, key, purpose);
        bool::from(expected.as_bytes().ct_eq(text.as_bytes())).then_some(token)
    }

    fn encode(self, keys: &Keyring, key: u8, purpose: Purpose) -> String {
        let mut bytes = vec![key];
        put_number(&mut bytes, self.list_id);
        put_number(&mut bytes, self.subscriber_id);
        let mac = keys.mac_with(key, purpose.label(), &bytes);
        bytes.extend_from_slice(&mac[..MAC_LEN]);
        Base64UrlUnpadded::encode_string(&bytes)
    }
}

/// Seven bits in each octet, lowest first; the high bit says that more follow.
fn put_number(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = number as u64;
    while rest > 0x7F {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0;
    // Nine octets hold the 63 bits of a row id.
    for place in 0..9 {
        let (&octet, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= i64::from(octet & 0x7F) << (7 * place);
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
