//! Equal time (D5): whatever becomes of an address, its answer comes no sooner than a moment that all usual answers reach.

use std::time::Duration;

use tokio::time::Instant;

/// What is written for an address differs by fractions of a millisecond with its state; nobody waits for ten.
const FLOOR: Duration = Duration::from_millis(10);

/// When an answer may go.
pub struct Floor(Instant);

impl Floor {
    /// Counts from now: where a request begins to be handled.
    pub fn from_now() -> Self {
        Self(Instant::now() + FLOOR)
    }

    /// Waits until the answer may go; at once when it took longer anyway.
    pub async fn reach(self) {
        tokio::time::sleep_until(self.0).await;
    }
}
