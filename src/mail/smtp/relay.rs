//! A relay: where it is, how it is spoken to, and how long each step may take.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// How the connection to a relay is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Not at all: for a relay on this machine.
    None,
    /// By STARTTLS, which the relay must offer (port 587).
    Starttls,
    /// From the first octet (port 465).
    Implicit,
}

/// Who we are to a relay that asks.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account's name.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Finding the host and opening the connection; also each TLS handshake.
    pub connect: Duration,
    /// The relay's first words.
    pub greeting: Duration,
    /// The reply to EHLO, AUTH, MAIL, RCPT and RSET.
    pub command: Duration,
    /// The reply to DATA.
    pub data_init: Duration,
    /// While the message goes out: how long the relay may take none of it.
    pub data_block: Duration,
    /// The reply to the final dot.
    pub final_dot: Duration,
    /// The reply to QUIT, which nothing depends on.
    pub quit: Duration,
}

impl Default for Timeouts {
    /// The least that RFC 5321 §4.5.3.2 allows.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
            data_init: Duration::from_mins(2),
            data_block: Duration::from_mins(3),
            final_dot: Duration::from_mins(10),
            quit: Duration::from_secs(5),
        }
    }
}

/// An SMTP server that takes our mail.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Its host name or IP address, which its certificate must name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsMode,
    /// Who we are, when it asks.
    pub credentials: Option<Credentials>,
    /// What we call ourselves in EHLO.
    pub helo: String,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// A PEM file of authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Relay {
    /// `host:port`, as errors name it.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether the relay is this machine, so that nobody can listen in.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        host == "localhost"
            || host.ends_with(".localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.to_canonical().is_loopback())
    }
}
