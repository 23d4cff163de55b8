//! ready → sending → sent: the recipients of a digest are frozen once, in the transaction that starts it (promise 3), and each
//! reader's window goes on with it.

use std::sync::Arc;

use super::variants::{Made, Windows, make, one_period_ms, turn};
use super::{Context, Error, control};
use crate::domain::digest::{DigestStatus, LeftOut};
use crate::domain::list::List;
use crate::store::article::Window;
use crate::store::audience::{Frozen, Turn};
use crate::store::digest::Digest;
use crate::store::digest_attempt::LeftBehind;
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
/// not reach an address that its reader moved away from goes to the new one first.
pub async fn finish(context: &Context) -> Result<(), Error> {
    let owing = store::owed::digests(&mut context.database.read().await?).await?;
    for (digest_id, list_id) in owing {
        control::put_down(context, digest_id, list_id).await?;
    }
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let mut handed = 0;
    for LeftBehind {
        list_id,
        from_id,
        to_id,
    } in store::digest_attempt::left_behind(&mut tx).await?
    {
        store::list::lock(&mut tx, list_id).await?;
        handed +=
            store::digest_attempt::hand_over(&mut tx, list_id, from_id, to_id, now_ms).await?;
    }
    let finished = store::digest_control::finish(&mut tx, now_ms).await?;
    tx.commit().await?;
    if handed > 0 {
        context.wake_digests.notify_one();
    }
    if finished > 0 {
        tracing::info!(digests = finished, "digest sent");
    }
    Ok(())
}
