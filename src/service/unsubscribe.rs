//! Leaving: by the button of the page or by the one-click POST of a mail program (RFC 8058). Idempotent, effective before
//! the answer (V8), and for lists that are gone too. Who left by mistake can undo it for a short time.

use super::{Context, Error};
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscriptionStatus};
use crate::domain::token::{Purpose, SubscriptionToken};
use crate::store::consent::{Consent, Origin};
use crate::store::{self, Tx};

/// The subscription that a genuine link names.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Which list and reader.
    pub token: SubscriptionToken,
    /// The list's name for the page; the list may have left the configuration.
    pub list_name: String,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// Whether it ended because its reader moved to another address.
    pub moved: bool,
}

impl Subscription {
    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        self.status == SubscriptionStatus::Unsubscribed
    }

    /// Whether it is confirmed.
    pub fn confirmed(&self) -> bool {
        self.status == SubscriptionStatus::Confirmed
    }
}

/// Says which subscription a link names; changes nothing. `None`: not one of our links (H7).
pub async fn look(context: &Context, token: &str) -> Result<Option<Subscription>, Error> {
    let Some(token) = SubscriptionToken::verify(&context.keyring, Purpose::Unsubscribe, token)
    else {
        return Ok(None);
    };
    let mut tx = context.database.read().await?;
    let Some(list) = store::list::by_id(&mut tx, token.list_id).await? else {
        return Ok(None);
    };
    let status = store::subscription::status(&mut tx, token.list_id, token.subscriber_id).await?;
    let moved_ms = store::moves::ended_by(&mut tx, token.list_id, token.subscriber_id).await?;
    Ok(status.map(|status| Subscription {
        token,
        list_name: list.name,
        status,
        moved: moved_ms.is_some(),
    }))
}

/// Ends the subscription that a link names, with its queued mails. A second call changes nothing and is no error. With it comes
/// the proof that undoes it, when this call ended a confirmed one.
pub async fn unsubscribe(
    context: &Context,
    token: &str,
    method: ConsentMethod,
    origin: &Origin,
) -> Result<Option<(Subscription, Option<String>)>, Error> {
    let Some(mut found) = look(context, token).await? else {
        return Ok(None);
    };
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let undo = leave(context, &mut tx, found.token, (method, now_ms), origin).await?;
    tx.commit().await?;
    found.status = SubscriptionStatus::Unsubscribed;
    Ok(Some((found, undo)))
}

/// Ends a subscription within a transaction, by whichever way the wish came: a link, the preferences page, and once mail comes
/// in, the `mailto:` entry of List-Unsubscribe. The proof that undoes it comes back when it was a confirmed one.
pub async fn leave(
    context: &Context,
    tx: &mut Tx,
    who: SubscriptionToken,
    (method, now_ms): (ConsentMethod, i64),
    origin: &Origin,
) -> Result<Option<String>, Error> {
    let (list_id, subscriber_id) = (who.list_id, who.subscriber_id);
    let confirmed = store::subscription::leave(tx, list_id, subscriber_id, now_ms).await?;
    if confirmed || store::subscription::unsubscribe(tx, list_id, subscriber_id, now_ms).await? {
        store::delivery::cancel(tx, list_id, subscriber_id, now_ms).await?;
        record(tx, who, ConsentAction::Unsubscribe, method, now_ms, origin).await?;
    }
    Ok(confirmed.then(|| who.sign_undo(&context.keyring, now_ms)))
}

/// Takes back the leaving that a proof is about, once: the subscription is confirmed again, with its choices and with the digests
/// that it did not get meanwhile. Says whether it did; `None`: not one of our links.
pub async fn undo(
    context: &Context,
    token: &str,
    proof: &str,
    origin: &Origin,
) -> Result<Option<(Subscription, bool)>, Error> {
    let Some(mut found) = look(context, token).await? else {
        return Ok(None);
    };
    let (who, now_ms) = (found.token, context.clock.now_ms());
    let Some(left_ms) = who.verify_undo(&context.keyring, proof, now_ms) else {
        return Ok(Some((found, false)));
    };
    let _turn = context.turn_to_choose().await?;
    let mut tx = context.database.write().await?;
    let (list_id, subscriber_id) = (who.list_id, who.subscriber_id);
    // The list's row comes first, as for whoever freezes or takes back a digest.
    store::list::lock_soon(&mut tx, list_id).await?;
    let undone = !store::suppression::holds(&mut tx, subscriber_id).await?
        && store::subscription::restore(&mut tx, list_id, subscriber_id, left_ms, now_ms).await?;
    if undone {
        let (action, method) = (ConsentAction::Confirm, ConsentMethod::Form);
        record(&mut tx, who, action, method, now_ms, origin).await?;
        let waiting =
            store::digest_attempt::revive(&mut tx, list_id, subscriber_id, left_ms, now_ms).await?;
        for digest_id in &waiting {
            store::digest_control::reopen(&mut tx, *digest_id).await?;
        }
        tx.commit().await?;
        if !waiting.is_empty() {
            context.wake_digests.notify_one();
        }
        found.status = SubscriptionStatus::Confirmed;
    }
    Ok(Some((found, undone)))
}

/// Adds one step to the consent ledger.
pub(super) async fn record(
    tx: &mut Tx,
    who: SubscriptionToken,
    action: ConsentAction,
    method: ConsentMethod,
    at_ms: i64,
    origin: &Origin,
) -> Result<(), Error> {
    let consent = Consent {
        list_id: who.list_id,
        subscriber_id: who.subscriber_id,
        action,
        method,
        at_ms,
        origin,
        wording: None,
    };
    Ok(store::consent::record(tx, &consent).await?)
}
