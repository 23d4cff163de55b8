//! E-mail addresses: what a person typed becomes an address that can be mailed, or a reason that they understand.
//!
//! Octet limits of RFC 5321 §4.5.3.1; local parts are dot-atoms of RFC 5322 or UTF-8 (RFC 6532), in NFC; domains are
//! kept as lower-case A-labels (UTS 46, non-transitional). Parsing is pure: whether a domain takes mail is asked elsewhere.

mod domain;
pub mod policy;
mod problem;
#[cfg(test)]
mod tests;
pub mod typo;

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use problem::{AddressProblem, InvalidEmailAddress};

/// RFC 5321 §4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// A path of 256 octets without its angle brackets (RFC 5321 §4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// Nothing longer can become a valid address; it is refused before any work is spent on it.
const MAX_TYPED: usize = 2048;

/// An address that can be mailed.
///
/// `Debug` shows it masked and there is no `Display`: an address reaches a log only by asking for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: String,
    at: usize,
}

impl EmailAddress {
    /// Reads what a person typed or pasted: white space and direction marks around it are dropped, nothing else is changed
    /// silently. Look-alike digits and full-width letters are refused with the address that was probably meant.
    pub fn parse(raw: &str) -> Result<Self, InvalidEmailAddress> {
        Self::read(raw).map_err(|reason| InvalidEmailAddress { reason })
    }

    fn read(raw: &str) -> Result<Self, AddressProblem> {
        let text = raw.trim_matches(is_pasted_around);
        if text.is_empty() {
            return Err(AddressProblem::Empty);
        }
        if text.len() > MAX_TYPED {
            return Err(AddressProblem::TooLong);
        }
        let Some(meant) = in_ascii(text) else {
            return Self::read_exactly(text);
        };
        // What is wrong beyond the digits is told first: a suggestion must itself be an address.
        let suggestion = Self::read_exactly(&meant)?;
        Err(if text.contains(is_full_width) {
            AddressProblem::FullWidth { suggestion }
        } else {
            AddressProblem::ArabicDigits { suggestion }
        })
    }

    fn read_exactly(text: &str) -> Result<Self, AddressProblem> {
        if let Some(problem) = text.chars().find_map(unseen) {
            return Err(problem);
        }
        if text.contains('"') {
            return Err(AddressProblem::Quoted);
        }
        if text.contains(['(', ')']) {
            return Err(AddressProblem::Comment);
        }
        let (local, domain) = text.split_once('@').ok_or(AddressProblem::NoAt)?;
        if domain.contains('@') {
            return Err(AddressProblem::TwoAts);
        }
        if local.is_empty() {
            return Err(AddressProblem::NoLocal);
        }
        if domain.is_empty() {
            return Err(AddressProblem::NoDomain);
        }
        if text.contains(char::is_whitespace) {
            return Err(AddressProblem::Space);
        }
        // Normalised before it is judged: NFC turns U+037E into a semicolon (A6).
        let local: String = local.nfc().collect();
        check_local(&local)?;
        let domain = domain::to_a_labels(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_ADDRESS {
            return Err(AddressProblem::TooLong);
        }
        Ok(Self {
            address,
            at: local.len(),
        })
    }

    /// The address to mail: the local part as typed, in NFC, and the domain as lower-case A-labels (A8).
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The part before the `@`, as typed, in NFC.
    pub fn local(&self) -> &str {
        &self.address[..self.at]
    }

    /// The domain as lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    /// The domain as its owner writes it, for showing to people.
    pub fn domain_unicode(&self) -> String {
        domain::to_u_labels(self.domain())
    }

    /// The address as its owner writes it, for showing to people.
    pub fn to_unicode(&self) -> String {
        format!("{}@{}", self.local(), self.domain_unicode())
    }

    /// What makes two addresses the same subscriber: case-folded local part and A-label domain (A11).
    ///
    /// Dots and tags stay: only the mailbox provider knows whether they matter.
    pub fn identity(&self) -> String {
        format!("{}@{}", folded(self.local()), self.domain())
    }

    /// Whether the next hop must offer SMTPUTF8 (RFC 6531); an IDN domain alone does not need it (A7, A8).
    pub fn needs_smtputf8(&self) -> bool {
        !self.local().is_ascii()
    }

    /// For logs: `m***@example.com` (A15).
    pub fn masked(&self) -> String {
        let first = self.local().chars().next().unwrap_or_default();
        format!("{first}***@{}", self.domain())
    }

    /// The bucket of sign-up limits: addresses that probably reach one mailbox share it (D7). Never an identity.
    pub fn throttle_key(&self) -> String {
        let local = folded(self.local());
        let base = match local.split_once('+') {
            Some((base, _)) if !base.is_empty() => base,
            _ => &local,
        };
        match self.domain() {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", base.replace('.', "")),
            domain => format!("{base}@{domain}"),
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

fn check_local(local: &str) -> Result<(), AddressProblem> {
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(AddressProblem::Dots);
    }
    let first = local.chars().next().filter(|&c| is_combining_mark(c));
    if let Some(c) = first.or_else(|| local.chars().find(|&c| !may_stand_in_local(c))) {
        return Err(AddressProblem::BadCharacter(c));
    }
    if local.contains(is_joiner) && local.chars().all(|c| c.is_ascii() || is_joiner(c)) {
        return Err(AddressProblem::Invisible);
    }
    if local.len() > MAX_LOCAL {
        return Err(AddressProblem::LocalTooLong);
    }
    Ok(())
}

/// `atext` or the dot (RFC 5322 §3.2.3), or UTF-8 (RFC 6532 §3.2) that stands for something.
fn may_stand_in_local(c: char) -> bool {
    match c {
        '.' => true,
        // Replacement character, private use, non-characters: text that was damaged on its way.
        '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'.. => false,
        _ if c.is_ascii() => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        _ => u32::from(c) & 0xFFFE != 0xFFFE,
    }
}

/// What is pasted along with an address and is no part of it (A4).
fn is_pasted_around(c: char) -> bool {
    c.is_whitespace()
        || is_direction_mark(c)
        || is_joiner(c)
        || matches!(c, '\u{FEFF}' | '\u{200B}' | '\u{2060}')
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// The problem of a character that a reader would not see: it is named before anything else.
fn unseen(c: char) -> Option<AddressProblem> {
    match c {
        '\t' => Some(AddressProblem::Space),
        '\u{2028}' | '\u{2029}' => Some(AddressProblem::Control),
        _ if c.is_control() => Some(AddressProblem::Control),
        _ if is_direction_mark(c) => Some(AddressProblem::DirectionMark),
        // Unicode's default ignorable characters, without the joiners: Persian writes with them.
        '\u{AD}'
        | '\u{34F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Some(AddressProblem::Invisible),
        _ => None,
    }
}

/// Case folding near enough to Unicode's: lower case letter by letter, one sigma, in NFC.
fn folded(local: &str) -> String {
    local
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .nfc()
        .collect()
}

/// The text with Arabic digits and full-width forms as ASCII, when it holds any that were probably not meant.
///
/// Digits among Arabic letters are meant: they stay where a local part or a label has other letters than ASCII.
fn in_ascii(text: &str) -> Option<String> {
    let narrow: String = text.chars().map(narrow).collect();
    let (local, domain) = match narrow.split_once('@') {
        Some((local, domain)) => (local, Some(domain)),
        None => (narrow.as_str(), None),
    };
    let mut meant = western_digits(local);
    if let Some(domain) = domain {
        let labels: Vec<String> = domain.split('.').map(western_digits).collect();
        meant = format!("{meant}@{}", labels.join("."));
    }
    (meant != text).then_some(meant)
}

fn western_digits(piece: &str) -> String {
    let western: String = piece.chars().map(western_digit).collect();
    if western.is_ascii() {
        western
    } else {
        piece.to_owned()
    }
}

fn western_digit(c: char) -> char {
    match c {
        '\u{660}'..='\u{669}' => moved(c, '\u{660}', b'0'),
        '\u{6F0}'..='\u{6F9}' => moved(c, '\u{6F0}', b'0'),
        _ => c,
    }
}

fn is_full_width(c: char) -> bool {
    matches!(c, '\u{FF01}'..='\u{FF5E}')
}

fn narrow(c: char) -> char {
    if is_full_width(c) {
        moved(c, '\u{FF01}', b'!')
    } else {
        c
    }
}

/// The ASCII character as far from `to` as `c` is from `from`.
fn moved(c: char, from: char, to: u8) -> char {
    char::from(to + (u32::from(c) - u32::from(from)) as u8)
}
