//! Empties the queue of deliveries. Two lanes, so that a confirmation never waits behind a digest: for each, one task leases and
//! each relay's tasks own one connection each. One task records results in groups, one keeps the lease alive, one watches each
//! relay, one keeps the pace, one sees what was paused. Nothing waits on the network inside a transaction (promise 4); whatever
//! stops this process, each delivery is in the queue, leased, or has its result (promise 5).

mod brake;
mod budgets;
mod connection;
mod control;
mod digests;
mod held;
mod judge;
mod leaser;
mod pace;
mod pacer;
mod progress;
mod queue;
mod recorder;
mod relay;
mod state;
mod task;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::mail::route::Route;
use crate::service::lease::WorkerLease;
use crate::service::{Context, Error, deliver, publish};
pub use progress::{Progress, RelayProgress};
pub use state::RelayFault;
use state::Shared;

/// How long a stop waits for mails that are on the wire.
const GRACE: Duration = Duration::from_secs(30);

/// When the sender ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When it is told to.
    Stopped,
    /// When nothing is due any more, or no relay can be used.
    Drained,
}

/// Which mails go by which connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Confirmations, notices and welcomes: they overtake.
    Express,
    /// Digests.
    Digest,
}

/// The sender of one process.
pub struct Sender {
    context: Context,
    routes: Arc<Vec<Route>>,
    until: Until,
    progress: Arc<Progress>,
    lease: Arc<WorkerLease>,
}

impl Sender {
    /// A sender over this transport.
    pub fn new(context: Context, routes: Arc<Vec<Route>>, until: Until) -> Self {
        let progress = Progress::new(routes.iter().map(|route| route.name.as_str()));
        Self {
            context,
            routes,
            until,
            progress: Arc::new(progress),
            lease: Arc::default(),
        }
    }

    /// The counters.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What it is known by to other processes while it runs.
    pub fn lease(&self) -> Arc<WorkerLease> {
        Arc::clone(&self.lease)
    }

    /// Sends until there is nothing left or `stop` is cancelled; then lets what is on the wire end, records it, and gives the
    /// rest back. `Ok(Some(_))` says why no relay could be used.
    pub async fn run(self, stop: CancellationToken) -> Result<Option<RelayFault>, Error> {
        let suspects = self.lease.renew(&self.context).await?.suspects;
        crate::service::control::relay_is_back(&self.context).await?;
        let (queued, _) = deliver::backlog(&self.context).await?;
        self.progress.queued.store(queued as u64, Ordering::Relaxed);
        let (events, recorded) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::new(self, events, stop.child_token()));
        shared.suspects.store(suspects, Ordering::Relaxed);
        pacer::look_around(&shared).await;
        let alive = CancellationToken::new();
        let keeper = tokio::spawn(keep_alive(Arc::clone(&shared), alive.clone()));
        let end_of_records = CancellationToken::new();
        let recorder = tokio::spawn(recorder::run(
            Arc::clone(&shared),
            recorded,
            end_of_records.clone(),
        ));
        let mut tasks = connections(&shared);

        let leased = lease(&shared).await;
        shared.stop.cancel();
        let ended = end(&shared, &mut tasks).await;
        pacer::settle(&shared).await;
        shared.queue(Lane::Express).clear();
        shared.queue(Lane::Digest).clear();
        end_of_records.cancel();
        let recorded = recorder
            .await
            .map_err(|panic| Error::Panic(panic.to_string()));
        alive.cancel();
        let _ = keeper.await;
        let freed = patiently(|| shared.lease.leave(&shared.context)).await?;
        if freed > 0 {
            tracing::info!(leases = freed, "given back to the queue");
        }
        patiently(|| publish::finish(&shared.context)).await?;
        ended?;
        recorded?;
        Ok(leased?.or_else(|| shared.no_relay()))
    }
}

/// The tasks that carry mail.
fn connections(shared: &Arc<Shared>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (at, route) in shared.routes.iter().enumerate() {
        for _ in 0..route.connections.max(1) {
            tasks.spawn(connection::run(Arc::clone(shared), Lane::Digest, at));
        }
        tasks.spawn(connection::run(Arc::clone(shared), Lane::Express, at));
        tasks.spawn(relay::watch(Arc::clone(shared), at));
    }
    tasks.spawn(pacer::run(Arc::clone(shared)));
    tasks.spawn(control::run(Arc::clone(shared)));
    tasks
}

/// Leases for both lanes; a pass ends with the digests, and then with what overtook them.
async fn lease(shared: &Arc<Shared>) -> Result<Option<RelayFault>, Error> {
    let panicked = |panic: JoinError| Err(Error::Panic(panic.to_string()));
    let express = tokio::spawn(leaser::run(Arc::clone(shared), Lane::Express));
    let digests = tokio::spawn(leaser::run(Arc::clone(shared), Lane::Digest));
    let digests = digests.await.unwrap_or_else(panicked);
    shared.digests_are_done();
    if digests.is_err() {
        shared.stop.cancel();
    }
    let express = express.await.unwrap_or_else(panicked);
    Ok(digests?.or(express?))
}

/// Waits for the tasks; what is still on the wire after some time is cut off.
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
            Ok(renewal) => {
                if !renewal.stood {
                    shared.lost_lease();
                }
                shared.renewed(asked);
                if renewal.suspects < shared.suspects.load(Ordering::Relaxed) {
                    // A pass must not end before it knows of its share of what a dead worker had.
                    pacer::look_around(&shared).await;
                }
                shared.suspects.store(renewal.suspects, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%error, "the lease could not be renewed; it is tried again");
            }
        }
    }
}
