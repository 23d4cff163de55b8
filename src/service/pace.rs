//! Limits that hold for all processes together and across restarts: mails are taken from the database's budgets in small
//! handfuls, and back-offs of providers are shared there (S9, V19, V20).

use super::{Context, Error};
use crate::domain::pace::{Limits, WarmUp};
use crate::domain::rate::Rule;
use crate::domain::reply::FURTHEST_MS;
use crate::store;
pub use crate::store::pace::Backoff;

/// A limit by its name in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// `all/second`, `relay:main/day`, `provider:google/minute`, …
    pub name: String,
    /// What it allows.
    pub rule: Rule,
}

impl Limit {
    /// The limits of something with this name.
    pub fn all(of: &str, limits: &Limits, warm_up: Option<&WarmUp>) -> Vec<Self> {
        let warm_up = warm_up.map(|warm_up| ("warm-up", Rule::WarmUp(warm_up.clone())));
        let rules = Rule::all(limits).into_iter().chain(warm_up);
        rules
            .map(|(word, rule)| Self {
                name: format!("{of}/{word}"),
                rule,
            })
            .collect()
    }
}

/// What is asked of a limit.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The limit.
    pub limit: Limit,
    /// So many mails that may wait.
    pub wanted: u64,
    /// So many mails that overtook and have gone already.
    pub owed: u64,
    /// So many mails that it gave and that did not go.
    pub unused: u64,
    /// When it gave them, epoch milliseconds.
    pub given_ms: i64,
}

/// What a limit gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// So many mails may go.
    pub mails: u64,
    /// When to ask again if that is not enough, epoch milliseconds.
    pub again_ms: i64,
}

/// Takes mails from several limits in one transaction.
pub async fn take(context: &Context, asks: &[Ask]) -> Result<Vec<Given>, Error> {
    let now_us = context.clock.now_ms() * 1_000;
    let mut tx = context.database.write().await?;
    let mut given = Vec::with_capacity(asks.len());
    for ask in asks {
        let used = store::pace::budget(&mut tx, &ask.limit.name).await?;
        let used = used.without(ask.unused, ask.given_ms * 1_000);
        let owed = ask.limit.rule.grant(used, now_us, ask.owed, true);
        let grant = ask.limit.rule.grant(owed.used, now_us, ask.wanted, false);
        store::pace::set_budget(&mut tx, &ask.limit.name, grant.used).await?;
        given.push(Given {
            mails: grant.mails,
            // Rounded up: asked a moment too soon it would give nothing.
            again_ms: -(-grant.again_us).div_euclid(1_000),
        });
    }
    tx.commit().await?;
    Ok(given)
}

/// Every back-off, of this process or another, but none that a wrong clock noted.
pub async fn backoffs(context: &Context) -> Result<Vec<Backoff>, Error> {
    let mut backoffs = store::pace::backoffs(&mut context.database.read().await?).await?;
    let furthest_ms = context.clock.now_ms() + FURTHEST_MS;
    backoffs.retain(|backoff| backoff.until_ms <= furthest_ms);
    Ok(backoffs)
}

/// Notes that a provider asked us to slow down.
pub async fn back_off(context: &Context, backoff: &Backoff) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    let furthest_ms = context.clock.now_ms() + FURTHEST_MS;
    store::pace::back_off(&mut tx, backoff, furthest_ms).await?;
    Ok(tx.commit().await?)
}

/// Notes that a provider takes mail as before, whose back-off lasted until then; one that another process noted since stays.
pub async fn recovered(context: &Context, name: &str, until_ms: i64) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    store::pace::recovered(&mut tx, name, until_ms).await?;
    Ok(tx.commit().await?)
}
