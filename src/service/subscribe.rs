//! Sign-up: one transaction that notes the request and queues at most one mail. The caller learns nothing of the address's
//! state (promise 2, standards D5): every state takes the same path and the same commit.

use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryKind;
use crate::domain::list::List;
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscribeStep, on_subscribe};
use crate::store::consent::{Consent, Origin};
use crate::store::{self, Tx};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a reader asked for.
#[derive(Debug)]
pub struct SignUp {
    /// Where the digest should go.
    pub address: EmailAddress,
    /// How to greet, if the form asked.
    pub name: Option<String>,
    /// The form, or a program.
    pub method: ConsentMethod,
    /// Where the request came from.
    pub origin: Origin,
    /// SHA-256 of the wording that was shown, in hexadecimal.
    pub wording: String,
}

/// Takes a sign-up. The mail that follows, if any, is a durable delivery.
pub async fn subscribe(context: &Context, list: &List, sign_up: &SignUp) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let subscriber_id = store::subscriber::ensure(&mut tx, &sign_up.address, now_ms).await?;
    let suppressed = store::suppression::contains(&mut tx, &sign_up.address.identity()).await?;
    let current = store::subscription::status(&mut tx, list.id, subscriber_id).await?;
    let consent = Consent {
        list_id: list.id,
        subscriber_id,
        action: ConsentAction::Subscribe,
        method: sign_up.method,
        at_ms: now_ms,
        origin: &sign_up.origin,
        wording: Some(&sign_up.wording),
    };
    store::consent::record(&mut tx, &consent).await?;
    match on_subscribe(current, suppressed) {
        SubscribeStep::Create | SubscribeStep::Resend | SubscribeStep::Renew => {
            store::subscription::set_pending(
                &mut tx,
                list.id,
                subscriber_id,
                sign_up.name.as_deref(),
                now_ms,
            )
            .await?;
            queue(
                context,
                &mut tx,
                DeliveryKind::Confirmation,
                list.id,
                subscriber_id,
            )
            .await?;
        }
        SubscribeStep::Notice => {
            queue(
                context,
                &mut tx,
                DeliveryKind::Notice,
                list.id,
                subscriber_id,
            )
            .await?;
        }
        SubscribeStep::Nothing => {}
    }
    tx.commit().await?;
    context.wake.notify_one();
    Ok(())
}

/// Queues a mail unless this address had enough of them lately (D7).
pub(super) async fn queue(
    context: &Context,
    tx: &mut Tx,
    kind: DeliveryKind,
    list_id: i64,
    subscriber_id: i64,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let rules = &context.confirmation;
    let recent = store::delivery::recent_mails(tx, subscriber_id, now_ms - 30 * DAY_MS).await?;
    let since = |ms: i64| recent.iter().filter(|at| **at > now_ms - ms).count();
    let allowed = since(rules.min_interval.as_millis() as i64) == 0
        && since(DAY_MS) < rules.per_day
        && recent.len() < rules.per_month;
    if allowed {
        store::delivery::enqueue(tx, kind, list_id, subscriber_id, now_ms).await?;
    } else {
        tracing::info!(
            subscriber_id,
            list_id,
            "no mail: this address had enough of them lately"
        );
    }
    Ok(())
}
