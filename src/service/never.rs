//! "Never mail this address again" (D6): the link of a mail suppresses its address and ends whatever it had. Idempotent, and good
//! for addresses that are gone too.

use super::{Context, Error};
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscriptionStatus};
use crate::domain::token::{Purpose, SubscriptionToken};
use crate::store::consent::{Consent, Origin};
use crate::store::pending::Pending;
use crate::store::{self, Tx};

/// How the address behind a genuine link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be mailed.
    Open,
    /// It is never mailed again.
    Suppressed,
    /// Nothing is known of it any more.
    Gone,
}

/// Says which list a link came from, and how its address stands; changes nothing. `None`: not one of our links.
pub async fn look(context: &Context, token: &str) -> Result<Option<(i64, State)>, Error> {
    let Some(token) = verify(context, token) else {
        return Ok(None);
    };
    let mut tx = context.database.read().await?;
    let (state, _) = state(&mut tx, token.subscriber_id).await?;
    Ok(Some((token.list_id, state)))
}

/// Suppresses the address behind a link, and ends its subscriptions with their queued mails. A second call changes nothing.
pub async fn never(
    context: &Context,
    token: &str,
    origin: &Origin,
) -> Result<Option<(i64, State)>, Error> {
    let Some(token) = verify(context, token) else {
        return Ok(None);
    };
    let now_ms = context.clock.now_ms();
    let subscriber_id = token.subscriber_id;
    let mut tx = context.database.write().await?;
    // A sign-up locks the same rows in another order.
    store::sign_up::take_turn(&mut tx).await?;
    let (state, identity) = state(&mut tx, subscriber_id).await?;
    let (State::Open, Some(identity)) = (state, identity) else {
        return Ok(Some((token.list_id, state)));
    };
    store::suppression::add(&mut tx, &identity, "reader", now_ms).await?;
    for (list_id, status) in store::subscription::of_subscriber(&mut tx, subscriber_id).await? {
        let pending = Pending {
            list_id,
            subscriber_id,
        };
        store::delivery::cancel(&mut tx, list_id, subscriber_id, now_ms).await?;
        if status == SubscriptionStatus::Pending {
            store::pending::forget(&mut tx, pending, now_ms).await?;
            continue;
        }
        store::subscription::unsubscribe(&mut tx, list_id, subscriber_id, now_ms).await?;
        let consent = Consent {
            list_id,
            subscriber_id,
            action: ConsentAction::Unsubscribe,
            method: ConsentMethod::Mail,
            at_ms: now_ms,
            origin,
            wording: None,
        };
        store::consent::record(&mut tx, &consent).await?;
    }
    for waiting in store::moves::waiting(&mut tx, subscriber_id).await? {
        store::moves::forget(&mut tx, waiting).await?;
    }
    tx.commit().await?;
    Ok(Some((token.list_id, State::Suppressed)))
}

fn verify(context: &Context, token: &str) -> Option<SubscriptionToken> {
    SubscriptionToken::verify(&context.keyring, Purpose::Never, token)
}

async fn state(tx: &mut Tx, subscriber_id: i64) -> Result<(State, Option<String>), Error> {
    let Some(subscriber) = store::subscriber::by_id(tx, subscriber_id).await? else {
        return Ok((State::Gone, None));
    };
    let state = if store::suppression::holds(tx, subscriber_id).await? {
        State::Suppressed
    } else {
        State::Open
    };
    Ok((state, Some(subscriber.identity)))
}
