//! Empties the queue of deliveries: one task leases, N tasks own one connection each, one task records results in groups, one
//! keeps the lease alive. Nothing waits on the network inside a transaction (promise 4); whatever stops this process, each
//! delivery is in the queue, leased, or has its result (promise 5).

mod connection;
mod leaser;
mod recorder;
mod state;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::domain::delivery::DeliveryStatus;
use crate::mail::transport::Transport;
use crate::service::lease::WorkerLease;
use crate::service::{Context, Error, publish};
pub use state::RelayFault;
use state::Shared;

/// How long a stop waits for mails that are on the wire.
const GRACE: Duration = Duration::from_secs(30);

/// When the sender ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When it is told to.
    Stopped,
    /// When nothing is due any more, or the relay cannot be used.
    Drained,
}

/// What was done so far; read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Taken by the relay.
    pub sent: AtomicU64,
    /// To be tried again later.
    pub retried: AtomicU64,
    /// Refused for ever.
    pub failed: AtomicU64,
    /// Perhaps taken.
    pub unknown: AtomicU64,
    /// Not sent: the reader had left.
    pub cancelled: AtomicU64,
}

impl Progress {
    fn count(&self, status: DeliveryStatus) {
        let counter = match status {
            DeliveryStatus::Sent => &self.sent,
            DeliveryStatus::Queued => &self.retried,
            DeliveryStatus::Failed => &self.failed,
            DeliveryStatus::Unknown => &self.unknown,
            DeliveryStatus::Cancelled => &self.cancelled,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// The sender of one process.
pub struct Sender {
    context: Context,
    transport: Arc<Transport>,
    until: Until,
    progress: Arc<Progress>,
}

impl Sender {
    /// A sender over this transport.
    pub fn new(context: Context, transport: Arc<Transport>, until: Until) -> Self {
        Self {
            context,
            transport,
            until,
            progress: Arc::default(),
        }
    }

    /// The counters.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Sends until there is nothing left or `stop` is cancelled; then lets what is on the wire end, records it, and gives the
    /// rest back. `Ok(Some(_))` says why the relay could not be used.
    pub async fn run(self, stop: CancellationToken) -> Result<Option<RelayFault>, Error> {
        let lease = WorkerLease::announce(&self.context).await?;
        let shared = Arc::new(Shared::new(
            self.context,
            self.transport,
            self.until,
            self.progress,
            lease,
            stop.child_token(),
        ));
        let connections = shared.context.delivery.connections.max(1);
        let (jobs, queue) = mpsc::channel(connections * 2);
        let (results, done) = mpsc::channel(recorder::FLUSH_MOST * 2);
        let queue = Arc::new(Mutex::new(queue));
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (queue, results) = (Arc::clone(&queue), results.clone());
            tasks.spawn(connection::run(Arc::clone(&shared), queue, results));
        }
        tasks.spawn(recorder::run(Arc::clone(&shared), done));
        let alive = CancellationToken::new();
        let keeper = tokio::spawn(keep_alive(Arc::clone(&shared), alive.clone()));

        let leased = leaser::run(&shared, jobs, results).await;
        let ended = end(&shared, &mut tasks).await;
        alive.cancel();
        let _ = keeper.await;
        let freed = patiently(|| shared.lease.leave(&shared.context)).await?;
        if freed > 0 {
            tracing::info!(deliveries = freed, "given back to the queue");
        }
        patiently(|| publish::finish(&shared.context)).await?;
        ended?;
        leased
    }
}

/// Waits for the connections and the recorder; what is still on the wire after some time is cut off.
async fn end(shared: &Shared, tasks: &mut JoinSet<()>) -> Result<(), Error> {
    let mut result = Ok(());
    let mut note = |ended: Result<(), JoinError>| {
        if let Err(panic) = ended {
            result = Err(Error::Panic(panic.to_string()));
        }
    };
    let in_time = tokio::time::timeout(GRACE, async {
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    });
    if in_time.await.is_err() {
        tracing::warn!("mails still on the wire after {GRACE:?} are cut off");
        shared.deadline.cancel();
        while let Some(ended) = tasks.join_next().await {
            note(ended);
        }
    }
    result
}

/// Does the last work on the database, again when that is away for a while.
async fn patiently<T, F>(work: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut patience = Patience::limited();
    loop {
        match work().await {
            Err(error)
                if error.is_temporary() && patience.wait(&CancellationToken::new()).await =>
            {
                tracing::warn!(%error, "the database cannot be used; it is tried again");
            }
            done => return done,
        }
    }
}

/// Renews the claim on the leases four times in its life span.
async fn keep_alive(shared: Arc<Shared>, stop: CancellationToken) {
    let pause = (shared.context.delivery.lease_ttl / 4).max(Duration::from_millis(50));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let asked = Instant::now();
        match shared.lease.renew(&shared.context).await {
            Ok(()) => shared.renewed(asked),
            Err(error) => {
                tracing::warn!(%error, "the lease could not be renewed; it is tried again");
            }
        }
    }
}
