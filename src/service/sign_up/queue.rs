//! Group commit: requests that come while a batch is being written wait, and are the next batch. One that comes alone is
//! written at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::asked::Asked;
use super::batch;
use super::gate::{self, Gate};
use super::{Context, Error, Outcome, SignUp};
use crate::service::conflict;
use crate::store;

/// The most requests in one transaction.
const BATCH: usize = 256;
/// More than these are turned away: they would wait longer than a reader does.
const MOST: usize = 8_192;

/// A request that waits, and where its answer goes.
struct Job {
    asked: Asked,
    answer: oneshot::Sender<Result<Outcome, Error>>,
}

/// The requests of this process that wait.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    pub(super) gate: Gate,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Whether a task is writing.
    writing: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a sign-up is written.
pub(super) async fn wait(context: &Context, sign_up: SignUp) -> Result<Outcome, Error> {
    if let Some(wait) = gate::refused(context, sign_up.origin.ip.as_deref()) {
        return Ok(Outcome::TooMany(wait));
    }
    let asked = Asked::new(context, sign_up);
    let (answer, answered) = oneshot::channel();
    {
        let mut waiting = context.sign_ups.lock();
        if waiting.jobs.len() >= MOST {
            return Err(store::Error::Unavailable("too many sign-ups wait".to_owned()).into());
        }
        waiting.jobs.push_back(Job { asked, answer });
        if !waiting.writing {
            waiting.writing = true;
            // On its own: who waits may go away, the batch does not. And on a thread of its own: among hundreds of requests each
            // of its dozen statements would wait for its turn with all of them.
            let (context, runtime) = (context.clone(), Handle::current());
            tokio::task::spawn_blocking(move || runtime.block_on(write(context)));
        }
    }
    let gone = |_| Err(Error::Panic("the writer of sign-ups".to_owned()));
    answered.await.unwrap_or_else(gone)
}

/// Lets the next request begin anew when a batch ended in a panic; those that waited are answered with an error.
struct Writer(Arc<Queue>);

impl Drop for Writer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *self.0.lock() = Waiting::default();
        }
    }
}

async fn write(context: Context) {
    let writer = Writer(Arc::clone(&context.sign_ups));
    loop {
        let jobs: Vec<Job> = {
            let mut waiting = writer.0.lock();
            let most = waiting.jobs.len().min(BATCH);
            if most == 0 {
                waiting.writing = false;
                return;
            }
            waiting.jobs.drain(..most).collect()
        };
        take(&context, jobs).await;
        context.wake.notify_one();
    }
}

async fn take(context: &Context, jobs: Vec<Job>) {
    let asked: Vec<&Asked> = jobs.iter().map(|job| &job.asked).collect();
    match repeated(context, &asked).await {
        Ok(outcomes) => {
            for (job, outcome) in jobs.into_iter().zip(outcomes) {
                if let Outcome::TooMany(wait) = outcome {
                    gate::note(context, job.asked.sign_up.origin.ip.as_deref(), wait);
                }
                // Who does not wait any more needs no answer.
                let _ = job.answer.send(Ok(outcome));
            }
        }
        Err(Error::Store(error)) if error.is_temporary() => {
            for job in jobs {
                let error = store::Error::Unavailable(error.to_string());
                let _ = job.answer.send(Err(error.into()));
            }
        }
        // One of them may be at fault: each for itself.
        Err(error) if jobs.len() > 1 => {
            tracing::warn!(%error, sign_ups = jobs.len(), "sign-ups are written one by one");
            for job in jobs {
                let outcome = repeated(context, &[&job.asked]).await;
                let _ = job.answer.send(outcome.map(|outcomes| outcomes[0]));
            }
        }
        Err(error) => {
            if let Some(job) = jobs.into_iter().next() {
                let _ = job.answer.send(Err(error));
            }
        }
    }
}

/// Writes a batch.
async fn repeated(context: &Context, asked: &[&Asked]) -> Result<Vec<Outcome>, Error> {
    conflict::repeated("sign-ups", || batch::take(context, asked)).await
}
