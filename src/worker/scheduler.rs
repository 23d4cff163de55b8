//! Makes digests when their time comes: gathers the list's feeds, composes the due period, freezes its recipients.
//!
//! Any number of processes may run this on one database: the period's unique key lets one of them make the digest.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::list::List;
use crate::feed::Fetcher;
use crate::service::compose::{self, Composed};
use crate::service::{Context, Error, gather, publish};

/// The longest sleep between two looks at the clock: a clock that jumps is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);

/// Looks after every list's schedule until `stop`.
pub async fn run(context: Context, fetcher: Fetcher, stop: CancellationToken) {
    loop {
        let now_ms = context.clock.now_ms();
        for list in context.lists.iter() {
            tokio::select! {
                () = stop.cancelled() => return,
                done = due(&context, &fetcher, list, now_ms) => if let Err(error) = done {
                    tracing::error!(list = list.slug, %error, "the digest could not be composed; it is tried again");
                }
            }
        }
        if let Err(error) = publish::publish(&context).await {
            tracing::error!(%error, "digests could not be started; it is tried again");
        }
        context.wake.notify_one();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(until_next(&context)) => {}
        }
    }
}

async fn due(
    context: &Context,
    fetcher: &Fetcher,
    list: &Arc<List>,
    now_ms: i64,
) -> Result<(), Error> {
    if !compose::is_due(context, list, now_ms).await? {
        return Ok(());
    }
    gather::gather(context, fetcher, std::slice::from_ref(list)).await?;
    report(
        list,
        &compose::compose(context, list, context.clock.now_ms(), false).await?,
    );
    Ok(())
}

/// Says in the log what came of a list's period.
pub fn report(list: &List, composed: &Composed) {
    match composed {
        Composed::NotDue => {}
        Composed::Taken { .. } => {
            tracing::info!(list = list.slug, "another process made this digest");
        }
        Composed::Skipped { reason, .. } => {
            tracing::info!(
                list = list.slug,
                reason = reason.as_str(),
                "no digest for this period"
            );
        }
        Composed::Ready(digest) => {
            tracing::info!(
                list = list.slug,
                digest = digest.id,
                articles = digest.edition.article_count(),
                "digest composed"
            );
        }
    }
}

fn until_next(context: &Context) -> Duration {
    let now_ms = context.clock.now_ms();
    let next = context
        .lists
        .iter()
        .filter_map(|list| compose::next_period(list, now_ms))
        .min();
    let wait = next.map_or(LONGEST_SLEEP, |next| {
        Duration::from_millis((next - now_ms).max(0) as u64)
    });
    wait.min(LONGEST_SLEEP)
}
