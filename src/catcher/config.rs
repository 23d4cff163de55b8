//! What a catcher is told: where to listen, how much to keep, what to offer, and which faults to make.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;

use super::Script;

/// Everything that a catcher is started with.
#[derive(Clone, Debug)]
pub struct CatcherConfig {
    /// Where the SMTP server listens; port 0 takes a free one.
    pub smtp: SocketAddr,
    /// Where the inbox page listens; none without it.
    pub http: Option<SocketAddr>,
    /// How many messages are kept; the oldest goes first.
    pub max_messages: usize,
    /// How many octets of messages are kept in all.
    pub max_bytes: usize,
    /// The largest message that is accepted, announced as SIZE; never more than `max_bytes`.
    pub max_message_bytes: usize,
    /// The faults to make.
    pub script: Script,
    /// The extensions to offer.
    pub extensions: Extensions,
    /// TLS, if the server has a certificate.
    pub tls: Option<Tls>,
    /// The credentials without which no mail is taken.
    pub auth: Option<Credentials>,
    /// Reads the time in epoch milliseconds.
    pub clock: fn() -> i64,
}

impl CatcherConfig {
    /// A catcher on this address that takes any mail and has no inbox page.
    pub fn new(smtp: SocketAddr, clock: fn() -> i64) -> Self {
        Self {
            smtp,
            http: None,
            max_messages: 1000,
            max_bytes: 64 << 20,
            max_message_bytes: 25 << 20,
            script: Script::default(),
            extensions: Extensions::default(),
            tls: None,
            auth: None,
            clock,
        }
    }
}

/// The SMTP extensions that the catcher offers; all of them by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extensions {
    /// RFC 2920; without it, a client that does not wait for its answers is told so.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 6531; without it, addresses outside ASCII are refused.
    pub smtputf8: bool,
    /// RFC 1870.
    pub size: bool,
    /// RFC 2034; without it, answers carry the three digits alone.
    pub enhanced_status_codes: bool,
}

impl Default for Extensions {
    fn default() -> Self {
        Self {
            pipelining: true,
            eight_bit_mime: true,
            smtputf8: true,
            size: true,
            enhanced_status_codes: true,
        }
    }
}

/// How the catcher speaks TLS.
#[derive(Clone, Debug)]
pub enum Tls {
    /// In clear at first, encrypted after STARTTLS (RFC 3207); AUTH is offered only then.
    StartTls(Arc<ServerConfig>),
    /// Encrypted from the first octet (RFC 8314).
    Implicit(Arc<ServerConfig>),
}

/// The name and the password that AUTH asks for. The password does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    /// Credentials of this name and password.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
