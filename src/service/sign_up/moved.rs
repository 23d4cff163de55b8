//! The mail of a change of address: one confirmation, within the limits of sign-ups. Every state of the new address takes the same
//! statements (D5); what may not be mailed leaves no trace.

use std::time::Duration;

use super::budget::{Budget, Names, mover, network};
use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::sign_up::Mark;
use crate::store::consent::Origin;
use crate::store::{self, Tx};

/// How long to wait when the common limits leave no room: they count by the minute and by the hour.
const FULL: Duration = Duration::from_mins(10);

/// Who is to go where.
#[derive(Debug)]
pub(in crate::service) struct Asked<'a> {
    /// Whose place is taken.
    pub from_id: i64,
    /// The new address.
    pub to: &'a EmailAddress,
    /// The list under whose masthead the mail goes.
    pub list_id: i64,
    /// Where the wish came from.
    pub origin: &'a Origin,
}

/// Notes a change of address and queues its mail, unless the new address may get none. `Some`: too much came from this network, by
/// this reader's links or for everybody's limits, which says nothing of the address, because every ask counts there, mailed or not;
/// it may be tried again after this time. Either way the transaction is to be committed.
pub(in crate::service) async fn ask_to_move(
    context: &Context,
    tx: &mut Tx,
    asked: &Asked<'_>,
) -> Result<Option<Duration>, Error> {
    let now_ms = context.clock.now_ms();
    let (from_id, list_id) = (asked.from_id, asked.list_id);
    let identity = asked.to.identity();
    store::sign_up::take_turn(tx).await?;
    let names = Names::of(context, asked.to);
    // Whoever has one link could write to everybody from everywhere: a link is limited as a network is.
    let networks: Vec<String> = network(context, asked.origin.ip.as_deref())
        .into_iter()
        .chain([mover(context, from_id)])
        .collect();
    let by_network: Vec<&str> = networks.iter().map(String::as_str).collect();
    let mut budget = Budget::read(context, tx, &[&names], &by_network, &[list_id], now_ms).await?;
    for network in by_network {
        if let Some(wait_ms) = budget.admit(network) {
            return Ok(Some(Duration::from_millis(wait_ms as u64)));
        }
    }
    if budget.is_open() || !budget.leaves_room(&names, list_id) {
        budget.write(tx).await?;
        return Ok(Some(FULL));
    }
    budget.spend_common(&names, [&list_id]);
    let own = store::subscriber::by_id(tx, from_id).await?;
    let erased = store::erasure::holds(tx, &context.keyring.erasure_hashes(&identity)).await?;
    let suppressed = store::sign_up::suppressed(tx, &[&identity]).await?;
    let waits = store::moves::waits(tx, &identity, from_id).await?;
    let is_own = own.is_none_or(|own| own.identity == identity);
    // Neither repeats a sign-up of the same address nor is repeated by one.
    let key = Mark::of_move(from_id);
    let due_ms = budget
        .due(&names)
        .filter(|_| !budget.repeats(&names, key, !waits))
        .filter(|_| !erased && suppressed.is_empty() && !is_own);
    if let Some(due) = due_ms {
        let (list, also) = (key, Vec::new());
        budget.mark(&names, Mark { list, also, due });
    }
    let ask = store::moves::Ask {
        to: due_ms.map(|_| (identity.as_str(), asked.to.as_str())),
        from_id,
        list_id,
        now_ms,
        due_ms: due_ms.unwrap_or(now_ms),
    };
    store::moves::ask(tx, &ask, asked.origin).await?;
    budget.write(tx).await?;
    Ok(None)
}
