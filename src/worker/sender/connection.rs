//! One task, one connection: takes a mail, has it sent, passes on what came of it. It never waits for a relay that is away:
//! it reports that and gives its mail back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use super::state::{Done, Job, Shared};
use crate::domain::delivery::Outcome;
use crate::mail::transport::Session;

/// A connection without work is closed after this long.
const IDLE: Duration = Duration::from_secs(2);

/// Sends what the queue brings until it is closed.
pub(super) async fn run(
    shared: Arc<Shared>,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    results: mpsc::Sender<Done>,
) {
    // Also when it panics: the sender does not go on without its connections.
    let _ends_all = shared.stop.clone().drop_guard();
    let mut open: Option<Open> = None;
    loop {
        let next = tokio::time::timeout(IDLE, async { queue.lock().await.recv().await }).await;
        let job = match next {
            Ok(Some(job)) => job,
            Ok(None) => break,
            // Nothing to send for a while: a relay would close the connection soon, and the next mail would meet that.
            Err(_) => {
                close(open.take()).await;
                continue;
            }
        };
        if shared.holds_back() {
            shared.doubt();
            continue;
        }
        if let Some(outcome) = send(&shared, &mut open, &job).await {
            let Job { leased, held, .. } = job;
            let done = Done {
                leased,
                outcome,
                held,
            };
            if results.send(done).await.is_err() {
                break;
            }
        }
        let most = shared.context.delivery.messages_per_connection;
        if open.as_ref().is_some_and(|open| open.sent >= most) {
            close(open.take()).await;
        }
    }
    close(open).await;
}

/// An open connection and how many mails it took.
struct Open {
    session: Session,
    sent: u64,
}

async fn close(open: Option<Open>) {
    if let Some(open) = open
        && open.session.usable()
    {
        open.session.close().await;
    }
}

/// Sends one mail, over the open connection or a new one. `None`: it goes back to the queue, and that costs it nothing.
async fn send(shared: &Shared, slot: &mut Option<Open>, job: &Job) -> Option<Outcome> {
    loop {
        let mut open = match slot.take() {
            Some(open) => open,
            None => connect(shared).await?,
        };
        let outcome = tokio::select! {
            outcome = open.session.send(&job.mail) => outcome,
            () = shared.deadline.cancelled() => return match open.session.cut_off() {
                Outcome::Retry { .. } => None,
                outcome => Some(outcome),
            },
        };
        match &outcome {
            Outcome::SenderRefused { reply, .. } => {
                shared.refused(reply);
                close(Some(open)).await;
                return None;
            }
            // A relay may close after any number of messages (V21, S3): that is no fault of this one.
            Outcome::Retry {
                code: None | Some(421),
                reply,
            } if !open.session.usable() => {
                if open.sent > 0 {
                    continue;
                }
                if shared.forgives(job.leased.id) {
                    shared.closed(reply);
                    return None;
                }
            }
            _ => shared.goes_through(),
        }
        open.sent += 1;
        if open.session.usable() {
            *slot = Some(open);
        }
        return Some(outcome);
    }
}

async fn connect(shared: &Shared) -> Option<Open> {
    let connected = tokio::select! {
        () = shared.stop.cancelled() => return None,
        connected = shared.connect() => connected,
    };
    match connected {
        Ok(session) => Some(Open { session, sent: 0 }),
        Err(fault) => {
            shared.report(fault);
            None
        }
    }
}
