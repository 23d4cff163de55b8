//! What a sender did so far; read while it runs.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::delivery::{DeliveryStatus, Outcome};

/// What was done so far.
#[derive(Debug, Default)]
pub struct Progress {
    /// What there was to do when it began.
    pub queued: AtomicU64,
    /// Taken by a relay.
    pub sent: AtomicU64,
    /// To be tried again later.
    pub retried: AtomicU64,
    /// Refused for ever.
    pub failed: AtomicU64,
    /// Perhaps taken.
    pub unknown: AtomicU64,
    /// Not sent: the reader had left.
    pub cancelled: AtomicU64,
    /// Each relay.
    pub relays: Vec<RelayProgress>,
}

/// What one relay did so far.
#[derive(Debug, Default)]
pub struct RelayProgress {
    /// Its name.
    pub name: String,
    /// Taken.
    pub sent: AtomicU64,
    /// Not now.
    pub retried: AtomicU64,
    /// Refused, or perhaps taken.
    pub failed: AtomicU64,
}

impl Progress {
    pub(super) fn new<'a>(relays: impl Iterator<Item = &'a str>) -> Self {
        let relay = |name: &str| RelayProgress {
            name: name.to_owned(),
            ..RelayProgress::default()
        };
        Self {
            relays: relays.map(relay).collect(),
            ..Self::default()
        }
    }

    /// How many deliveries have ended.
    pub fn ended(&self) -> u64 {
        [&self.sent, &self.failed, &self.unknown, &self.cancelled]
            .iter()
            .map(|counter| counter.load(Ordering::Relaxed))
            .sum()
    }

    /// A result was recorded.
    pub(super) fn count(&self, status: DeliveryStatus) {
        let counter = match status {
            DeliveryStatus::Queued => &self.retried,
            DeliveryStatus::Sent => &self.sent,
            DeliveryStatus::Failed => &self.failed,
            DeliveryStatus::Unknown => &self.unknown,
            DeliveryStatus::Cancelled => &self.cancelled,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A relay answered, or did not.
    pub(super) fn relay(&self, relay: usize, outcome: &Outcome) {
        let of = &self.relays[relay];
        let counter = match outcome {
            Outcome::Sent { .. } => &of.sent,
            Outcome::Retry { .. } | Outcome::SenderRefused { .. } => &of.retried,
            Outcome::Failed { .. } | Outcome::Unknown { .. } => &of.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
