//! What is done now and then: prunes what is older than its retention time, reminds sign-ups that nobody confirmed, and deletes those
//! that waited too long.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::{Context, Error, prune, purge, remind};

/// How often it looks.
const PAUSE: Duration = Duration::from_hours(1);

/// Does its work every hour until `stop`; the first time after one.
pub async fn run(context: Context, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let rows = prune::prune(&context).await;
        if let Ok(rows @ 1..) = rows {
            tracing::info!(rows, "finished deliveries pruned");
        }
        complain("finished deliveries could not be pruned", rows);
        let reminded = remind::remind(&context).await;
        complain("sign-ups could not be reminded", reminded);
        let purged = purge::purge(&context).await;
        complain("old sign-ups could not be deleted", purged);
    }
}

fn complain(what: &str, done: Result<u64, Error>) {
    if let Err(error) = done {
        tracing::error!(%error, "{what}");
    }
}
