//! `[feeds]`: how articles are fetched, and where fetching ends (X4).

use std::time::Duration;

use super::reader::Reader;
use super::value;

/// How articles are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedsConfig {
    /// How often the service looks at each feed.
    pub interval: Duration,
    /// How many feeds are read at a time; of one host it is never more than two.
    pub parallel: usize,
    /// A feed that fails for this long is reported in the log, once.
    pub alert_after: Duration,
    /// Who gets it by mail too.
    pub alert_to: Vec<String>,
    /// How long one feed may take in all.
    pub timeout: Duration,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// The largest feed, compressed and unpacked.
    pub max_bytes: u64,
    /// The most items taken from one feed.
    pub max_items: usize,
    /// Whether feeds may lie on private addresses of this network.
    pub allow_private: bool,
}

impl FeedsConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            interval: reader.or("interval", "30m", value::duration),
            parallel: reader.number("parallel", 8, 1..=100),
            alert_after: reader.or("alert_after", "24h", value::duration),
            alert_to: reader.several("alert_to", &[], value::address),
            timeout: reader.or("timeout", "30s", value::duration),
            connect_timeout: reader.or("connect_timeout", "5s", value::duration),
            max_bytes: reader.or("max_bytes", "5 MB", value::size),
            max_items: reader.number("max_items", 500, 1..=10_000),
            allow_private: reader.flag("allow_private", false),
        }
    }
}
