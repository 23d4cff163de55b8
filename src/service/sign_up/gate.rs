//! What one process remembers of networks that send much, so that the rest of it costs neither the database nor a name server
//! anything. It says nothing of an address (D5), and the limits themselves are the database's. And for minutes, what the database
//! must not keep: that an erased address was asked for.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Context;
use crate::domain::network::{household, is_internal};
use crate::domain::sign_up::{Limit, Used};

const HOUR_MS: i64 = 60 * 60 * 1_000;
/// The database is asked again after this time: an operator may have changed the limits.
const REMEMBERED_MS: i64 = 60 * 1_000;
/// Networks that are remembered: a bound for memory. When it is reached, all are forgotten, and the database says no again.
const MOST: usize = 65_536;

/// The networks of this process.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    refused: HashMap<String, Refused>,
    asked: HashMap<String, Used>,
    gone: HashMap<String, i64>,
    warned_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Refused {
    noted_ms: i64,
    until_ms: i64,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parsed(ip: Option<&str>) -> Option<IpAddr> {
    ip?.parse().ok()
}

/// Whether an erased address was asked for lately ([`remember`]): asked for again it takes no second place in the limits, as of any
/// other address the database would tell.
pub(super) fn asked_lately(context: &Context, of: &str) -> bool {
    let known = context.sign_ups.gate.lock();
    let until_ms = known.gone.get(of).copied();
    until_ms.is_some_and(|until_ms| until_ms > context.clock.now_ms())
}

/// Erased addresses were asked for.
pub(super) fn remember(context: &Context, of: HashSet<String>) {
    if of.is_empty() {
        return;
    }
    let now_ms = context.clock.now_ms();
    let until_ms = now_ms + context.confirmation.min_interval.as_millis() as i64;
    let mut known = context.sign_ups.gate.lock();
    if known.gone.len() >= MOST {
        known.gone.clear();
    }
    known.gone.retain(|_, until_ms| *until_ms > now_ms);
    known.gone.extend(of.into_iter().map(|of| (of, until_ms)));
}

/// How long a network that was refused a moment ago still has to wait.
pub fn refused(context: &Context, ip: Option<&str>) -> Option<Duration> {
    let network = household(parsed(ip)?);
    let now_ms = context.clock.now_ms();
    let mut known = context.sign_ups.gate.lock();
    let refused = *known.refused.get(&network)?;
    let is_fresh = (0..REMEMBERED_MS).contains(&(now_ms - refused.noted_ms));
    if !is_fresh || refused.until_ms <= now_ms {
        known.refused.remove(&network);
        return None;
    }
    Some(Duration::from_millis((refused.until_ms - now_ms) as u64))
}

/// Remembers that the database refused a network, and tells the operator when that looks like a proxy which stands for everybody.
pub(super) fn note(context: &Context, ip: Option<&str>, wait: Duration) {
    let Some(ip) = parsed(ip) else { return };
    let now_ms = context.clock.now_ms();
    let mut known = context.sign_ups.gate.lock();
    if known.refused.len() >= MOST {
        known.refused.clear();
    }
    let refused = Refused {
        noted_ms: now_ms,
        until_ms: now_ms + wait.as_millis() as i64,
    };
    known.refused.insert(household(ip), refused);
    let is_new = known.warned_ms.is_none_or(|at| now_ms - at >= HOUR_MS);
    if is_internal(ip) && is_new {
        known.warned_ms = Some(now_ms);
        tracing::warn!(
            %ip,
            "sign-ups are refused because too many came from this address of an internal network; \
             if it is a proxy before nashra, name it in server.trusted_proxies, so that each reader counts alone"
        );
    }
}

/// Whether a name server may be asked on behalf of a network: it may as often as twice its sign-ups of an hour, because readers make
/// slips. What is not asked passes, and counts as a sign-up.
pub fn may_ask(context: &Context, ip: Option<&str>) -> bool {
    let Some(ip) = parsed(ip) else { return true };
    let limit = Limit {
        most: context.sign_up.per_network_hour.saturating_mul(2),
        span_ms: HOUR_MS,
    };
    if limit.most == 0 {
        return true;
    }
    let now_ms = context.clock.now_ms();
    let mut known = context.sign_ups.gate.lock();
    if known.asked.len() >= MOST {
        known.asked.clear();
    }
    let used = known.asked.entry(household(ip)).or_default();
    let has_room = limit.wait_ms(*used, now_ms).is_none();
    if has_room {
        *used = limit.count(*used, now_ms);
    }
    has_room
}
