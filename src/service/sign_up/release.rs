//! Sign-ups that are held: those that only waited for room go on by themselves, oldest first; the others by a person's word.

use std::collections::HashMap;

use super::batch::Batch;
use super::budget::{BREAKER, Budget, Names};
use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryKind;
use crate::domain::sign_up::HoldReason;
use crate::domain::subscription::SubscriptionStatus;
use crate::store::pending::Pending;
use crate::store::quarantine::{Held, Of, START};
use crate::store::{self, Tx};

/// How many rows go in one transaction: others wait for it.
const PAGE: i64 = 500;

/// Which sign-ups a person means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those of these addresses, as identities.
    Of(Vec<String>),
    /// Those that are held for this reason, perhaps among others.
    For(HoldReason),
    /// All.
    All,
}

impl Which {
    fn means(&self, held: &Held, identity: &str) -> bool {
        match self {
            Self::Of(identities) => identities.iter().any(|wanted| wanted == identity),
            Self::For(reason) => held.reasons.contains(reason),
            Self::All => true,
        }
    }
}

/// Who lets go.
enum By<'a> {
    /// Room in the limits.
    Room,
    /// A person: only the limits of the address itself count.
    Hand(&'a Which),
}

/// Lets go what only waited for room, as far as there is some; closes the breaker when nothing waits for the budget any more. Says
/// how many went on.
pub async fn with_room(context: &Context) -> Result<u64, Error> {
    let mut tx = context.database.read().await?;
    let now_ms = context.clock.now_ms();
    let is_due = !store::quarantine::due(&mut tx, now_ms, 1).await?.is_empty();
    let is_open = breaker_since(&mut tx).await?.is_some();
    drop(tx);
    let released = if is_due {
        release(context, &By::Room).await?
    } else {
        0
    };
    if is_open && close(context).await? {
        tracing::info!("the confirmations fit into [sign_up] per_minute again");
    }
    Ok(released)
}

/// Closes the breaker when nothing waits for the budget now; says whether it did.
async fn close(context: &Context) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    store::sign_up::take_turn(&mut tx).await?;
    let now_ms = context.clock.now_ms();
    let closes = !store::quarantine::waits_for(&mut tx, HoldReason::Budget, now_ms).await?
        && store::throttle::forget(&mut tx, BREAKER).await?;
    tx.commit().await?;
    Ok(closes)
}

/// Since when the circuit breaker is open, if it is.
pub async fn breaker_since(tx: &mut Tx) -> Result<Option<i64>, Error> {
    let rows = store::throttle::read(tx, &[BREAKER.to_owned()]).await?;
    Ok(rows.first().map(|row| row.started_ms))
}

/// Lets go what a person looked at; says how many.
pub async fn by_hand(context: &Context, which: &Which) -> Result<u64, Error> {
    release(context, &By::Hand(which)).await
}

/// Gives up what a person looked at: nothing is mailed, and nothing of the sign-up is kept. Says how many.
pub async fn drop_held(context: &Context, which: &Which) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let (mut after, mut dropped) = (START, 0);
    loop {
        let mut tx = context.database.write().await?;
        store::sign_up::take_turn(&mut tx).await?;
        let page = store::quarantine::page(&mut tx, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(dropped);
        };
        after = last.place();
        let mut gone = Vec::new();
        for held in &page {
            let identity = address(held).map(|address| address.identity());
            if which.means(held, &identity.unwrap_or_default()) {
                let of = of(held);
                gone.push(of);
                if held.status == Some(SubscriptionStatus::Pending) {
                    let (list_id, subscriber_id) = (of.list_id, of.subscriber_id);
                    let pending = Pending {
                        list_id,
                        subscriber_id,
                    };
                    store::pending::forget(&mut tx, pending, now_ms).await?;
                }
            }
        }
        dropped += gone.len() as u64;
        store::quarantine::let_go(&mut tx, &gone).await?;
        tx.commit().await?;
    }
}

fn of(held: &Held) -> Of {
    Of {
        list_id: held.list_id,
        subscriber_id: held.subscriber_id,
    }
}

/// The address of a row; one that cannot be read is left to a person, and named.
fn address(held: &Held) -> Option<EmailAddress> {
    let address = EmailAddress::parse(&held.address).ok();
    if address.is_none() {
        let (list_id, subscriber_id) = (held.list_id, held.subscriber_id);
        tracing::warn!(
            list_id,
            subscriber_id,
            "a sign-up that is held has an address that cannot be read; it stays held"
        );
    }
    address
}

/// What is held of one address and is to go.
struct Chosen<'a> {
    subscriber_id: i64,
    names: Names,
    held: Vec<&'a Held>,
}

/// Reads a page of what is held, and who of it is meant.
fn choose<'a>(
    context: &Context,
    by: &By<'_>,
    page: &'a [Held],
    bad: &mut Vec<Of>,
) -> Vec<Chosen<'a>> {
    let mut chosen: Vec<Chosen<'a>> = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    for held in page {
        let Some(address) = address(held) else {
            bad.push(of(held));
            continue;
        };
        if let By::Hand(which) = by
            && !which.means(held, &address.identity())
        {
            continue;
        }
        let place = *places.entry(held.subscriber_id).or_insert_with(|| {
            chosen.push(Chosen {
                subscriber_id: held.subscriber_id,
                names: Names::of(context, &address),
                held: Vec::new(),
            });
            chosen.len() - 1
        });
        chosen[place].held.push(held);
    }
    chosen
}

async fn release(context: &Context, by: &By<'_>) -> Result<u64, Error> {
    let (mut after, mut released) = (START, 0);
    loop {
        let now_ms = context.clock.now_ms();
        let mut tx = context.database.write().await?;
        store::sign_up::take_turn(&mut tx).await?;
        let page = match by {
            By::Room => store::quarantine::due(&mut tx, now_ms, PAGE).await?,
            By::Hand(_) => store::quarantine::page(&mut tx, after, PAGE).await?,
        };
        let Some(last) = page.last() else {
            break;
        };
        after = last.place();
        let mut bad = Vec::new();
        let chosen = choose(context, by, &page, &mut bad);
        let all: Vec<&Names> = chosen.iter().map(|one| &one.names).collect();
        let held = chosen.iter().flat_map(|one| &one.held);
        let lists: Vec<i64> = held.map(|held| held.list_id).collect();
        let budget = Budget::read(context, &mut tx, &all, &[], &lists, now_ms).await?;
        let mut batch = Batch::new(budget, now_ms);
        for one in &chosen {
            released += let_go(&mut batch, by, one, now_ms);
        }
        if matches!(by, By::Room) {
            for of in bad {
                batch.put_off(of, None);
            }
        }
        let used_up = matches!(by, By::Room) && batch.budget.all_used();
        batch.write(&mut tx).await?;
        tx.commit().await?;
        context.wake.notify_one();
        if used_up {
            break;
        }
    }
    Ok(released)
}

/// Lets go what is held of one address, with one mail; says of how many sign-ups.
fn let_go(batch: &mut Batch, by: &By<'_>, one: &Chosen<'_>, now_ms: i64) -> u64 {
    let mut lists = Vec::with_capacity(one.held.len());
    let due = batch.budget.due(&one.names);
    for held in &one.held {
        let list_id = held.list_id;
        if matches!(by, By::Room) && !batch.budget.leaves_room(&one.names, list_id) {
            // Until the minute's budget has room again, what waits for it keeps its place.
            if let Some(wait_ms) = batch.budget.own_wait_ms(&one.names, list_id) {
                batch.put_off(of(held), Some(now_ms + wait_ms));
            }
            continue;
        }
        // Whoever left, confirmed or was suppressed meanwhile needs no confirmation.
        let waits = held.status == Some(SubscriptionStatus::Pending) && !held.suppressed;
        if waits && due.is_some() && !batch.budget.repeats(&one.names, list_id, true) {
            lists.push(list_id);
        } else {
            batch.let_go(of(held));
        }
    }
    if let Some(due_ms) = due {
        let kind = DeliveryKind::Confirmation;
        batch.mail(kind, &one.names, one.subscriber_id, &lists, due_ms);
    }
    lists.len() as u64
}
