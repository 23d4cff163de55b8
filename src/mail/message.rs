//! A rendered mail becomes a message: headers (RFC 5322, 2369, 2919, 8058, 3834) and a multipart/alternative body whose parts are
//! 7-bit (RFC 2045), ready for the wire.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{IntoBody, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::Error;
use super::clean::{clean, is_break, one_line};
use super::dkim::Signer;
use super::template::Rendered;
use crate::domain::list::SenderIdentity;

/// A message ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope sender.
    pub envelope_from: String,
    /// The one recipient (S8).
    pub to: String,
    /// Headers and body, CRLF, before dot-stuffing.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// The message as it goes over the wire, without the final dot.
    pub fn wire(&self) -> Vec<u8> {
        super::smtp::body::encode(&String::from_utf8_lossy(&self.bytes)).into_bytes()
    }

    /// Signs it.
    pub fn sign(&mut self, signer: &Signer, date_ms: i64) -> Result<(), Error> {
        signer.put_before(0, date_ms, &mut self.bytes)
    }

    /// A mail from what would go over the wire.
    pub fn from_wire(envelope_from: &str, to: &str, wire: &[u8]) -> Self {
        Self {
            envelope_from: envelope_from.to_owned(),
            to: to.to_owned(),
            bytes: super::smtp::body::decode(wire),
        }
    }
}

/// What the headers say.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// Who it comes from.
    pub sender: &'a SenderIdentity,
    /// The envelope sender (S16).
    pub bounce_address: &'a str,
    /// The one recipient.
    pub to: &'a str,
    /// Left side and right side, without angle brackets; the same on every try (M9).
    pub message_id: &'a str,
    /// When the copy was made, epoch milliseconds; the same on every try (M10).
    pub date_ms: i64,
    /// The language of the parts (M15).
    pub language: &'a str,
    /// For mail that belongs to a confirmed subscription.
    pub list: Option<ListHeaders<'a>>,
}

/// The headers of list mail.
#[derive(Debug, Clone)]
pub struct ListHeaders<'a> {
    /// What readers call the list.
    pub name: &'a str,
    /// `slug.domain`, stable for ever (H12).
    pub id: &'a str,
    /// The one-click address (H2).
    pub unsubscribe_url: &'a str,
    /// The public archive, if there is one.
    pub archive_url: Option<&'a str>,
    /// A periodic digest rather than an answer to the reader (H15).
    pub bulk: bool,
}

/// Builds the message.
pub fn build(envelope: &Envelope<'_>, rendered: &Rendered) -> Result<Mail, Error> {
    let date = SystemTime::UNIX_EPOCH
        + Duration::from_millis(u64::try_from(envelope.date_ms).unwrap_or(0));
    let mut builder = Message::builder()
        .from(mailbox(
            envelope.sender.address.as_str(),
            Some(one_line(&envelope.sender.name)),
        )?)
        .to(mailbox(envelope.to, None)?)
        .subject(one_line(&rendered.subject))
        .date(date)
        .message_id(Some(format!("<{}>", bracketed(envelope.message_id)?)))
        .raw_header(exact("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = &envelope.sender.reply_to {
        builder = builder.reply_to(mailbox(reply_to.as_str(), None)?);
    }
    if let Some(list) = &envelope.list {
        for header in list_headers(list)? {
            builder = builder.raw_header(header);
        }
    }
    let body = MultiPart::alternative()
        .boundary(boundary(envelope.message_id).collect::<String>())
        .singlepart(part(
            ContentType::TEXT_PLAIN,
            envelope.language,
            clean(&rendered.text).into_owned(),
        ))
        .singlepart(part(
            ContentType::TEXT_HTML,
            envelope.language,
            clean(&rendered.html).into_owned(),
        ));
    let message = builder
        .multipart(body)
        .map_err(|error| Error::Message(error.to_string()))?;
    Ok(Mail {
        envelope_from: envelope.bounce_address.to_owned(),
        to: envelope.to.to_owned(),
        bytes: message.formatted(),
    })
}

/// One of the two parts (M13, M15).
pub(super) fn part(content_type: ContentType, language: &str, body: impl IntoBody) -> SinglePart {
    SinglePart::builder()
        .header(content_type)
        .header(ContentLanguage(language.to_owned()))
        .body(body)
}

/// A boundary made from the Message-ID is unique per message and the same on every try; no encoded line begins with `=_` (M12).
pub(super) fn boundary(message_id: &str) -> impl Iterator<Item = char> {
    let tag = message_id.chars().filter(char::is_ascii_alphanumeric);
    ['=', '_'].into_iter().chain(tag.take(40))
}

/// An address for a header (X1).
pub(super) fn mailbox(address: &str, name: Option<String>) -> Result<Mailbox, Error> {
    if address.contains(is_break) {
        return Err(Error::Address("it breaks its line".to_owned()));
    }
    let address: Address = address
        .parse()
        .map_err(|error| Error::Address(format!("{error}")))?;
    Ok(Mailbox::new(name, address))
}

/// What a header holds between angle brackets; refused when it could end them or the header (X1).
pub(super) fn bracketed(value: &str) -> Result<&str, Error> {
    let stands = |octet: u8| octet.is_ascii_graphic() && !matches!(octet, b'<' | b'>');
    if value.is_empty() || !value.bytes().all(stands) {
        let reason = "a link or an id holds what cannot stand between angle brackets";
        return Err(Error::Message(reason.to_owned()));
    }
    Ok(value)
}

fn list_headers(list: &ListHeaders<'_>) -> Result<Vec<HeaderValue>, Error> {
    // The phrase must not end its own quoting or look like the id (RFC 2919 §3).
    let phrase: String = one_line(list.name)
        .chars()
        .filter(|letter| !"<>\"()@,;:\\[]".contains(*letter))
        .collect();
    let mut headers = vec![
        HeaderValue::new(
            HeaderName::new_from_ascii_str("List-Id"),
            format!("{phrase} <{}>", list.id),
        ),
        exact(
            "List-Unsubscribe",
            &format!("<{}>", bracketed(list.unsubscribe_url)?),
        ),
        exact("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        exact("List-Post", "NO"),
    ];
    if let Some(archive) = list.archive_url {
        headers.push(exact("List-Archive", &format!("<{}>", bracketed(archive)?)));
    }
    if list.bulk {
        headers.push(exact("Precedence", "bulk"));
    }
    Ok(headers)
}

/// A header whose octets are sent as they are: never folded, never encoded (V13, H1, H10).
fn exact(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.to_owned(),
        value.to_owned(),
    )
}

/// `Content-Language` (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(String);

impl lettre::message::header::Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(value.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
