//! The commands that announce a mail, in the order of their replies (RFC 5321 §4.1.1, RFC 2920 §3.1).

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::error::Undeliverable;
use super::offers::{Offers, Size};
use super::{Step, body};

/// Who a mail is from and for, and what the relay must know of it beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The envelope sender; its domain in ASCII.
    pub from: &'a str,
    /// The one recipient (S8); its domain in ASCII.
    pub to: &'a str,
    /// How many octets the message has on the wire, without the final dot.
    pub octets: u64,
    /// Whether the message needs SMTPUTF8. Bodies are encoded as ASCII: anything else is an address in a header
    /// (RFC 6531 §3.4).
    pub utf8: bool,
}

/// Commands, and the step that each reply to them belongs to.
#[derive(Default)]
pub(super) struct Group {
    text: String,
    commands: Vec<(Step, Range<usize>)>,
}

impl Group {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.commands.clear();
    }

    /// All of it, as it goes out in one piece.
    pub(super) fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The commands one by one.
    pub(super) fn commands(&self) -> impl Iterator<Item = (Step, &[u8])> {
        self.commands
            .iter()
            .map(|(step, range)| (*step, &self.text.as_bytes()[range.clone()]))
    }

    /// Ends the message in front of the commands; its reply is no command's.
    pub(super) fn dot(&mut self) {
        self.text.push_str(body::END);
    }

    /// Clears what is left of the mail before.
    pub(super) fn reset(&mut self) {
        self.push(Step::Reset, format_args!("RSET\r\n"));
    }

    /// Announces a mail, unless this relay can never take it: then the group is as it was.
    pub(super) fn envelope(
        &mut self,
        envelope: &Envelope<'_>,
        offers: &Offers,
        relay: &str,
    ) -> Result<(), Undeliverable> {
        let Envelope { from, to, .. } = *envelope;
        if to.is_empty() || [from, to].into_iter().any(breaks_out) {
            return Err(Undeliverable::Address);
        }
        let relay = || relay.to_owned();
        // Dots that were doubled count too: a few octets more than the relay will store.
        let octets = envelope.octets;
        if let Size::Limit(limit) = offers.size
            && octets > limit
        {
            return Err(Undeliverable::TooBig {
                octets,
                relay: relay(),
                limit,
            });
        }
        let ascii = from.is_ascii() && to.is_ascii() && !envelope.utf8;
        if !ascii && !offers.smtputf8 {
            return Err(Undeliverable::NoSmtpUtf8 { relay: relay() });
        }
        let utf8 = if ascii { "" } else { " BODY=8BITMIME SMTPUTF8" };
        if offers.size == Size::NotOffered {
            self.push(Step::Mail, format_args!("MAIL FROM:<{from}>{utf8}\r\n"));
        } else {
            self.push(
                Step::Mail,
                format_args!("MAIL FROM:<{from}> SIZE={octets}{utf8}\r\n"),
            );
        }
        self.push(Step::Rcpt, format_args!("RCPT TO:<{to}>\r\n"));
        self.push(Step::Data, format_args!("DATA\r\n"));
        Ok(())
    }

    fn push(&mut self, step: Step, command: fmt::Arguments<'_>) {
        let start = self.text.len();
        // Into the group's own buffer: writing to a string cannot fail.
        let _ = self.text.write_fmt(command);
        self.commands.push((step, start..self.text.len()));
    }
}

/// Whether an address would end its command and start another (X1).
fn breaks_out(address: &str) -> bool {
    address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '<' || c == '>')
}
