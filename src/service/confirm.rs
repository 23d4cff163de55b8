//! Double opt-in: looking at a token changes nothing (promise 1), confirming does (and queues the
//! welcome, where the list has one and its reader is new), and an old token can ask for a new mail.

use std::sync::Arc;

use super::sign_up::{Outcome, SignUp, sign_up};
use super::{Context, Error, change_address};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::DeliveryKind;
use crate::domain::list::{List, Welcome};
use crate::domain::subscription::{ConsentAction, ConsentMethod, SubscriptionStatus};
use crate::domain::token::ConfirmationToken;
use crate::store::confirmation::Confirmation;
use crate::store::consent::{Consent, Origin};
use crate::store::{self, Tx};

/// What a token stands for now, with the lists that this is true of: at least one, in the order of its mail.
#[derive(Debug, Clone)]
pub enum State {
    /// They wait for its button.
    Open(Vec<Arc<List>>),
    /// The subscriptions are confirmed already.
    Confirmed(Vec<Arc<List>>),
    /// Too old, or the subscriptions have ended since: a new mail can be asked for.
    Expired(Vec<Arc<List>>),
    /// It is about a change of address, under the masthead of this list.
    Move(Arc<List>, change_address::State),
    /// Not one of ours, or its list is gone.
    Unknown,
}

/// Says what a token stands for; changes nothing.
pub async fn look(context: &Context, token: &str) -> Result<State, Error> {
    let mut tx = context.database.read().await?;
    Ok(find(context, &mut tx, token)
        .await?
        .map_or(State::Unknown, |found| found.state))
}

/// Confirms the subscriptions of an open token, and says which. A second press finds it confirmed, which is no error (D3).
pub async fn confirm(context: &Context, token: &str, origin: &Origin) -> Result<State, Error> {
    let now_ms = context.clock.now_ms();
    // Who freezes a digest may hold a list's row for seconds: whoever needs it waits before taking the turn that every sign-up needs.
    let going = going(context, token).await?;
    let _turn = match going.as_slice() {
        [] => None,
        _ => Some(context.turn_to_choose().await?),
    };
    let mut tx = context.database.write().await?;
    for list_id in going {
        store::list::lock_soon(&mut tx, list_id).await?;
    }
    // Sign-ups and changes of address lock the same rows, and several of them.
    store::sign_up::take_turn(&mut tx).await?;
    let Some(found) = find(context, &mut tx, token).await? else {
        return Ok(State::Unknown);
    };
    let lists = match &found.state {
        State::Open(lists) => lists,
        State::Move(_, change_address::State::Open(_)) => {
            return complete_move(context, tx, found, origin).await;
        }
        _ => return Ok(found.state),
    };
    let subscriber_id = found.confirmation.subscriber_id;
    let mut confirmed = Vec::with_capacity(lists.len());
    for list in lists {
        if store::subscription::confirm(&mut tx, list.id, subscriber_id, now_ms).await? {
            confirmed.push(Arc::clone(list));
        }
    }
    if confirmed.is_empty() {
        // Somebody was quicker between our look and our step: say what is true now.
        let now = find(context, &mut tx, token).await?;
        return Ok(now.map_or(State::Unknown, |found| found.state));
    }
    store::confirmation::mark_used(&mut tx, &found.hash, now_ms).await?;
    for list in &confirmed {
        let consent = Consent {
            list_id: list.id,
            subscriber_id,
            action: ConsentAction::Confirm,
            method: ConsentMethod::Mail,
            at_ms: now_ms,
            origin,
            wording: None,
        };
        store::consent::record(&mut tx, &consent).await?;
    }
    let greets = |list: &&Arc<List>| list.welcome != Welcome::Off;
    for list in confirmed.iter().filter(greets) {
        let kind = DeliveryKind::Welcome;
        store::delivery::enqueue(&mut tx, kind, list.id, subscriber_id, now_ms, now_ms).await?;
    }
    tx.commit().await?;
    context.wake.notify_one();
    Ok(State::Open(confirmed))
}

/// The lists that go over when a link about a waiting change of address is confirmed, in the order in which every transaction takes
/// several; none when it is not about one.
async fn going(context: &Context, token: &str) -> Result<Vec<i64>, Error> {
    let Some(token) = ConfirmationToken::parse(token) else {
        return Ok(Vec::new());
    };
    // One look by the key: whether the link still holds is found out where that counts.
    let mut tx = context.database.read().await?;
    let Some(waiting) = store::moves::by_link(&mut tx, &token.hash()).await? else {
        return Ok(Vec::new());
    };
    let lists = store::subscription::confirmed_of(&mut tx, waiting.from_id).await?;
    Ok(lists.into_iter().map(|(list_id, _)| list_id).collect())
}

/// Does what an open link about a change of address asks for.
async fn complete_move(
    context: &Context,
    mut tx: Tx,
    found: Found,
    origin: &Origin,
) -> Result<State, Error> {
    let State::Move(list, _) = found.state else {
        return Ok(found.state);
    };
    if let Some(move_id) = found.confirmation.move_id {
        change_address::complete(context, &mut tx, move_id, origin).await?;
        store::confirmation::mark_used(&mut tx, &found.hash, context.clock.now_ms()).await?;
        tx.commit().await?;
    }
    Ok(State::Move(list, change_address::State::Done))
}

/// Mails a fresh confirmation to whom an expired token belongs to: a sign-up like any other, with its record and within its
/// limits (D3, D10).
pub async fn resend(context: &Context, token: &str, origin: &Origin) -> Result<State, Error> {
    let mut tx = context.database.read().await?;
    let Some(found) = find(context, &mut tx, token).await? else {
        return Ok(State::Unknown);
    };
    if let (State::Move(_, change_address::State::Expired), Some(move_id)) =
        (&found.state, found.confirmation.move_id)
    {
        drop(tx);
        change_address::ask_again(context, move_id, &found.confirmation, origin).await?;
        return Ok(found.state);
    }
    if let State::Expired(lists) = &found.state {
        let subscriber_id = found.confirmation.subscriber_id;
        let Some(subscriber) = store::subscriber::by_id(&mut tx, subscriber_id).await? else {
            return Ok(State::Unknown);
        };
        drop(tx);
        let asked = SignUp {
            address: EmailAddress::parse(&subscriber.address)
                .map_err(|_| store::Error::Corrupt("an address of a subscriber".to_owned()))?,
            lists: lists.clone(),
            name: None,
            method: ConsentMethod::Mail,
            origin: origin.clone(),
            wording: None,
            spends: Vec::new(),
            doubts: Vec::new(),
        };
        if let Outcome::TooMany(wait) = sign_up(context, asked).await? {
            return Err(Error::TooMany(wait));
        }
    }
    Ok(found.state)
}

struct Found {
    hash: [u8; 32],
    confirmation: Confirmation,
    state: State,
}

async fn find(context: &Context, tx: &mut Tx, token: &str) -> Result<Option<Found>, Error> {
    let Some(token) = ConfirmationToken::parse(token) else {
        return Ok(None);
    };
    let hash = token.hash();
    let Some(confirmation) = store::confirmation::by_hash(tx, &hash).await? else {
        return Ok(None);
    };
    if let Some(move_id) = confirmation.move_id {
        let Some(list) = context.list_by_id(confirmation.list_id()).cloned() else {
            return Ok(None);
        };
        let state = change_address::state(context, tx, move_id, &confirmation).await?;
        return Ok(Some(Found {
            hash,
            confirmation,
            state: State::Move(list, state),
        }));
    }
    let (mut waiting, mut confirmed, mut over) = (Vec::new(), Vec::new(), Vec::new());
    for list_id in &confirmation.lists {
        let Some(list) = context.list_by_id(*list_id).cloned() else {
            continue;
        };
        match store::subscription::status(tx, *list_id, confirmation.subscriber_id).await? {
            Some(SubscriptionStatus::Confirmed) => confirmed.push(list),
            Some(SubscriptionStatus::Pending) => waiting.push(list),
            _ => over.push(list),
        }
    }
    let expired =
        confirmation.used_ms.is_some() || confirmation.expires_ms <= context.clock.now_ms();
    let state = if !waiting.is_empty() {
        // Whatever else of the form is confirmed: this still waits for somebody.
        if expired {
            State::Expired(waiting)
        } else {
            State::Open(waiting)
        }
    } else if !confirmed.is_empty() {
        State::Confirmed(confirmed)
    } else {
        if over.is_empty() {
            return Ok(None);
        }
        State::Expired(over)
    };
    Ok(Some(Found {
        hash,
        confirmation,
        state,
    }))
}
