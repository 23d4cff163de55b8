//! What this process may send now: mails granted by the limits of the database, how much is under way to each mailbox provider,
//! and who asked us to slow down. One group that has to wait never holds up another.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::brake::{Brake, Brakes, News};
use super::budgets::Budgets;
use crate::domain::pace::Provider;
use crate::domain::reply;
use crate::mail::route::Route;
use crate::service::Pacing;
use crate::service::deliver::Leased;
use crate::service::lease::Crew;
use crate::service::pace::{Ask, Backoff, Given};

pub(super) struct Pace {
    inner: Mutex<Inner>,
    /// Whether there are limits, or somebody ever asked us to slow down.
    watchful: AtomicBool,
    /// Told when a limit has nothing left and somebody wants more, or there is news.
    pub(super) wanted: Notify,
}

#[derive(Default)]
struct Inner {
    budgets: Budgets,
    all: Vec<usize>,
    relays: Vec<Carried>,
    providers: HashMap<i64, Group>,
    /// Those who asked us to slow down.
    brakes: Brakes,
    news: VecDeque<News>,
    cap: Option<usize>,
    in_flight: usize,
    /// Those who share the caps of connections.
    crew: Crew,
}

/// What a relay has under way.
struct Carried {
    limits: Vec<usize>,
    in_flight: usize,
    /// When one of these began as the only one, or ended.
    moved: Instant,
}

struct Group {
    name: String,
    limits: Vec<usize>,
    cap: Option<usize>,
    per_connection: Option<u64>,
    in_flight: usize,
}

/// Leave to send one mail; under way until it is dropped.
pub(super) struct Slot {
    pace: Arc<Pace>,
    provider_id: i64,
    relay: usize,
    /// As one of those that a brake lets go.
    _braked: Option<Arc<()>>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.pace.locked();
        inner.in_flight -= 1;
        inner.relays[self.relay].in_flight -= 1;
        inner.relays[self.relay].moved = Instant::now();
        if let Some(group) = inner.providers.get_mut(&self.provider_id) {
            group.in_flight -= 1;
        }
    }
}

impl Pace {
    pub(super) fn new(pacing: &Pacing, routes: &[Route]) -> Self {
        let mut inner = Inner {
            cap: pacing.connections,
            ..Inner::default()
        };
        inner.all = inner.budgets.add("all", &pacing.limits, None);
        for route in routes {
            let limits = inner.budgets.add(
                &format!("relay:{}", route.name),
                &route.limits,
                route.warm_up.as_ref(),
            );
            inner.relays.push(Carried {
                limits,
                in_flight: 0,
                moved: Instant::now(),
            });
        }
        for (id, provider) in &pacing.providers {
            let limits = inner.budgets.add(&named(provider), &provider.limits, None);
            inner.providers.insert(*id, Group::new(provider, limits));
        }
        Self {
            watchful: AtomicBool::new(!inner.budgets.is_empty()),
            inner: Mutex::new(inner),
            wanted: Notify::new(),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic; if it did, the values are whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to send a mail over a relay, if nothing stands against it now. A mail that overtakes is only counted.
    pub(super) fn admit(
        self: &Arc<Self>,
        mail: &Leased,
        relay: usize,
        overtakes: bool,
        now_ms: i64,
    ) -> Option<Slot> {
        let mut inner = self.locked();
        if !overtakes && !inner.open(mail, now_ms) {
            return None;
        }
        if !inner.spend(mail.provider_id, relay, overtakes) {
            drop(inner);
            self.wanted.notify_one();
            return None;
        }
        inner.in_flight += 1;
        if inner.relays[relay].in_flight == 0 {
            inner.relays[relay].moved = Instant::now();
        }
        inner.relays[relay].in_flight += 1;
        if let Some(group) = inner.providers.get_mut(&mail.provider_id) {
            group.in_flight += 1;
        }
        Some(Slot {
            pace: Arc::clone(self),
            provider_id: mail.provider_id,
            relay,
            _braked: inner.brake(mail).map(Brake::count),
        })
    }

    /// Whether nothing but the caps of connections can stand against a mail.
    pub(super) fn is_calm(&self) -> bool {
        !self.watchful.load(Ordering::Relaxed)
    }

    /// Until when the domain of a mail is left alone, if it belongs to no provider.
    pub(super) fn domain_until(&self, mail: &Leased, now_ms: i64) -> Option<i64> {
        let inner = self.locked();
        let brake = inner.brake(mail).filter(|brake| brake.rests(now_ms))?;
        (inner.known(mail.provider_id) == 0).then_some(brake.until_ms)
    }

    /// Whether a mail has to wait until others of its domain have gone, which belongs to no provider and asked us to slow down.
    pub(super) fn waits_for_its_domain(&self, mail: &Leased, now_ms: i64) -> bool {
        let inner = self.locked();
        let brake = inner.brake(mail);
        inner.known(mail.provider_id) == 0 && brake.is_some_and(|brake| !brake.lets_one_go(now_ms))
    }

    /// Until when nothing goes to a provider by any of these relays, as far as is known: it asked us to slow down, or a limit has
    /// nothing left.
    pub(super) fn waits_until(&self, provider_id: i64, relays: &[usize], now_ms: i64) -> i64 {
        let inner = self.locked();
        let of = |limits: &[usize]| inner.budgets.again_ms(limits, now_ms);
        let group = inner.providers.get(&provider_id);
        let limit = group.map_or(now_ms, |group| of(&group.limits));
        let brake = group.and_then(|_| inner.brakes.of(provider_id, ""));
        let brake = brake.filter(|brake| brake.rests(now_ms));
        let brake = brake.map_or(now_ms, |brake| brake.until_ms);
        let relay = relays
            .iter()
            .map(|at| of(&inner.relays[*at].limits))
            .min()
            .unwrap_or(now_ms);
        limit.max(brake).max(relay).max(of(&inner.all))
    }

    /// Whether a limit of a relay has nothing left for now.
    pub(super) fn is_spent(&self, relay: usize, now_ms: i64) -> bool {
        let inner = self.locked();
        let limits = &inner.relays[relay].limits;
        inner.budgets.again_ms(limits, now_ms) > now_ms
    }

    /// Whether a relay has mails under way and got none of them done for a while: it hangs, or is slow.
    pub(super) fn is_stuck(&self, relay: usize) -> bool {
        const A_WHILE: Duration = Duration::from_secs(2);
        let inner = self.locked();
        let carried = &inner.relays[relay];
        carried.in_flight > 0 && carried.moved.elapsed() >= A_WHILE
    }

    /// Whether this process may ever have a mail to a provider under way: of a small cap others may have all.
    pub(super) fn has_share(&self, provider_id: i64) -> bool {
        let inner = self.locked();
        let group = inner.providers.get(&provider_id);
        let mut caps = inner
            .cap
            .into_iter()
            .chain(group.and_then(|group| group.cap));
        caps.all(|cap| inner.crew.share(cap) > 0)
    }

    /// How many mails to a provider one connection carries.
    pub(super) fn per_connection(&self, provider_id: i64) -> Option<u64> {
        self.locked().providers.get(&provider_id)?.per_connection
    }

    /// The provider of a mail, or its domain, asks us to slow down; says who it is unless that is known.
    pub(super) fn slow_down(&self, mail: &Leased, text: &str, now_ms: i64) -> Option<String> {
        let mut inner = self.locked();
        let brake = inner.brake(mail);
        // Mails that were under way already when it asked are no second word.
        if brake.is_some_and(|brake| brake.rests(now_ms)) {
            return None;
        }
        let level = brake.map_or(0, |brake| brake.level_after(now_ms));
        let until_ms = now_ms + reply::pause(level, text).as_millis() as i64;
        let provider_id = inner.known(mail.provider_id);
        let brake = Brake::new(until_ms, level);
        inner.brakes.set(provider_id, mail.domain(), brake);
        let name = inner.name(mail);
        inner.news.push_back(News::Asked(Backoff {
            name: name.clone(),
            until_ms,
            level,
            // It is kept for all of a domain, and nobody's address is any of their business.
            reply: reply::without_addresses(text),
        }));
        self.watchful.store(true, Ordering::Relaxed);
        drop(inner);
        self.wanted.notify_one();
        Some(name)
    }

    /// A mail went well, which may be the last good sign that a brake waits for.
    pub(super) fn went_well(&self, mail: &Leased, now_ms: i64) {
        let mut inner = self.locked();
        let provider_id = inner.known(mail.provider_id);
        let cap = inner
            .providers
            .get(&provider_id)
            .and_then(|group| group.cap);
        let crew = inner.crew;
        let Some(brake) = inner.brakes.of_mut(provider_id, mail.domain()) else {
            return;
        };
        if !brake.loosens(cap, crew, now_ms) {
            return;
        }
        let until_ms = brake.until_ms;
        let name = inner.name(mail);
        inner.brakes.release(provider_id, mail.domain());
        inner.news.push_back(News::Over { name, until_ms });
        drop(inner);
        self.wanted.notify_one();
    }

    /// What is to be told next; it stays so until it was [told](Self::told).
    pub(super) fn news(&self) -> Option<News> {
        self.locked().news.front().cloned()
    }

    pub(super) fn told(&self) {
        self.locked().news.pop_front();
    }

    /// What other processes learnt, and which place this one has among them.
    pub(super) fn learn(&self, backoffs: &[Backoff], crew: Crew, now_ms: i64) {
        let mut inner = self.locked();
        inner.crew = crew;
        for backoff in backoffs {
            let Some((kind, name)) = backoff.name.split_once(':') else {
                continue;
            };
            let of = inner
                .providers
                .iter()
                .find(|(_, group)| kind == "provider" && group.name == name);
            let provider_id = of.map_or(0, |(id, _)| *id);
            if provider_id == 0 && kind == "provider" {
                continue;
            }
            let known = inner.brakes.of(provider_id, name);
            let is_newer = |brake: &Brake| {
                let pauses = reply::is_pausing(backoff.until_ms, now_ms);
                brake.until_ms < backoff.until_ms || (pauses && !brake.rests(now_ms))
            };
            if known.is_none_or(is_newer) {
                let brake = Brake::new(backoff.until_ms, backoff.level);
                inner.brakes.set(provider_id, name, brake);
                self.watchful.store(true, Ordering::Relaxed);
            }
        }
    }

    /// What to ask of the database now, and of which limit.
    pub(super) fn asks(&self, now_ms: i64) -> Vec<(usize, Ask)> {
        self.locked().budgets.asks(now_ms)
    }

    /// What to tell the database when nothing goes any more.
    pub(super) fn rest(&self) -> Vec<(usize, Ask)> {
        self.locked().budgets.rest()
    }

    /// What the database gave.
    pub(super) fn given(&self, at: usize, asked: &Ask, given: Given, now_ms: i64) {
        self.locked().budgets.given(at, asked, given, now_ms);
    }

    /// When a limit that somebody waits for gives something again, epoch milliseconds.
    pub(super) fn next_ms(&self, now_ms: i64) -> Option<i64> {
        self.locked().budgets.next_ms(now_ms)
    }
}

impl Inner {
    /// Whether the caps and brakes let one more mail go.
    fn open(&self, mail: &Leased, now_ms: i64) -> bool {
        let fits =
            |cap: Option<usize>, in_flight| cap.is_none_or(|cap| in_flight < self.crew.share(cap));
        let group = self.providers.get(&mail.provider_id);
        fits(self.cap, self.in_flight)
            && group.is_none_or(|group| fits(group.cap, group.in_flight))
            && self
                .brake(mail)
                .is_none_or(|brake| brake.lets_one_go(now_ms))
    }

    /// Takes one mail from every limit that applies, or from none.
    fn spend(&mut self, provider_id: i64, relay: usize, overtakes: bool) -> bool {
        let of_provider = self
            .providers
            .get(&provider_id)
            .map(|group| group.limits.as_slice());
        let applying = self
            .all
            .iter()
            .chain(&self.relays[relay].limits)
            .chain(of_provider.unwrap_or_default());
        let applying: Vec<usize> = applying.copied().collect();
        self.budgets.spend(&applying, overtakes)
    }

    /// A provider that is in the configuration, or 0: each domain for itself.
    fn known(&self, provider_id: i64) -> i64 {
        if self.providers.contains_key(&provider_id) {
            provider_id
        } else {
            0
        }
    }

    fn name(&self, mail: &Leased) -> String {
        self.providers.get(&mail.provider_id).map_or_else(
            || format!("domain:{}", mail.domain()),
            |group| format!("provider:{}", group.name),
        )
    }

    fn brake(&self, mail: &Leased) -> Option<&Brake> {
        self.brakes.of(self.known(mail.provider_id), mail.domain())
    }
}

impl Group {
    fn new(provider: &Provider, limits: Vec<usize>) -> Self {
        Self {
            name: provider.name.clone(),
            limits,
            cap: provider.connections,
            per_connection: provider.messages_per_connection,
            in_flight: 0,
        }
    }
}

fn named(provider: &Provider) -> String {
    format!("provider:{}", provider.name)
}
