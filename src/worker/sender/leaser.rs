//! The leasing task: keeps the connections busy, sleeps when there is nothing to do, and is the one that waits for a relay or a
//! database that is away. Meanwhile nothing is held: who leaves in that time is not mailed afterwards (promise 3).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Until;
use super::state::{Done, Held, Job, RelayFault, Shared};
use crate::domain::delivery::Outcome;
use crate::service::Error;
use crate::service::deliver::{self, Lease, Task};
use crate::service::letter::Letters;
use crate::worker::patience::Patience;

/// How often the queue is looked at when nobody in this process queued anything.
const POLL: Duration = Duration::from_secs(1);

/// Leases and passes on until there is nothing left or the sender is stopped. `Ok(Some(_))`: the relay cannot be used.
pub(super) async fn run(
    shared: &Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    results: mpsc::Sender<Done>,
) -> Result<Option<RelayFault>, Error> {
    let letters = Letters::default();
    let mut for_relay = Patience::new(shared.until);
    let mut for_database = Patience::new(shared.until);
    // What the relay's trouble was, until a mail goes through again.
    let mut unsolved = None;
    while !shared.stop.is_cancelled() {
        if shared.take_went_through() {
            for_relay = Patience::new(shared.until);
            unsolved = None;
        }
        if let Some(fault) = shared.take_trouble() {
            tracing::error!("the relay cannot be used: {fault}");
            settle(shared).await;
            free_what_is_in_doubt(shared).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "what is leased could not be given back; it is tried again");
            });
            let hopeless = shared.until == Until::Drained && !fault.temporary;
            unsolved = Some(fault);
            if hopeless || !for_relay.wait(&shared.stop).await {
                break;
            }
            let again = tokio::select! {
                () = shared.stop.cancelled() => break,
                again = shared.connect() => again,
            };
            match again {
                Ok(session) => session.close().await,
                Err(fault) => shared.report(fault),
            }
            continue;
        }
        // Read before the lease: what is settled later wakes `idle`.
        let was_idle = shared.is_idle();
        let lease = match lease(shared, was_idle).await {
            Ok(lease) => lease,
            // A service goes on whatever happens; a pass only where waiting may help.
            Err(error)
                if (error.is_temporary() || shared.until == Until::Stopped)
                    && for_database.wait(&shared.stop).await =>
            {
                tracing::warn!(%error, "the queue cannot be read; it is tried again");
                shared.doubt();
                continue;
            }
            Err(_) if shared.stop.is_cancelled() => break,
            Err(error) => return Err(error),
        };
        for_database = Patience::new(shared.until);
        let ended = &shared.progress.cancelled;
        ended.fetch_add(lease.ended, Ordering::Relaxed);
        if lease.tasks.is_empty() && lease.ended == 0 {
            if was_idle && shared.until == Until::Drained {
                break;
            }
            idle(shared).await;
        }
        for task in lease.tasks {
            if !pass_on(shared, &letters, task, &jobs, &results).await {
                shared.doubt();
                break;
            }
        }
    }
    Ok(shared.take_trouble().or(unsolved))
}

async fn lease(shared: &Shared, was_idle: bool) -> Result<Lease, Error> {
    if was_idle {
        free_what_is_in_doubt(shared).await?;
    }
    deliver::lease(&shared.context, shared.lease.id).await
}

/// Gives back leases that nobody here knows of; to be called when nothing is in hand.
async fn free_what_is_in_doubt(shared: &Shared) -> Result<(), Error> {
    if shared.take_doubt() {
        let freed = shared.lease.free(&shared.context).await;
        freed.inspect_err(|_| shared.doubt())?;
    }
    Ok(())
}

/// Makes a task's mail and hands it to a connection. False: not now, and neither what comes after it.
async fn pass_on(
    shared: &Arc<Shared>,
    letters: &Letters,
    task: Task,
    jobs: &mpsc::Sender<Job>,
    results: &mpsc::Sender<Done>,
) -> bool {
    let held = Held::new(shared);
    let made = deliver::message(&shared.context, letters, &task).await;
    let leased = task.leased;
    let outcome = match made {
        Ok(mail) => {
            let job = Job { leased, mail, held };
            return tokio::select! {
                () = shared.stop.cancelled() => false,
                sent = jobs.send(job) => sent.is_ok() && !shared.holds_back(),
            };
        }
        Err(error) if error.is_temporary() => {
            tracing::warn!(%error, "a mail cannot be made now; it is tried again");
            return false;
        }
        // What no message can be made of must not stop the others.
        Err(Error::Mail(error)) if error.is_of_one_reader() => Outcome::Failed {
            code: None,
            reply: error.to_string(),
        },
        Err(error) => {
            tracing::error!(%error, delivery = leased.id, "a mail cannot be made; it is tried again later");
            Outcome::Retry {
                code: None,
                reply: error.to_string(),
            }
        }
    };
    let done = Done {
        leased,
        outcome,
        held,
    };
    results.send(done).await.is_ok()
}

/// Waits until nothing is in hand any more.
async fn settle(shared: &Shared) {
    while !shared.is_idle() && !shared.stop.is_cancelled() {
        idle(shared).await;
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
