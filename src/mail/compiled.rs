//! A digest compiled once for all its readers: rendered, styles inlined, encoded. One reader's copy is a few long copies of
//! octets with the reader's own headers and values between them, and decodes to exactly what would have been encoded whole.

mod base64;
mod head;
mod part;
mod quoted;

#[cfg(test)]
mod tests;

use self::head::Head;
use self::part::Part;
use super::Error;
use super::clean::one_line;
use super::dkim::Signer;
use super::template::{DigestMail, Greeting, Personal, Place, Rendered};
use crate::domain::list::SenderIdentity;

/// Gmail cuts a mail whose HTML part is longer; the link to unsubscribe would lie beyond the cut (M19).
pub const CLIPPED_OCTETS: usize = 102_400;
/// What the reader's own headers and values take, roughly.
const PERSONAL_OCTETS: usize = 2_048;

/// What the headers of all copies of a digest say.
#[derive(Debug, Clone, Copy)]
pub struct DigestHeaders<'a> {
    /// Who it comes from.
    pub sender: &'a SenderIdentity,
    /// When the digest started, epoch milliseconds (M10).
    pub date_ms: i64,
    /// The language of the parts (M15).
    pub language: &'a str,
    /// What readers call the list.
    pub list_name: &'a str,
    /// `slug.domain`, stable for ever (H12).
    pub list_id: &'a str,
    /// The public archive, if there is one.
    pub archive_url: Option<&'a str>,
    /// What stands before the subject of a letter that only an editor gets.
    pub mark: Option<&'a str>,
}

/// Whom a copy is for.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The one recipient, the domain in ASCII.
    pub to: &'a str,
    /// The reader's name, if given.
    pub name: Option<&'a str>,
    /// The address as its owner writes it (A5).
    pub shown: &'a str,
    /// The one-click address (H2).
    pub unsubscribe_url: &'a str,
    /// The page of the reader's choices.
    pub preferences_url: &'a str,
    /// Left side and right side, without angle brackets; the same on every try (M9).
    pub message_id: &'a str,
}

/// One variant of a digest: everything that its readers share.
#[derive(Debug)]
pub struct CompiledDigest {
    rendered: Rendered,
    greeting: Greeting,
    head: Head,
    text: Part,
    html: Part,
    /// How long a copy is, roughly.
    octets: usize,
    html_octets: usize,
    left_out: usize,
    date_ms: i64,
    signer: Option<Signer>,
}

impl CompiledDigest {
    /// Renders and encodes a digest once. What there is no room for, because mail clients would cut the letter, is left to the
    /// digest's page (M19).
    pub fn compile(mail: &DigestMail<'_>, headers: &DigestHeaders<'_>) -> Result<Self, Error> {
        let Fitted {
            mut rendered,
            html,
            left_out,
        } = fitted(mail, headers.language)?;
        if let Some(mark) = headers.mark {
            rendered.subject = format!("{mark} {}", rendered.subject);
        }
        let text = Part::new(Place::Text, headers.language, &rendered.text);
        let html_octets = html.octets();
        Ok(Self {
            greeting: Greeting::new(mail.locale),
            head: Head::new(headers, &rendered.subject)?,
            octets: text.octets() + html_octets + PERSONAL_OCTETS,
            rendered,
            text,
            html,
            html_octets,
            left_out,
            date_ms: headers.date_ms,
            signer: None,
        })
    }

    /// How many articles of the edition are on its page alone.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether it is too long for mail clients even without any article: an introduction or corrections are.
    pub fn is_cut(&self) -> bool {
        self.html_octets + PERSONAL_OCTETS > CLIPPED_OCTETS
    }

    /// Has each copy signed. No two copies share a signature, not even a part of the work: the boundary is the reader's own, and it
    /// is what every body begins with.
    pub fn signed_by(mut self, signer: Option<Signer>) -> Self {
        self.signer = signer;
        self
    }

    /// Whether copies are signed, which takes hundreds of times as long as all else: about a millisecond with an RSA key.
    pub fn is_signed(&self) -> bool {
        self.signer.is_some()
    }

    /// The subject, the same for every reader.
    pub fn subject(&self) -> &str {
        &self.rendered.subject
    }

    /// How much memory it takes, roughly.
    pub fn octets(&self) -> usize {
        self.octets + self.rendered.text.len() + self.rendered.html.len()
    }

    /// How long the encoded HTML part is beside the reader's own values; see [`CLIPPED_OCTETS`].
    pub fn html_octets(&self) -> usize {
        self.html_octets
    }

    /// Appends one reader's copy as it goes over the wire: lines end with CRLF and none begins with a dot, so that there is none to
    /// double (RFC 5321 §4.5.2). The final dot is not written. An error leaves `out` as it was.
    pub fn write(&self, reader: &Reader<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        out.reserve(self.octets);
        let boundary = self
            .head
            .write(reader, out)
            .inspect_err(|_| out.truncate(start))?;
        self.personal(reader, |personal| {
            for part in [&self.text, &self.html] {
                out.extend_from_slice(b"--");
                out.extend_from_within(boundary.clone());
                out.extend_from_slice(b"\r\n");
                part.write(personal, out);
            }
        });
        out.extend_from_slice(b"--");
        out.extend_from_within(boundary);
        out.extend_from_slice(b"--\r\n");
        if let Some(signer) = &self.signer {
            signer
                .put_before(start, self.date_ms, out)
                .inspect_err(|_| out.truncate(start))?;
        }
        Ok(())
    }

    /// One reader's copy before it is encoded; for who looks at it.
    pub fn preview(&self, reader: &Reader<'_>) -> Rendered {
        self.personal(reader, |personal| Rendered {
            subject: self.rendered.subject.clone(),
            text: personal.fill(&self.rendered.text, Place::Text),
            html: personal.fill(&self.rendered.html, Place::Html),
        })
    }

    fn personal<T>(&self, reader: &Reader<'_>, then: impl FnOnce(&Personal<'_>) -> T) -> T {
        then(&Personal {
            salutation: &self.greeting.to(reader.name),
            address: &one_line(reader.shown),
            unsubscribe_url: reader.unsubscribe_url,
            preferences_url: reader.preferences_url,
        })
    }
}

/// A letter that is short enough.
struct Fitted {
    rendered: Rendered,
    html: Part,
    left_out: usize,
}

/// Renders the whole edition, or as much of it as there is room for. The search for how much ends when the room is used but for a
/// few parts in a hundred; without any article it is as short as it gets.
fn fitted(mail: &DigestMail<'_>, language: &str) -> Result<Fitted, Error> {
    const ROOM: usize = CLIPPED_OCTETS - PERSONAL_OCTETS;
    let render = |most: usize| -> Result<(Fitted, usize), Error> {
        let edition = mail.edition.first(most);
        let left_out = mail.edition.article_count() - edition.article_count();
        let rendered = DigestMail {
            edition: &edition,
            left_out,
            ..mail.clone()
        }
        .render()?;
        let html = Part::new(Place::Html, language, &rendered.html);
        let octets = html.octets();
        let fitted = Fitted {
            rendered,
            html,
            left_out,
        };
        Ok((fitted, octets))
    };
    let size = mail.edition.size();
    let (whole, octets) = render(size)?;
    if octets <= ROOM {
        return Ok(whole);
    }
    let (mut best, mut fits) = (render(0)?, 0);
    let (mut over, mut over_octets) = (size, octets);
    while over - fits > 1 && best.1 < ROOM - ROOM / 33 {
        // As if all between the two were equally long; a little less, or it comes near from above for ever.
        let per_item = (over_octets - best.1).div_ceil(over - fits);
        let guess = fits + (ROOM.saturating_sub(best.1) / per_item.max(1)).saturating_sub(1);
        let middle = guess.clamp(fits + 1, over - 1);
        let (tried, octets) = render(middle)?;
        if octets <= ROOM {
            (best, fits) = ((tried, octets), middle);
        } else {
            (over, over_octets) = (middle, octets);
        }
    }
    Ok(best.0)
}
