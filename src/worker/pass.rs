//! One pass of everything: gather, compose what is due, freeze, send until drained. The work of `digest run`.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::scheduler::report;
use super::sender::{Progress, Sender, Until};
use crate::domain::list::List;
use crate::feed::Fetcher;
use crate::mail::smtp::ConnectError;
use crate::mail::transport::Transport;
use crate::service::compose::{self, Composed};
use crate::service::gather::{self, FeedReport};
use crate::service::{Context, Error, deliver, publish};

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
    /// Digests started, with their recipients.
    pub started: Vec<(i64, u64)>,
    /// What was sent.
    pub progress: Arc<Progress>,
    /// Deliveries still in the queue.
    pub left: i64,
    /// When the first of them is due, epoch milliseconds.
    pub next_due_ms: Option<i64>,
    /// Why the relay could not be used.
    pub fault: Option<ConnectError>,
}

/// Runs one pass over `lists`; `watch` is given the counters before sending begins.
pub async fn run_once(
    context: &Context,
    transport: Arc<Transport>,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
    options: PassOptions,
    stop: CancellationToken,
    watch: impl FnOnce(Arc<Progress>),
) -> Result<Pass, Error> {
    let sender = Sender::new(context.clone(), transport, Until::Drained);
    let progress = sender.progress();
    let feeds = if options.dry_run {
        Vec::new()
    } else {
        gather::gather(context, fetcher, lists).await?
    };
    let mut composed = Vec::new();
    for list in lists {
        if stop.is_cancelled() {
            break;
        }
        let as_of_ms = options.as_of_ms.unwrap_or_else(|| context.clock.now_ms());
        let result = compose::compose(context, list, as_of_ms, options.dry_run).await?;
        report(list, &result);
        composed.push((Arc::clone(list), result));
    }
    let mut pass = Pass {
        feeds,
        composed,
        started: Vec::new(),
        progress,
        left: 0,
        next_due_ms: None,
        fault: None,
    };
    if options.dry_run {
        return Ok(pass);
    }
    pass.started = publish::publish(context).await?;
    let limit = stop.child_token();
    let timer = options.max_time.map(|after| {
        let limit = limit.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            limit.cancel();
        })
    });
    watch(Arc::clone(&pass.progress));
    pass.fault = sender.run(limit).await?;
    if let Some(timer) = timer {
        timer.abort();
    }
    (pass.left, pass.next_due_ms) = deliver::backlog(context).await?;
    Ok(pass)
}
