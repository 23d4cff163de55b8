//! ready → sending → sent: the recipients of a digest are frozen once, in the transaction that starts it (promise 3), and each
//! reader's window goes on with it.

use std::sync::Arc;

use super::variants::{Made, Windows, make, one_period_ms, turn};
use super::{Context, Error, conflict, control};
use crate::domain::digest::{DigestStatus, LeftOut};
use crate::domain::list::List;
use crate::store::article::Window;
use crate::store::audience::{Frozen, Turn};
use crate::store::digest::Digest;
use crate::store::digest_handover::LeftBehind;
use crate::store::{self, Tx};

/// Starts every digest that is ready; returns each with how many recipients it got. Of many processes that call this at
/// once, one starts each digest.
pub async fn publish(context: &Context) -> Result<Vec<(i64, u64)>, Error> {
    let mut tx = context.database.read().await?;
    let ready = store::digest::in_status(&mut tx, DigestStatus::Ready).await?;
    let in_use = store::list::in_use(&mut tx).await?;
    drop(tx);
    let mut started = Vec::new();
    for digest in ready {
        let list = context.list_by_id(digest.list_id);
        if list.is_none() && in_use.contains(&digest.list_id) {
            // Its sections are known to a process with another configuration.
            continue;
        }
        match start(context, list.map(Arc::as_ref), &digest).await {
            Ok(Some(recipients)) => started.push((digest.id, recipients)),
            Ok(None) => {}
            Err(error) if error.is_temporary() => return Err(error),
            // One digest's trouble must not keep the others from their readers.
            Err(error) => {
                tracing::error!(digest = digest.id, %error, "the digest could not be started; it is tried again");
            }
        }
    }
    Ok(started)
}

/// Freezes one digest that is ready; its recipients, or none when another process was first.
async fn start(
    context: &Context,
    list: Option<&List>,
    digest: &Digest,
) -> Result<Option<u64>, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    store::list::lock(&mut tx, digest.list_id).await?;
    if !store::digest_control::start(&mut tx, digest.id, now_ms).await? {
        return Ok(None);
    }
    let (recipients, left_out) = if let Some(list) = list {
        freeze(context, &mut tx, list, digest, now_ms).await?
    } else {
        // The list was removed: what is frozen is cancelled when it is leased.
        let turn = Turn {
            list_id: digest.list_id,
            audience: digest.audience,
            from_ms: digest.until_ms,
            until_ms: digest.until_ms,
        };
        let frozen = store::digest_delivery::freeze(&mut tx, digest.id, &turn, &[]);
        (frozen.await?, LeftOut::default())
    };
    tx.commit().await?;
    let LeftOut {
        paused,
        late,
        nothing_new,
    } = left_out;
    tracing::info!(
        digest = digest.id,
        audience = digest.audience.as_str(),
        recipients,
        paused,
        late,
        nothing_new,
        "digest started"
    );
    Ok(Some(recipients))
}

async fn freeze(
    context: &Context,
    tx: &mut Tx,
    list: &List,
    digest: &Digest,
    now_ms: i64,
) -> Result<(u64, LeftOut), Error> {
    let turn = turn(list, digest.audience, digest.until_ms);
    let before_ms = store::digest_look::seen(tx, list.id, digest.id).await?;
    let before_ms = before_ms.unwrap_or(digest.since_ms);
    let windows = Windows {
        list: Window {
            oldest_ms: digest.since_ms,
            seen_ms: before_ms,
            owed: Vec::new(),
        },
        one_period_ms: one_period_ms(list, digest.period_ms),
    };
    let Made {
        placed,
        empty,
        nothing_new,
        others,
    } = make(context, tx, list, digest, &turn, &windows).await?;
    let recipients = store::digest_delivery::freeze(tx, digest.id, &turn, &placed).await?;
    let left_out = LeftOut {
        nothing_new,
        ..store::audience::left_out(tx, &turn).await?
    };
    let frozen = Frozen {
        digest_id: digest.id,
        looked_ms: digest.composed_ms,
        before_ms,
    };
    store::audience::go_on(tx, &turn, frozen, &empty).await?;
    let got = others.then_some(digest.id);
    store::audience::set_next(tx, &turn, digest.until_ms.max(now_ms), got).await?;
    store::digest::set_left_out(tx, digest.id, left_out).await?;
    Ok((recipients, left_out))
}

/// Ends every digest whose deliveries have all ended, and puts down what readers are owed of digests that were taken back. What did
/// not reach an address that its reader moved away from goes to the new one first. One digest's trouble is told, and keeps the others
/// from nothing; only while the database is away there is no going on.
pub async fn finish(context: &Context) -> Result<(), Error> {
    let mut tx = context.database.read().await?;
    let owing = store::owed::digests(&mut tx).await?;
    drop(tx);
    for (digest_id, list_id) in owing {
        let done = control::put_down(context, digest_id, list_id).await;
        told(
            done,
            digest_id,
            "what is owed of the digest could not be put down; it is tried again",
        )?;
    }
    let mut tx = context.database.read().await?;
    let left_behind = store::digest_handover::left_behind(&mut tx, None).await?;
    drop(tx);
    let mut out_of_reach = Vec::new();
    for left in left_behind {
        let once = || hand_over(context, left);
        let done = conflict::repeated("hand-over", once).await;
        if matches!(done, Ok(false)) {
            let digest = left.digest_id;
            tracing::warn!(digest, "the digest cannot follow one who moved");
            out_of_reach.push(left);
        }
        told(
            done.map(drop),
            left.digest_id,
            "the digest could not follow who moved; it is tried again",
        )?;
    }
    let mut tx = context.database.read().await?;
    let sending = store::digest_control::sending(&mut tx).await?;
    drop(tx);
    for digest in sending {
        let once = || end(context, digest.id, &out_of_reach);
        let done = conflict::repeated("end of a digest", once).await;
        told(
            done,
            digest.id,
            "the digest could not be ended; it is tried again",
        )?;
    }
    Ok(())
}

/// One digest's trouble must not keep the others from their readers.
fn told(done: Result<(), Error>, digest: i64, what: &str) -> Result<(), Error> {
    match done {
        Err(error) if !error.is_temporary() => {
            tracing::error!(digest, %error, "{what}");
            Ok(())
        }
        done => done,
    }
}

/// What is left behind goes where its reader is. False: nothing can.
async fn hand_over(context: &Context, left: LeftBehind) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    store::list::lock(&mut tx, left.list_id).await?;
    // Another process may have done it, or the reader gone on, until the list was locked.
    let still = store::digest_handover::left_behind(&mut tx, Some(left.digest_id)).await?;
    if !still.contains(&left) {
        return Ok(true);
    }
    let (
        now_ms,
        LeftBehind {
            list_id,
            from_id,
            to_id,
            ..
        },
    ) = (context.clock.now_ms(), left);
    let handed =
        store::digest_handover::hand_over(&mut tx, list_id, from_id, to_id, now_ms).await?;
    tx.commit().await?;
    context.wake_digests.notify_one();
    Ok(handed > 0)
}

async fn end(context: &Context, digest_id: i64, out_of_reach: &[LeftBehind]) -> Result<(), Error> {
    // Most times it goes on, and nobody has to wait for the answer.
    let mut tx = context.database.read().await?;
    let is_over = store::digest_control::is_over(&mut tx, digest_id).await?;
    drop(tx);
    if !is_over {
        return Ok(());
    }
    let mut tx = context.database.write().await?;
    let now_ms = context.clock.now_ms();
    let finished = store::digest_control::finish(&mut tx, digest_id, out_of_reach, now_ms).await?;
    tx.commit().await?;
    if finished {
        tracing::info!(digest = digest_id, "digest sent");
    }
    Ok(())
}
