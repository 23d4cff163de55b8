//! What a reader chose, by signed link: shown, changed, left. A change keeps the reader's window as it is, so no article is lost and
//! none comes twice; a rhythm only says when the next digest is due. Each change is one transaction; of two at the same time the
//! last one stands.

use std::sync::Arc;

use super::{Context, Error, next, unsubscribe};
use crate::domain::choices::Choices;
use crate::domain::less_often;
use crate::domain::list::List;
use crate::domain::rhythm::{Cadence, Rhythm};
use crate::domain::subscription::{ConsentMethod, SubscriptionStatus};
use crate::domain::token::{Purpose, SubscriptionToken};
use crate::store::choices::Window;
use crate::store::consent::Origin;
use crate::store::{self, Tx};

/// Whom a genuine link is for.
#[derive(Debug, Clone)]
pub struct Person {
    /// The subscriber's row.
    pub subscriber_id: i64,
    /// Where mail goes.
    pub address: String,
    /// The list that the link came with, which may have left the configuration.
    pub list_id: i64,
    /// Whether the link's own subscription went to another address.
    pub moved: bool,
    /// The confirmed subscriptions: the link's own first, then as the configuration orders the lists.
    pub subscriptions: Vec<Standing>,
}

/// A confirmed subscription as it stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its list.
    pub list: Arc<List>,
    /// Since when it is confirmed, epoch milliseconds.
    pub since_ms: i64,
    /// What its reader chose; a pause that is over is none.
    pub choices: Choices,
    /// When its next digest is due.
    pub next_ms: Option<i64>,
}

/// Which subscriber and list a preferences link names; `None`: not one of ours.
pub(super) fn who(context: &Context, token: &str) -> Option<SubscriptionToken> {
    SubscriptionToken::verify(&context.keyring, Purpose::Preferences, token)
}

/// Shows whom a link is for; changes nothing. `None`: not one of our links, or its subscriber is gone.
pub async fn look(context: &Context, token: &str) -> Result<Option<Person>, Error> {
    let Some(SubscriptionToken {
        subscriber_id,
        list_id,
    }) = who(context, token)
    else {
        return Ok(None);
    };
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.read().await?;
    let Some(subscriber) = store::subscriber::by_id(&mut tx, subscriber_id).await? else {
        return Ok(None);
    };
    let confirmed = store::subscription::confirmed_of(&mut tx, subscriber_id).await?;
    let mut subscriptions = Vec::new();
    for list in context.lists.iter() {
        let Some((_, since_ms)) = confirmed.iter().find(|(id, _)| *id == list.id) else {
            continue;
        };
        let Some((mut choices, window)) = stored(&mut tx, list.id, subscriber_id).await? else {
            continue;
        };
        choices.paused_until_ms = choices.paused_until_ms.filter(|until| *until > now_ms);
        let decided_ms = next::decided(&mut tx, list).await?;
        subscriptions.push(Standing {
            since_ms: *since_ms,
            next_ms: next(list, decided_ms, &choices, window, now_ms),
            list: Arc::clone(list),
            choices,
        });
    }
    subscriptions.sort_by_key(|standing| standing.list.id != list_id);
    let moved_ms = store::moves::ended_by(&mut tx, list_id, subscriber_id).await?;
    Ok(Some(Person {
        moved: moved_ms.is_some(),
        subscriber_id,
        address: subscriber.address,
        list_id,
        subscriptions,
    }))
}

/// Writes what a reader chose for some lists; subscriptions that are not confirmed are passed over. Says whether the link is ours.
pub async fn save(
    context: &Context,
    token: &str,
    wishes: &[(i64, Choices)],
) -> Result<bool, Error> {
    let Some(who) = who(context, token) else {
        return Ok(false);
    };
    // In the order in which every transaction takes several lists, so that none waits for another in a circle.
    let mut wishes: Vec<_> = wishes.iter().collect();
    wishes.sort_unstable_by_key(|(list_id, _)| *list_id);
    let _turn = context.turn_to_choose().await?;
    let mut tx = context.database.write().await?;
    for (list_id, choices) in wishes {
        let to = SubscriptionToken {
            list_id: *list_id,
            ..who
        };
        write(context, &mut tx, to, |_| Some(choices.clone())).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The cadences that are offered in place of leaving; `None`: the subscription is not confirmed, or its list is gone.
pub async fn offers(
    context: &Context,
    who: SubscriptionToken,
) -> Result<Option<Vec<Cadence>>, Error> {
    let mut tx = context.database.read().await?;
    let status = store::subscription::status(&mut tx, who.list_id, who.subscriber_id).await?;
    let list = context.list_by_id(who.list_id);
    let Some(list) = list.filter(|_| status == Some(SubscriptionStatus::Confirmed)) else {
        return Ok(None);
    };
    let choices = store::choices::of(&mut tx, who.list_id, who.subscriber_id).await?;
    let offers = less_often::offers(list, &choices.unwrap_or_default(), context.clock.now_ms());
    Ok(Some(offers.iter().map(Rhythm::cadence).collect()))
}

/// What is offered in place of leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// A digest less often than now.
    LessOften(Cadence),
    /// None until this time, epoch milliseconds.
    PauseUntil(i64),
}

/// Does what is offered in place of leaving; says whether the subscription is confirmed and this was on offer.
pub async fn instead(
    context: &Context,
    who: SubscriptionToken,
    wish: Instead,
) -> Result<bool, Error> {
    let Some(list) = context.list_by_id(who.list_id) else {
        return Ok(false);
    };
    let now_ms = context.clock.now_ms();
    let _turn = context.turn_to_choose().await?;
    let mut tx = context.database.write().await?;
    let written = write(context, &mut tx, who, |choices| {
        let mut choices = choices.clone();
        match wish {
            Instead::PauseUntil(until_ms) => choices.paused_until_ms = Some(until_ms),
            Instead::LessOften(cadence) => {
                let offers = less_often::offers(list, &choices, now_ms);
                choices.rhythm = Some(offers.into_iter().find(|own| own.cadence() == cadence)?);
            }
        }
        Some(choices)
    })
    .await?;
    tx.commit().await?;
    Ok(written)
}

/// Ends every subscription of the link's reader. With it come the proofs that undo it, one for each list that was confirmed.
pub async fn leave_all(
    context: &Context,
    token: &str,
    origin: &Origin,
) -> Result<Vec<(i64, String)>, Error> {
    let Some(who) = who(context, token) else {
        return Ok(Vec::new());
    };
    let now_ms = context.clock.now_ms();
    let mut proofs = Vec::new();
    let mut tx = context.database.write().await?;
    for (list_id, _) in store::subscription::of_subscriber(&mut tx, who.subscriber_id).await? {
        let subscription = SubscriptionToken { list_id, ..who };
        let how = (ConsentMethod::Form, now_ms);
        let undo = unsubscribe::leave(context, &mut tx, subscription, how, origin).await?;
        proofs.extend(undo.map(|proof| (list_id, proof)));
    }
    tx.commit().await?;
    Ok(proofs)
}

/// Takes back what [`leave_all`] ended, by its proofs, each as the page of its list does. Says whether all of it is as it was.
pub async fn undo_all(
    context: &Context,
    token: &str,
    proofs: &[(i64, &str)],
    origin: &Origin,
) -> Result<bool, Error> {
    let Some(who) = who(context, token) else {
        return Ok(false);
    };
    let mut all = !proofs.is_empty();
    for (list_id, proof) in proofs {
        let subscription = SubscriptionToken {
            list_id: *list_id,
            ..who
        };
        let link = subscription.sign(&context.keyring, Purpose::Unsubscribe);
        let found = unsubscribe::undo(context, &link, proof, origin).await?;
        all &= found.is_some_and(|(found, undone)| undone || found.confirmed());
    }
    Ok(all)
}

async fn stored(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
) -> Result<Option<(Choices, Window)>, Error> {
    let choices = store::choices::of(tx, list_id, subscriber_id).await?;
    let window = store::choices::window(tx, list_id, subscriber_id).await?;
    Ok(choices.zip(window))
}

/// Writes the choices of a confirmed subscription, and when its next digest is due. Says whether it is confirmed and a choice was made.
async fn write(
    context: &Context,
    tx: &mut Tx,
    who: SubscriptionToken,
    choose: impl FnOnce(&Choices) -> Option<Choices>,
) -> Result<bool, Error> {
    let (list_id, subscriber_id) = (who.list_id, who.subscriber_id);
    if !store::choices::hold(tx, list_id, subscriber_id).await? {
        return Ok(false);
    }
    let Some((old, window)) = stored(tx, list_id, subscriber_id).await? else {
        return Ok(false);
    };
    let Some(new) = choose(&old) else {
        return Ok(false);
    };
    let window = window_after(&old, &new, window, context.clock.now_ms());
    Ok(store::choices::set(tx, list_id, subscriber_id, &new, window).await?)
}

/// A window after a change: what was looked at stays as it is, the hour is the new rhythm's next.
fn window_after(old: &Choices, new: &Choices, window: Window, now_ms: i64) -> Window {
    if new.rhythm == old.rhythm {
        return window;
    }
    let rhythm = new.rhythm.as_ref();
    Window {
        next_ms: rhythm.and_then(|rhythm| rhythm.next_after(now_ms)),
        ..window
    }
}

/// When the next digest is due for these choices. Readers are not told of one that is late.
fn next(
    list: &List,
    decided_ms: Option<i64>,
    choices: &Choices,
    window: Window,
    now_ms: i64,
) -> Option<i64> {
    let from_ms = choices.paused_until_ms.unwrap_or(now_ms).max(now_ms);
    match &choices.rhythm {
        Some(rhythm) => window
            .next_ms
            .filter(|next| *next >= from_ms)
            .or_else(|| rhythm.next_after(from_ms - 1)),
        None => next::to_come(list, decided_ms, from_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_424_400_000; // Monday 2026-11-23 09:00 UTC
    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn own(cadence: Cadence, day: i64) -> Choices {
        Choices {
            rhythm: Some(Rhythm::new(cadence, day, 9, "UTC").expect("a rhythm that exists")),
            ..Choices::default()
        }
    }

    fn window(next_ms: Option<i64>, since_ms: Option<i64>) -> Window {
        Window { next_ms, since_ms }
    }

    #[test]
    fn a_change_keeps_what_was_looked_at_and_moves_the_hour() {
        let (list, daily, weekly) = (
            Choices::default(),
            own(Cadence::Daily, 0),
            own(Cadence::Weekly, 3),
        );
        let (tomorrow, wednesday) = (Some(NOW + DAY), Some(NOW + 2 * DAY));
        for since_ms in [None, Some(17)] {
            let after = |old, new, next_ms| window_after(old, new, window(next_ms, since_ms), NOW);
            assert_eq!(after(&list, &daily, None), window(tomorrow, since_ms));
            assert_eq!(
                after(&daily, &weekly, tomorrow),
                window(wednesday, since_ms)
            );
            assert_eq!(after(&daily, &list, tomorrow), window(None, since_ms));
            let other = Choices {
                sections: Some(vec!["news".into()]),
                language: Some("en".into()),
                paused_until_ms: tomorrow,
                ..daily.clone()
            };
            assert_eq!(after(&daily, &other, Some(5)), window(Some(5), since_ms));
        }
    }

    #[test]
    fn the_next_digest_waits_for_the_end_of_a_pause() {
        let list = crate::domain::list::testing::list("0 9 * * 1", "UTC");
        let mut choices = Choices::default();
        let at =
            |choices: &Choices, next_ms| next(&list, None, choices, window(next_ms, None), NOW);
        assert_eq!(at(&choices, None), Some(NOW));
        choices.paused_until_ms = Some(NOW + 8 * DAY);
        assert_eq!(at(&choices, None), Some(NOW + 14 * DAY));
        let mut choices = own(Cadence::Daily, 0);
        assert_eq!(at(&choices, Some(NOW + DAY)), Some(NOW + DAY));
        choices.paused_until_ms = Some(NOW + 8 * DAY + 1);
        assert_eq!(at(&choices, Some(NOW + DAY)), Some(NOW + 9 * DAY));
    }
}
