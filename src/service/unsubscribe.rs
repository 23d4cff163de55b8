//! Leaving: by the button of the page or by the one-click POST of a mail program (RFC 8058). Idempotent, effective before
//! the answer (V8), and for lists that are gone too.

use super::{Context, Error};
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscriptionStatus};
use crate::domain::token::{Purpose, SubscriptionToken};
use crate::store;
use crate::store::consent::{Consent, Origin};

/// The subscription that a genuine link names.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its list, which may have left the configuration.
    pub list_id: i64,
    /// The list's name for the page.
    pub list_name: String,
    /// Whether it has ended.
    pub ended: bool,
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
    Ok(status.map(|status| Subscription {
        list_id: list.id,
        list_name: list.name,
        ended: status == SubscriptionStatus::Unsubscribed,
    }))
}

/// Ends the subscription that a link names, with its queued mails. A second call changes nothing and is no error.
pub async fn unsubscribe(
    context: &Context,
    token: &str,
    method: ConsentMethod,
    origin: &Origin,
) -> Result<Option<Subscription>, Error> {
    let Some(found) = look(context, token).await? else {
        return Ok(None);
    };
    let Some(token) = SubscriptionToken::verify(&context.keyring, Purpose::Unsubscribe, token)
    else {
        return Ok(None);
    };
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    if store::subscription::unsubscribe(&mut tx, token.list_id, token.subscriber_id, now_ms).await?
    {
        store::delivery::cancel(&mut tx, token.list_id, token.subscriber_id, now_ms).await?;
        let consent = Consent {
            list_id: token.list_id,
            subscriber_id: token.subscriber_id,
            action: ConsentAction::Unsubscribe,
            method,
            at_ms: now_ms,
            origin,
            wording: None,
        };
        store::consent::record(&mut tx, &consent).await?;
        tx.commit().await?;
    }
    Ok(Some(Subscription {
        ended: true,
        ..found
    }))
}
