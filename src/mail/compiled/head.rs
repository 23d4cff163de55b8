//! The headers of a digest: those that all readers share as lettre makes them, and three of the reader's own between them.

use std::io::Write as _;
use std::ops::Range;

use lettre::message::Mailboxes;
use lettre::message::header::{Headers, To};

use super::{DigestHeaders, Reader};
use crate::mail::Error;
use crate::mail::message::{self, Envelope, ListHeaders};
use crate::mail::template::Rendered;

/// The headers, cut where the reader's own stand.
#[derive(Debug)]
pub(super) struct Head {
    /// Shared headers, and the reader's own that stands after them.
    fields: Vec<(Vec<u8>, Own)>,
    rest: Vec<u8>,
}

/// A header that is each reader's own.
#[derive(Debug, Clone, Copy)]
enum Own {
    To,
    MessageId,
    Unsubscribe,
}

impl Head {
    /// Makes the headers of nobody's copy, as every other mail's are made, and cuts them.
    pub(super) fn new(headers: &DigestHeaders<'_>, subject: &str) -> Result<Self, Error> {
        let rendered = Rendered {
            subject: subject.to_owned(),
            text: String::new(),
            html: String::new(),
        };
        let bytes = message::build(&nobodys(headers), &rendered)?.bytes;
        let message = String::from_utf8_lossy(&bytes);
        let (head, _) = message.split_once("\r\n\r\n").unwrap_or((&message, ""));
        Ok(Self::cut(head))
    }

    fn cut(head: &str) -> Self {
        let mut fields = Vec::new();
        let mut shared = Vec::new();
        let mut is_shared = true;
        for line in head.split("\r\n") {
            if !line.starts_with([' ', '\t']) {
                let own = match line.split(':').next() {
                    Some("To") => Some(Own::To),
                    Some("Message-ID") => Some(Own::MessageId),
                    Some("List-Unsubscribe") => Some(Own::Unsubscribe),
                    _ => None,
                };
                // The boundary is the reader's too, and the last header is where the body learns it.
                is_shared = own.is_none() && !line.starts_with("Content-Type:");
                fields.extend(own.map(|own| (std::mem::take(&mut shared), own)));
            }
            if is_shared {
                shared.extend_from_slice(line.as_bytes());
                shared.extend_from_slice(b"\r\n");
            }
        }
        Self {
            fields,
            rest: shared,
        }
    }

    /// Appends one reader's headers and the empty line; returns where the boundary stands in `out`.
    pub(super) fn write(
        &self,
        reader: &Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Range<usize>, Error> {
        for (shared, own) in &self.fields {
            out.extend_from_slice(shared);
            match own {
                Own::To => write_to(reader.to, out)?,
                Own::MessageId => write_bracketed("Message-ID", reader.message_id, out)?,
                Own::Unsubscribe => {
                    write_bracketed("List-Unsubscribe", reader.unsubscribe_url, out)?;
                }
            }
        }
        out.extend_from_slice(&self.rest);
        out.extend_from_slice(b"Content-Type: multipart/alternative;\r\n boundary=\"");
        let start = out.len();
        out.extend(message::boundary(reader.message_id).map(|letter| letter as u8));
        let boundary = start..out.len();
        out.extend_from_slice(b"\"\r\n\r\n");
        Ok(boundary)
    }
}

fn nobodys<'a>(headers: &DigestHeaders<'a>) -> Envelope<'a> {
    Envelope {
        sender: headers.sender,
        bounce_address: "",
        to: "reader@example.org",
        message_id: "0@example.org",
        date_ms: headers.date_ms,
        language: headers.language,
        list: Some(ListHeaders {
            name: headers.list_name,
            id: headers.list_id,
            unsubscribe_url: "https://example.org",
            archive_url: headers.archive_url,
            bulk: true,
        }),
    }
}

/// A header whose octets are sent as they are: never folded, never encoded (V10, H1, H10).
fn write_bracketed(name: &str, value: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    let value = message::bracketed(value)?;
    for piece in [name, ": <", value, ">\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
    Ok(())
}

/// An address that is plainly one is written as it is; lettre makes the header of every other.
fn write_to(address: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    if is_plain(address) {
        for piece in ["To: ", address, "\r\n"] {
            out.extend_from_slice(piece.as_bytes());
        }
        return Ok(());
    }
    let mut headers = Headers::new();
    headers.set(To::from(Mailboxes::from(message::mailbox(address, None)?)));
    write!(out, "{headers}").map_err(|error| Error::Address(error.to_string()))
}

/// One `@` between letters, digits and full stops, with the marks that addresses really have.
fn is_plain(address: &str) -> bool {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"@.-_+".contains(&octet);
    address.bytes().all(plain)
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}
