//! Makes digests when their time comes: gathers the list's feeds, composes the due period, freezes its recipients.
//!
//! Of the processes that run this on one database one leads at a time; should two believe it, the period's unique key lets one of
//! them make the digest.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::list::List;
use crate::feed::Fetcher;
use crate::service::compose::{self, Composed, WaitsFor};
use crate::service::gather::{self, Occasion};
use crate::service::lease::WorkerLease;
use crate::service::{Context, Error, editing, own_hours, publish};

/// The longest sleep between two looks at the clock: a clock that jumps is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// How soon an own hour that has come is looked at again.
const OVERDUE_MS: i64 = 1_000;
/// What the leader is called in the database.
const ROLE: &str = "scheduler";
/// How often one that does not lead asks whether it should.
const FOLLOWER: Duration = Duration::from_secs(1);
/// How long a digest that waits for a feed leaves that feed alone.
const FEED_AGAIN: Duration = Duration::from_mins(5);

/// A list that waits, for a feed or for a digest that is held.
struct Waiting {
    /// When it is looked at again.
    again: Instant,
    /// The first own hour that had come by then and waits as well.
    own_ms: Option<i64>,
}

/// Looks after every list's schedule until `stop`.
pub async fn run(
    context: Context,
    fetcher: Fetcher,
    lease: Arc<WorkerLease>,
    stop: CancellationToken,
) {
    let mut waiting: HashMap<i64, Waiting> = HashMap::new();
    loop {
        match lease.leads(&context, ROLE).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(until_next(&context).await.max(FOLLOWER)) => continue,
                }
            }
            Err(error) => {
                tracing::error!(%error, "who leads the schedule cannot be read; it is tried again");
            }
        }
        for list in context.lists.iter() {
            let done = tokio::select! {
                () = stop.cancelled() => return,
                done = due(&context, &fetcher, list, &mut waiting) => done,
            };
            if let Err(error) = done {
                tracing::error!(list = list.slug, %error, "the digest could not be composed; it is tried again");
            }
            if let Err(error) = editing::open(&context, list, context.clock.now_ms()).await {
                tracing::error!(list = list.slug, %error, "the draft could not be opened; it is tried again");
            }
        }
        if let Err(error) = start_and_finish(&context).await {
            tracing::error!(%error, "digests could not be started or ended; it is tried again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(until_next(&context).await) => {}
        }
    }
}

async fn start_and_finish(context: &Context) -> Result<(), Error> {
    if !publish::publish(context).await?.is_empty() {
        context.wake_digests.notify_one();
    }
    publish::finish(context).await
}

/// Composes for a list what is due. While it waits its feeds are left alone, and only another reader's own hour is looked at.
async fn due(
    context: &Context,
    fetcher: &Fetcher,
    list: &Arc<List>,
    waiting: &mut HashMap<i64, Waiting>,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let own_ms = own_hours::first_due(context, list).await?;
    let own_ms = own_ms.filter(|first| *first <= now_ms);
    waiting.retain(|_, waits| Instant::now() < waits.again);
    match waiting.get(&list.id) {
        Some(waits) if own_ms.is_none() || own_ms == waits.own_ms => return Ok(()),
        Some(_) => {}
        None if compose::is_due(context, list, now_ms).await? => {
            let lists = std::slice::from_ref(list);
            gather::gather(context, fetcher, lists, Occasion::Digest).await?;
        }
        None => return Ok(()),
    }
    let composed = compose::compose(context, list, context.clock.now_ms(), false).await?;
    report(list, &composed);
    if matches!(composed, Composed::Waiting { .. }) {
        let again = Instant::now() + FEED_AGAIN;
        let waits = waiting.entry(list.id).or_insert(Waiting { again, own_ms });
        waits.own_ms = own_ms;
    }
    Ok(())
}

/// Says in the log what came of a list's period.
pub fn report(list: &List, composed: &Composed) {
    match composed {
        Composed::NotDue => {}
        Composed::Taken { .. } => {
            tracing::info!(list = list.slug, "another process made this digest");
        }
        Composed::Waiting {
            for_what: WaitsFor::Feed,
            ..
        } => tracing::warn!(
            list = list.slug,
            "nothing new, but a feed failed: the digest waits for it"
        ),
        Composed::Waiting {
            for_what: WaitsFor::Digest(digest),
            ..
        } => tracing::warn!(
            list = list.slug,
            digest,
            "the list's digest before is held: the next waits for it"
        ),
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
                audience = digest.audience.as_str(),
                articles = digest.edition.article_count(),
                "digest composed"
            );
        }
    }
}

async fn until_next(context: &Context) -> Duration {
    let now_ms = context.clock.now_ms();
    let schedules = context.lists.iter();
    let mut next: Vec<i64> = schedules
        .flat_map(|list| {
            let opens = editing::opens_ms(list, now_ms).filter(|opens| *opens > now_ms);
            opens.into_iter().chain(compose::next_period(list, now_ms))
        })
        .collect();
    for list in context.lists.iter() {
        match own_hours::first_due(context, list).await {
            // One that has come and could not be served is looked at again before long.
            Ok(first) => next.extend(first.map(|first| first.max(now_ms + OVERDUE_MS))),
            Err(error) => tracing::error!(%error, "readers' own hours cannot be read"),
        }
    }
    let wait = next.into_iter().min().map_or(LONGEST_SLEEP, |next| {
        Duration::from_millis((next - now_ms).max(0) as u64)
    });
    wait.min(LONGEST_SLEEP)
}
