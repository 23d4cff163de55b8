//! Whether a relay that offers PIPELINING is believed. What looks like a relay that cannot do it may have been a bad moment, so
//! doubt ends by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a relay gets one command at a time.
const WHILE: Duration = Duration::from_mins(10);

/// What the connections to one relay know of its PIPELINING.
#[derive(Default)]
pub(super) struct Doubt {
    until: Mutex<Option<Instant>>,
}

impl Doubt {
    /// Whether the relay is not believed now.
    pub(super) fn holds(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    /// It did not keep up with a group of commands. False: that was known.
    pub(super) fn begin(&self) -> bool {
        let is_new = !self.holds();
        self.until().replace(Instant::now() + WHILE);
        is_new
    }

    fn until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        // Nothing that holds this lock can panic; if it did, the value is whole.
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
