//! The one reminder of each sign-up that nobody confirmed: a mail like its first, within the same limits.

use super::batch::Batch;
use super::budget::{Budget, Names};
use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryKind;
use crate::store::pending::Pending;
use crate::store::{self, Tx};

/// The sign-ups of one address.
struct Waiting {
    subscriber_id: i64,
    /// `None`: the address cannot be read.
    names: Option<Names>,
    pending: Vec<Pending>,
}

/// Reminds these sign-ups, in a transaction that has its turn ([`store::sign_up::take_turn`]), each address with one mail. Says which
/// have had their chance: an address that had enough mail lately gets none, and nothing later in its place; where the common limits
/// have no room, the sign-up waits.
pub(in crate::service) async fn remind(
    context: &Context,
    tx: &mut Tx,
    waiting: &[Pending],
    now_ms: i64,
) -> Result<Vec<Pending>, Error> {
    let known = by_address(context, tx, waiting).await?;
    let names: Vec<&Names> = known.iter().filter_map(|one| one.names.as_ref()).collect();
    let lists: Vec<i64> = waiting.iter().map(|pending| pending.list_id).collect();
    let budget = Budget::read(context, tx, &names, &[], &lists, now_ms).await?;
    let mut batch = Batch::new(budget, now_ms);
    let mut reminded = Vec::with_capacity(waiting.len());
    for one in &known {
        let (kind, subscriber_id) = (DeliveryKind::Confirmation, one.subscriber_id);
        let due = one.names.as_ref().and_then(|names| {
            let due_ms = batch.budget.due(names)?;
            Some((names, due_ms))
        });
        let Some((names, due_ms)) = due else {
            reminded.extend(&one.pending);
            continue;
        };
        let mut lists = Vec::with_capacity(one.pending.len());
        for pending in &one.pending {
            let list_id = pending.list_id;
            let asks = context.list_by_id(list_id).is_some()
                && !batch.budget.repeats(names, list_id, false);
            if asks && !batch.budget.leaves_room(names, list_id) {
                continue;
            }
            if asks {
                lists.push(list_id);
            }
            reminded.push(*pending);
        }
        batch.mail(kind, names, subscriber_id, &lists, due_ms);
    }
    batch.write(tx).await?;
    Ok(reminded)
}

async fn by_address(
    context: &Context,
    tx: &mut Tx,
    waiting: &[Pending],
) -> Result<Vec<Waiting>, Error> {
    let mut known: Vec<Waiting> = Vec::with_capacity(waiting.len());
    for pending in waiting {
        let subscriber_id = pending.subscriber_id;
        let mut before = known.iter_mut();
        if let Some(one) = before.find(|one| one.subscriber_id == subscriber_id) {
            one.pending.push(*pending);
            continue;
        }
        let subscriber = store::subscriber::by_id(tx, subscriber_id).await?;
        let address = subscriber.and_then(|row| EmailAddress::parse(&row.address).ok());
        known.push(Waiting {
            subscriber_id,
            names: address.map(|address| Names::of(context, &address)),
            pending: vec![*pending],
        });
    }
    Ok(known)
}
