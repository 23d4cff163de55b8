//! A delivery: one mail to one subscriber, what became of it, and when to try again.

/// What came of handing one mail to a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it: its reply to the final dot.
    Sent {
        /// The reply's text, which often holds the relay's queue id.
        reply: String,
    },
    /// Not taken, try later: a 4xx reply, or the connection ended before the final dot (RFC 5321 §4.2.1).
    Retry {
        /// The reply code, when there was a reply.
        code: Option<u16>,
        /// The reply's text, or what happened.
        reply: String,
    },
    /// Never to be tried again: a 5xx reply, or a message that this relay cannot take.
    Failed {
        /// The reply code, when there was a reply.
        code: Option<u16>,
        /// The reply's text, or what is wrong.
        reply: String,
    },
    /// The connection was lost after the final dot: it may have been taken (RFC 1047).
    Unknown {
        /// What happened.
        reply: String,
    },
}
