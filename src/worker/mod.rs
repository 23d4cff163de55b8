//! Loops that call services until they are told to stop: [`sender`] empties the queue of deliveries, [`scheduler`] makes digests
//! when their time comes, [`gatherer`] reads the feeds. [`serve`] runs them together; [`run_once`] is one pass of all three,
//! the work of `digest run`.

pub mod gatherer;
mod pass;
mod patience;
pub mod scheduler;
pub mod sender;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::feed::Fetcher;
use crate::mail::transport::Transport;
use crate::service::{Context, Error};

pub use pass::{Pass, PassOptions, run_once};
pub use sender::{Progress, Sender, Until};

/// How often the feeds are read.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Between two readings of all feeds.
    pub gather: std::time::Duration,
}

/// Runs gatherer, scheduler and sender until `stop`; returns when what was in flight has ended.
pub async fn serve(
    context: Context,
    transport: Arc<Transport>,
    fetcher: Fetcher,
    rhythm: Rhythm,
    stop: CancellationToken,
) -> Result<(), Error> {
    let tracker = TaskTracker::new();
    tracker.spawn(gatherer::run(
        context.clone(),
        fetcher.clone(),
        rhythm.gather,
        stop.clone(),
    ));
    tracker.spawn(scheduler::run(context.clone(), fetcher, stop.clone()));
    let sender = Sender::new(context, transport, Until::Stopped);
    let sent = tokio::spawn(sender.run(stop.clone())).await;
    // The sender ends before `stop` only when it cannot go on: then nothing else should.
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    match sent {
        Ok(result) => result.map(drop),
        Err(panic) => {
            tracing::error!(%panic, "the sender ended in a panic; its leases go back to the queue");
            Ok(())
        }
    }
}
