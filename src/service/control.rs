//! A person holds a digest, lets it go on, takes it back, or has unanswered deliveries tried once more. Workers of every
//! process see it within a moment; [`let_go`] says when they have.

use std::time::Duration;

use super::deliver::is_stale;
use super::{Context, Error, conflict};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::digest::{Audience, PausedBy};
use crate::store;
use crate::store::audience::Turn;
pub use crate::store::digest_control::Sending;
use crate::store::digest_control::Standing;

/// Holds a digest; says whether it was not held yet.
pub async fn pause(
    context: &Context,
    digest_id: i64,
    by: PausedBy,
    reason: &str,
) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    let done = store::digest_control::pause(&mut tx, digest_id, by, reason, context.clock.now_ms())
        .await?;
    tx.commit().await?;
    if done {
        tracing::warn!(
            digest = digest_id,
            by = by.as_str(),
            reason,
            "digest paused"
        );
    }
    Ok(done)
}

/// Lets a digest go on, whoever held it; says whether it was held.
pub async fn resume(context: &Context, digest_id: i64) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    let done = store::digest_control::resume(&mut tx, digest_id, context.clock.now_ms()).await?;
    tx.commit().await?;
    Ok(done)
}

/// A relay can be used: digests that were held for want of one go on.
pub async fn relay_is_back(context: &Context) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    let resumed =
        store::digest_control::resume_after_relay(&mut tx, context.clock.now_ms()).await?;
    tx.commit().await?;
    if resumed > 0 {
        tracing::info!(
            digests = resumed,
            "a relay can be used again: digests go on"
        );
    }
    Ok(())
}

/// Takes a digest back; says whether this call did it. What is on the wire is still recorded. Who did not get it finds its
/// articles in the next; an own hour that had come has passed.
pub async fn cancel(context: &Context, digest_id: i64) -> Result<bool, Error> {
    let once = || cancel_once(context, digest_id);
    let of_list = conflict::repeated("cancellation", once).await?;
    if let Some(list_id) = of_list {
        put_down(context, digest_id, list_id).await?;
    }
    Ok(of_list.is_some())
}

/// The list of the digest, when this call took it back.
async fn cancel_once(context: &Context, digest_id: i64) -> Result<Option<i64>, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let Some(digest) = store::digest::by_id(&mut tx, digest_id).await? else {
        return Ok(None);
    };
    store::list::lock(&mut tx, digest.list_id).await?;
    let done = store::digest_control::cancel(&mut tx, digest_id, now_ms).await?;
    let has_started = store::digest_control::standing(&mut tx, digest_id).await?;
    let has_started = has_started.is_some_and(|standing| standing.started_ms.is_some());
    if done && digest.audience == Audience::Own && !has_started {
        let turn = Turn {
            list_id: digest.list_id,
            audience: digest.audience,
            from_ms: digest.until_ms,
            until_ms: digest.until_ms,
        };
        store::audience::set_next(&mut tx, &turn, digest.until_ms.max(now_ms), None).await?;
    }
    tx.commit().await?;
    Ok(done.then_some(digest.list_id))
}

/// Deliveries that are put down in one transaction: so few that a sign-up waits for it no longer than a moment.
const CHUNK: i64 = 10_000;

/// For so long others may write between two chunks of what is put down: another process that waits for SQLite looks now and then
/// whether it may.
const PAUSE: Duration = Duration::from_millis(20);

/// Puts down what the readers of a digest that was taken back are owed, unless a worker still holds some of it: then whoever ends
/// digests does so later, and so it is where this is cut short.
pub(super) async fn put_down(context: &Context, digest_id: i64, list_id: i64) -> Result<(), Error> {
    let some = || put_some_down(context, digest_id, list_id);
    while conflict::repeated("what is owed", some).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Puts down some of it; says whether there is more.
async fn put_some_down(context: &Context, digest_id: i64, list_id: i64) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    store::list::lock(&mut tx, list_id).await?;
    let owes = store::owed::owes(&mut tx, digest_id).await?;
    let Some(digest) = store::digest::by_id(&mut tx, digest_id).await? else {
        return Ok(false);
    };
    if !owes || store::digest_range::held(&mut tx, digest_id).await? > 0 {
        return Ok(false);
    }
    let before_ms = store::digest_look::seen_before(&mut tx, list_id, digest.composed_ms).await?;
    let before_ms = before_ms.unwrap_or(digest.since_ms);
    let is_the_lists = digest.audience == Audience::List;
    let more = if is_the_lists && store::owed::was_nothing(&mut tx, digest_id).await? {
        store::owed::undo(&mut tx, digest_id, list_id, before_ms).await?;
        false
    } else {
        store::owed::put_down(&mut tx, digest_id, list_id, before_ms, CHUNK).await?
    };
    tx.commit().await?;
    if !more {
        tracing::info!(
            digest = digest_id,
            "what was taken back comes with the next digest"
        );
    }
    Ok(more)
}

/// Deliveries of a digest that ended as failed or unknown are tried once more; says how many. Refused where none of them would
/// be sent: they would only lose the state that they have.
pub async fn retry(
    context: &Context,
    digest_id: i64,
    status: DeliveryStatus,
) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let standing = store::digest_control::standing(&mut tx, digest_id).await?;
    if let Some(why) = standing.and_then(|standing| never_again(context, standing, now_ms)) {
        return Err(Error::Refused(format!("digest {digest_id} {why}")));
    }
    let queued = store::digest_attempt::requeue(&mut tx, digest_id, status, now_ms).await?;
    if queued > 0 {
        store::digest_control::reopen(&mut tx, digest_id).await?;
    }
    tx.commit().await?;
    Ok(queued)
}

/// Why nothing of a digest that stands so will be sent again.
fn never_again(context: &Context, standing: Standing, now_ms: i64) -> Option<String> {
    let status = standing.status.as_str();
    if standing.pruned_ms.is_some() {
        Some("has no deliveries any more: they were deleted after [delivery] keep".to_owned())
    } else if !["sending", "sent"].contains(&status) {
        Some(format!(
            "is {status}: only deliveries of one that is sending or sent can be tried again"
        ))
    } else if standing
        .started_ms
        .is_some_and(|started_ms| is_stale(context, started_ms, now_ms))
    {
        Some("is older than [delivery] stale_after: its mails would fail unsent, until that is raised".to_owned())
    } else {
        None
    }
}

/// The digests that are being sent, held or not.
pub async fn sending(context: &Context) -> Result<Vec<Sending>, Error> {
    Ok(store::digest_control::sending(&mut context.database.read().await?).await?)
}

/// Whether no worker holds anything of a digest.
pub async fn let_go(context: &Context, digest_id: i64) -> Result<bool, Error> {
    Ok(store::digest_range::held(&mut context.database.read().await?, digest_id).await? == 0)
}
