//! One task, one connection: takes a mail, has it sent, passes on what came of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use super::{Job, Shared, Until};
use crate::domain::delivery::Outcome;
use crate::mail::transport::Session;
use crate::service::deliver::Leased;
use crate::worker::patience::Patience;

/// A connection without work is closed after this long.
const IDLE: Duration = Duration::from_secs(2);

/// Sends what the queue brings until it is closed.
pub(super) async fn run(
    shared: Arc<Shared>,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    results: mpsc::Sender<(Leased, Outcome)>,
) {
    let mut session: Option<OpenSession> = None;
    loop {
        let next = tokio::time::timeout(IDLE, async { queue.lock().await.recv().await }).await;
        let job = match next {
            Ok(Some(job)) => job,
            Ok(None) => break,
            // Nothing to send for a while: a relay would close the connection soon, and the next mail would meet that.
            Err(_) => {
                close(session.take()).await;
                continue;
            }
        };
        if shared.stop.is_cancelled() {
            shared.give_back(1);
            continue;
        }
        match send(&shared, &mut session, &job).await {
            Some(outcome) => {
                if results.send((job.leased, outcome)).await.is_err() {
                    break;
                }
            }
            None => shared.give_back(1),
        }
        let full = session
            .as_ref()
            .is_some_and(|open| open.sent >= shared.context.delivery.messages_per_connection);
        if full {
            close(session.take()).await;
        }
    }
    close(session).await;
}

struct OpenSession {
    session: Session,
    sent: u64,
}

async fn close(open: Option<OpenSession>) {
    if let Some(open) = open
        && open.session.usable()
    {
        open.session.close().await;
    }
}

/// Sends one mail, over the open connection or a new one. `None`: stopped, or the relay cannot be used.
async fn send(shared: &Shared, session: &mut Option<OpenSession>, job: &Job) -> Option<Outcome> {
    loop {
        let mut open = match session.take() {
            Some(open) => open,
            None => OpenSession {
                session: open_session(shared).await?,
                sent: 0,
            },
        };
        let outcome = open.session.send(&job.mail).await;
        let closed_on_us = matches!(
            outcome,
            Outcome::Retry {
                code: None | Some(421),
                ..
            }
        ) && !open.session.usable();
        // A relay may close after any number of messages (V21, S3): that is no fault of this one.
        if closed_on_us && open.sent > 0 {
            continue;
        }
        open.sent += 1;
        if open.session.usable() {
            *session = Some(open);
        }
        return Some(outcome);
    }
}

/// Connects, and goes on trying while that makes sense. `None`: stopped, or the relay cannot be used.
async fn open_session(shared: &Shared) -> Option<Session> {
    let mut patience = Patience::new(shared.until);
    loop {
        let opened = tokio::select! {
            () = shared.stop.cancelled() => return None,
            opened = shared.transport.open() => opened,
        };
        match opened {
            Ok(session) => {
                shared
                    .context
                    .relay_takes_utf8
                    .store(session.takes_utf8(), Ordering::Relaxed);
                return Some(session);
            }
            Err(error) => {
                tracing::error!(%error, "no connection to the relay");
                let hopeless = shared.until == Until::Drained && !error.is_temporary();
                if hopeless || !patience.wait(&shared.stop).await {
                    *shared.fault.lock().await = Some(error);
                    shared.stop.cancel();
                    return None;
                }
            }
        }
    }
}
