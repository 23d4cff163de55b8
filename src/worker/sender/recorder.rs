//! The recording task: results in groups, one transaction each. How long a group may wait is the window of possible
//! duplicates (promise 5).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::state::{Done, Held, Shared};
use crate::service::deliver::{self, Record};
use crate::worker::patience::Patience;

/// A group is written at the latest after this long, or at this size.
const FLUSH: Duration = Duration::from_millis(20);
pub(super) const FLUSH_MOST: usize = 500;

/// Results that are not written yet.
#[derive(Default)]
struct Group {
    records: Vec<Record>,
    held: Vec<Held>,
}

/// Records what the connections pass on until they are done.
pub(super) async fn run(shared: Arc<Shared>, mut results: mpsc::Receiver<Done>) {
    // Also when it panics: nothing may be sent whose result nobody writes.
    let _ends_all = shared.stop.clone().drop_guard();
    while let Some(first) = results.recv().await {
        let mut group = Group::default();
        group.take(&shared, first);
        let window = tokio::time::sleep(FLUSH);
        tokio::pin!(window);
        while group.records.len() < FLUSH_MOST {
            tokio::select! {
                () = &mut window => break,
                more = results.recv() => match more {
                    Some(done) => group.take(&shared, done),
                    None => break,
                }
            }
        }
        flush(&shared, group).await;
    }
}

impl Group {
    fn take(&mut self, shared: &Shared, done: Done) {
        let now_ms = shared.context.clock.now_ms();
        let record = deliver::settle(&shared.context, &done.leased, done.outcome, now_ms);
        self.records.push(record);
        self.held.push(done.held);
    }
}

/// Writes a group of results; while the database is away they are kept and tried again.
async fn flush(shared: &Shared, group: Group) {
    let records = &group.records;
    let mut patience = Patience::new(shared.until);
    // When there is no more time to wait for the database, a last while.
    let mut last = Patience::limited();
    loop {
        let error = match deliver::record(&shared.context, shared.lease.id, records).await {
            Ok(()) => {
                for record in records {
                    shared.progress.count(record.status);
                }
                return;
            }
            Err(error) => error,
        };
        tracing::warn!(%error, results = records.len(), "results cannot be recorded; it is tried again");
        if !patience.wait(&shared.stop).await && !last.wait(&CancellationToken::new()).await {
            // They stay leased, and are sent again when the lease ends: better twice than lost.
            tracing::error!(
                results = records.len(),
                "results are lost; these mails will be sent again"
            );
            shared.stop.cancel();
            return;
        }
    }
}
