//! Growing pauses between tries when a relay or a database is away.

use std::time::Duration;

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
    left: Option<Duration>,
}

impl Patience {
    pub(super) fn new(until: Until) -> Self {
        match until {
            Until::Drained => Self::limited(),
            Until::Stopped => Self {
                pause: FIRST,
                left: None,
            },
        }
    }

    /// Patience that runs out.
    pub(super) fn limited() -> Self {
        Self {
            pause: FIRST,
            left: Some(PATIENCE),
        }
    }

    /// Waits; false when it ran out or was stopped.
    pub(super) async fn wait(&mut self, stop: &CancellationToken) -> bool {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        if let Some(left) = &mut self.left {
            match left.checked_sub(pause) {
                Some(rest) => *left = rest,
                None => return false,
            }
        }
        tokio::select! {
            () = stop.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}
