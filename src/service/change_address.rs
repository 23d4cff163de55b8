//! A change of address: asked for by a preferences link, done when the new address is confirmed. Until then nothing changes, and
//! whoever asks learns nothing of the new address (D5).

use std::sync::Arc;
use std::time::Duration;

use super::sign_up::{self, Outcome, SignUp};
use super::{Context, Error, preferences, unsubscribe};
use crate::domain::address::EmailAddress;
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscriptionStatus};
use crate::domain::token::SubscriptionToken;
use crate::store::consent::Origin;
use crate::store::{self, Tx};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What came of asking for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The link is not ours.
    Unknown,
    /// The new address is mailed, if it may be.
    Taken,
    /// Too much came from this network; it may be tried again after this time.
    TooMany(Duration),
}

/// Asks for a link's subscriptions to go to another address: one confirmation is mailed there, within the limits of every
/// sign-up.
pub async fn ask(
    context: &Context,
    token: &str,
    address: &EmailAddress,
    origin: &Origin,
) -> Result<Asked, Error> {
    let Some(who) = preferences::who(context, token) else {
        return Ok(Asked::Unknown);
    };
    let Some(list_id) = note(context, who, address, origin).await? else {
        return Ok(Asked::Taken);
    };
    let Some(list) = context.list_by_id(list_id) else {
        return Ok(Asked::Taken);
    };
    let asked = SignUp {
        address: address.clone(),
        lists: vec![Arc::clone(list)],
        name: None,
        method: ConsentMethod::Form,
        origin: origin.clone(),
        wording: None,
        proof: None,
        doubts: Vec::new(),
    };
    Ok(match sign_up::sign_up(context, asked).await? {
        Outcome::TooMany(wait) => Asked::TooMany(wait),
        Outcome::Taken | Outcome::ProofUsed => Asked::Taken,
    })
}

/// Notes who is to take whose place. The list whose confirmation stands for all of them; none when nothing is to be mailed.
async fn note(
    context: &Context,
    who: SubscriptionToken,
    address: &EmailAddress,
    origin: &Origin,
) -> Result<Option<i64>, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let from_id = who.subscriber_id;
    let confirmed = store::subscription::confirmed_of(&mut tx, from_id).await?;
    let hashes = context.keyring.erasure_hashes(&address.identity());
    if confirmed.is_empty() || store::erasure::holds(&mut tx, &hashes).await? {
        return Ok(None);
    }
    let subscriber_id = store::subscriber::ensure(&mut tx, address, now_ms).await?;
    if subscriber_id == from_id {
        return Ok(None);
    }
    store::moves::ask(&mut tx, subscriber_id, from_id, now_ms).await?;
    let mut lists = Vec::new();
    for (list_id, _) in confirmed {
        let status = store::subscription::status(&mut tx, list_id, subscriber_id).await?;
        lists.push((
            status == Some(SubscriptionStatus::Confirmed),
            list_id != who.list_id,
            list_id,
        ));
    }
    // The one mail is about a list that the new address does not get yet, the link's own if that can be.
    lists.sort_unstable();
    let mut lists = lists.into_iter().map(|(_, _, list_id)| list_id);
    let first = lists.next();
    for list_id in lists {
        let (action, method) = (ConsentAction::Subscribe, ConsentMethod::Form);
        let to = SubscriptionToken {
            subscriber_id,
            list_id,
        };
        unsubscribe::record(&mut tx, to, action, method, now_ms, origin).await?;
    }
    tx.commit().await?;
    Ok(first)
}

/// Within the transaction that confirmed `token`'s subscription by a mail made at `mailed_ms`: if that mail was about a change of
/// address, everything goes over, and the old address is told nothing more. A list that the new address was confirmed for
/// before keeps the choices made there. Says whether it was.
pub(super) async fn complete(
    context: &Context,
    tx: &mut Tx,
    token: SubscriptionToken,
    mailed_ms: i64,
    origin: &Origin,
) -> Result<bool, Error> {
    let asked = store::moves::of(tx, token.subscriber_id).await?;
    // A mail that was there before anybody asked for the change does not agree to it.
    let now_ms = context.clock.now_ms();
    // Nor does one that came so late that the mail about the change, which may have waited a while, is void.
    let oldest_ms = now_ms - context.confirmation.expires.as_millis() as i64 - DAY_MS;
    let asked = asked.filter(|asked| asked.created_ms <= mailed_ms && asked.created_ms > oldest_ms);
    let Some(asked) = asked else {
        return Ok(false);
    };
    let (from_id, to_id) = (asked.from_id, token.subscriber_id);
    for (list_id, _) in store::subscription::confirmed_of(tx, from_id).await? {
        let to = SubscriptionToken {
            list_id,
            subscriber_id: to_id,
        };
        if !store::choices::hold(tx, list_id, from_id).await? {
            continue;
        }
        let status = store::subscription::status(tx, list_id, to_id).await?;
        if list_id != token.list_id && status == Some(SubscriptionStatus::Unsubscribed) {
            // Whoever has the new address left this list, and a press for another brings nobody back (D14): it stays where it is.
            continue;
        }
        let is_new = if list_id == token.list_id {
            true
        } else {
            store::subscription::set_pending(tx, list_id, to_id, None, now_ms).await?;
            store::subscription::confirm(tx, list_id, to_id, now_ms).await?
        };
        if is_new {
            store::moves::copy(tx, list_id, from_id, to_id).await?;
            store::digest_attempt::hand_over(tx, list_id, from_id, to_id, now_ms).await?;
        }
        if is_new && list_id != token.list_id {
            let (action, method) = (ConsentAction::Confirm, ConsentMethod::Mail);
            unsubscribe::record(tx, to, action, method, now_ms, origin).await?;
        }
        let from = SubscriptionToken {
            list_id,
            subscriber_id: from_id,
        };
        unsubscribe::leave(context, tx, from, ConsentMethod::Mail, origin).await?;
    }
    store::moves::forget(tx, from_id).await?;
    Ok(true)
}
