//! Erasure (GDPR Art. 17, standards X12): everything that is known of a person goes, and only a keyed hash of the address stays,
//! so that neither a sign-up nor an import ever brings it back (B12).

use super::{Context, Error, conflict, sign_up};
use crate::domain::address::EmailAddress;
use crate::domain::subscription::ConsentMethod;
use crate::store::subscriber::Subscriber;
use crate::store::{self, Tx};

/// Who is to be erased.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// A subscriber, by a signed link.
    Subscriber(i64),
    /// Whoever has this address.
    Address(&'a EmailAddress),
}

/// What an erasure found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// There was a subscriber.
    pub subscriber: bool,
    /// An address that took this one's place is there, and stays.
    pub moved: bool,
    /// Former addresses of the subscriber that went along.
    pub former: usize,
    /// An address was on the list of suppressed ones.
    pub suppressed: bool,
    /// The address had been erased before.
    pub before: bool,
}

/// Erases a person; a second time changes nothing. Addresses that the person moved away from are the person's too and go along; an
/// address that took the erased one's place stays, because whoever holds an old mailbox has no say over it. An address that nothing is
/// known of is kept from then on as an erased one.
pub async fn erase(
    context: &Context,
    whom: Whom<'_>,
    method: ConsentMethod,
) -> Result<Erased, Error> {
    conflict::repeated("erasure", || once(context, whom, method)).await
}

async fn once(context: &Context, whom: Whom<'_>, method: ConsentMethod) -> Result<Erased, Error> {
    let mut tx = context.database.write().await?;
    // No sign-up and no import looks whether the address was erased and writes it after we did.
    store::sign_up::take_turn(&mut tx).await?;
    let id = match whom {
        Whom::Subscriber(id) => Some(id),
        Whom::Address(address) => store::subscriber::by_identity(&mut tx, &address.identity())
            .await?
            .map(|subscriber| subscriber.id),
    };
    let mut erased = Erased::default();
    let mut ids: Vec<i64> = id.into_iter().collect();
    let (mut next, mut wiped) = (0, Vec::new());
    while let Some(&id) = ids.get(next) {
        next += 1;
        let Some(subscriber) = store::subscriber::lock(&mut tx, id).await? else {
            continue;
        };
        for (former, _) in store::moves::former(&mut tx, id).await? {
            if !ids.contains(&former) {
                ids.push(former);
            }
        }
        let Subscriber {
            identity, address, ..
        } = &subscriber;
        let held = keep_away(context, &mut tx, identity, address).await?;
        erased.suppressed |= held.suppressed;
        if next == 1 {
            (erased.subscriber, erased.before) = (true, held.before);
            erased.moved = !store::dossier::moved_to(&mut tx, id).await?.is_empty();
        } else {
            erased.former += 1;
        }
        for waiting in store::moves::waiting(&mut tx, id).await? {
            store::moves::forget(&mut tx, waiting).await?;
        }
        store::erasure::wipe(&mut tx, id).await?;
        wiped.push(id);
    }
    match whom {
        Whom::Address(address) if !erased.subscriber => {
            erased = keep_away(context, &mut tx, &address.identity(), address.as_str()).await?;
        }
        Whom::Subscriber(_) if !erased.subscriber => erased.before = true,
        Whom::Address(_) | Whom::Subscriber(_) => {}
    }
    tx.commit().await?;
    for subscriber_id in wiped {
        let method = method.as_str();
        tracing::info!(subscriber_id, method, "subscriber erased");
    }
    Ok(erased)
}

/// Keeps the hash of an address, and takes the address out of whatever is not kept by its subscriber.
async fn keep_away(
    context: &Context,
    tx: &mut Tx,
    identity: &str,
    address: &str,
) -> Result<Erased, Error> {
    let hashes = context.keyring.erasure_hashes(identity);
    let before = store::erasure::holds(tx, &hashes).await?;
    let suppressed = store::suppression::remove(tx, identity).await?;
    store::erasure::unquote(tx, address).await?;
    store::editor_mail::forget(tx, identity).await?;
    store::draft::forget(tx, identity).await?;
    if let Ok(address) = EmailAddress::parse(address) {
        sign_up::forget(context, tx, &address).await?;
    }
    if let Some(newest) = hashes.first().filter(|_| !before) {
        store::erasure::add(tx, newest, context.clock.now_ms()).await?;
    }
    Ok(Erased {
        suppressed,
        before,
        ..Erased::default()
    })
}
