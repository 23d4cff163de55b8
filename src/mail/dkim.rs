//! DKIM: signatures over the very octets that go over the wire (RFC 6376, RFC 8463). A mail has one signature for each key that may
//! speak for its sender; they stand first, and cover the headers that mailbox providers look at.

mod key;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use mail_auth::common::crypto::HashAlgorithm;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::{Canonicalization, Signature};

use super::Error;
use crate::domain::alignment::aligned;

pub use key::{Key, KeyError, KeyKind, generate};

/// The headers that are signed where they are there (K4). Those with `true` are named once more than they are there, so that a
/// signature breaks when somebody adds another (K5): an added Subject or From would be what the reader sees.
const HEADERS: [(&str, bool); 19] = [
    ("From", true),
    ("To", true),
    ("Cc", true),
    ("Subject", true),
    ("Date", true),
    ("Message-ID", true),
    ("Reply-To", true),
    ("MIME-Version", true),
    ("Content-Type", true),
    ("Content-Transfer-Encoding", false),
    ("List-Unsubscribe", true),
    ("List-Unsubscribe-Post", true),
    ("List-Id", false),
    ("List-Post", false),
    ("List-Archive", false),
    ("List-Help", false),
    ("Feedback-ID", false),
    ("Auto-Submitted", false),
    ("Precedence", false),
];

/// Name and value of a header, the value with its line ends.
type Field<'a> = (&'a [u8], &'a [u8]);

/// The keys that sign the mail of one sender.
#[derive(Debug, Clone)]
pub struct Signer {
    keys: Vec<Arc<Key>>,
}

impl Signer {
    /// Those of the keys whose domain may speak for mail from this one (K8); `None` when none may.
    pub fn of(keys: &[Arc<Key>], from_domain: &str) -> Option<Self> {
        let speaks = |key: &&Arc<Key>| aligned(from_domain, key.domain());
        let keys: Vec<_> = keys.iter().filter(speaks).cloned().collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// The keys.
    pub fn keys(&self) -> &[Arc<Key>] {
        &self.keys
    }

    /// The signature headers that belong before a message, which is whole, with CRLF line ends, and before its leading dots are
    /// doubled.
    ///
    /// The time in them is the message's own Date, so that a mail that is sent once more is the same mail to the octet.
    pub fn sign(&self, message: &[u8], date_ms: i64) -> Result<Vec<u8>, Error> {
        let (head, body) = halves(message);
        let (names, fields) = chosen(head);
        let relaxed = Canonicalization::Relaxed;
        let mut signed = Vec::with_capacity(4_096);
        relaxed.canonicalize_headers(fields.into_iter(), &mut signed);
        let body = HashAlgorithm::Sha256.hash(relaxed.canonical_body(body, 0));
        let mut headers = Vec::new();
        for key in &self.keys {
            let mut signature = Signature {
                h: names.clone(),
                bh: body.as_ref().to_vec(),
                t: u64::try_from(date_ms / 1_000).unwrap_or(0),
                ..key.template()
            };
            let length = signed.len();
            signature.write(&mut signed, false);
            signature.b = key.sign(&signed)?;
            signed.truncate(length);
            signature.write_header(&mut headers);
        }
        Ok(headers)
    }

    /// Puts the signatures before the message that begins at `start` and ends where `out` does.
    pub(super) fn put_before(
        &self,
        start: usize,
        date_ms: i64,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let headers = self.sign(&out[start..], date_ms)?;
        out.splice(start..start, headers);
        Ok(())
    }
}

/// The headers, each line with its end, and the body.
fn halves(message: &[u8]) -> (&[u8], &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    match end {
        Some(end) => (&message[..end + 2], &message[end + 4..]),
        None => (message, &[]),
    }
}

/// The names for `h=`, and name and value of the fields behind them, in the same order. Of several fields with one name the last
/// comes first (RFC 6376 §5.4.2).
fn chosen(head: &[u8]) -> (Vec<String>, Vec<Field<'_>>) {
    let fields = fields(head);
    let (mut names, mut signed) = (Vec::new(), Vec::new());
    for (name, again) in HEADERS {
        let same = |(found, _): &&Field<'_>| found.eq_ignore_ascii_case(name.as_bytes());
        let found = fields.iter().rev().filter(same);
        for field in found {
            names.push(name.to_owned());
            signed.push(*field);
        }
        if again {
            names.push(name.to_owned());
        }
    }
    (names, signed)
}

fn fields(head: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < head.len() {
        let line = head[at..].iter().position(|octet| *octet == b'\n');
        at += line.map_or(head.len() - at, |end| end + 1);
        // A line that begins with a space goes on with the field before it.
        if matches!(head.get(at), Some(b' ' | b'\t')) {
            continue;
        }
        let field = &head[start..at];
        if let Some(colon) = field.iter().position(|octet| *octet == b':') {
            fields.push((&field[..colon], &field[colon + 1..]));
        }
        start = at;
    }
    fields
}
