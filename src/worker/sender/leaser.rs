//! The leasing tasks, one for each lane: keep the connections busy, sleep when there is nothing to do. While no relay can be used
//! nothing is held: who leaves in that time is not mailed afterwards (promise 3).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::control::go_on;
use super::digests::Digests;
use super::state::{RelayFault, Shared};
use super::task::{Body, Came, Hold, Task};
use super::{Lane, Until};
use crate::domain::delivery::Outcome;
use crate::service::deliver::{self, Leased};
use crate::service::letter;
use crate::service::{Error, control};
use crate::worker::patience::Patience;

/// How often the queue is looked at when nobody in this process queued anything.
const POLL: Duration = Duration::from_millis(500);
/// How many mails outside digests are in hand at most.
const EXPRESS: usize = 100;

/// When a mail outside digests is looked at again whose relays are down while another is up.
const WITHOUT_RELAY: Duration = Duration::from_secs(30);

/// What one look at the queue brought.
pub(super) enum Look {
    /// Something was leased or ended.
    Some,
    /// There was nothing, or no room.
    Nothing,
}

/// Leases for a lane until the sender ends, or in a pass, nothing is left. `Ok(Some(_))`: no relay can be used.
pub(super) async fn run(shared: Arc<Shared>, lane: Lane) -> Result<Option<RelayFault>, Error> {
    let mut digests = Digests::new(&shared);
    let mut for_database = Patience::new(shared.until);
    while !shared.stop.is_cancelled() {
        if !shared.any_up(u64::MAX) {
            if let Some(fault) = without_relay(&shared, lane).await {
                return Ok(Some(fault));
            }
            continue;
        }
        if shared.is_letting_go() {
            idle(&shared, lane).await;
            continue;
        }
        // Told before the look: what is given back during it would be missed by both.
        let may_end = drained(&shared, lane);
        let looked = match lane {
            Lane::Express => express(&shared).await,
            Lane::Digest => digests.look(&shared).await,
        };
        match looked {
            Ok(Look::Some) => for_database = Patience::new(shared.until),
            Ok(Look::Nothing) => {
                for_database = Patience::new(shared.until);
                if may_end {
                    if lane == Lane::Digest && digests.forget() {
                        continue;
                    }
                    // What was held while a relay was away is not left behind.
                    let sending = control::sending(&shared.context).await?;
                    if lane == Lane::Express || !go_on(&shared, &sending).await? {
                        return Ok(None);
                    }
                    continue;
                }
                if !drained(&shared, lane) && idle(&shared, lane).await {
                    digests.forget();
                }
            }
            // A service goes on whatever happens; a pass only where waiting may help.
            Err(error) if error.is_temporary() || shared.until == Until::Stopped => {
                tracing::warn!(%error, "the queue cannot be read; it is tried again");
                shared.doubt();
                if !for_database.wait(&shared.stop).await {
                    return if shared.stop.is_cancelled() {
                        Ok(None)
                    } else {
                        Err(error)
                    };
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether this is a pass that has nothing more to wait for: nothing in hand here, and no silent worker that may have died
/// with something.
fn drained(shared: &Shared, lane: Lane) -> bool {
    let may_end = match lane {
        Lane::Express => !shared.has_digests_left(),
        Lane::Digest => shared.suspects.load(Ordering::Relaxed) == 0,
    };
    shared.until == Until::Drained && may_end && shared.is_idle()
}

/// Lets go of everything and waits for a relay. `Some`: a pass has given up on all of them.
async fn without_relay(shared: &Shared, lane: Lane) -> Option<RelayFault> {
    let changed = shared.changed.notified();
    tokio::pin!(changed);
    changed.as_mut().enable();
    shared.queue(lane).clear();
    if shared.any_up(u64::MAX) {
        return None;
    }
    if shared.are_given_up(u64::MAX) {
        return shared.no_relay();
    }
    tokio::select! {
        () = shared.stop.cancelled() => {}
        () = changed => {}
        () = tokio::time::sleep(POLL) => {}
    }
    None
}

/// Waits for a sign that there may be work: something queued here, something settled, something taken, or time. False: only room
/// was made.
async fn idle(shared: &Shared, lane: Lane) -> bool {
    let queue = shared.queue(lane);
    let settled = shared.settled.notified();
    tokio::select! {
        () = shared.stop.cancelled() => true,
        () = shared.context.wake.notified(), if lane == Lane::Express => true,
        () = shared.context.wake_digests.notified(), if lane == Lane::Digest => true,
        () = settled => true,
        () = queue.space.notified() => false,
        () = tokio::time::sleep(POLL) => true,
    }
}

/// Mails outside digests: made here, for they are few.
async fn express(shared: &Arc<Shared>) -> Result<Look, Error> {
    let room = EXPRESS.saturating_sub(shared.queue(Lane::Express).all_waiting());
    if room == 0
        || !shared.any_up(shared.relays_named(&shared.context.confirmation.relays))
        || !deliver::mails_due(&shared.context).await?
    {
        return Ok(Look::Nothing);
    }
    let leased = deliver::lease_mails(&shared.context, shared.lease.id, room).await?;
    shared
        .progress
        .cancelled
        .fetch_add(leased.ended, Ordering::Relaxed);
    let found = leased.ended > 0 || !leased.mails.is_empty();
    for (leased, content) in leased.mails {
        let hold = hold_one(shared, &leased);
        let relays = relays_of(shared, &leased);
        if !shared.any_up(relays) {
            let due_ms = shared.context.clock.now_ms() + WITHOUT_RELAY.as_millis() as i64;
            let verdict = deliver::defer(&leased, due_ms, "its relays cannot be used");
            shared.done(leased, hold, None, Came::Verdict(verdict));
            continue;
        }
        match letter::write(&shared.context, &leased, &content) {
            Ok(mail) => {
                let task = Task {
                    relays,
                    leased,
                    body: Body::Ready(mail.wire()),
                    hold,
                };
                shared.queue(Lane::Express).push([task]);
            }
            Err(error) => unmade(shared, leased, hold, &error),
        }
    }
    Ok(if found { Look::Some } else { Look::Nothing })
}

/// A mail that cannot be made: for ever where it is the reader's, later where it is ours, not at all where waiting may help.
pub(super) fn unmade(shared: &Shared, leased: Leased, hold: Hold, error: &Error) {
    let reply = error.to_string();
    let outcome = match error {
        error if error.is_temporary() => {
            tracing::warn!(%error, "a mail cannot be made now; it is tried again");
            return;
        }
        Error::Mail(error) if error.is_of_one_reader() => Outcome::Failed { code: None, reply },
        error => {
            tracing::error!(%error, "a mail cannot be made; it is tried again later");
            Outcome::Retry { code: None, reply }
        }
    };
    shared.done(leased, hold, None, Came::Outcome(outcome));
}

pub(super) fn hold_one(shared: &Shared, leased: &Leased) -> Hold {
    shared.holding();
    Hold::one(leased.key, shared.events.clone())
}

fn relays_of(shared: &Shared, leased: &Leased) -> u64 {
    let own = &shared.context.confirmation.relays;
    let list = shared.context.list_by_id(leased.list_id);
    let names = if own.is_empty() {
        list.map_or(&[][..], |list| &list.relays)
    } else {
        own
    };
    shared.relays_named(names)
}

/// How many mails a second are taken from a queue.
pub(super) struct Rate {
    since: Instant,
    taken: u64,
    per_second: f64,
}

impl Rate {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            taken: 0,
            per_second: 0.0,
        }
    }

    pub(super) fn look(&mut self, taken: u64) -> f64 {
        const WINDOW: Duration = Duration::from_millis(100);
        let elapsed = self.since.elapsed();
        if elapsed >= WINDOW {
            let now = taken.saturating_sub(self.taken) as f64 / elapsed.as_secs_f64();
            *self = Self {
                since: Instant::now(),
                taken,
                per_second: now,
            };
        }
        self.per_second
    }
}
