//! What a mailbox provider or a domain asked for by telling us to slow down: a pause, and after it one mail at a time, then one more
//! (V20).

/// So many mails in a row that went well let one more be under way.
const GOOD_SIGNS: usize = 10;

/// A pause and the way back from it.
pub(super) struct Brake {
    /// Nothing goes before this, epoch milliseconds.
    pub(super) until_ms: i64,
    /// How often in a row.
    level: i64,
    /// After the pause: how many mails may be under way, and how many went well since that grew.
    pub(super) window: usize,
    good: usize,
}

impl Brake {
    pub(super) fn new(until_ms: i64, level: i64) -> Self {
        Self {
            until_ms,
            level,
            window: 1,
            good: 0,
        }
    }

    /// How often in a row it is when it is asked for again now: one that is a day old is forgotten.
    pub(super) fn level_after(&self, now_ms: i64) -> i64 {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        if now_ms - self.until_ms > DAY_MS {
            0
        } else {
            self.level + 1
        }
    }

    /// A mail went well; says whether all is as it was before, for a group with this cap of connections.
    pub(super) fn loosens(&mut self, cap: Option<usize>, workers: usize) -> bool {
        self.good += 1;
        if self.good < GOOD_SIGNS {
            return false;
        }
        self.good = 0;
        self.window += 1;
        self.window >= share(cap.unwrap_or(GOOD_SIGNS), workers).max(2)
    }
}

/// This process's share of a cap that all workers keep together.
pub(super) fn share(cap: usize, workers: usize) -> usize {
    (cap / workers.max(1)).max(1)
}
