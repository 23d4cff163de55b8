//! `[delivery]`: when a mail is tried again, when it is given up, how work is shared, and how long it is kept.

use std::time::Duration;

use super::reader::Reader;
use super::value;
use crate::domain::delivery::UnknownPolicy;

/// Retries, leases and retention (S6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryConfig {
    /// The waits before the second try, the third and so on; the last one repeats.
    pub retry: Vec<Duration>,
    /// How long a mail is tried at all.
    pub give_up: Duration,
    /// How long a digest's mail is worth sending, when shorter than `give_up`.
    pub stale_after: Option<Duration>,
    /// What becomes of a digest's mail that may have been taken.
    pub unknown: UnknownPolicy,
    /// How long a worker keeps its mails without a sign of life.
    pub lease_ttl: Duration,
    /// How many mails a worker takes at once.
    pub batch: usize,
    /// How many mails in a row a relay may refuse because of us before the digest is paused.
    pub sender_faults: u32,
    /// How long finished deliveries are kept one by one.
    pub keep: Duration,
}

/// The limits of confirmation mails count deliveries of the last 30 days (D7).
/// A worker says that it is alive every quarter of it, which must not be busywork.
const SHORTEST_LEASE: Duration = Duration::from_millis(400);
const SHORTEST_KEEP: Duration = Duration::from_hours(31 * 24);

const RETRY: [&str; 6] = ["15m", "30m", "1h", "2h", "3h", "4h"];
const UNKNOWN: [(&str, UnknownPolicy); 2] = [
    ("leave", UnknownPolicy::Leave),
    ("retry", UnknownPolicy::Retry),
];

impl DeliveryConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let delivery = Self {
            retry: reader.several("retry", &RETRY, value::duration),
            give_up: reader.or("give_up", "5d", value::duration),
            stale_after: reader.optional("stale_after", value::duration),
            unknown: reader.or("unknown", "leave", |text| value::choice(text, &UNKNOWN)),
            lease_ttl: reader.or("lease_ttl", "60s", |text| match value::duration(text)? {
                ttl if ttl < SHORTEST_LEASE => Err("must be at least 400ms"),
                ttl => Ok(ttl),
            }),
            batch: reader.number("batch", 1_000, 1..=10_000),
            sender_faults: reader.number("sender_faults", 5, 1..=1000),
            keep: reader.or("keep", "90d", keep),
        };
        match delivery.retry.first() {
            None => reader.problem("retry", "needs at least one wait, such as \"15m\""),
            Some(first) if delivery.give_up < *first => {
                reader.problem("give_up", "comes before the first wait of retry is over");
            }
            Some(_) => {}
        }
        delivery
    }
}

fn keep(text: &str) -> Result<Duration, &'static str> {
    match value::duration(text)? {
        keep if keep < SHORTEST_KEEP => Err(
            "is too short: write 31d or more, because the limits of confirmation mails look back 30 days",
        ),
        keep => Ok(keep),
    }
}
