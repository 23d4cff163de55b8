//! The recording task: results in groups, one transaction each. How long a group may wait is the window of possible
//! duplicates (promise 5).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::domain::delivery::Outcome;
use crate::service::deliver;
use crate::service::deliver::{Leased, Record};
use crate::worker::patience::Patience;

/// A group is written at the latest after this long, or at this size.
const FLUSH: Duration = Duration::from_millis(20);
pub(super) const FLUSH_MOST: usize = 500;

/// Records what the connections pass on until they are done.
pub(super) async fn run(shared: Arc<Shared>, mut outcomes: mpsc::Receiver<(Leased, Outcome)>) {
    let mut group: Vec<Record> = Vec::with_capacity(FLUSH_MOST);
    while let Some((leased, outcome)) = outcomes.recv().await {
        let mut take = |leased: &Leased, outcome| {
            group.push(deliver::settle(
                &shared.context,
                leased,
                outcome,
                shared.context.clock.now_ms(),
            ));
            group.len() < FLUSH_MOST
        };
        let mut room = take(&leased, outcome);
        let window = tokio::time::sleep(FLUSH);
        tokio::pin!(window);
        while room {
            tokio::select! {
                () = &mut window => break,
                more = outcomes.recv() => match more {
                    Some((leased, outcome)) => room = take(&leased, outcome),
                    None => break,
                }
            }
        }
        flush(&shared, &mut group).await;
    }
}

/// Writes a group of results; while the database is away they are kept and tried again.
async fn flush(shared: &Shared, group: &mut Vec<Record>) {
    let mut patience = Patience::new(shared.until);
    // When there is no more time to wait for the database, a last while.
    let mut last = Patience::limited();
    loop {
        let error = match deliver::record(&shared.context, shared.lease.id, group).await {
            Ok(()) => {
                for record in group.iter() {
                    shared.progress.count(record.status);
                }
                break;
            }
            Err(error) => error,
        };
        tracing::warn!(%error, results = group.len(), "results cannot be recorded; it is tried again");
        if !patience.wait(&shared.stop).await && !last.wait(&CancellationToken::new()).await {
            // They stay leased, and are sent again when the lease ends: better twice than lost.
            tracing::error!(
                results = group.len(),
                "results are lost; these mails will be sent again"
            );
            shared.stop.cancel();
            break;
        }
    }
    shared.give_back(group.len());
    group.clear();
}
