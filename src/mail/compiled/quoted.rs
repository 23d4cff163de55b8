//! A part in quoted-printable (RFC 2045 §6.7) whose shared octets are encoded once.
//!
//! Shared stretches and values each begin on a line of their own, behind a soft line break (or the text's own), so
//! that each can be encoded without its neighbours. No line begins with a dot: nothing is left to double on the wire.

use std::borrow::Cow;

use crate::mail::template::Slot;

const SOFT_BREAK: &[u8] = b"=\r\n";
/// A line holds so many characters beside the `=` of a soft break: 76 at most (M13).
const LINE: usize = 75;

/// A part, cut at its slots.
#[derive(Debug)]
pub(super) struct Body {
    first: Vec<u8>,
    rest: Vec<(Slot, Vec<u8>)>,
}

impl Body {
    /// Encodes what all readers share; lines of the text end with CRLF.
    pub(super) fn new(first: &str, rest: &[(Slot, &str)]) -> Self {
        let mut before = Vec::new();
        encode(first.as_bytes(), &mut before);
        if !rest.is_empty() {
            break_after(first, &mut before);
        }
        let stretch = |(number, (slot, shared)): (usize, &(Slot, &str))| {
            let mut out = Vec::new();
            // Where the text breaks the line itself, nothing has to be added.
            if !shared.starts_with("\r\n") {
                out.extend_from_slice(SOFT_BREAK);
            }
            encode(shared.as_bytes(), &mut out);
            if number + 1 < rest.len() {
                break_after(shared, &mut out);
            }
            (*slot, out)
        };
        Self {
            first: before,
            rest: rest.iter().enumerate().map(stretch).collect(),
        }
    }

    /// Appends one reader's copy, its last line ended.
    pub(super) fn write<'v>(&self, value: impl Fn(Slot) -> Cow<'v, str>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first);
        for (slot, stretch) in &self.rest {
            encode(value(*slot).as_bytes(), out);
            out.extend_from_slice(stretch);
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// The value after a stretch begins on a line of its own.
fn break_after(shared: &str, out: &mut Vec<u8>) {
    if !shared.is_empty() && !shared.ends_with("\r\n") {
        out.extend_from_slice(SOFT_BREAK);
    }
}

/// Appends octets that begin on a line of their own; the last line stays open.
fn encode(octets: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = octets;
    while let Some((&octet, after)) = rest.split_first() {
        if rest.starts_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            column = 0;
            rest = &rest[2..];
            continue;
        }
        let mut literal = match octet {
            b'=' => false,
            // White space before a line end would be lost on the way.
            b' ' | b'\t' => !matches!(after.first(), None | Some(b'\r' | b'\n')),
            octet => octet.is_ascii_graphic(),
        };
        if column + if literal { 1 } else { 3 } > LINE {
            out.extend_from_slice(SOFT_BREAK);
            column = 0;
        }
        literal &= column > 0 || octet != b'.';
        if literal {
            out.push(octet);
            column += 1;
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            let [high, low] = [octet >> 4, octet & 15].map(|digit| DIGITS[usize::from(digit)]);
            out.extend_from_slice(&[b'=', high, low]);
            column += 3;
        }
        rest = after;
    }
}
