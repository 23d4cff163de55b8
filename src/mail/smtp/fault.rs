//! Why a command has no good reply, and the words for it.

use std::io;
use std::time::Duration;

use super::{Step, tls};

/// Why a command has no good reply.
#[derive(Debug)]
pub(super) enum Fault {
    /// A 4xx or 5xx reply.
    Refused { code: u16, text: String },
    /// The connection ended or broke.
    Lost(String),
    /// TLS failed.
    Tls(String),
    /// Not a reply that SMTP knows here.
    Garbage(String),
    /// No reply in time.
    Silent(Duration),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match tls::complaint(&error) {
            Some(words) => Self::Tls(words),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Lost("the relay closed it".to_owned())
            }
            None => Self::Lost(error.to_string()),
        }
    }
}

impl Fault {
    /// Octets that are no text; the words are those of the standard library for it.
    pub(super) fn not_text() -> Self {
        Self::Garbage("stream did not contain valid UTF-8".to_owned())
    }

    /// Whether a session goes on after it: after a refusal, unless the relay is closing (RFC 5321 §3.8).
    pub(super) fn goes_on(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if *code != 421)
    }

    /// What happened at `step`, as a delivery's record tells it.
    pub(super) fn sentence(&self, step: Step) -> String {
        match self {
            Self::Refused { text, .. } => text.clone(),
            Self::Lost(reason) | Self::Tls(reason) => {
                format!("The connection was lost at {step}: {reason}.")
            }
            Self::Garbage(reason) => {
                format!("The relay answered {step} with something that is not SMTP: {reason}.")
            }
            Self::Silent(limit) => {
                format!("The relay did not answer within {limit:?} at {step}.")
            }
        }
    }
}

/// One line of at most 500 characters: a relay's words end up in a row and on a page.
pub(super) fn tidy(text: &str) -> String {
    text.chars()
        .take(500)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
