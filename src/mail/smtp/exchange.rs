//! One command and its reply within its time (RFC 5321 §4.5.3.2), and what went wrong.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::{Error, response::Response};

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

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let text = tidy(&innermost(&error));
        if let Some(code) = error.status() {
            let code = code.into();
            return Self::Refused { code, text };
        }
        if let Some(words) = tls::complaint(&error) {
            return Self::Tls(words);
        }
        // lettre's words for a connection that was closed; it has no kind for it.
        if error.is_response() && text == "incomplete response" {
            return Self::Lost("the relay closed it".to_owned());
        }
        if error.is_response() || error.is_client() || is_not_text(&error) {
            return Self::Garbage(text);
        }
        Self::Lost(text)
    }
}

impl Fault {
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

/// Waits for `work`, at most `limit`.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(Fault::from),
        Err(_) => Err(Fault::Silent(limit)),
    }
}

/// Waits for a reply whose code starts with `class` and returns its text.
pub(super) async fn reply_within(
    limit: Duration,
    class: u16,
    work: impl Future<Output = Result<Response, Error>>,
) -> Result<String, Fault> {
    let response = within(limit, work).await?;
    let code = u16::from(response.code());
    let text = tidy(&response.message().collect::<Vec<_>>().join(" "));
    if code / 100 == class {
        Ok(text)
    } else {
        Err(Fault::Garbage(format!("{code} {text}")))
    }
}

/// One line of at most 500 characters: a relay's words end up in a row and on a page.
fn tidy(text: &str) -> String {
    text.chars()
        .take(500)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

fn innermost(error: &Error) -> String {
    let mut at: &dyn std::error::Error = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

fn is_not_text(error: &Error) -> bool {
    error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
        .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}
