//! One task, one connection to one relay: takes a mail, has it sent while the next one is announced with it, passes on what came
//! of it. It never waits for a relay that is away: it reports that and gives its mail back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::Lane;
use super::judge;
use super::pace::Slot;
use super::queue::Taken;
use super::state::Shared;
use super::task::{Body, Came, Task};
use crate::domain::delivery::Outcome;
use crate::mail::smtp::{Announced, Envelope};
use crate::mail::transport::Session;
use crate::service::{Error, letter};

/// A connection without work is closed after this long: a relay would close it soon, and the next mail would meet that.
const IDLE: Duration = Duration::from_secs(2);
/// How often limits are looked at again when nothing else tells that a mail may go.
const LOOK: Duration = Duration::from_millis(250);

/// Sends what the queue of a lane brings for a relay, until the sender ends.
pub(super) async fn run(shared: Arc<Shared>, lane: Lane, relay: usize) {
    // Also when it panics: the sender does not go on without its connections.
    let _ends_all = shared.stop.clone().drop_guard();
    let mut line = Line {
        shared,
        lane,
        relay,
        unanswered: AtomicU32::new(0),
        open: None,
        message: Vec::new(),
        next_message: Vec::new(),
    };
    while let Some(taken) = line.wait().await {
        line.send(taken).await;
    }
    line.close().await;
}

/// One task's connection and its buffers.
pub(super) struct Line {
    pub(super) shared: Arc<Shared>,
    pub(super) lane: Lane,
    pub(super) relay: usize,
    /// How many mails in a row ended without an answer to their final dot.
    pub(super) unanswered: AtomicU32,
    open: Option<Open>,
    message: Vec<u8>,
    next_message: Vec<u8>,
}

/// An open connection and how many mails it carried.
struct Open {
    session: Session,
    carried: u64,
    by_provider: HashMap<i64, u64>,
}

/// A mail whose message is made.
pub(super) struct Prepared {
    pub(super) task: Task,
    octets: u64,
    /// Under way to its provider until this goes.
    _slot: Slot,
}

impl Line {
    /// The next mail for this connection; `None` when the sender ends.
    async fn wait(&mut self) -> Option<Taken> {
        let shared = Arc::clone(&self.shared);
        let queue = shared.queue(self.lane);
        let mut idle = tokio::time::Instant::now();
        loop {
            let work = queue.work.notified();
            let changed = shared.changed.notified();
            tokio::pin!(work, changed);
            work.as_mut().enable();
            changed.as_mut().enable();
            if shared.stop.is_cancelled() {
                return None;
            }
            if !shared.relays[self.relay].is_up() {
                self.open = None;
            } else if let Some(taken) = self.take(None) {
                return Some(taken);
            }
            tokio::select! {
                () = shared.stop.cancelled() => return None,
                () = work => {}
                () = changed => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            if self.open.is_some() && idle.elapsed() >= IDLE {
                self.close().await;
                idle = tokio::time::Instant::now();
            }
        }
    }

    /// A mail that may go over this relay now, and over this connection if one is given.
    fn take(&self, open: Option<&Open>) -> Option<Taken> {
        let shared = &self.shared;
        if shared.holds_back() || !shared.relays[self.relay].is_up() {
            return None;
        }
        let now_ms = shared.context.clock.now_ms();
        let queue = shared.queue(self.lane);
        let overtakes = self.lane == Lane::Express;
        if !overtakes {
            judge::defer_stalled(shared, queue, now_ms);
        }
        let taken = queue.take(self.relay, |task| {
            let digest_id = task.leased.digest_id();
            let is_held = digest_id.is_some_and(|id| shared.held.holds(id));
            let is_full = open.is_some_and(|open| self.is_full(open, task.leased.provider_id));
            if is_held || is_full || !shared.has_its_turn(self.relay, task.relays) {
                return None;
            }
            shared
                .pace
                .admit(&task.leased, self.relay, overtakes, now_ms)
        })?;
        shared.relays[self.relay].count();
        Some(taken)
    }

    /// Makes a mail's message. `None`: it cannot be made, and that is recorded.
    async fn prepare(&mut self, taken: Taken) -> Option<Prepared> {
        let Taken { task, slot } = taken;
        let shared = Arc::clone(&self.shared);
        let mut message = std::mem::take(&mut self.next_message);
        let is_signed = matches!(&task.body, Body::Digest(compiled) if compiled.is_signed());
        let write = move || {
            message.clear();
            let made = write(&shared, &task, &mut message);
            (task, message, made)
        };
        // A signature takes so long that pages would wait for it, were it made here.
        let (task, message, made) = if is_signed {
            match tokio::task::spawn_blocking(write).await {
                Ok(written) => written,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The program ends; what is dropped unsettled goes back to the queue.
                Err(_) => return None,
            }
        } else {
            write()
        };
        self.next_message = message;
        if let Err(error) = made {
            // What no message can be made of must not stop the others.
            let reply = error.to_string();
            self.shared.done(
                task.leased,
                task.hold,
                None,
                Came::Outcome(Outcome::Failed { code: None, reply }),
            );
            return None;
        }
        Some(Prepared {
            task,
            octets: self.next_message.len() as u64,
            _slot: slot,
        })
    }

    /// Sends a mail and those that can be announced with it.
    async fn send(&mut self, taken: Taken) {
        let provider_id = taken.task.leased.provider_id;
        let Some(mut current) = self.prepare(taken).await else {
            return;
        };
        std::mem::swap(&mut self.message, &mut self.next_message);
        let is_full = |open: &Open| self.is_full(open, provider_id);
        if self.open.as_ref().is_some_and(is_full) {
            self.close().await;
        }
        let Some(mut open) = self.opened().await else {
            self.shared.queue(self.lane).give_back(current.task);
            return;
        };
        let envelope_of = envelope(&self.shared, &current);
        let announced = tokio::select! {
            announced = open.session.announce(&envelope_of) => announced,
            () = self.shared.deadline.cancelled() => return self.cut_off(&open, current),
        };
        match announced {
            Announced::Ready => {}
            Announced::Refused(outcome) => return self.refused(open, current, outcome),
            Announced::Lost(outcome) => return self.lost(&open, current, outcome),
        }
        loop {
            open.carries(current.task.leased.provider_id);
            // A mail is announced with the one before it only where that saves a round trip.
            let next = Some(&open).filter(|open| open.session.pipelines());
            let next = next.and_then(|open| self.take(Some(open)));
            let next = match next {
                Some(next) => self.prepare(next).await,
                None => None,
            };
            let announced = next.as_ref().map(|next| envelope(&self.shared, next));
            let delivered = tokio::select! {
                delivered = open.session.deliver(&self.message, announced.as_ref()) => delivered,
                () = self.shared.deadline.cancelled() => return self.cut_off(&open, current),
            };
            judge::judge(
                self,
                current.task,
                delivered.outcome,
                open.session.usable(),
                open.carried,
            );
            let Some(next) = next else {
                break;
            };
            match delivered.next {
                Some(Announced::Ready) => {
                    std::mem::swap(&mut self.message, &mut self.next_message);
                    current = next;
                }
                Some(Announced::Refused(outcome)) => return self.refused(open, next, outcome),
                Some(Announced::Lost(outcome)) => return self.lost(&open, next, outcome),
                None => {
                    self.shared.queue(self.lane).give_back(next.task);
                    break;
                }
            }
        }
        self.keep(open);
    }

    /// A mail was refused before its message; the connection goes on.
    fn refused(&mut self, open: Open, prepared: Prepared, outcome: Outcome) {
        judge::judge(
            self,
            prepared.task,
            outcome,
            open.session.usable(),
            open.carried,
        );
        self.keep(open);
    }

    /// The connection was over before a mail had an answer.
    fn lost(&mut self, open: &Open, prepared: Prepared, outcome: Outcome) {
        judge::judge(self, prepared.task, outcome, false, open.carried);
    }

    /// Time is up while a message is on the wire.
    fn cut_off(&self, open: &Open, prepared: Prepared) {
        // What did not leave whole goes back to the queue.
        let outcome = open.session.cut_off();
        if !matches!(outcome, Outcome::Retry { .. }) {
            let Task { leased, hold, .. } = prepared.task;
            self.shared
                .done(leased, hold, Some(self.relay), Came::Outcome(outcome));
        }
    }

    async fn opened(&mut self) -> Option<Open> {
        if let Some(open) = self.open.take() {
            return Some(open);
        }
        let connected = tokio::select! {
            () = self.shared.stop.cancelled() => return None,
            connected = self.shared.connect(self.relay) => connected,
        };
        match connected {
            Ok(session) => Some(Open {
                session,
                carried: 0,
                by_provider: HashMap::new(),
            }),
            Err(fault) => {
                self.shared.relays[self.relay].report(fault);
                None
            }
        }
    }

    fn keep(&mut self, open: Open) {
        if open.session.usable() {
            self.open = Some(open);
        }
    }

    /// Whether a connection has carried all that it may, in all or for a provider (S9).
    fn is_full(&self, open: &Open, provider_id: i64) -> bool {
        let for_provider = open.by_provider.get(&provider_id).copied().unwrap_or(0);
        let most = self.shared.pace.per_connection(provider_id);
        open.carried >= self.shared.routes[self.relay].messages_per_connection
            || most.is_some_and(|most| for_provider >= most)
    }

    async fn close(&mut self) {
        if let Some(open) = self.open.take()
            && open.session.usable()
        {
            open.session.close().await;
        }
    }
}

impl Open {
    fn carries(&mut self, provider_id: i64) {
        self.carried += 1;
        *self.by_provider.entry(provider_id).or_default() += 1;
    }
}

/// Appends a mail as it goes over the wire.
fn write(shared: &Shared, task: &Task, message: &mut Vec<u8>) -> Result<(), Error> {
    match &task.body {
        Body::Digest(compiled) => {
            letter::reader_copy(&shared.context, compiled, &task.leased, message)
        }
        Body::Ready(ready) => {
            message.extend_from_slice(ready);
            Ok(())
        }
    }
}

fn envelope<'a>(shared: &'a Shared, prepared: &'a Prepared) -> Envelope<'a> {
    let to = prepared.task.leased.address.as_str();
    Envelope {
        from: shared.context.mail.bounce_address.as_str(),
        to,
        octets: prepared.octets,
        // Bodies are encoded as ASCII: anything else is an address, in the envelope or in a header (RFC 6531 §3.4).
        utf8: !to.is_ascii(),
    }
}
