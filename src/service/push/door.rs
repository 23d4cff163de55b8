//! Who may send articles: the tokens, the networks that tried wrong ones, and the requests that are being worked on.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::network::household;
use crate::domain::sign_up::{Limit, Used};
use crate::domain::token::bearer::Bearer;
use crate::store::api_answer::RequestKey;

/// So many wrong tokens of one network are answered and logged in an hour. The right one is always taken: what cannot be guessed
/// needs no lock, and a wrong configuration of one program must not shut out another behind the same proxy.
const WRONG: Limit = Limit {
    most: 30,
    span_ms: 60 * 60 * 1_000,
};
/// Networks that are remembered: a bound for memory.
const MOST: usize = 65_536;

/// Who may send articles, and who is at it.
#[derive(Debug, Default)]
pub struct Door {
    tokens: Vec<Bearer>,
    wrong: Mutex<HashMap<String, Used>>,
    running: Mutex<HashSet<RequestKey>>,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission<'a> {
    /// It is the token of this name.
    Welcome(&'a str),
    /// It is none of ours.
    Unknown,
    /// Nor were many before it; the network may try again after this time.
    TooMany(Duration),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// A door for these tokens; without any it stays shut.
    pub fn new(tokens: Vec<Bearer>) -> Self {
        Self {
            tokens,
            ..Self::default()
        }
    }

    /// Whether there is a token at all.
    pub fn is_open(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Looks at a token that came from an address.
    pub fn admit(&self, given: Option<&str>, ip: Option<IpAddr>, now_ms: i64) -> Admission<'_> {
        if let Some(name) = given.and_then(|given| Bearer::find(&self.tokens, given)) {
            return Admission::Welcome(name);
        }
        let network = ip.map_or_else(String::new, household);
        let mut wrong = lock(&self.wrong);
        if wrong.len() >= MOST {
            wrong.clear();
        }
        let used = wrong.entry(network).or_default();
        if let Some(wait_ms) = WRONG.wait_ms(*used, now_ms) {
            return Admission::TooMany(Duration::from_millis(wait_ms.max(0) as u64));
        }
        *used = WRONG.count(*used, now_ms);
        Admission::Unknown
    }

    /// A turn for a request; none while the same one is being worked on in this process.
    pub(super) fn turn(self: &Arc<Self>, of: &RequestKey) -> Option<Turn> {
        lock(&self.running).insert(of.clone()).then(|| Turn {
            door: Arc::clone(self),
            of: of.clone(),
        })
    }
}

/// A request that is being worked on. It ends with this value, also when the request is given up half way.
#[derive(Debug)]
pub(super) struct Turn {
    door: Arc<Door>,
    of: RequestKey,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.door.running).remove(&self.of);
    }
}
