//! A session with a relay: one mail after the other, and what became of each.

use std::pin::pin;
use std::sync::Arc;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Rset};
use lettre::transport::smtp::extension::Extension;

use super::error::Undeliverable;
use super::exchange::{Fault, reply_within};
use super::wire::Tap;
use super::{Relay, Step, Timeouts, body};
use crate::domain::delivery::Outcome;

/// What a relay says of the size of messages (RFC 1870).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Size {
    /// It does not know the SIZE parameter.
    #[default]
    NotOffered,
    /// It knows the parameter and sets no limit.
    Unlimited,
    /// It takes messages up to this many octets.
    Limit(u64),
}

impl Size {
    /// Reads a line of the reply to EHLO; `None` when it speaks of something else.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        if !words.next()?.eq_ignore_ascii_case("SIZE") {
            return None;
        }
        Some(match words.next().and_then(|limit| limit.parse().ok()) {
            None | Some(0) => Self::Unlimited,
            Some(limit) => Self::Limit(limit),
        })
    }
}

/// A session with a relay. It sends one mail at a time; give it up when it is no longer [`usable`](Self::usable).
pub struct Connection {
    smtp: AsyncSmtpConnection,
    tap: Arc<Tap>,
    size: Size,
    relay: String,
    limits: Timeouts,
    usable: bool,
    /// When a message is on its way: once so many octets have been written, its final dot has left.
    end: Option<u64>,
}

/// One mail in the shape in which it goes over the wire.
struct Letter {
    mail: String,
    rcpt: String,
    body: String,
}

impl Connection {
    pub(super) fn new(smtp: AsyncSmtpConnection, tap: Arc<Tap>, size: Size, relay: &Relay) -> Self {
        Self {
            smtp,
            tap,
            size,
            relay: relay.name(),
            limits: relay.timeouts,
            usable: true,
            end: None,
        }
    }

    /// Whether another mail can go this way. It cannot after a loss, a 421, or a `send` that was cancelled.
    pub fn usable(&self) -> bool {
        self.usable
    }

    /// Whether the relay takes addresses that are not ASCII (RFC 6531).
    pub fn offers_smtputf8(&self) -> bool {
        let info = self.smtp.server_info();
        info.supports_feature(Extension::SmtpUtfEight)
    }

    /// The largest message that the relay takes, in octets, when it says so (RFC 1870).
    pub fn size_limit(&self) -> Option<u64> {
        match self.size {
            Size::Limit(limit) => Some(limit),
            Size::NotOffered | Size::Unlimited => None,
        }
    }

    /// Hands one mail to the relay.
    ///
    /// Domains must be in their ASCII form; `message` is a whole mail, and its line ends need not be right.
    pub async fn send(&mut self, envelope_from: &str, to: &str, message: &[u8]) -> Outcome {
        if !self.usable {
            return Outcome::Retry {
                code: None,
                reply: format!("The connection to {} was already over.", self.relay),
            };
        }
        let letter = match self.letter(envelope_from, to, message) {
            Ok(letter) => letter,
            Err(reason) => {
                let reply = reason.to_string();
                return Outcome::Failed { code: None, reply };
            }
        };
        // Until the last reply is read: if this future is dropped, the next mail would read this one's replies.
        self.usable = false;
        self.end = None;
        let (outcome, usable) = self.transact(letter).await;
        self.usable = usable;
        outcome
    }

    /// What became of the mail whose `send` was dropped before it was done.
    pub fn cut_off(&self) -> Outcome {
        let reply = format!("We stopped before {} answered.", self.relay);
        match self.end {
            Some(end) if self.tap.written() >= end => Outcome::Unknown { reply },
            _ => Outcome::Retry { code: None, reply },
        }
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        if self.usable {
            // Whatever it answers, we leave.
            let _ = tokio::time::timeout(self.limits.quit, self.smtp.quit()).await;
        }
    }

    /// The commands for one mail, or why this relay can never take it.
    fn letter(&self, from: &str, to: &str, message: &[u8]) -> Result<Letter, Undeliverable> {
        if to.is_empty() || [from, to].into_iter().any(breaks_out) {
            return Err(Undeliverable::Address);
        }
        let message = std::str::from_utf8(message).map_err(|_| Undeliverable::NotText)?;
        let relay = || self.relay.clone();
        let body = body::encode(message);
        // Dots that were doubled count too: a few octets more than the relay will store.
        let octets = (body.len() - body::END.len()) as u64;
        let size = match self.size {
            Size::NotOffered => String::new(),
            Size::Limit(limit) if octets > limit => {
                return Err(Undeliverable::TooBig {
                    octets,
                    relay: relay(),
                    limit,
                });
            }
            Size::Unlimited | Size::Limit(_) => format!(" SIZE={octets}"),
        };
        // Bodies are encoded as ASCII: anything else is an address, in the envelope or in a header (RFC 6531 §3.4).
        let ascii = from.is_ascii() && to.is_ascii() && message.is_ascii();
        if !ascii && !self.offers_smtputf8() {
            return Err(Undeliverable::NoSmtpUtf8 { relay: relay() });
        }
        let utf8 = if ascii { "" } else { " BODY=8BITMIME SMTPUTF8" };
        let mail = format!("MAIL FROM:<{from}>{size}{utf8}\r\n");
        let rcpt = format!("RCPT TO:<{to}>\r\n");
        Ok(Letter { mail, rcpt, body })
    }

    /// One transaction: what became of the mail, and whether the session goes on.
    async fn transact(&mut self, letter: Letter) -> (Outcome, bool) {
        if let Err((step, fault)) = self.envelope(letter.mail, letter.rcpt).await {
            let outcome = before_dot(step, &fault);
            return (outcome, goes_on(&fault) && self.reset().await);
        }
        let end = self.tap.written() + letter.body.len() as u64;
        self.end = Some(end);
        match self.message(letter.body, end).await {
            Ok(reply) => (Outcome::Sent { reply }, true),
            Err(fault) => {
                let left = self.tap.written() >= end;
                (after_data(&fault, left), goes_on(&fault))
            }
        }
    }

    async fn envelope(&mut self, mail: String, rcpt: String) -> Result<(), (Step, Fault)> {
        let Timeouts {
            command, data_init, ..
        } = self.limits;
        let at = |step| move |fault| (step, fault);
        let reply = reply_within(command, 2, self.smtp.command(mail));
        reply.await.map_err(at(Step::Mail))?;
        let reply = reply_within(command, 2, self.smtp.command(rcpt));
        reply.await.map_err(at(Step::Rcpt))?;
        let reply = reply_within(data_init, 3, self.smtp.command(Data));
        reply.await.map_err(at(Step::Data))?;
        Ok(())
    }

    /// Writes the message with its final dot and waits for the reply. While the relay keeps taking octets each block
    /// has its own time; once `end` octets have left, the final dot has.
    async fn message(&mut self, body: String, end: u64) -> Result<String, Fault> {
        let limits = self.limits;
        let mut taken = self.tap.written();
        let mut sending = pin!(self.smtp.command(body));
        loop {
            let result = reply_within(limits.data_block, 2, sending.as_mut()).await;
            if !matches!(result, Err(Fault::Silent(_))) {
                return result;
            }
            let before = std::mem::replace(&mut taken, self.tap.written());
            if taken >= end {
                return reply_within(limits.final_dot, 2, sending).await;
            }
            if taken == before {
                return result;
            }
        }
    }

    /// Clears the transaction for the next mail.
    async fn reset(&mut self) -> bool {
        let reply = reply_within(self.limits.command, 2, self.smtp.command(Rset));
        reply.await.is_ok()
    }
}

/// Whether an address would end its command and start another (X1).
fn breaks_out(address: &str) -> bool {
    address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '<' || c == '>')
}

/// Whether a session goes on after a fault: after a refusal, unless the relay is closing (RFC 5321 §3.8).
fn goes_on(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused { code, .. } if *code != 421)
}

/// What a fault before the message means for the mail: by the reply's first digit, with the exceptions of [`may_pass`].
fn before_dot(step: Step, fault: &Fault) -> Outcome {
    let reply = fault.sentence(step);
    match fault {
        Fault::Refused { code, .. } if refuses_us(step, *code, &reply) => {
            Outcome::SenderRefused { code: *code, reply }
        }
        Fault::Refused { code, .. } if may_pass(step, *code, &reply) => Outcome::Retry {
            code: Some(*code),
            reply,
        },
        Fault::Refused { code, .. } => Outcome::Failed {
            code: Some(*code),
            reply,
        },
        _ => Outcome::Retry { code: None, reply },
    }
}

/// Whether a refusal is meant for the sender and not for this mail: the relay wants TLS or a log-in first (RFC 3207 §4,
/// RFC 4954 §6), or does not take our envelope sender. Only a message that is too big, or an address in another script, is
/// refused at MAIL for its own sake.
fn refuses_us(step: Step, code: u16, text: &str) -> bool {
    let of_this_mail = ["5.3.4", "5.2.3", "5.6.7"];
    match code {
        530 | 538 => true,
        552 => false,
        500.. => step == Step::Mail && !of_this_mail.iter().any(|code| text.starts_with(code)),
        _ => false,
    }
}

/// Whether the same mail may be taken another time.
fn may_pass(step: Step, code: u16, text: &str) -> bool {
    match code {
        // Too many recipients, or a full mailbox (RFC 5321 §4.5.3.1.10), unless it says that the message is too big.
        552 if step == Step::Rcpt => !text.starts_with("5.3.4") && !text.starts_with("5.2.3"),
        _ => code < 500,
    }
}

/// What a fault after DATA means. `left` is false when some of the message surely did not leave: then the relay cannot
/// have seen the final dot. Under TLS the octets are those of the cipher, always more than the message's, so `left`
/// may be true a little too soon: such a mail is called unknown, never sent twice.
fn after_data(fault: &Fault, left: bool) -> Outcome {
    match fault {
        Fault::Refused { .. } => before_dot(Step::FinalDot, fault),
        _ if left => Outcome::Unknown {
            reply: fault.sentence(Step::FinalDot),
        },
        _ => before_dot(Step::Message, fault),
    }
}
