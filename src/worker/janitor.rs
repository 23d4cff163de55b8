//! Prunes what is older than its retention time, now and then.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::{Context, prune};

/// How often it looks.
const PAUSE: Duration = Duration::from_hours(1);

/// Prunes every hour until `stop`; the first time after one.
pub async fn run(context: Context, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        match prune::prune(&context).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "what had had its time was pruned"),
            Err(error) => tracing::error!(%error, "pruning failed; it is tried again in an hour"),
        }
    }
}
