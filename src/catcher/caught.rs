//! One caught message: its envelope, its octets as they came, and what a mail reader would show of them.
//!
//! Nothing decoded is stored, so that the inbox stays within its bounds: each view parses the octets when it is asked for.

use mail_parser::{Addr, Address, Message, MessageParser, PartType};

/// A message as the catcher received it.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Counts up from 1 in the order of acceptance.
    pub id: u64,
    /// When it was accepted, in epoch milliseconds.
    pub received_ms: i64,
    /// The address of MAIL FROM; empty for `<>`.
    pub envelope_from: String,
    /// The addresses of RCPT TO, in order.
    pub recipients: Vec<String>,
    /// Whether MAIL carried SMTPUTF8.
    pub smtputf8: bool,
    /// The message itself, with the dots of the transport removed.
    pub raw: Vec<u8>,
}

impl Caught {
    /// Octets of the message.
    pub fn size(&self) -> usize {
        self.raw.len()
    }

    /// The decoded subject; empty when there is none.
    pub fn subject(&self) -> String {
        self.header_block()
            .and_then(|message| message.subject().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The decoded From header, as `Name <address>`.
    pub fn from(&self) -> String {
        self.header_block()
            .and_then(|message| message.from().map(readable))
            .unwrap_or_default()
    }

    /// The decoded To header, as `Name <address>, …`.
    pub fn to(&self) -> String {
        self.header_block()
            .and_then(|message| message.to().map(readable))
            .unwrap_or_default()
    }

    /// The headers as they were written: names in order, values unfolded but not decoded.
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in self.raw.split(|&octet| octet == b'\n') {
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
            if line.is_empty() {
                break;
            }
            if let Some((_, value)) = headers.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
                value.push_str(&line);
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_owned(), value.trim_start().to_owned()));
            }
        }
        headers
    }

    /// The first header of this name, in any case, unfolded but not decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.headers().into_iter();
        headers
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The decoded text part; none when the message has only HTML.
    pub fn text(&self) -> Option<String> {
        self.message()?
            .text_bodies()
            .find_map(|part| match &part.body {
                PartType::Text(text) => Some(text.to_string()),
                _ => None,
            })
    }

    /// The decoded HTML part; none when the message has only text.
    pub fn html(&self) -> Option<String> {
        self.message()?
            .html_bodies()
            .find_map(|part| match &part.body {
                PartType::Html(html) => Some(html.to_string()),
                _ => None,
            })
    }

    fn message(&self) -> Option<Message<'_>> {
        MessageParser::new().parse(&self.raw)
    }

    fn header_block(&self) -> Option<Message<'_>> {
        MessageParser::new().parse_headers(&self.raw)
    }
}

fn readable(addresses: &Address<'_>) -> String {
    let one = |address: &Addr<'_>| match (address.name(), address.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    addresses.iter().map(one).collect::<Vec<_>>().join(", ")
}
