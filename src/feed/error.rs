//! What can be wrong with a feed, said so that the operator knows what to do.

/// A feed or an article file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The client itself cannot be made.
    #[error("feeds cannot be fetched on this machine: {0}")]
    Client(String),
    /// Not an http(s) address.
    #[error("{url}: not an http(s) address")]
    Address {
        /// The address.
        url: String,
    },
    /// An address or port that feeds may not have (X3).
    #[error(
        "{url}: {reason}; feeds are read from public addresses on ports 80 and 443 only. For a feed on your own network set \
         [feeds] allow_private = true"
    )]
    Forbidden {
        /// The address.
        url: String,
        /// What is forbidden about it.
        reason: String,
    },
    /// No answer.
    #[error("{url}: cannot be reached ({reason})")]
    Unreachable {
        /// The address.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// Too slow.
    #[error("{url}: no complete answer within {seconds} s")]
    Timeout {
        /// The address.
        url: String,
        /// The limit.
        seconds: u64,
    },
    /// An answer that is no feed.
    #[error("{url}: the server answered {status}{}", match retry_after { Some(seconds) => format!(" (try again in {seconds} s)"), None => String::new() })]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// When the server wants to be asked again, in seconds.
        retry_after: Option<u64>,
    },
    /// Gone for good.
    #[error(
        "{url}: the server says that this feed is gone for good (410); take it out of the list"
    )]
    Gone {
        /// The address.
        url: String,
    },
    /// Redirects without end, or to where they may not lead.
    #[error("{url}: {reason}")]
    Redirect {
        /// The address.
        url: String,
        /// What is wrong with the redirect.
        reason: String,
    },
    /// Larger than the limit.
    #[error("{url}: larger than {limit} octets; if that is right, raise [feeds] max_bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Not XML and not JSON, or not a feed.
    #[error("{url}: not an RSS, Atom or JSON feed ({reason})")]
    NotAFeed {
        /// The address.
        url: String,
        /// What was found instead.
        reason: String,
    },
    /// A document type declaration, which can hold entities that grow without end (X5).
    #[error("{url}: holds a DTD, which is not read; ask for a feed without <!DOCTYPE>")]
    Dtd {
        /// The address.
        url: String,
    },
    /// A file that cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// An article in a file that lacks something.
    #[error("{place}: {reason}")]
    Article {
        /// The file, or the line.
        place: String,
        /// What is wrong, and what to write.
        reason: String,
    },
}
