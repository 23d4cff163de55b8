//! Empties the queue of deliveries: one task leases, N tasks own one connection each, one task records results in groups, one
//! keeps the lease alive. Nothing waits on the network inside a transaction (promise 4); whatever stops this process, each
//! delivery is in the queue, leased, or has its result (promise 5).

mod connection;
mod recorder;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::domain::delivery::{DeliveryStatus, Outcome};
use crate::mail::message::Mail;
use crate::mail::smtp::ConnectError;
use crate::mail::transport::Transport;
use crate::service::deliver::Leased;
use crate::service::lease::WorkerLease;
use crate::service::letter::Letters;
use crate::service::{Context, Error, deliver, publish};

/// How long a stop waits for mails that are on the wire.
const GRACE: Duration = Duration::from_secs(30);
/// How often the queue is looked at when nobody in this process queued anything.
const POLL: Duration = Duration::from_secs(1);

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

/// What the tasks of one sender share.
struct Shared {
    context: Context,
    transport: Arc<Transport>,
    until: Until,
    progress: Arc<Progress>,
    lease: WorkerLease,
    /// Leased and not yet recorded or given back.
    open: AtomicUsize,
    /// Told when `open` goes down.
    settled: Notify,
    /// Ends this sender.
    stop: CancellationToken,
    /// Why it ended by itself.
    fault: Mutex<Option<ConnectError>>,
}

struct Job {
    leased: Leased,
    mail: Mail,
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
    pub async fn run(self, stop: CancellationToken) -> Result<Option<ConnectError>, Error> {
        let lease = WorkerLease::announce(&self.context).await?;
        let shared = Arc::new(Shared {
            context: self.context,
            transport: self.transport,
            until: self.until,
            progress: self.progress,
            lease,
            open: AtomicUsize::new(0),
            settled: Notify::new(),
            stop: stop.child_token(),
            fault: Mutex::new(None),
        });
        let connections = shared.context.delivery.connections.max(1);
        let (jobs, queue) = mpsc::channel::<Job>(connections * 2);
        let (results, outcomes) = mpsc::channel::<(Leased, Outcome)>(recorder::FLUSH_MOST * 2);
        let queue = Arc::new(Mutex::new(queue));
        let mut senders = JoinSet::new();
        for _ in 0..connections {
            senders.spawn(connection::run(
                Arc::clone(&shared),
                Arc::clone(&queue),
                results.clone(),
            ));
        }
        let recorder = tokio::spawn(recorder::run(Arc::clone(&shared), outcomes));
        let alive = CancellationToken::new();
        let keeper = tokio::spawn(keep_alive(lease, shared.context.clone(), alive.clone()));

        let leased = lease_until_done(&shared, jobs, results).await;
        let ended = tokio::time::timeout(GRACE, async {
            while senders.join_next().await.is_some() {}
        })
        .await;
        if ended.is_err() {
            tracing::warn!(
                "mails still on the wire after {GRACE:?} are abandoned; they go back to the queue"
            );
            senders.shutdown().await;
        }
        if let Err(panic) = recorder.await {
            tracing::error!(%panic, "the recorder ended in a panic");
        }
        alive.cancel();
        let _ = keeper.await;
        let freed = shared.lease.leave(&shared.context).await?;
        if freed > 0 {
            tracing::info!(deliveries = freed, "given back to the queue");
        }
        publish::finish(&shared.context).await?;
        leased?;
        Ok(shared.fault.lock().await.take())
    }
}

/// The leasing task: keeps the connections busy, sleeps when there is nothing to do.
async fn lease_until_done(
    shared: &Shared,
    jobs: mpsc::Sender<Job>,
    results: mpsc::Sender<(Leased, Outcome)>,
) -> Result<(), Error> {
    let letters = Letters::default();
    let mut patience = Patience::new(shared.until);
    // Whether a lease may have been committed without our knowing of it, and whether a digest may have ended.
    let (mut in_doubt, mut unfinished) = (false, false);
    while !shared.stop.is_cancelled() {
        let idle_now = shared.open.load(Ordering::Acquire) == 0;
        let step = async {
            if in_doubt && idle_now {
                shared.lease.free(&shared.context).await?;
                in_doubt = false;
            }
            let lease = deliver::lease(&shared.context, shared.lease.id).await?;
            if lease.tasks.is_empty() && idle_now && (unfinished || lease.ended > 0) {
                publish::finish(&shared.context).await?;
                unfinished = false;
            }
            Ok::<_, Error>(lease)
        };
        let lease = match step.await {
            Ok(lease) => lease,
            // A service goes on whatever happens; a pass only where waiting may help.
            Err(error)
                if (error.is_temporary() || shared.until == Until::Stopped)
                    && patience.wait(&shared.stop).await =>
            {
                tracing::warn!(%error, "the queue cannot be read; it is tried again");
                in_doubt = true;
                continue;
            }
            Err(error) => return Err(error),
        };
        patience = Patience::new(shared.until);
        let ended = &shared.progress.cancelled;
        ended.fetch_add(lease.ended, Ordering::Relaxed);
        if lease.tasks.is_empty() {
            if idle_now && shared.until == Until::Drained {
                return Ok(());
            }
            idle(shared).await;
            continue;
        }
        unfinished = true;
        for task in lease.tasks {
            shared.open.fetch_add(1, Ordering::AcqRel);
            let passed_on = match deliver::message(&shared.context, &letters, &task).await {
                Ok(mail) => {
                    let leased = task.leased;
                    tokio::select! {
                        () = shared.stop.cancelled() => return Ok(()),
                        sent = jobs.send(Job { leased, mail }) => sent.is_ok(),
                    }
                }
                // What no message can be made of must not stop the others.
                Err(Error::Mail(error)) if error.is_of_one_reader() => {
                    let reply = error.to_string();
                    let outcome = Outcome::Failed { code: None, reply };
                    results.send((task.leased, outcome)).await.is_ok()
                }
                Err(error) if shared.until == Until::Stopped => {
                    tracing::error!(%error, delivery = task.leased.id, "the mail cannot be made; it is tried again");
                    shared.give_back(1);
                    in_doubt = true;
                    if !patience.wait(&shared.stop).await {
                        return Ok(());
                    }
                    true
                }
                Err(error) => return Err(error),
            };
            if !passed_on {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Renews the claim on the leases four times in its life span.
async fn keep_alive(lease: WorkerLease, context: Context, stop: CancellationToken) {
    let pause = (context.delivery.lease_ttl / 4).max(Duration::from_millis(50));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = lease.renew(&context).await {
            tracing::warn!(%error, "the lease could not be renewed; it is tried again");
        }
    }
}

/// Waits for a sign that there may be work: something queued here, something settled, or time.
async fn idle(shared: &Shared) {
    tokio::select! {
        () = shared.stop.cancelled() => {}
        () = shared.context.wake.notified() => {}
        () = shared.settled.notified() => {}
        () = tokio::time::sleep(POLL) => {}
    }
}

impl Shared {
    /// These deliveries are settled, or back in the hands of the lease.
    fn give_back(&self, number: usize) {
        self.open.fetch_sub(number, Ordering::AcqRel);
        self.settled.notify_one();
    }
}
