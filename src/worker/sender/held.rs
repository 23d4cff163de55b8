//! The digests that are paused, as this process knows: nothing of them is begun, also what was leased just before.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::task::locked;

#[derive(Default)]
pub(super) struct Held {
    paused: Mutex<HashSet<i64>>,
    /// To be paused, and why.
    refused: Mutex<HashMap<i64, String>>,
}

impl Held {
    /// A digest must not go on, for this reason. Connections obey at once, the database is told soon after.
    pub(super) fn refuse(&self, digest_id: i64, reason: String) {
        // Both locks, in this order everywhere: `learn` must see it in one or the other.
        let mut paused = locked(&self.paused);
        paused.insert(digest_id);
        locked(&self.refused).entry(digest_id).or_insert(reason);
    }

    /// What the database has to be told.
    pub(super) fn take_refused(&self) -> HashMap<i64, String> {
        std::mem::take(&mut *locked(&self.refused))
    }

    /// The digests that are paused in the database.
    pub(super) fn learn(&self, paused: impl Iterator<Item = i64>) {
        let mut held: HashSet<i64> = paused.collect();
        let mut known = locked(&self.paused);
        held.extend(locked(&self.refused).keys());
        *known = held;
    }

    /// Whether nothing of a digest may be begun now.
    pub(super) fn holds(&self, digest_id: i64) -> bool {
        locked(&self.paused).contains(&digest_id)
    }
}
