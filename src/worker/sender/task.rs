//! A delivery in hand, from its lease until it is recorded or given back, whatever becomes of the task that has it: what is
//! dropped unsettled goes back to the queue.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::domain::delivery::Outcome;
use crate::domain::range::Range;
use crate::mail::compiled::CompiledDigest;
use crate::service::deliver::{Key, Leased, RangeKey, Verdict};

/// A mail to send.
pub(super) struct Task {
    /// The delivery.
    pub(super) leased: Leased,
    /// What goes over the wire.
    pub(super) body: Body,
    /// The relays that may carry it: one bit each.
    pub(super) relays: u64,
    /// What holds it.
    pub(super) hold: Hold,
}

/// What goes over the wire.
pub(super) enum Body {
    /// A copy of a digest, made when it is sent.
    Digest(Arc<CompiledDigest>),
    /// A message that is ready.
    Ready(Vec<u8>),
}

/// What the recording task is told.
pub(super) enum Event {
    /// What came of a delivery.
    Done(Box<Done>),
    /// A hold is over: all of it settled, or some of it to be given back.
    Over {
        /// What was held.
        key: Key,
        /// Whether it is all settled.
        settled: bool,
        at: Instant,
    },
}

impl Event {
    /// Since when it waits to be written.
    pub(super) fn since(&self) -> Instant {
        match self {
            Self::Done(done) => done.at,
            Self::Over { at, .. } => *at,
        }
    }
}

/// A delivery and what came of it.
pub(super) struct Done {
    pub(super) leased: Leased,
    pub(super) hold: Hold,
    /// The relay that was tried.
    pub(super) relay: Option<usize>,
    pub(super) came: Came,
    pub(super) at: Instant,
}

/// What came of a delivery.
pub(super) enum Came {
    /// A relay said something, or nothing.
    Outcome(Outcome),
    /// It was decided here.
    Verdict(Verdict),
}

/// What keeps deliveries in hand.
#[derive(Clone)]
pub(super) enum Hold {
    /// One delivery.
    One(Arc<One>),
    /// A range of a digest; all its deliveries share the hold.
    Range(Arc<RangeHold>),
}

impl Hold {
    pub(super) fn one(key: Key, events: UnboundedSender<Event>) -> Self {
        Self::One(Arc::new(One {
            key,
            settled: Mutex::new(false),
            events,
        }))
    }

    pub(super) fn range(key: RangeKey, range: Range, events: UnboundedSender<Event>) -> Self {
        Self::Range(Arc::new(RangeHold {
            key,
            range: Mutex::new(range),
            events,
        }))
    }
}

/// One delivery in hand.
pub(super) struct One {
    key: Key,
    settled: Mutex<bool>,
    events: UnboundedSender<Event>,
}

impl One {
    /// Its result is about to be written. False: it was before.
    pub(super) fn settle(&self) -> bool {
        !std::mem::replace(&mut *locked(&self.settled), true)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        let settled = *locked(&self.settled);
        let _ = self.events.send(Event::Over {
            key: self.key,
            settled,
            at: Instant::now(),
        });
    }
}

/// A range in hand.
pub(super) struct RangeHold {
    pub(super) key: RangeKey,
    range: Mutex<Range>,
    events: UnboundedSender<Event>,
}

impl RangeHold {
    /// What is settled of it; only the recording task changes that.
    pub(super) fn range(&self) -> MutexGuard<'_, Range> {
        locked(&self.range)
    }
}

impl Drop for RangeHold {
    fn drop(&mut self) {
        let settled = locked(&self.range).is_done();
        let key = Key::First(self.key, 0);
        let _ = self.events.send(Event::Over {
            key,
            settled,
            at: Instant::now(),
        });
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds these locks can panic; if it did, the values are whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
