//! What the tasks of one sender share: what is open, whether the relay or the lease is in trouble, when to stop.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Progress, Until};
use crate::domain::delivery::Outcome;
use crate::mail::message::Mail;
use crate::mail::smtp::ConnectError;
use crate::mail::transport::{Session, Transport};
use crate::service::Context;
use crate::service::deliver::Leased;
use crate::service::lease::WorkerLease;

/// Why the relay cannot be used.
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

pub(super) struct Shared {
    pub(super) context: Context,
    pub(super) transport: Arc<Transport>,
    pub(super) until: Until,
    pub(super) progress: Arc<Progress>,
    pub(super) lease: WorkerLease,
    /// Ends this sender.
    pub(super) stop: CancellationToken,
    /// Ends what is on the wire, some time after `stop`.
    pub(super) deadline: CancellationToken,
    /// How many deliveries are in hand: see [`Held`].
    open: AtomicUsize,
    /// Told when `open` goes down.
    pub(super) settled: Notify,
    /// Whether leases may be held that nobody here knows of.
    in_doubt: AtomicBool,
    /// Whether a mail went through to an answer since this was last asked.
    went_through: AtomicBool,
    trouble: Mutex<Option<RelayFault>>,
    forgiven: Mutex<HashSet<i64>>,
    renewed: Mutex<Instant>,
}

impl Shared {
    pub(super) fn new(
        context: Context,
        transport: Arc<Transport>,
        until: Until,
        progress: Arc<Progress>,
        lease: WorkerLease,
        stop: CancellationToken,
    ) -> Self {
        Self {
            context,
            transport,
            until,
            progress,
            lease,
            stop,
            deadline: CancellationToken::new(),
            open: AtomicUsize::new(0),
            settled: Notify::new(),
            in_doubt: AtomicBool::new(false),
            went_through: AtomicBool::new(false),
            trouble: Mutex::default(),
            forgiven: Mutex::default(),
            renewed: Mutex::new(Instant::now()),
        }
    }

    /// Connects, and notes what the relay takes (A7).
    pub(super) async fn connect(&self) -> Result<Session, RelayFault> {
        let session = self.transport.open().await?;
        let takes_utf8 = &self.context.relay_takes_utf8;
        takes_utf8.store(session.takes_utf8(), Ordering::Relaxed);
        Ok(session)
    }

    /// The relay cannot be used now: nothing more is sent until the leasing task has found that it can.
    pub(super) fn report(&self, fault: RelayFault) {
        locked(&self.trouble).get_or_insert(fault);
        self.doubt();
        self.settled.notify_one();
    }

    /// The relay refuses us.
    pub(super) fn refused(&self, reply: &str) {
        self.report(RelayFault {
            reason: format!("the relay refuses us as sender: {reply}"),
            temporary: false,
        });
    }

    /// The relay closed on the first mail of a connection: it is busy or closing (S3, S7).
    pub(super) fn closed(&self, reply: &str) {
        self.report(RelayFault {
            reason: format!("the relay closes new connections: {reply}"),
            temporary: true,
        });
    }

    /// The relay's trouble, to be looked into; what is asked for is over.
    pub(super) fn take_trouble(&self) -> Option<RelayFault> {
        locked(&self.trouble).take()
    }

    /// Whether mails must not be sent now: stopping, relay in trouble, or a lease that others may have taken over.
    pub(super) fn holds_back(&self) -> bool {
        let ttl = self.context.delivery.lease_ttl;
        let lost = locked(&self.renewed).elapsed() > ttl * 3 / 4;
        self.stop.is_cancelled() || lost || locked(&self.trouble).is_some()
    }

    /// The lease was renewed just now.
    pub(super) fn renewed(&self, asked: Instant) {
        *locked(&self.renewed) = asked;
    }

    /// Whether a delivery meets a closing relay for the first time: then it is not held against it.
    pub(super) fn forgives(&self, delivery: i64) -> bool {
        const MOST: usize = 10_000;
        let mut forgiven = locked(&self.forgiven);
        if forgiven.len() >= MOST {
            forgiven.clear();
        }
        forgiven.insert(delivery)
    }

    /// Leases may be held that nobody here knows of.
    pub(super) fn doubt(&self) {
        self.in_doubt.store(true, Ordering::Release);
    }

    pub(super) fn take_doubt(&self) -> bool {
        self.in_doubt.swap(false, Ordering::AcqRel)
    }

    pub(super) fn goes_through(&self) {
        self.went_through.store(true, Ordering::Relaxed);
    }

    pub(super) fn take_went_through(&self) -> bool {
        self.went_through.swap(false, Ordering::Relaxed)
    }

    /// Whether every delivery has been recorded or given back.
    pub(super) fn is_idle(&self) -> bool {
        self.open.load(Ordering::Acquire) == 0
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds these locks can panic; if it did, the values are whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A delivery in hand, from its lease until it is recorded or given back, whatever happens to its task.
pub(super) struct Held(Arc<Shared>);

impl Held {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(shared))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
        self.0.settled.notify_one();
    }
}

/// A mail to send.
pub(super) struct Job {
    pub(super) leased: Leased,
    pub(super) mail: Mail,
    pub(super) held: Held,
}

/// What came of it.
pub(super) struct Done {
    pub(super) leased: Leased,
    pub(super) outcome: Outcome,
    pub(super) held: Held,
}
