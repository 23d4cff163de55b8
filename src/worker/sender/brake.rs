//! What a mailbox provider or a domain asked for by telling us to slow down: a pause, and after it one mail at a time, then one
//! more after every ten (V20).

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::reply;
use crate::service::lease::Crew;
use crate::service::pace::Backoff;

/// So many mails in a row that went well let one more be under way.
const GOOD_SIGNS: usize = 10;

/// A pause and the way back from it.
pub(super) struct Brake {
    /// When the pause ends, epoch milliseconds.
    pub(super) until_ms: i64,
    /// How often in a row.
    level: i64,
    /// After the pause: how many mails may be under way, and how many went well since that grew.
    window: usize,
    good: usize,
    /// Each mail that is under way since then has a copy.
    under_way: Arc<()>,
}

impl Brake {
    pub(super) fn new(until_ms: i64, level: i64) -> Self {
        Self {
            until_ms,
            level,
            window: 1,
            good: 0,
            under_way: Arc::default(),
        }
    }

    /// Whether nothing may go yet.
    pub(super) fn rests(&self, now_ms: i64) -> bool {
        reply::is_pausing(self.until_ms, now_ms)
    }

    /// Whether one more mail may be under way.
    pub(super) fn lets_one_go(&self, now_ms: i64) -> bool {
        !self.rests(now_ms) && Arc::strong_count(&self.under_way) <= self.window
    }

    /// Counts a mail as under way until this goes.
    pub(super) fn count(&self) -> Arc<()> {
        Arc::clone(&self.under_way)
    }

    /// How often in a row it is when it is asked for again now: one that is a day old is forgotten.
    pub(super) fn level_after(&self, now_ms: i64) -> i64 {
        if self.is_old(now_ms) {
            0
        } else {
            self.level + 1
        }
    }

    fn is_old(&self, now_ms: i64) -> bool {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        now_ms - self.until_ms > DAY_MS
    }

    /// A mail went well; says whether all is as it was before, for a group with this cap of connections. What was under way
    /// when it asked for a pause says nothing.
    pub(super) fn loosens(&mut self, cap: Option<usize>, crew: Crew, now_ms: i64) -> bool {
        if self.rests(now_ms) {
            return false;
        }
        self.good += 1;
        if self.good >= GOOD_SIGNS {
            self.good = 0;
            self.window += 1;
        }
        self.is_old(now_ms) || self.window >= crew.share(cap.unwrap_or(GOOD_SIGNS)).max(2)
    }
}

/// The brakes of mailbox providers by their number, and of domains that belong to none: provider 0.
#[derive(Default)]
pub(super) struct Brakes {
    providers: HashMap<i64, Brake>,
    domains: HashMap<String, Brake>,
}

impl Brakes {
    pub(super) fn of(&self, provider_id: i64, domain: &str) -> Option<&Brake> {
        match provider_id {
            0 => self.domains.get(domain),
            id => self.providers.get(&id),
        }
    }

    pub(super) fn of_mut(&mut self, provider_id: i64, domain: &str) -> Option<&mut Brake> {
        match provider_id {
            0 => self.domains.get_mut(domain),
            id => self.providers.get_mut(&id),
        }
    }

    pub(super) fn set(&mut self, provider_id: i64, domain: &str, brake: Brake) {
        match provider_id {
            0 => self.domains.insert(domain.to_owned(), brake),
            id => self.providers.insert(id, brake),
        };
    }

    pub(super) fn release(&mut self, provider_id: i64, domain: &str) {
        match provider_id {
            0 => self.domains.remove(domain),
            id => self.providers.remove(&id),
        };
    }
}

/// What the other processes are to be told, one after the other.
#[derive(Clone)]
pub(super) enum News {
    /// Somebody asked us to slow down.
    Asked(Backoff),
    /// This back-off, which lasted until then, is over.
    Over { name: String, until_ms: i64 },
}
