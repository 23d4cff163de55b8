//! What a relay offers in its reply to EHLO (RFC 5321 §4.1.1.1).

use lettre::transport::smtp::authentication::Mechanism;

use super::reply::Reply;

/// The extensions of which we make use.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Offers {
    /// Several commands in one go (RFC 2920).
    pub(super) pipelining: bool,
    /// Messages with octets beyond ASCII (RFC 6152); ours have none.
    pub(super) eight_bit: bool,
    /// Addresses that are not ASCII (RFC 6531).
    pub(super) smtputf8: bool,
    /// TLS on this very connection (RFC 3207).
    pub(super) starttls: bool,
    /// How to log in (RFC 4954), if it is a way that we know.
    pub(super) auth: Option<Mechanism>,
    /// How large a message may be.
    pub(super) size: Size,
}

/// What a relay says of the size of messages (RFC 1870).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Size {
    /// It does not know the SIZE parameter.
    #[default]
    NotOffered,
    /// It knows the parameter and sets no limit.
    Unlimited,
    /// It takes messages up to this many octets.
    Limit(u64),
}

impl Offers {
    /// Reads the reply to EHLO, whose first line is the relay's name.
    pub(super) fn parse(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => offers.auth = mechanism(&words.collect::<Vec<_>>()),
                Some("SIZE") => offers.size = Size::parse(words.next()),
                _ => {}
            }
        }
        offers
    }
}

fn mechanism(offered: &[&str]) -> Option<Mechanism> {
    [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)]
        .into_iter()
        .find(|(name, _)| offered.contains(name))
        .map(|(_, mechanism)| mechanism)
}

impl Size {
    fn parse(limit: Option<&str>) -> Self {
        match limit.and_then(|limit| limit.parse().ok()) {
            None | Some(0) => Self::Unlimited,
            Some(limit) => Self::Limit(limit),
        }
    }
}
