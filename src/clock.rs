//! The only place that reads the time; all times are epoch milliseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Where the time comes from. Clones of a manual clock share its time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when it is told to: `--as-of` and tests.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at this time.
    pub fn manual(ms: i64) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(ms)))
    }

    /// The time now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place where the time is read"
    )]
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::System => jiff::Timestamp::now().as_millisecond(),
            Self::Manual(ms) => ms.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock forward; the machine's clock cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(ms) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            ms.fetch_add(by, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_for_all_who_hold_it() {
        let clock = Clock::manual(1_000);
        let held = clock.clone();
        clock.advance(Duration::from_secs(2));
        assert_eq!(held.now_ms(), 3_000);
    }

    #[test]
    fn the_system_clock_reads_a_time_of_this_century() {
        // 2024-01-01, before this was written.
        assert!(Clock::System.now_ms() > 1_704_067_200_000);
    }
}
