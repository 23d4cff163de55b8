//! The one reminder of each sign-up that nobody confirmed: a mail like its first, within the same limits.

use super::batch::Batch;
use super::budget::{Budget, Names};
use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryKind;
use crate::store::pending::Pending;
use crate::store::quarantine::Of;
use crate::store::{self, Tx};

/// Reminds these sign-ups, in a transaction that has its turn ([`store::sign_up::take_turn`]). Says which have had their chance: an
/// address that had enough mail lately gets none, and nothing later in its place; where the common limits have no room, the
/// sign-up waits.
pub(in crate::service) async fn remind(
    context: &Context,
    tx: &mut Tx,
    waiting: &[Pending],
    now_ms: i64,
) -> Result<Vec<Pending>, Error> {
    let mut known = Vec::with_capacity(waiting.len());
    for pending in waiting {
        let subscriber = store::subscriber::by_id(tx, pending.subscriber_id).await?;
        let address = subscriber.and_then(|row| EmailAddress::parse(&row.address).ok());
        known.push((
            *pending,
            address.map(|address| Names::of(context, &address)),
        ));
    }
    let names: Vec<&Names> = known
        .iter()
        .filter_map(|(_, names)| names.as_ref())
        .collect();
    let lists: Vec<i64> = waiting.iter().map(|pending| pending.list_id).collect();
    let budget = Budget::read(context, tx, &names, &[], &lists, now_ms).await?;
    let mut batch = Batch::new(budget, now_ms);
    let mut reminded = Vec::with_capacity(known.len());
    for (pending, names) in &known {
        let list = context.list_by_id(pending.list_id);
        if let (Some(list), Some(names)) = (list, names)
            && let Some(due_ms) = batch.budget.due(names, list.id, false)
        {
            if !batch.budget.leaves_room(names, list.id) {
                continue;
            }
            let of = Of {
                list_id: list.id,
                subscriber_id: pending.subscriber_id,
            };
            batch.mail(DeliveryKind::Confirmation, names, of, due_ms);
        }
        reminded.push(*pending);
    }
    batch.write(tx).await?;
    Ok(reminded)
}
