//! What can go wrong with a feed or a file, in sentences that say what, where, and what to do next.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A feed or a file that could not be read; the digest goes out with the rest.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The HTTP client could not be built, for example because the system has no root certificates.
    #[error("the HTTP client for feeds cannot start: {0}; check the system's CA certificates")]
    Client(#[source] reqwest::Error),
    /// Not an address at all.
    #[error("{url:?} is not an address ({reason}); give an http(s) URL or the path of a file")]
    BadUrl {
        /// As it was given.
        url: String,
        /// What the parser says.
        reason: url::ParseError,
    },
    /// Neither http nor https.
    #[error("{url} is neither http nor https; give the feed's http(s) URL or the path of a file")]
    Scheme {
        /// As it was given.
        url: String,
    },
    /// SSRF guard: an address inside the network (standards X3).
    #[error(
        "{url} leads to {address}, which is not a public address, and was not fetched; set allow_private for a feed on your own network"
    )]
    AddressRefused {
        /// Where it was met.
        url: String,
        /// The address.
        address: IpAddr,
    },
    /// SSRF guard: a port other than 80 and 443.
    #[error(
        "{url} uses port {port}; feeds are fetched from ports 80 and 443 only, unless allow_private is set"
    )]
    PortRefused {
        /// Where it was met.
        url: String,
        /// The port.
        port: u16,
    },
    /// The name has no address.
    #[error(
        "the host name of {url} could not be resolved: {reason}; check the spelling and the DNS"
    )]
    Resolve {
        /// What was fetched.
        url: String,
        /// The resolver's words.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("no secure connection to {url}: {reason}; check the site's certificate")]
    Tls {
        /// What was fetched.
        url: String,
        /// What rustls says.
        reason: String,
    },
    /// The connection failed or broke.
    #[error("{url} could not be read: {reason}; it will be tried again at the next run")]
    Connection {
        /// What was fetched.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// Too slow.
    #[error("{url} took longer than {} s; it will be tried again at the next run", limit.as_secs_f32())]
    TimedOut {
        /// What was fetched.
        url: String,
        /// The limit that was passed.
        limit: Duration,
    },
    /// 404 and the like.
    #[error("{url} answered {status}; check the address of the feed")]
    Status {
        /// What was fetched.
        url: String,
        /// The HTTP status code.
        status: u16,
    },
    /// 410: the site says that it will not come back.
    #[error("{url} is gone for good (410); remove the feed from the configuration")]
    Gone {
        /// What was fetched.
        url: String,
    },
    /// 429 or 503.
    #[error("{url} asks to come back later ({status}{})", wait(*retry_after))]
    Busy {
        /// What was fetched.
        url: String,
        /// The HTTP status code.
        status: u16,
        /// What `Retry-After` said.
        retry_after: Option<Duration>,
    },
    /// Not asked, because its host did not answer for others.
    #[error(
        "{url} was not read, because its host let other feeds wait too long; it will be tried again at the next run"
    )]
    SlowHost {
        /// What was to be fetched.
        url: String,
    },
    /// More hops than allowed.
    #[error("{url} redirects more than {limit} times; give the feed's final address")]
    TooManyRedirects {
        /// Where it began.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// A redirect to an address that was already visited.
    #[error("{url} redirects in a circle through {next}; give the feed's final address")]
    RedirectLoop {
        /// Where it began.
        url: String,
        /// The address met twice.
        next: String,
    },
    /// A redirect without a usable `Location`.
    #[error("{url} answered {status} without a place to go; check the address of the feed")]
    BadRedirect {
        /// What was fetched.
        url: String,
        /// The HTTP status code.
        status: u16,
    },
    /// From https down to http.
    #[error(
        "{url} redirects from https to {next}, which is not followed; give the feed's https address"
    )]
    Downgrade {
        /// What was fetched.
        url: String,
        /// Where it leads.
        next: String,
    },
    /// Over the size limit.
    #[error("{place} is larger than {limit} bytes; ask the site for a shorter feed")]
    TooLarge {
        /// Address or path.
        place: String,
        /// The limit.
        limit: usize,
    },
    /// No such file.
    #[error("the file {} does not exist; check the path", path.display())]
    FileNotFound {
        /// The path.
        path: PathBuf,
    },
    /// A file that cannot be read.
    #[error("the file {} cannot be read: {reason}; check that it is a file and its permissions", path.display())]
    FileUnreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// Something else came.
    #[error(
        "{place} is not RSS, Atom or JSON Feed but {found}; give the address of the feed itself"
    )]
    NotAFeed {
        /// Address or path.
        place: String,
        /// What it looks like.
        found: String,
    },
    /// XML that cannot be read, and not one whole item before the fault.
    #[error("{place} is malformed XML: line {line}: {reason}; tell the site's owner")]
    Malformed {
        /// Address or path.
        place: String,
        /// Where the fault is, from 1.
        line: usize,
        /// What the fault is.
        reason: &'static str,
    },
    /// A JSON Feed that cannot be read.
    #[error("{place} is not a JSON Feed that can be read: {reason}; tell the site's owner")]
    Json {
        /// Address or path.
        place: String,
        /// What serde says, with the line.
        reason: serde_json::Error,
    },
    /// A document type with declarations of its own (standards X5).
    #[error(
        "{place} declares a DTD of its own, which is refused because entities can exhaust memory"
    )]
    Dtd {
        /// Address or path.
        place: String,
    },
    /// A line of a file of articles.
    #[error("{place}, line {line}: {fault}")]
    File {
        /// The file, or what it is.
        place: String,
        /// From 1.
        line: usize,
        /// What is wrong there.
        fault: FileFault,
    },
}

fn wait(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!(", in {} s", after.as_secs()))
}

/// What is wrong with an article in a file of ours to import.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// Markdown without a header.
    #[error("the file must begin with a line --- and front matter (title, url, …)")]
    NoFrontMatter,
    /// The header does not end.
    #[error("the front matter that begins here has no closing line ---")]
    NotClosed,
    /// A header line that is none.
    #[error("expected `key: value`, found {0:?}")]
    NotKeyValue(String),
    /// A date in no known form.
    #[error("{0:?} is not a date; write 2026-11-23 or 2026-11-23T09:30:00+03:00")]
    Date(String),
    /// No number of readers.
    #[error("{0} is not how often an article was read; write a whole number, 0 or more")]
    Views(String),
    /// Not JSON, or not of our shape.
    #[error("not a JSON object of an article: {0}")]
    Json(#[from] serde_json::Error),
    /// What makes an item of a feed unusable makes this one unusable.
    #[error(transparent)]
    Unusable(#[from] SkipReason),
}

/// Why an item did not become an article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// Nothing to link to.
    #[error("it has no http(s) link of at most {max} characters", max = super::draft::MAX_URL)]
    NoLink,
    /// Nothing to show.
    #[error("it has neither a title nor a summary")]
    NoTitle,
    /// Over the limit for one item.
    #[error("it is {bytes} bytes long, more than {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Over the limit for one feed.
    #[error("{count} items after the first {limit} were left out")]
    OverLimit {
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The XML breaks here; what came before was read.
    #[error("line {line}: {reason}")]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// What the fault is.
        reason: &'static str,
    },
    /// A file of a folder that cannot be read as an article; what is wrong with it.
    #[error("{0}")]
    File(String),
    /// The item alone cannot be read.
    #[error("item {number} cannot be read as an item of a feed")]
    Unreadable {
        /// Which one, from 1.
        number: usize,
    },
}

impl FeedError {
    /// When the server wants to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the place itself may still be right: its server is busy, in trouble or slow (5xx, 429, time-out).
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::TimedOut { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
