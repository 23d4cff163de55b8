//! What a session shows of its relay, for who wants to look without sending anything.

use std::net::IpAddr;

use super::Connection;
use super::offers::Size;

/// What is known of a relay once a session with it stands: TLS and log-in went well, as far as they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The address that was connected to.
    pub peer: Option<IpAddr>,
    /// The version of TLS; `None` in clear.
    pub tls: Option<&'static str>,
    /// Whether it takes several commands in one go (RFC 2920).
    pub pipelining: bool,
    /// Whether it takes addresses that are not ASCII (RFC 6531).
    pub smtputf8: bool,
    /// Whether it takes octets beyond ASCII (RFC 6152).
    pub eight_bit: bool,
    /// How large a message may be.
    pub size: SizeLimit,
}

/// What a relay says of the size of messages (RFC 1870).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeLimit {
    /// Nothing.
    Unsaid,
    /// That there is no limit.
    Unlimited,
    /// The most octets.
    Octets(u64),
}

impl Connection {
    /// What the session shows of the relay.
    pub fn facts(&self) -> Facts {
        let stream = self.wire.stream();
        Facts {
            peer: stream.peer(),
            tls: stream.tls(),
            pipelining: self.offers.pipelining,
            smtputf8: self.offers.smtputf8,
            eight_bit: self.offers.eight_bit,
            size: match self.offers.size {
                Size::NotOffered => SizeLimit::Unsaid,
                Size::Unlimited => SizeLimit::Unlimited,
                Size::Limit(octets) => SizeLimit::Octets(octets),
            },
        }
    }
}
