//! What keeps us from a relay, in sentences that say what, where, and what to do next.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A step of an SMTP session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Opening the connection.
    Connect,
    /// The TLS handshake of a connection that is encrypted from the start.
    Tls,
    /// The relay's first words.
    Greeting,
    /// EHLO.
    Ehlo,
    /// STARTTLS and its handshake.
    Starttls,
    /// AUTH.
    Auth,
    /// RSET, between two mails.
    Reset,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The message itself, up to the final dot.
    Message,
    /// The reply to the final dot.
    FinalDot,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::Ehlo => "EHLO",
            Self::Starttls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Reset => "RSET",
            Self::Mail => "MAIL FROM",
            Self::Rcpt => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "the message",
            Self::FinalDot => "the final dot",
        })
    }
}

/// A relay that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The EHLO name cannot go on the wire (RFC 6531 §3.7.1).
    #[error(
        "The EHLO name {helo:?} is not usable: give this machine's host name in ASCII (an international name in its xn-- form)"
    )]
    Helo {
        /// The name.
        helo: String,
    },
    /// The password would be readable on the way.
    #[error(
        "Refusing to send a password to {relay} unencrypted: set its tls to \"starttls\" or \"implicit\", or remove its credentials"
    )]
    CredentialsInClear {
        /// `host:port`.
        relay: String,
    },
    /// No certificate can be for this host.
    #[error(
        "The relay host {host:?} is not a name or address that a certificate can be for: correct it, or set tls to \"none\" for a relay on this machine"
    )]
    Host {
        /// The host.
        host: String,
    },
    /// The file of authorities cannot be read.
    #[error("Cannot read certificates from {}: {reason}; it must be a PEM file with at least one CERTIFICATE", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("Cannot set up TLS for {relay}: {reason}")]
    Tls {
        /// `host:port`.
        relay: String,
        /// What the TLS library says.
        reason: String,
    },
}

/// Why there is no session with a relay; `relay` is its `host:port`.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No connection.
    #[error(
        "Cannot connect to the relay {relay}: {reason}; check its host and port, and that it is running"
    )]
    Unreachable {
        /// The relay.
        relay: String,
        /// What the system says.
        reason: String,
    },
    /// The relay said nothing in time.
    #[error("The relay {relay} did not answer within {limit:?} at {step}; will try again")]
    Timeout {
        /// The relay.
        relay: String,
        /// Where it hung.
        step: Step,
        /// How long we waited.
        limit: Duration,
    },
    /// The connection ended.
    #[error("The connection to the relay {relay} was lost at {step}: {reason}; will try again")]
    Lost {
        /// The relay.
        relay: String,
        /// Where it ended.
        step: Step,
        /// What happened.
        reason: String,
    },
    /// The relay will not have us, now (4xx) or at all (5xx).
    #[error("The relay {relay} refused us at {step} with {code} {text}")]
    Refused {
        /// The relay.
        relay: String,
        /// Where it refused.
        step: Step,
        /// The reply code.
        code: u16,
        /// The reply's text.
        text: String,
    },
    /// TLS is required and not offered.
    #[error(
        "The relay {relay} does not offer STARTTLS, which is required: use its TLS port with tls = \"implicit\" (usually 465), or tls = \"none\" if it is on this machine"
    )]
    NoTls {
        /// The relay.
        relay: String,
    },
    /// TLS failed, mostly for the certificate.
    #[error("No trusted TLS connection to the relay {relay}: {reason}")]
    Tls {
        /// The relay.
        relay: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Wrong user name or password.
    #[error(
        "The relay {relay} refused the user name or password with {code} {text}; correct its credentials"
    )]
    AuthRefused {
        /// The relay.
        relay: String,
        /// The reply code.
        code: u16,
        /// The reply's text.
        text: String,
    },
    /// There are credentials, and no way to present them.
    #[error(
        "The relay {relay} offers neither AUTH PLAIN nor AUTH LOGIN: many do so only over TLS, so check its tls setting; or remove its credentials"
    )]
    AuthNotOffered {
        /// The relay.
        relay: String,
    },
    /// What the relay says is not SMTP.
    #[error(
        "The relay {relay} answered {step} with something that is not SMTP ({reason}); check its port and tls setting"
    )]
    Garbage {
        /// The relay.
        relay: String,
        /// Where.
        step: Step,
        /// What is wrong with it.
        reason: String,
    },
}

impl ConnectError {
    /// Whether it may pass by itself.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Lost { .. } => true,
            Self::Refused { code, .. } => *code < 500,
            Self::NoTls { .. }
            | Self::Tls { .. }
            | Self::AuthRefused { .. }
            | Self::AuthNotOffered { .. }
            | Self::Garbage { .. } => false,
        }
    }

    /// Whether someone has to change the configuration, here or at the relay.
    pub fn is_misconfiguration(&self) -> bool {
        !self.is_temporary()
    }
}

/// Why a mail can never go through this relay; nothing was said to the relay.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undeliverable {
    #[error(
        "The address cannot be given to a relay: it is empty, or holds a space, a control character, < or >."
    )]
    Address,
    #[error("The message is neither ASCII nor UTF-8.")]
    NotText,
    /// With the status that the relay would answer (RFC 1870 §6.1): the sender is to blame, and no reader.
    #[error("5.3.4 The message has {octets} octets, and the relay {relay} takes at most {limit}.")]
    TooBig {
        octets: u64,
        relay: String,
        limit: u64,
    },
    #[error(
        "The address is not ASCII and not deliverable through this relay: {relay} does not offer SMTPUTF8."
    )]
    NoSmtpUtf8 { relay: String },
}
