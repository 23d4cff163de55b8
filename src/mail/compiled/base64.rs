//! A part in base64 (RFC 2045 §6.8) whose shared octets are encoded once.
//!
//! What the letters of base64 are depends only on where their group of three octets begins. So each shared stretch is
//! encoded three times, for each number of octets (0, 1, 2) that the group before it may lack; one reader's copy takes the one that
//! fits. The octets of a slot, with the one or two of their neighbours that complete the first and the last group, go on lines of
//! their own, shorter than 76 letters as the RFC allows. Nothing is added to the text: it decodes to the same octets.

use std::array;
use std::borrow::Cow;

use base64ct::{Base64, Encoding};

use crate::mail::template::Slot;

/// So many octets become a full line of 76 letters.
const LINE: usize = 57;

/// A part, cut at its slots.
#[derive(Debug)]
pub(super) struct Body {
    first: Stretch,
    rest: Vec<(Slot, Stretch)>,
}

impl Body {
    /// Encodes what all readers share.
    pub(super) fn new(first: &str, rest: &[(Slot, &str)]) -> Self {
        let rest = rest.iter();
        Self {
            first: Stretch::new(first.as_bytes()),
            rest: rest
                .map(|(slot, shared)| (*slot, Stretch::new(shared.as_bytes())))
                .collect(),
        }
    }

    /// Appends one reader's copy, its last line ended.
    pub(super) fn write<'v>(&self, value: impl Fn(Slot) -> Cow<'v, str>, out: &mut Vec<u8>) {
        let mut lines = Lines::new(out);
        self.first.write(&mut lines);
        for (slot, stretch) in &self.rest {
            lines.push(value(*slot).as_bytes());
            stretch.write(&mut lines);
        }
        lines.end();
    }
}

/// Shared octets, encoded for each number of octets that the group before them may lack.
#[derive(Debug)]
struct Stretch([Aligned; 3]);

#[derive(Debug)]
struct Aligned {
    /// Completes the group before.
    head: Vec<u8>,
    /// Whole groups, encoded, in ended lines.
    lines: Vec<u8>,
    /// Begins the group after.
    tail: Vec<u8>,
}

impl Stretch {
    fn new(octets: &[u8]) -> Self {
        Self(array::from_fn(|lacking| {
            let (head, rest) = octets.split_at(lacking.min(octets.len()));
            let (whole, tail) = rest.split_at(rest.len() / 3 * 3);
            let mut encoded = Vec::with_capacity(whole.len() / LINE * 78 + 78);
            let mut lines = Lines::new(&mut encoded);
            lines.push(whole);
            lines.end();
            Aligned {
                head: head.to_vec(),
                lines: encoded,
                tail: tail.to_vec(),
            }
        }))
    }

    fn write(&self, lines: &mut Lines<'_>) {
        let aligned = &self.0[lines.lacking()];
        lines.push(&aligned.head);
        if !aligned.lines.is_empty() {
            lines.end();
            lines.out.extend_from_slice(&aligned.lines);
        }
        lines.push(&aligned.tail);
    }
}

/// Encodes octets line by line.
struct Lines<'a> {
    out: &'a mut Vec<u8>,
    pending: [u8; LINE],
    count: usize,
}

impl<'a> Lines<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            pending: [0; LINE],
            count: 0,
        }
    }

    /// How many octets the last group lacks.
    fn lacking(&self) -> usize {
        (3 - self.count % 3) % 3
    }

    fn push(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let (taken, left) = octets.split_at(octets.len().min(LINE - self.count));
            self.pending[self.count..][..taken.len()].copy_from_slice(taken);
            self.count += taken.len();
            octets = left;
            if self.count == LINE {
                self.end();
            }
        }
    }

    /// Ends the line, if it holds anything.
    fn end(&mut self) {
        if self.count > 0 {
            let mut letters = [0; 76];
            let line = Base64::encode(&self.pending[..self.count], &mut letters);
            let line = line.expect("57 octets are 76 letters");
            self.out.extend_from_slice(line.as_bytes());
            self.out.extend_from_slice(b"\r\n");
            self.count = 0;
        }
    }
}
