//! The fault language of the catcher: which events go wrong, how often, and how.
//!
//! One rule a line; empty lines and lines that start with `#` are skipped:
//!
//! ```text
//! on EVENT [to PATTERN] [after N] [every N] [times N] [delay TIME] [ACTION]
//! ```
//!
//! | event | when |
//! | --- | --- |
//! | `connect` | a client connected and waits for the greeting |
//! | `ehlo` `starttls` `auth` `mail` `rcpt` `data` `rset` `quit` | that command came (HELO is `ehlo`) |
//! | `dot` | a whole message came and waits for its answer |
//! | `any` | any of these, and any other command |
//!
//! | action | what the catcher does |
//! | --- | --- |
//! | `reply CODE TEXT` | answers so, in place of doing what was asked; a success (2xx, at `data` 354) does it and only changes the words; 421 closes |
//! | `raw TEXT` | sends exactly this, not doing what was asked; `\r \n \t \\ \xHH` are escapes, no line end is added |
//! | `drop` | does what was asked (at `dot` the message is kept), then closes without an answer |
//! | `lose` | closes without an answer and without doing what was asked |
//! | `hang` | does what was asked and never answers, until the client leaves |
//!
//! `delay` waits first (`250ms`, `2s`, `1m`); alone it then goes on as usual. `to` takes an address in which `*` stands for
//! anything, and may follow `rcpt`, `data`, `dot` and `any`. `after N` skips the first N events, `every N` takes every Nth from
//! there on, `times N` stops after N. The first rule that applies decides; a rule counts the events that reach it, over all connections.
//!
//! ```text
//! on rcpt to *@slow.example times 1 reply 451 4.7.1 greylisted
//! on dot after 3 drop
//! on data delay 500ms
//! on mail raw what?\r\n
//! ```

mod parse;

use std::time::Duration;

pub use parse::{ScriptError, ScriptProblem};

/// The faults that a catcher makes, with their counts; the default makes none.
#[derive(Clone, Debug, Default)]
pub struct Script {
    rules: Vec<Rule>,
}

/// Something in a session that a rule can speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
    Rset,
    Quit,
    /// In a session: a command that has no name here. In a rule: every event.
    Any,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    event: Event,
    to: Option<String>,
    after: u64,
    every: u64,
    times: u64,
    fault: Fault,
    seen: u64,
    made: u64,
}

/// What is to go wrong with one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fault {
    pub delay: Duration,
    pub action: Action,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Action {
    /// Nothing: go on as usual.
    #[default]
    Pass,
    Reply {
        code: u16,
        text: String,
    },
    Raw(Vec<u8>),
    Drop,
    Lose,
    Hang,
}

impl Script {
    /// What happens at this event, in a transaction with these recipients.
    pub(super) fn decide(&mut self, event: Event, recipients: &[String]) -> Fault {
        let mut rules = self.rules.iter_mut();
        rules
            .find_map(|rule| rule.decide(event, recipients))
            .unwrap_or_default()
    }
}

impl Rule {
    fn decide(&mut self, event: Event, recipients: &[String]) -> Option<Fault> {
        let meant = self.event == Event::Any || self.event == event;
        let addressed = self.to.as_ref().is_none_or(|pattern| {
            let mut recipients = recipients.iter();
            recipients.any(|address| matches(pattern, &address.to_ascii_lowercase()))
        });
        if !meant || !addressed {
            return None;
        }
        self.seen += 1;
        let due = self.seen > self.after && (self.seen - self.after - 1).is_multiple_of(self.every);
        if !due || self.made >= self.times {
            return None;
        }
        self.made += 1;
        Some(self.fault.clone())
    }
}

/// Whether the text is the pattern, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return text.ends_with(piece);
        }
        let Some(at) = text.find(piece) else {
            return false;
        };
        text = &text[at + piece.len()..];
    }
    true
}
