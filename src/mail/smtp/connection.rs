//! A session with a relay: one mail after the other, and what became of each. With PIPELINING a mail costs one round
//! trip: its message goes out with the commands of the next mail behind it (RFC 2920).

use std::mem;
use std::sync::Arc;

use super::doubt::Doubt;
use super::error::Undeliverable;
use super::group::{Envelope, Group};
use super::offers::{Offers, Size};
use super::outcome::{passed_over, undeliverable};
use super::wire::{Wire, within};
use super::{Relay, Step, Timeouts, body};
use crate::domain::delivery::Outcome;

/// What a relay says to a mail before it has the message.
#[derive(Debug, PartialEq, Eq)]
pub enum Announced {
    /// It waits for the message.
    Ready,
    /// It does not want this mail, or cannot take it.
    Refused(Outcome),
    /// The connection ended before there was an answer. Nothing was sent.
    Lost(Outcome),
}

/// What became of a message, and of the announcement that went with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivered {
    /// What became of the mail.
    pub outcome: Outcome,
    /// What the relay said to the next mail, if there was one.
    pub next: Option<Announced>,
}

/// A session with a relay. It sends one mail at a time; give it up when it is no longer [`usable`](Self::usable).
pub struct Connection {
    pub(super) wire: Wire,
    pub(super) offers: Offers,
    pub(super) relay: String,
    pub(super) limits: Timeouts,
    pub(super) pipelines: bool,
    /// Whether it got no group of commands through yet.
    pub(super) fresh: bool,
    /// Tells the next connections that the relay does not do what it offers.
    pub(super) doubt: Arc<Doubt>,
    pub(super) state: State,
    pub(super) fate: Fate,
    pub(super) group: Group,
}

/// Where the session stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Between two mails.
    Idle,
    /// Between two mails, the first of which left a transaction open.
    Dirty,
    /// The relay waits for a message.
    Ready,
    /// Over, or in the middle of something: replies may be on their way that nobody would tell apart.
    Over,
}

/// How far the mail came whose message goes out.
pub(super) enum Fate {
    /// Nothing of it left.
    Announced,
    /// Once so many octets have left, its final dot has.
    Leaving(usize),
    /// The relay has answered.
    Told(Outcome),
}

impl Connection {
    pub(super) fn new(wire: Wire, offers: Offers, relay: &Relay, doubt: Arc<Doubt>) -> Self {
        Self {
            wire,
            offers,
            relay: relay.name(),
            limits: relay.timeouts,
            pipelines: offers.pipelining && !doubt.holds(),
            fresh: true,
            doubt,
            state: State::Idle,
            fate: Fate::Announced,
            group: Group::default(),
        }
    }

    /// Whether another mail can go this way. It cannot after a loss, a 421, or a call that was dropped before it was done.
    pub fn usable(&self) -> bool {
        self.state != State::Over
    }

    /// Whether a mail that is announced with the message before it costs no round trip of its own.
    pub fn pipelines(&self) -> bool {
        self.pipelines
    }

    /// Whether the relay takes addresses that are not ASCII (RFC 6531).
    pub fn offers_smtputf8(&self) -> bool {
        self.offers.smtputf8
    }

    /// The largest message that the relay takes, in octets, when it says so (RFC 1870).
    pub fn size_limit(&self) -> Option<u64> {
        match self.offers.size {
            Size::Limit(limit) => Some(limit),
            Size::NotOffered | Size::Unlimited => None,
        }
    }

    /// Hands one mail to the relay, from its first command to the reply to its final dot.
    ///
    /// Domains must be in their ASCII form; `message` is a whole mail, and its line ends need not be right.
    pub async fn send(&mut self, from: &str, to: &str, message: &[u8]) -> Outcome {
        let Ok(message) = std::str::from_utf8(message) else {
            return undeliverable(&Undeliverable::NotText);
        };
        let body = body::encode(message);
        let envelope = Envelope {
            from,
            to,
            octets: body.len() as u64,
            utf8: !message.is_ascii(),
        };
        match self.announce(&envelope).await {
            Announced::Ready => self.deliver(body.as_bytes(), None).await.outcome,
            Announced::Refused(outcome) | Announced::Lost(outcome) => outcome,
        }
    }

    /// Asks the relay to take a mail. After [`Announced::Ready`] its message must follow.
    pub async fn announce(&mut self, envelope: &Envelope<'_>) -> Announced {
        self.fate = Fate::Announced;
        self.open(envelope).await
    }

    /// Hands over the message of the mail that was announced last, and announces the `next` one.
    ///
    /// `message` must be as it goes over the wire: whole lines that end in CRLF, leading dots doubled, no final dot.
    pub async fn deliver(&mut self, message: &[u8], next: Option<&Envelope<'_>>) -> Delivered {
        debug_assert!(message.is_empty() || message.ends_with(b"\r\n"));
        self.fate = Fate::Announced;
        if mem::replace(&mut self.state, State::Over) != State::Ready {
            return Delivered {
                outcome: self.over(),
                next: next.map(|_| Announced::Lost(self.over())),
            };
        }
        if let Err(fault) = self.wire.unasked().await {
            let lost = || passed_over(Step::Message, &fault);
            return Delivered {
                outcome: lost(),
                next: next.map(|_| Announced::Lost(lost())),
            };
        }
        let mut group = mem::take(&mut self.group);
        let delivered = self.exchange(message, next, &mut group).await;
        self.group = group;
        delivered
    }

    /// What became of the mail whose `send` or `deliver` was dropped before it was done.
    pub fn cut_off(&self) -> Outcome {
        let reply = format!("We stopped before {} answered.", self.relay);
        match &self.fate {
            Fate::Told(outcome) => outcome.clone(),
            Fate::Leaving(end) if self.wire.taken() >= *end => Outcome::Unknown { reply },
            Fate::Announced | Fate::Leaving(_) => Outcome::Retry { code: None, reply },
        }
    }

    /// What becomes of a mail that came too late.
    pub(super) fn over(&self) -> Outcome {
        Outcome::Retry {
            code: None,
            reply: format!("The connection to {} was already over.", self.relay),
        }
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        if matches!(self.state, State::Idle | State::Dirty) {
            let limit = self.limits.quit;
            // Whatever it answers, we leave.
            let _ = within(limit, self.wire.command("QUIT\r\n", limit)).await;
        }
    }
}
