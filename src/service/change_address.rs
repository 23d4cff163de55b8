//! A change of address: asked for by a preferences link, done when the new address confirms it by the link of a mail that is about
//! nothing else. Until then nothing changes, and whoever asks learns nothing of the new address (D5).
//!
//! What was done is kept: the old address is a former one of the same person from then on, told with the new one and erased with it.

use std::sync::Arc;
use std::time::Duration;

use super::sign_up::{AskedToMove, ask_to_move};
use super::{Context, Error, preferences, unsubscribe};
use crate::domain::address::EmailAddress;
use crate::domain::list::List;
use crate::domain::subscription::{ConsentAction, ConsentMethod};
use crate::domain::token::SubscriptionToken;
use crate::store::confirmation::Confirmation;
use crate::store::consent::Origin;
use crate::store::moves::Move;
use crate::store::{self, Tx};

/// What came of asking for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The link is not ours.
    Unknown,
    /// The new address is mailed, if it may be.
    Taken,
    /// Too much came from this network or by this link; it may be tried again after this time.
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
    let mut tx = context.database.write().await?;
    let going = going(context, &mut tx, who).await?;
    let Some(list) = going.first() else {
        return Ok(Asked::Taken);
    };
    let asked = AskedToMove {
        from_id: who.subscriber_id,
        to: address,
        list_id: list.id,
        origin,
    };
    let wait = ask_to_move(context, &mut tx, &asked).await?;
    tx.commit().await?;
    if let Some(wait) = wait {
        return Ok(Asked::TooMany(wait));
    }
    context.wake.notify_one();
    Ok(Asked::Taken)
}

/// The lists that would go over, that of the link first, then as the configuration orders them.
async fn going(
    context: &Context,
    tx: &mut Tx,
    who: SubscriptionToken,
) -> Result<Vec<Arc<List>>, Error> {
    let confirmed = store::subscription::confirmed_of(tx, who.subscriber_id).await?;
    let lists = context.lists.iter();
    let mut lists: Vec<Arc<List>> = lists
        .filter(|list| confirmed.iter().any(|(id, _)| *id == list.id))
        .cloned()
        .collect();
    lists.sort_by_key(|list| list.id != who.list_id);
    Ok(lists)
}

/// What a change of address is about, as its mail and its page tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// The old address, masked: whoever reads it may not be its owner.
    pub from: String,
    /// The names of the lists that go over.
    pub lists: Vec<String>,
}

/// How a change of address stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It waits for its button.
    Open(Terms),
    /// It is done.
    Done,
    /// The link is too old, or nothing is left that could go over.
    Expired,
}

/// What the change of a waiting mail is about; `None`: it is done, or void.
pub(super) async fn terms(
    context: &Context,
    tx: &mut Tx,
    move_id: i64,
    list_id: i64,
) -> Result<Option<Terms>, Error> {
    match store::moves::by_id(tx, move_id).await? {
        Some(found) => terms_of(context, tx, found, list_id).await,
        None => Ok(None),
    }
}

/// As [`terms`], of a change that was read already.
async fn terms_of(
    context: &Context,
    tx: &mut Tx,
    found: Move,
    list_id: i64,
) -> Result<Option<Terms>, Error> {
    if found.done_ms.is_some() {
        return Ok(None);
    }
    let Some(from) = store::subscriber::by_id(tx, found.from_id).await? else {
        return Ok(None);
    };
    let who = SubscriptionToken {
        list_id,
        subscriber_id: found.from_id,
    };
    let lists = going(context, tx, who).await?;
    let lists: Vec<String> = lists.iter().map(|list| list.name.clone()).collect();
    Ok((!lists.is_empty()).then(|| Terms {
        from: EmailAddress::parse(&from.address)
            .map(|address| address.masked())
            .unwrap_or_default(),
        lists,
    }))
}

/// How the change that a link is about stands; changes nothing.
pub(super) async fn state(
    context: &Context,
    tx: &mut Tx,
    move_id: i64,
    link: &Confirmation,
) -> Result<State, Error> {
    let Some(found) = store::moves::by_id(tx, move_id).await? else {
        return Ok(State::Expired);
    };
    if found.done_ms.is_some() {
        return Ok(State::Done);
    }
    let terms = terms_of(context, tx, found, link.list_id()).await?;
    let good = link.used_ms.is_none() && link.expires_ms > context.clock.now_ms();
    Ok(terms.filter(|_| good).map_or(State::Expired, State::Open))
}

/// Mails a waiting change anew, within the same limits: its link has expired.
pub(super) async fn ask_again(
    context: &Context,
    move_id: i64,
    link: &Confirmation,
    origin: &Origin,
) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    let Some(waiting) = store::moves::by_id(&mut tx, move_id).await? else {
        return Ok(());
    };
    let terms = terms_of(context, &mut tx, waiting, link.list_id()).await?;
    if terms.is_none() {
        return Ok(());
    }
    let Some(to) = store::subscriber::by_id(&mut tx, waiting.subscriber_id).await? else {
        return Ok(());
    };
    let to = EmailAddress::parse(&to.address)
        .map_err(|_| store::Error::Corrupt("an address of a subscriber".to_owned()))?;
    let asked = AskedToMove {
        from_id: waiting.from_id,
        to: &to,
        list_id: link.list_id(),
        origin,
    };
    let wait = ask_to_move(context, &mut tx, &asked).await?;
    tx.commit().await?;
    if let Some(wait) = wait {
        return Err(Error::TooMany(wait));
    }
    context.wake.notify_one();
    Ok(())
}

/// Within a transaction: everything goes over, and the old address is told nothing more. The mail named each list, so it brings back
/// one that the new address had left, too (D14); one that it gets already keeps the choices made there. A second call finds it done.
pub(super) async fn complete(
    context: &Context,
    tx: &mut Tx,
    move_id: i64,
    origin: &Origin,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    if !store::moves::finish(tx, move_id, now_ms).await? {
        return Ok(());
    }
    let Some(Move {
        from_id,
        subscriber_id: to_id,
        ..
    }) = store::moves::by_id(tx, move_id).await?
    else {
        return Ok(());
    };
    for (list_id, _) in store::subscription::confirmed_of(tx, from_id).await? {
        if !store::choices::hold(tx, list_id, from_id).await? {
            continue;
        }
        store::subscription::set_pending(tx, list_id, to_id, None, now_ms).await?;
        if store::subscription::confirm(tx, list_id, to_id, now_ms).await? {
            store::moves::copy(tx, list_id, from_id, to_id).await?;
            store::digest_handover::hand_over(tx, list_id, from_id, to_id, now_ms).await?;
            let (action, method) = (ConsentAction::Confirm, ConsentMethod::Mail);
            let to = SubscriptionToken {
                list_id,
                subscriber_id: to_id,
            };
            unsubscribe::record(tx, to, action, method, now_ms, origin).await?;
        }
        let from = SubscriptionToken {
            list_id,
            subscriber_id: from_id,
        };
        // At the same moment: by that the ledger tells which lists went over.
        unsubscribe::leave(context, tx, from, (ConsentMethod::Mail, now_ms), origin).await?;
    }
    Ok(())
}
