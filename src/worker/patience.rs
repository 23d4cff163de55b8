//! Growing pauses between tries when a relay or a database is away.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Until;

/// The first pause; each is twice the one before.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);
/// How long a pass that should end by itself puts up with it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Growing pauses between tries; a pass that should end by itself runs out of them.
pub(super) struct Patience {
    pause: Duration,
    /// For a pass: when it gives up, counted from the first failure.
    end: Option<Instant>,
    limited: bool,
}

impl Patience {
    pub(super) fn new(until: Until) -> Self {
        Self {
            pause: FIRST,
            end: None,
            limited: until == Until::Drained,
        }
    }

    /// Patience that runs out.
    pub(super) fn limited() -> Self {
        Self::new(Until::Drained)
    }

    /// Waits; false when it ran out or was stopped.
    pub(super) async fn wait(&mut self, stop: &CancellationToken) -> bool {
        let now = Instant::now();
        let end = *self.end.get_or_insert(now + PATIENCE);
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        if self.limited && now + pause > end {
            return false;
        }
        tokio::select! {
            () = stop.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}
