//! What the tasks of one sender share: relays, queues, pace, what is in hand, when to stop.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::held::Held;
use super::pace::Pace;
use super::queue::Queue;
use super::relay::Relay;
use super::task::{Came, Done, Event, Hold, locked};
use super::{Lane, Progress, Sender, Until};
use crate::domain::reply::without_addresses;
use crate::mail::route::Route;
use crate::mail::smtp::ConnectError;
use crate::service::Context;
use crate::service::deliver::{Key, Leased};
use crate::service::lease::WorkerLease;

/// What was sent is recorded within this time, or nothing more is begun: no crash doubles more (promise 5).
const WINDOW: Duration = Duration::from_millis(50);

/// Why a relay cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct RelayFault {
    reason: String,
    /// Whether waiting may help.
    pub(super) temporary: bool,
}

impl From<ConnectError> for RelayFault {
    fn from(error: ConnectError) -> Self {
        Self {
            temporary: error.is_temporary(),
            reason: error.to_string(),
        }
    }
}

impl RelayFault {
    /// The relay refuses us.
    pub(super) fn refused(reply: &str) -> Self {
        Self {
            reason: format!(
                "the relay refuses us as sender: {}",
                without_addresses(reply)
            ),
            temporary: false,
        }
    }

    /// The relay closed on the first mail of a connection: it is busy or closing (S3, S7).
    pub(super) fn closed(reply: &str) -> Self {
        Self {
            reason: format!(
                "the relay closes new connections: {}",
                without_addresses(reply)
            ),
            temporary: true,
        }
    }
}

pub(super) struct Shared {
    pub(super) context: Context,
    pub(super) routes: Arc<Vec<Route>>,
    pub(super) until: Until,
    pub(super) progress: Arc<Progress>,
    pub(super) lease: Arc<WorkerLease>,
    pub(super) relays: Vec<Relay>,
    pub(super) pace: Arc<Pace>,
    pub(super) held: Held,
    queues: [Queue; 2],
    /// To the recording task.
    pub(super) events: UnboundedSender<Event>,
    /// Ends this sender.
    pub(super) stop: CancellationToken,
    /// Ends what is on the wire, some time after `stop`.
    pub(super) deadline: CancellationToken,
    /// How many holds there are.
    holds: AtomicUsize,
    /// Told when a hold is over.
    pub(super) settled: Notify,
    /// Told when a relay went down or came back.
    pub(super) changed: Notify,
    /// Whether leases may be held that nobody here knows of.
    in_doubt: AtomicBool,
    /// Since when the oldest result waits that is being recorded.
    unrecorded: Mutex<Option<Instant>>,
    /// Whether what was in hand when the lease was lost is being let go of.
    letting_go: AtomicBool,
    /// How many other workers are silent and not yet given up.
    pub(super) suspects: AtomicUsize,
    digests_done: AtomicBool,
    forgiven: Mutex<HashSet<Key>>,
    renewed: Mutex<Instant>,
}

impl Shared {
    pub(super) fn new(
        sender: Sender,
        events: UnboundedSender<Event>,
        stop: CancellationToken,
    ) -> Self {
        let Sender {
            context,
            routes,
            until,
            progress,
            lease,
        } = sender;
        Self {
            pace: Arc::new(Pace::new(&context.pacing, &routes)),
            held: Held::default(),
            relays: routes.iter().map(|_| Relay::default()).collect(),
            context,
            routes,
            until,
            progress,
            lease,
            queues: Default::default(),
            events,
            stop,
            deadline: CancellationToken::new(),
            holds: AtomicUsize::new(0),
            settled: Notify::new(),
            changed: Notify::new(),
            in_doubt: AtomicBool::new(false),
            unrecorded: Mutex::default(),
            letting_go: AtomicBool::new(false),
            suspects: AtomicUsize::new(0),
            digests_done: AtomicBool::new(false),
            forgiven: Mutex::default(),
            renewed: Mutex::new(Instant::now()),
        }
    }

    pub(super) fn queue(&self, lane: Lane) -> &Queue {
        &self.queues[lane as usize]
    }

    /// Passes on what came of a delivery.
    pub(super) fn done(&self, leased: Leased, hold: Hold, relay: Option<usize>, came: Came) {
        let done = Done {
            leased,
            hold,
            relay,
            came,
            at: Instant::now(),
        };
        // The recording task goes on until every sender of events is gone.
        let _ = self.events.send(Event::Done(Box::new(done)));
    }

    /// A hold begins.
    pub(super) fn holding(&self) {
        self.holds.fetch_add(1, Ordering::AcqRel);
    }

    /// Holds are over and written.
    pub(super) fn let_go(&self, holds: usize) {
        self.holds.fetch_sub(holds, Ordering::AcqRel);
        self.settled.notify_waiters();
    }

    /// Whether every delivery has been recorded or given back.
    pub(super) fn is_idle(&self) -> bool {
        self.holds.load(Ordering::Acquire) == 0
    }

    /// The relays with these names, one bit each; all of them for none.
    pub(super) fn relays_named(&self, names: &[String]) -> u64 {
        let named = |name: &String| self.routes.iter().position(|route| route.name == *name);
        let bits = names
            .iter()
            .filter_map(named)
            .fold(0, |bits, at| bits | 1 << at);
        if bits == 0 {
            u64::MAX >> (64 - self.relays.len().min(64))
        } else {
            bits
        }
    }

    /// Whether one of these relays is up.
    pub(super) fn any_up(&self, relays: u64) -> bool {
        (0..self.relays.len()).any(|at| relays & (1 << at) != 0 && self.relays[at].is_up())
    }

    /// Whether a pass tries none of these relays any more.
    pub(super) fn are_given_up(&self, relays: u64) -> bool {
        (0..self.relays.len()).all(|at| relays & (1 << at) == 0 || self.relays[at].is_given_up())
    }

    /// Whether none of these relays can be used, and nothing is kept in hand until one can: a service leaves it to others, a pass
    /// waits for a relay as long as it tries it.
    pub(super) fn lets_go_of(&self, relays: u64) -> bool {
        !self.any_up(relays) && (self.until == Until::Stopped || self.are_given_up(relays))
    }

    /// Why no relay can be used, when none can.
    pub(super) fn no_relay(&self) -> Option<RelayFault> {
        if self.any_up(u64::MAX) {
            return None;
        }
        self.relays.iter().find_map(Relay::fault)
    }

    /// Whether mails must not be sent now: stopping, results that have waited too long to be recorded (each further mail could be
    /// sent twice), or a lease that others may have taken over.
    pub(super) fn holds_back(&self) -> bool {
        let ttl = self.context.delivery.lease_ttl;
        let lost = locked(&self.renewed).elapsed() > ttl / 2;
        self.stop.is_cancelled() || self.is_late() || lost
    }

    fn is_late(&self) -> bool {
        locked(&self.unrecorded).is_some_and(|since| since.elapsed() > WINDOW)
    }

    /// Results are to be recorded, the oldest of which waits since then.
    pub(super) fn recording(&self, since: Instant) {
        locked(&self.unrecorded).replace(since);
    }

    /// They are recorded: connections that were held back go on.
    pub(super) fn recorded(&self) {
        let was_late = self.is_late();
        locked(&self.unrecorded).take();
        if was_late {
            for queue in &self.queues {
                queue.work.notify_waiters();
            }
        }
    }

    /// The lease was renewed just now.
    pub(super) fn renewed(&self, asked: Instant) {
        *locked(&self.renewed) = asked;
    }

    /// This process was silent for too long: others send what it has in hand, so all of that is let go of.
    pub(super) fn lost_lease(&self) {
        tracing::warn!("the lease was lost; what was in hand is let go of");
        self.letting_go.store(true, Ordering::Release);
        self.queue(Lane::Express).clear();
        self.queue(Lane::Digest).clear();
    }

    /// Whether something is left of that. Nothing is leased meanwhile: what is leased twice could not be told from what was lost,
    /// and would be given back with it.
    pub(super) fn is_letting_go(&self) -> bool {
        if self.is_idle() {
            self.letting_go.store(false, Ordering::Release);
        }
        self.letting_go.load(Ordering::Acquire)
    }

    /// Whether a delivery meets a closing relay for the first time: then it is not held against it.
    pub(super) fn forgives(&self, delivery: Key) -> bool {
        const MOST: usize = 10_000;
        let mut forgiven = locked(&self.forgiven);
        if forgiven.len() >= MOST {
            forgiven.clear();
        }
        forgiven.insert(delivery)
    }

    /// A pass has no digest left to lease; what overtakes may still come until that is sent too.
    pub(super) fn digests_are_done(&self) {
        self.digests_done.store(true, Ordering::Release);
        self.settled.notify_waiters();
    }

    pub(super) fn has_digests_left(&self) -> bool {
        !self.digests_done.load(Ordering::Acquire)
    }

    /// Leases may be held that nobody here knows of.
    pub(super) fn doubt(&self) {
        self.in_doubt.store(true, Ordering::Release);
    }

    pub(super) fn take_doubt(&self) -> bool {
        self.in_doubt.swap(false, Ordering::AcqRel)
    }
}
