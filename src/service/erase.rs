//! Erasure (GDPR Art. 17, standards X12): everything that is known of a person goes, and only a keyed hash of the address stays,
//! so that neither a sign-up nor an import ever brings it back (B12).

use super::{Context, Error, sign_up};
use crate::domain::address::EmailAddress;
use crate::domain::subscription::ConsentMethod;
use crate::store;

/// Who is to be erased.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// A subscriber, by a signed link.
    Subscriber(i64),
    /// Whoever has this address.
    Address(&'a EmailAddress),
}

/// What an erasure found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// There was a subscriber.
    pub subscriber: bool,
    /// The address was on the list of suppressed ones.
    pub suppressed: bool,
    /// The address had been erased before.
    pub before: bool,
}

/// Erases a person; a second time changes nothing. An address that nothing is known of is kept from then on as an erased one.
pub async fn erase(
    context: &Context,
    whom: Whom<'_>,
    method: ConsentMethod,
) -> Result<Erased, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    // No sign-up and no import looks whether the address was erased and writes it after we did.
    store::sign_up::take_turn(&mut tx).await?;
    let id = match whom {
        Whom::Subscriber(id) => Some(id),
        Whom::Address(address) => store::subscriber::by_identity(&mut tx, &address.identity())
            .await?
            .map(|subscriber| subscriber.id),
    };
    let subscriber = match id {
        Some(id) => store::subscriber::lock(&mut tx, id).await?,
        None => None,
    };
    let identity = match (&subscriber, whom) {
        (Some(subscriber), _) => subscriber.identity.clone(),
        (None, Whom::Address(address)) => address.identity(),
        (None, Whom::Subscriber(_)) => {
            return Ok(Erased {
                subscriber: false,
                suppressed: false,
                before: true,
            });
        }
    };
    let hashes = context.keyring.erasure_hashes(&identity);
    let before = store::erasure::holds(&mut tx, &hashes).await?;
    let suppressed = store::suppression::remove(&mut tx, &identity).await?;
    if let Some(subscriber) = &subscriber {
        store::erasure::wipe(&mut tx, subscriber.id).await?;
        store::erasure::unquote(&mut tx, &subscriber.address).await?;
        if let Ok(address) = EmailAddress::parse(&subscriber.address) {
            sign_up::forget(context, &mut tx, &address).await?;
        }
    }
    if let Some(newest) = hashes.first().filter(|_| !before) {
        store::erasure::add(&mut tx, newest, now_ms).await?;
    }
    tx.commit().await?;
    if let Some(subscriber) = &subscriber {
        tracing::info!(
            subscriber_id = subscriber.id,
            method = method.as_str(),
            "subscriber erased"
        );
    }
    Ok(Erased {
        subscriber: subscriber.is_some(),
        suppressed,
        before,
    })
}
