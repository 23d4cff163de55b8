//! A part of a digest: its headers, and its body in the encoding that suits what its readers share (M14).

use lettre::message::Body as Encoded;
use lettre::message::header::{ContentTransferEncoding, ContentType};

use super::{base64, quoted};
use crate::mail::clean::clean;
use crate::mail::message;
use crate::mail::template::{Personal, Place, Slot, cut};

/// With a larger share of octets that are not ASCII, base64 is shorter than quoted-printable (M14).
const QUOTED_PERCENT: usize = 16;

/// One part, encoded but for its slots.
#[derive(Debug)]
pub(super) struct Part {
    place: Place,
    headers: Vec<u8>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Base64(base64::Body),
    Quoted(quoted::Body),
}

impl Part {
    /// Encodes a rendered part.
    pub(super) fn new(place: Place, language: &str, rendered: &str) -> Self {
        let text = clean(rendered).replace("\r\n", "\n").replace('\n', "\r\n");
        let foreign = text.bytes().filter(|octet| !octet.is_ascii()).count();
        let (first, rest) = slots(&text);
        let (encoding, body) = if foreign * 100 > text.len() * QUOTED_PERCENT {
            let body = Body::Base64(base64::Body::new(first, &rest));
            (ContentTransferEncoding::Base64, body)
        } else {
            let body = Body::Quoted(quoted::Body::new(first, &rest));
            (ContentTransferEncoding::QuotedPrintable, body)
        };
        let content_type = match place {
            Place::Text => ContentType::TEXT_PLAIN,
            Place::Html => ContentType::TEXT_HTML,
        };
        let empty = Encoded::dangerous_pre_encoded(Vec::new(), encoding);
        let mut headers = message::part(content_type, language, empty).formatted();
        // The line end of the empty body.
        headers.truncate(headers.len() - 2);
        Self {
            place,
            headers,
            body,
        }
    }

    /// Appends one reader's copy, headers first.
    pub(super) fn write(&self, personal: &Personal<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.headers);
        let value = |slot| personal.value(slot, self.place);
        match &self.body {
            Body::Base64(body) => body.write(value, out),
            Body::Quoted(body) => body.write(value, out),
        }
    }

    /// How many octets its body has on the wire beside what is put into its slots.
    pub(super) fn octets(&self) -> usize {
        let nobody = Personal {
            salutation: "",
            address: "",
            unsubscribe_url: "",
            preferences_url: "",
        };
        let mut out = Vec::new();
        self.write(&nobody, &mut out);
        out.len() - self.headers.len()
    }
}

/// What stands before the first slot, and each slot with what stands after it.
fn slots(text: &str) -> (&str, Vec<(Slot, &str)>) {
    let (cuts, last) = cut(text);
    let after = cuts.iter().skip(1).map(|(shared, _)| *shared);
    let after = after.chain([last]);
    let first = cuts.first().map_or(last, |(shared, _)| shared);
    let rest = cuts.iter().map(|(_, slot)| *slot).zip(after);
    (first, rest.collect())
}
