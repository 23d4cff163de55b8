//! Keeps this process's pace and the database's together: takes mails from limits that ran out here, and tells other processes
//! and learns from them what providers asked for.

use std::sync::Arc;
use std::time::Duration;

use super::Lane;
use super::brake::News;
use super::state::Shared;
use crate::service::pace::{self, Ask};

/// How often other processes' back-offs are looked at.
const LEARN: Duration = Duration::from_secs(1);

/// Runs until the sender ends.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut learn = tokio::time::interval(LEARN);
    loop {
        let now_ms = shared.context.clock.now_ms();
        let pause = shared.pace.next_ms(now_ms).map_or(LEARN, |next_ms| {
            Duration::from_millis((next_ms - now_ms).clamp(1, 1_000) as u64)
        });
        tokio::select! {
            () = shared.stop.cancelled() => break,
            _ = learn.tick() => look_around(&shared).await,
            () = shared.pace.wanted.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
        tell(&shared).await;
        let now_ms = shared.context.clock.now_ms();
        ask(&shared, shared.pace.asks(now_ms), now_ms).await;
    }
}

/// Once nothing is under way any more: what it came to is told to the limits and to other processes.
pub(super) async fn settle(shared: &Shared) {
    tell(shared).await;
    ask(shared, shared.pace.rest(), shared.context.clock.now_ms()).await;
}

/// Tells other processes who asked to slow down and who does no longer, in the order in which it came to be.
async fn tell(shared: &Shared) {
    while let Some(news) = shared.pace.news() {
        let told = match &news {
            News::Asked(backoff) => pace::back_off(&shared.context, backoff).await,
            News::Over { name, until_ms } => {
                pace::recovered(&shared.context, name, *until_ms).await
            }
        };
        if let Err(error) = told {
            tracing::warn!(%error, "other processes cannot be told who asked to slow down; it is tried again");
            return;
        }
        shared.pace.told();
    }
}

/// Asks the limits for more at this time, or tells them something.
async fn ask(shared: &Shared, asked: Vec<(usize, Ask)>, now_ms: i64) {
    if asked.is_empty() {
        return;
    }
    let (limits, asks): (Vec<usize>, Vec<Ask>) = asked.into_iter().unzip();
    match pace::take(&shared.context, &asks).await {
        Ok(given) => {
            for ((at, asked), given) in limits.iter().zip(&asks).zip(given) {
                shared.pace.given(*at, asked, given, now_ms);
            }
            for lane in [Lane::Express, Lane::Digest] {
                shared.queue(lane).work.notify_waiters();
            }
        }
        Err(error) => tracing::warn!(%error, "limits cannot be read; nothing goes until they can"),
    }
}

/// Learns what other processes, or this one before a restart, were told by providers.
pub(super) async fn look_around(shared: &Shared) {
    let backoffs = pace::backoffs(&shared.context).await;
    let crew = shared.lease.crew(&shared.context).await;
    match (backoffs, crew) {
        (Ok(backoffs), Ok(crew)) => {
            let now_ms = shared.context.clock.now_ms();
            shared.pace.learn(&backoffs, crew, now_ms);
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::debug!(%error, "other processes' back-offs cannot be read");
        }
    }
}
