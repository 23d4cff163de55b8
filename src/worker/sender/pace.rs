//! What this process may send now: mails granted by the limits of the database, how much is under way to each mailbox provider,
//! and who asked us to slow down. One group that has to wait never holds up another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::brake::{Brake, share};
use crate::domain::pace::{Provider, WarmUp};
use crate::domain::rate::Rule;
use crate::domain::reply;
use crate::mail::route::Route;
use crate::service::Pacing;
use crate::service::pace::{Backoff, Given, Limit};

pub(super) struct Pace {
    inner: Mutex<Inner>,
    /// Whether there are limits, or somebody ever asked us to slow down.
    watchful: AtomicBool,
    /// Told when a limit has nothing left and somebody wants more.
    pub(super) wanted: Notify,
}

#[derive(Default)]
struct Inner {
    limits: Vec<LimitState>,
    all: Vec<usize>,
    relays: Vec<Vec<usize>>,
    providers: HashMap<i64, Group>,
    /// Domains of no provider that asked us to slow down.
    domains: HashMap<String, Option<Brake>>,
    cap: Option<usize>,
    in_flight: usize,
    /// How many workers share the caps of connections.
    workers: usize,
}

struct LimitState {
    limit: Limit,
    /// Granted and not used; negative: used by mails that overtook, and still to be told to the database.
    left: i64,
    /// Nothing is granted before this, epoch milliseconds.
    again_ms: i64,
    wanted: bool,
}

struct Group {
    name: String,
    limits: Vec<usize>,
    cap: Option<usize>,
    per_connection: Option<u64>,
    in_flight: usize,
    brake: Option<Brake>,
}

/// Leave to send one mail; under way until it is dropped.
pub(super) struct Slot {
    pace: Arc<Pace>,
    provider_id: i64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.pace.locked();
        inner.in_flight -= 1;
        if let Some(group) = inner.providers.get_mut(&self.provider_id) {
            group.in_flight -= 1;
        }
    }
}

impl Pace {
    pub(super) fn new(pacing: &Pacing, routes: &[Route]) -> Self {
        let mut inner = Inner {
            workers: 1,
            cap: pacing.connections,
            ..Inner::default()
        };
        inner.all = inner.add("all", &pacing.limits, None);
        for route in routes {
            let limits = inner.add(
                &format!("relay:{}", route.name),
                &route.limits,
                route.warm_up.as_ref(),
            );
            inner.relays.push(limits);
        }
        for (id, provider) in &pacing.providers {
            let limits = inner.add(&named(provider), &provider.limits, None);
            inner.providers.insert(*id, Group::new(provider, limits));
        }
        Self {
            watchful: AtomicBool::new(!inner.limits.is_empty()),
            inner: Mutex::new(inner),
            wanted: Notify::new(),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can panic; if it did, the values are whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to send one mail to a provider over a relay, if nothing stands against it now. A mail that overtakes is only
    /// counted.
    pub(super) fn admit(
        self: &Arc<Self>,
        provider_id: i64,
        relay: usize,
        overtakes: bool,
        now_ms: i64,
    ) -> Option<Slot> {
        let mut inner = self.locked();
        if !overtakes && !inner.open(provider_id, now_ms) {
            return None;
        }
        if !inner.spend(provider_id, relay, overtakes) {
            drop(inner);
            self.wanted.notify_one();
            return None;
        }
        inner.in_flight += 1;
        if let Some(group) = inner.providers.get_mut(&provider_id) {
            group.in_flight += 1;
        }
        Some(Slot {
            pace: Arc::clone(self),
            provider_id,
        })
    }

    /// Whether nothing but the caps of connections can stand against a mail.
    pub(super) fn is_calm(&self) -> bool {
        !self.watchful.load(Ordering::Relaxed)
    }

    /// Until when a domain of no provider is left alone.
    pub(super) fn domain_until(&self, domain: &str, now_ms: i64) -> Option<i64> {
        let inner = self.locked();
        let brake = inner.domains.get(domain)?.as_ref()?;
        (brake.until_ms > now_ms).then_some(brake.until_ms)
    }

    /// Until when nothing goes to a provider by any of these relays, as far as is known: it asked us to slow down, or a limit has
    /// nothing left.
    pub(super) fn waits_until(&self, provider_id: i64, relays: &[usize], now_ms: i64) -> i64 {
        let inner = self.locked();
        let of = |limits: &[usize]| {
            let spent = limits
                .iter()
                .map(|at| &inner.limits[*at])
                .filter(|state| state.left <= 0);
            spent.map(|state| state.again_ms).max().unwrap_or(now_ms)
        };
        let group = inner.providers.get(&provider_id);
        let limit = group.map_or(now_ms, |group| of(&group.limits));
        let brake = group
            .and_then(|group| group.brake.as_ref())
            .map_or(now_ms, |brake| brake.until_ms);
        let relay = relays
            .iter()
            .map(|at| of(&inner.relays[*at]))
            .min()
            .unwrap_or(now_ms);
        limit.max(brake).max(relay).max(of(&inner.all))
    }

    /// Whether a limit of a relay has nothing left for now.
    pub(super) fn is_spent(&self, relay: usize, now_ms: i64) -> bool {
        let inner = self.locked();
        let mut of = inner.relays[relay].iter().map(|at| &inner.limits[*at]);
        of.any(|state| state.left <= 0 && state.again_ms > now_ms)
    }

    /// How many mails to a provider one connection carries.
    pub(super) fn per_connection(&self, provider_id: i64) -> Option<u64> {
        self.locked().providers.get(&provider_id)?.per_connection
    }

    /// A provider, or a domain of none, asks us to slow down: what to tell the other processes.
    pub(super) fn slow_down(
        &self,
        provider_id: i64,
        domain: &str,
        text: &str,
        now_ms: i64,
    ) -> Option<Backoff> {
        let mut inner = self.locked();
        let name = inner.name(provider_id, domain);
        let brake = inner.brake(provider_id, domain);
        // Mails that were under way already when it asked are no second word.
        if brake.as_ref().is_some_and(|brake| brake.until_ms > now_ms) {
            return None;
        }
        let level = brake.as_ref().map_or(0, |brake| brake.level_after(now_ms));
        let until_ms = now_ms + reply::pause(level, text).as_millis() as i64;
        *brake = Some(Brake::new(until_ms, level));
        self.watchful.store(true, Ordering::Relaxed);
        Some(Backoff {
            name,
            until_ms,
            level,
            reply: text.to_owned(),
        })
    }

    /// A mail went well; the name of the back-off that is over with it.
    pub(super) fn went_well(&self, provider_id: i64, domain: &str) -> Option<String> {
        let mut inner = self.locked();
        if provider_id == 0 {
            inner.domains.remove(domain)??;
            return Some(format!("domain:{domain}"));
        }
        let workers = inner.workers;
        let group = inner.providers.get_mut(&provider_id)?;
        let brake = group.brake.as_mut()?;
        if !brake.loosens(group.cap, workers) {
            return None;
        }
        group.brake = None;
        Some(format!("provider:{}", group.name))
    }

    /// What other processes learnt, and how many they are.
    pub(super) fn learn(&self, backoffs: &[Backoff], workers: usize) {
        let mut inner = self.locked();
        inner.workers = workers.max(1);
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
            let brake = inner.brake(provider_id, name);
            if brake
                .as_ref()
                .is_none_or(|brake| brake.until_ms < backoff.until_ms)
            {
                *brake = Some(Brake::new(backoff.until_ms, backoff.level));
                self.watchful.store(true, Ordering::Relaxed);
            }
        }
    }

    /// What to ask of the database now: each limit, how many mails are wanted, and how many went already.
    pub(super) fn asks(&self, now_ms: i64) -> Vec<(usize, Limit, u64, u64)> {
        let inner = self.locked();
        let due = inner.limits.iter().enumerate().filter(|(_, state)| {
            state.left < 0 || (state.wanted && state.left == 0 && state.again_ms <= now_ms)
        });
        due.map(|(at, state)| {
            let wanted = if state.wanted {
                handful(&state.limit.rule)
            } else {
                0
            };
            (
                at,
                state.limit.clone(),
                wanted,
                state.left.min(0).unsigned_abs(),
            )
        })
        .collect()
    }

    /// What the database gave.
    pub(super) fn given(&self, at: usize, owed: u64, given: Given) {
        let mut inner = self.locked();
        let state = &mut inner.limits[at];
        state.left += (owed + given.mails) as i64;
        state.again_ms = given.again_ms;
        state.wanted = false;
    }

    /// When a limit that somebody waits for gives something again, epoch milliseconds.
    pub(super) fn next_ms(&self) -> Option<i64> {
        let inner = self.locked();
        let waiting = inner
            .limits
            .iter()
            .filter(|state| state.wanted && state.left <= 0);
        waiting.map(|state| state.again_ms).min()
    }
}

impl Inner {
    fn add(
        &mut self,
        of: &str,
        limits: &crate::domain::pace::Limits,
        warm_up: Option<&WarmUp>,
    ) -> Vec<usize> {
        let from = self.limits.len();
        let states = Limit::all(of, limits, warm_up).into_iter();
        self.limits.extend(states.map(|limit| LimitState {
            limit,
            left: 0,
            again_ms: 0,
            wanted: false,
        }));
        (from..self.limits.len()).collect()
    }

    /// Whether the caps and brakes let one more mail go.
    fn open(&self, provider_id: i64, now_ms: i64) -> bool {
        let fits = |cap: Option<usize>, in_flight| {
            cap.is_none_or(|cap| in_flight < share(cap, self.workers))
        };
        let Some(group) = self.providers.get(&provider_id) else {
            return fits(self.cap, self.in_flight);
        };
        let brake = group.brake.as_ref();
        fits(self.cap, self.in_flight)
            && fits(group.cap, group.in_flight)
            && brake.is_none_or(|brake| brake.until_ms <= now_ms && group.in_flight < brake.window)
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
            .chain(&self.relays[relay])
            .chain(of_provider.unwrap_or_default());
        let applying: Vec<usize> = applying.copied().collect();
        let mut enough = true;
        for at in &applying {
            let state = &mut self.limits[*at];
            if state.left <= 0 {
                state.wanted = true;
                enough = false;
            }
        }
        if enough || overtakes {
            for at in applying {
                self.limits[at].left -= 1;
            }
        }
        enough || overtakes
    }

    fn name(&self, provider_id: i64, domain: &str) -> String {
        self.providers.get(&provider_id).map_or_else(
            || format!("domain:{domain}"),
            |group| format!("provider:{}", group.name),
        )
    }

    fn brake(&mut self, provider_id: i64, domain: &str) -> &mut Option<Brake> {
        match self.providers.get_mut(&provider_id) {
            Some(group) => &mut group.brake,
            None => self.domains.entry(domain.to_owned()).or_default(),
        }
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
            brake: None,
        }
    }
}

/// How many mails are asked for at once. What is granted and not used is lost when the process ends: a hundredth of a day's
/// cap, or less.
fn handful(rule: &Rule) -> u64 {
    let of_day = |cap: u64| (cap / 100).clamp(1, 50);
    match rule {
        Rule::Even { .. } => 1_000,
        Rule::Daily(cap) => of_day(*cap),
        Rule::WarmUp(warm_up) => of_day(warm_up.caps.iter().copied().min().unwrap_or(0)),
    }
}

fn named(provider: &Provider) -> String {
    format!("provider:{}", provider.name)
}
