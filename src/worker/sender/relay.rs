//! A relay as this process sees it: whether it can be used, what it has carried, and the breaker that keeps mail from one that
//! cannot and tries it now and then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::state::Shared;
use super::task::locked;
use super::{RelayFault, Until};
use crate::mail::transport::Session;
use crate::service::control;
use crate::worker::patience::Patience;

/// A relay may be so many mails ahead of its share before it waits for the others.
const AHEAD: f64 = 50.0;
/// What may not go for longer than this waits in the database, not in hand: its reader may leave meanwhile (promise 3), and a pass
/// does not wait for it.
const STALLED_MS: i64 = 60_000;

#[derive(Default)]
pub(super) struct Relay {
    down: AtomicBool,
    /// A pass does not try it any more.
    given_up: AtomicBool,
    fault: Mutex<Option<RelayFault>>,
    /// Told when it went down.
    broke: Notify,
    went_through: AtomicBool,
    takes_utf8: AtomicBool,
    /// How many mails it was given, in this process.
    given: AtomicU64,
    /// How many mails in a row it refused because of us, by mailbox provider.
    refusals: Mutex<HashMap<i64, u32>>,
}

impl Relay {
    /// Whether mail may go there.
    pub(super) fn is_up(&self) -> bool {
        !self.down.load(Ordering::Acquire)
    }

    /// Whether a pass has given it up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// What is wrong with it.
    pub(super) fn fault(&self) -> Option<RelayFault> {
        locked(&self.fault).clone()
    }

    /// It cannot be used: nothing more is sent there until the breaker has found that it can.
    pub(super) fn report(&self, fault: RelayFault) {
        locked(&self.fault).get_or_insert(fault);
        self.down.store(true, Ordering::Release);
        self.broke.notify_one();
    }

    /// A mail went through to an answer.
    pub(super) fn goes_through(&self) {
        self.went_through.store(true, Ordering::Relaxed);
    }

    /// A mail was refused because of us; says how many that were in a row.
    pub(super) fn refuses_us(&self, provider_id: i64) -> u32 {
        let mut refusals = locked(&self.refusals);
        let row = refusals.entry(provider_id).or_default();
        *row += 1;
        *row
    }

    /// A mail was taken: refusals before it were not for us.
    pub(super) fn takes(&self, provider_id: i64) {
        locked(&self.refusals).remove(&provider_id);
    }

    pub(super) fn count(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// Connects to a relay, and notes what it takes (A7).
    pub(super) async fn connect(&self, relay: usize) -> Result<Session, RelayFault> {
        let session = self.routes[relay].transport.open().await?;
        let takes_utf8 = &self.relays[relay].takes_utf8;
        takes_utf8.store(session.takes_utf8(), Ordering::Relaxed);
        let one_does = |relay: &Relay| relay.takes_utf8.load(Ordering::Relaxed);
        let any = self.relays.iter().any(one_does);
        self.context.relay_takes_utf8.store(any, Ordering::Relaxed);
        Ok(session)
    }

    /// Whether it is this relay's turn among those that are up and may carry the same mail: by weight (V23).
    pub(super) fn has_its_turn(&self, relay: usize, relays: u64) -> bool {
        if relays.count_ones() < 2 {
            return true;
        }
        let load = |at: usize| {
            let weight = f64::from(self.routes[at].weight.max(1));
            self.relays[at].given.load(Ordering::Relaxed) as f64 / weight
        };
        let weight = f64::from(self.routes[relay].weight.max(1));
        let now_ms = self.context.clock.now_ms();
        let mut others = (0..self.relays.len())
            .filter(|at| *at != relay && relays & (1 << at) != 0 && self.relays[*at].is_up());
        others.all(|other| {
            if self.pace.is_spent(other, now_ms) || self.pace.is_stuck(other) {
                // Nobody waits for a relay that has to wait itself or hangs, and it is not owed the mails of that time.
                self.catch_up(other);
                return true;
            }
            load(relay) <= load(other) + AHEAD / weight
        })
    }

    /// Until when nothing to a provider may go over any of these relays that is up, where that is a while.
    pub(super) fn stalled_until(&self, provider_id: i64, relays: u64, now_ms: i64) -> Option<i64> {
        let of = (0..self.relays.len()).filter(|at| relays & (1 << at) != 0);
        let up: Vec<usize> = of.filter(|at| self.relays[*at].is_up()).collect();
        if up.is_empty() {
            return None;
        }
        let until_ms = self.pace.waits_until(provider_id, &up, now_ms);
        (until_ms - now_ms > STALLED_MS).then_some(until_ms)
    }

    /// A relay that comes back begins where the others are, or it would get everything for a while.
    fn catch_up(&self, relay: usize) {
        let weight = |at: usize| f64::from(self.routes[at].weight.max(1));
        let others = (0..self.relays.len()).filter(|at| *at != relay && self.relays[*at].is_up());
        let load = others
            .map(|at| self.relays[at].given.load(Ordering::Relaxed) as f64 / weight(at))
            .reduce(f64::max);
        if let Some(load) = load {
            self.relays[relay]
                .given
                .fetch_max((load * weight(relay)) as u64, Ordering::Relaxed);
        }
    }
}

/// Waits for the relay to break, tries it now and then, and lets mail go there again when it answers. Ends when the sender
/// does, or in a pass, when waiting does not help.
pub(super) async fn watch(shared: Arc<Shared>, at: usize) {
    let relay = &shared.relays[at];
    let mut patience = Patience::new(shared.until);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = relay.broke.notified() => {}
        }
        if relay.went_through.swap(false, Ordering::Relaxed) {
            patience = Patience::new(shared.until);
        }
        while let Some(fault) = relay.fault() {
            let name = &shared.routes[at].name;
            tracing::error!(relay = name, "the relay cannot be used: {fault}");
            shared.changed.notify_waiters();
            let hopeless = shared.until == Until::Drained && !fault.temporary;
            if hopeless || !patience.wait(&shared.stop).await {
                relay.given_up.store(true, Ordering::Release);
                shared.changed.notify_waiters();
                return;
            }
            let again = tokio::select! {
                () = shared.stop.cancelled() => return,
                again = shared.connect(at) => again,
            };
            locked(&relay.fault).take();
            match again {
                Ok(session) => session.close().await,
                Err(fault) => {
                    locked(&relay.fault).replace(fault);
                }
            }
        }
        shared.catch_up(at);
        relay.down.store(false, Ordering::Release);
        if let Err(error) = control::relay_is_back(&shared.context).await {
            tracing::warn!(%error, "digests that waited for a relay could not be let go on");
        }
        shared.changed.notify_waiters();
    }
}
