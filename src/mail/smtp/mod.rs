//! Handing mails to a relay over SMTP (RFC 5321): one connection a task, no pool, a time-out on every step.
//!
//! With PIPELINING a mail costs one round trip (RFC 2920), without it one a command; it is the same [`Connection`]. The
//! socket and the reading of replies are ours, so that every reply is matched, nothing said before TLS is trusted, and it
//! is known whether the final dot left. lettre gives the words of EHLO, STARTTLS and AUTH.

mod auth;
pub(in crate::mail) mod body;
mod connect;
mod connection;
mod doubt;
mod error;
mod facts;
mod fault;
mod group;
mod offers;
mod outcome;
mod relay;
mod reply;
mod stream;
mod tls;
mod transaction;
mod wire;

pub use connect::Connector;
pub use connection::{Announced, Connection, Delivered};
pub use error::{ConnectError, RelayError, Step};
pub use facts::{Facts, SizeLimit};
pub use group::Envelope;
pub use relay::{Credentials, Relay, Timeouts, TlsMode};

#[cfg(test)]
mod tests;
