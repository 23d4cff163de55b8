//! One pass of everything: gather, compose what is due, freeze, send until drained. The work of `digest run`.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::scheduler::report;
use super::sender::{Progress, RelayFault, Sender, Until};
use crate::domain::list::List;
use crate::feed::Fetcher;
use crate::mail::route::Route;
use crate::service::compose::{self, Composed};
use crate::service::gather::{self, FeedReport, Occasion};
use crate::service::sign_up::release;
use crate::service::{Context, Error, deliver, editing, prune, publish, purge, remind};

/// What a pass should do.
#[derive(Debug, Clone, Copy)]
pub struct PassOptions {
    /// The moment that decides which periods are due, epoch milliseconds; `None`: now.
    pub as_of_ms: Option<i64>,
    /// Write nothing, send nothing.
    pub dry_run: bool,
    /// Stop sending after this long; the rest stays in the queue.
    pub max_time: Option<Duration>,
}

/// What a pass did.
#[derive(Debug)]
pub struct Pass {
    /// Each feed.
    pub feeds: Vec<FeedReport>,
    /// Each list and what came of its period.
    pub composed: Vec<(Arc<List>, Composed)>,
    /// Lists whose digest could not be composed, and why.
    pub errors: Vec<(String, Error)>,
    /// Digests started, with their recipients.
    pub started: Vec<(i64, u64)>,
    /// What was sent.
    pub progress: Arc<Progress>,
    /// Deliveries still in the queue.
    pub left: i64,
    /// When the first of them is due, epoch milliseconds.
    pub next_due_ms: Option<i64>,
    /// Why the relay could not be used.
    pub fault: Option<RelayFault>,
}

/// Runs one pass over `lists`; `watch` is given the counters before sending begins.
pub async fn run_once(
    context: &Context,
    routes: Arc<Vec<Route>>,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
    options: PassOptions,
    stop: CancellationToken,
    watch: impl FnOnce(Arc<Progress>),
) -> Result<Pass, Error> {
    let sender = Sender::new(context.clone(), routes, Until::Drained);
    let mut pass = Pass {
        feeds: Vec::new(),
        composed: Vec::new(),
        errors: Vec::new(),
        started: Vec::new(),
        progress: sender.progress(),
        left: 0,
        next_due_ms: None,
        fault: None,
    };
    let as_of_ms = options.as_of_ms.unwrap_or_else(|| context.clock.now_ms());
    if !options.dry_run {
        pass.feeds = gather_for(context, fetcher, lists, as_of_ms).await?;
    }
    for list in lists {
        if stop.is_cancelled() {
            break;
        }
        match compose::compose(context, list, as_of_ms, options.dry_run).await {
            Ok(composed) => {
                report(list, &composed);
                pass.composed.push((Arc::clone(list), composed));
            }
            Err(error) if error.is_temporary() => return Err(error),
            // One list's trouble must not keep the others from their readers.
            Err(error) => pass.errors.push((list.slug.clone(), error)),
        }
    }
    if !options.dry_run {
        for list in lists {
            match editing::open(context, list, as_of_ms).await {
                Err(error) if error.is_temporary() => return Err(error),
                Err(error) => pass.errors.push((list.slug.clone(), error)),
                Ok(_) => {}
            }
        }
        pass.started = publish::publish(context).await?;
        release::with_room(context).await?;
        remind::remind(context).await?;
        watch(Arc::clone(&pass.progress));
        pass.fault = send(sender, options.max_time, stop).await?;
        prune::prune(context).await?;
        purge::purge(context).await?;
    }
    (pass.left, pass.next_due_ms) = deliver::backlog(context).await?;
    Ok(pass)
}

/// Reads the feeds of lists that are due, and of the others those that were not read for a while.
async fn gather_for(
    context: &Context,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
    as_of_ms: i64,
) -> Result<Vec<FeedReport>, Error> {
    let (mut due, mut others) = (Vec::new(), Vec::new());
    for list in lists {
        if compose::is_due(context, list, as_of_ms).await? {
            due.push(Arc::clone(list));
        } else {
            others.push(Arc::clone(list));
        }
    }
    let mut feeds = gather::gather(context, fetcher, &due, Occasion::Digest).await?;
    feeds.extend(gather::gather_stale(context, fetcher, &others).await?);
    Ok(feeds)
}

async fn send(
    sender: Sender,
    max_time: Option<Duration>,
    stop: CancellationToken,
) -> Result<Option<RelayFault>, Error> {
    let limit = stop.child_token();
    let _ends_timer = max_time.map(|after| {
        let (limit, done) = (limit.clone(), CancellationToken::new());
        let guard = done.clone().drop_guard();
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(after) => limit.cancel(),
                () = done.cancelled() => {}
            }
        });
        guard
    });
    sender.run(limit).await
}
