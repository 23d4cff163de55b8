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
    // Looked up after the subscriber, so that who was erased a moment ago is seen. The commit takes its time all the same.
    let hashes = context.keyring.erasure_hashes(&sign_up.address.identity());
    if store::erasure::holds(&mut tx, &hashes).await? {
        store::subscriber::discard(&mut tx, subscriber_id).await?;
        tx.commit().await?;
        return Ok(());
    }
    let request = Request {
        list_id: list.id,
        subscriber_id,
        name: sign_up.name.as_deref(),
        method: sign_up.method,
        origin: &sign_up.origin,
        wording: Some(&sign_up.wording),
    };
    take(context, &mut tx, &request).await?;
    tx.commit().await?;
    context.wake.notify_one();
    Ok(())
}

/// A sign-up of a known subscriber.
pub(super) struct Request<'a> {
    pub(super) list_id: i64,
    pub(super) subscriber_id: i64,
    pub(super) name: Option<&'a str>,
    pub(super) method: ConsentMethod,
    pub(super) origin: &'a Origin,
    pub(super) wording: Option<&'a str>,
}

/// Notes the request in every state, so that every state takes the same time, and queues the mail that the state asks for.
pub(super) async fn take(
    context: &Context,
    tx: &mut Tx,
    request: &Request<'_>,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let (list_id, subscriber_id) = (request.list_id, request.subscriber_id);
    let suppressed = store::suppression::holds(tx, subscriber_id).await?;
    let current = store::subscription::status(tx, list_id, subscriber_id).await?;
    let consent = Consent {
        list_id,
        subscriber_id,
        action: ConsentAction::Subscribe,
        method: request.method,
        at_ms: now_ms,
        origin: request.origin,
        wording: request.wording,
    };
    store::consent::record(tx, &consent).await?;
    match on_subscribe(current, suppressed) {
        step @ (SubscribeStep::Create | SubscribeStep::Resend | SubscribeStep::Renew) => {
            store::subscription::set_pending(tx, list_id, subscriber_id, request.name, now_ms)
                .await?;
            let needed = step != SubscribeStep::Resend;
            queue(context, tx, DeliveryKind::Confirmation, needed, request).await
        }
        SubscribeStep::Notice => queue(context, tx, DeliveryKind::Notice, false, request).await,
        SubscribeStep::Nothing => Ok(()),
    }
}

/// Queues a mail unless this address had enough of them lately (D7). A mail that repeats nothing waits its turn instead: who
/// signs up for two lists at once confirms both, and who comes back right after leaving can.
pub(super) async fn queue(
    context: &Context,
    tx: &mut Tx,
    kind: DeliveryKind,
    needed: bool,
    request: &Request<'_>,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let rules = &context.confirmation;
    let (list_id, subscriber_id) = (request.list_id, request.subscriber_id);
    let recent = store::delivery::recent_mails(tx, subscriber_id, now_ms - 30 * DAY_MS).await?;
    let interval = rules.min_interval.as_millis() as i64;
    let of_today = recent
        .iter()
        .filter(|mail| mail.due_ms > now_ms - DAY_MS)
        .count();
    let again = recent.iter().any(|mail| {
        let waits = mail.due_ms > now_ms;
        mail.list_id == list_id && mail.due_ms > now_ms - interval && (waits || !needed)
    });
    if again || of_today >= rules.per_day || recent.len() >= rules.per_month {
        tracing::info!(
            subscriber_id,
            list_id,
            "no mail: this address had enough of them lately"
        );
        return Ok(());
    }
    let last = recent.iter().map(|mail| mail.due_ms).max();
    let due_ms = last.map_or(now_ms, |last| now_ms.max(last + interval));
    store::delivery::enqueue(tx, kind, list_id, subscriber_id, now_ms, due_ms).await?;
    Ok(())
}
