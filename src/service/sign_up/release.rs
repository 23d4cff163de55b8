//! Sign-ups that are held: those that only waited for room go on by themselves, oldest first; the others by a person's word.

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
    let idle = store::quarantine::page(&mut tx, START, 1).await?.is_empty()
        && breaker_since(&mut tx).await?.is_none();
    drop(tx);
    if idle {
        return Ok(0);
    }
    let released = release(context, &By::Room).await?;
    let mut tx = context.database.write().await?;
    store::sign_up::take_turn(&mut tx).await?;
    let closes = !store::quarantine::holds_for(&mut tx, HoldReason::Budget).await?
        && store::throttle::forget(&mut tx, BREAKER).await?;
    tx.commit().await?;
    if closes {
        tracing::info!("the confirmations fit into [sign_up] per_minute again");
    }
    Ok(released)
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
            if which.means(held, &address(held)?.identity()) {
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

fn address(held: &Held) -> Result<EmailAddress, Error> {
    let parsed = EmailAddress::parse(&held.address);
    parsed.map_err(|_| store::Error::Corrupt("an address of a subscriber".to_owned()).into())
}

async fn release(context: &Context, by: &By<'_>) -> Result<u64, Error> {
    let (mut after, mut released) = (START, 0);
    loop {
        let now_ms = context.clock.now_ms();
        let mut tx = context.database.write().await?;
        store::sign_up::take_turn(&mut tx).await?;
        let page = store::quarantine::page(&mut tx, after, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.place();
        let mut chosen = Vec::new();
        for held in &page {
            let address = address(held)?;
            let chooses = match by {
                By::Room => held.reasons.iter().all(|reason| reason.passes()),
                By::Hand(which) => which.means(held, &address.identity()),
            };
            if chooses {
                chosen.push((held, Names::of(context, &address)));
            }
        }
        let all: Vec<&Names> = chosen.iter().map(|(_, names)| names).collect();
        let lists: Vec<i64> = chosen.iter().map(|(held, _)| held.list_id).collect();
        let budget = Budget::read(context, &mut tx, &all, &[], &lists, now_ms).await?;
        let mut batch = Batch::new(budget, now_ms);
        for (held, names) in &chosen {
            if matches!(by, By::Room) && !batch.budget.leaves_room(names, held.list_id) {
                continue;
            }
            // Whoever left, confirmed or was suppressed meanwhile needs no confirmation.
            let waits = held.status == Some(SubscriptionStatus::Pending) && !held.suppressed;
            match batch.budget.due(names, held.list_id, true) {
                Some(due_ms) if waits => {
                    batch.mail(DeliveryKind::Confirmation, names, of(held), due_ms);
                    released += 1;
                }
                _ => batch.let_go(of(held)),
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
