//! Loops that call services until they are told to stop: [`sender`] empties the queue of deliveries, [`scheduler`] makes digests
//! when their time comes, [`gatherer`] reads the feeds, [`janitor`] prunes, [`release`] lets go what waited for room. [`serve`] runs
//! them together; [`run_once`] is one pass of all of it, the work of `digest run`.

pub mod gatherer;
pub mod janitor;
mod pass;
mod patience;
pub mod release;
pub mod scheduler;
pub mod sender;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::feed::Fetcher;
use crate::mail::route::Route;
use crate::service::{Context, Error};

pub use pass::{Pass, PassOptions, run_once};
pub use sender::{Progress, RelayFault, Sender, Until};

/// Runs gatherer, scheduler and sender until `stop`; returns when what was in flight has ended.
///
/// None of them ends before `stop` unless it broke: then all end, with an error, so that whoever supervises the process starts
/// it again.
pub async fn serve(
    context: Context,
    routes: Arc<Vec<Route>>,
    fetcher: Fetcher,
    stop: CancellationToken,
) -> Result<(), Error> {
    let sender = Sender::new(context.clone(), routes, Until::Stopped);
    let lease = sender.lease();
    let stop_janitor = stop.clone();
    let mut tasks = JoinSet::new();
    let sender_stop = stop.clone();
    tasks.spawn(async move {
        match sender.run(sender_stop).await {
            Ok(Some(fault)) => tracing::error!("the relay could not be used: {fault}"),
            Ok(None) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    });
    let (gather, schedule) = (
        gatherer::run(context.clone(), fetcher.clone(), stop.clone()),
        scheduler::run(context.clone(), fetcher, lease, stop.clone()),
    );
    tasks.spawn(async move {
        gather.await;
        Ok(())
    });
    tasks.spawn(async move {
        schedule.await;
        Ok(())
    });
    let (waiting, stop_release) = (context.clone(), stop.clone());
    tasks.spawn(async move {
        release::run(waiting, stop_release).await;
        Ok(())
    });
    tasks.spawn(async move {
        janitor::run(context, stop_janitor).await;
        Ok(())
    });
    let mut result = Ok(());
    while let Some(ended) = tasks.join_next().await {
        stop.cancel();
        let ended = ended.unwrap_or_else(|panic| Err(Error::Panic(panic.to_string())));
        result = result.and(ended);
    }
    result
}
