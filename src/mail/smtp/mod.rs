//! Handing mails to a relay over SMTP (RFC 5321): one connection a task, no pool, a time-out on every step.
//!
//! lettre's client speaks the protocol; the socket is ours, for three reasons: TCP_NODELAY (without it each message
//! waits 44 ms for a delayed ACK), knowing whether the final dot left, and a STARTTLS that trusts nothing said before it.

mod body;
mod connect;
mod connection;
mod error;
mod exchange;
mod relay;
mod tls;
mod wire;

pub use connect::Connector;
pub use connection::Connection;
pub use error::{ConnectError, RelayError, Step};
pub use relay::{Credentials, Relay, Timeouts, TlsMode};

#[cfg(test)]
mod tests;
