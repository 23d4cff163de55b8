//! Reads the feeds of all lists, now and then.

use tokio_util::sync::CancellationToken;

use crate::feed::Fetcher;
use crate::service::Context;
use crate::service::gather::{self, Occasion};

/// Gathers at once and then every `[feeds] interval`, until `stop`.
pub async fn run(context: Context, fetcher: Fetcher, stop: CancellationToken) {
    let interval = context.feeds.interval;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            gathered = gather::gather(&context, &fetcher, &context.lists, Occasion::Interval) => match gathered {
                Ok(reports) => {
                    let new: usize = reports.iter().map(|report| report.new).sum();
                    let failed = reports.iter().filter(|report| report.error.is_some()).count();
                    tracing::info!(feeds = reports.len(), failed, new, "feeds read");
                }
                Err(error) => tracing::error!(%error, "feeds could not be gathered; next try in {interval:?}"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}
