//! Sign-ups and changes of address that nobody confirmed are deleted on schedule (D12, `[confirmation] purge_after`).

use super::chunks::in_chunks;
use super::{Context, Error};
use crate::store;

/// How many go in one transaction: others wait for it.
const CHUNK: i64 = 100;

/// Deletes what has waited too long for its confirmation; says how many sign-ups and changes of address went.
pub async fn purge(context: &Context) -> Result<u64, Error> {
    let until_ms = context.clock.now_ms() - context.confirmation.purge_after.as_millis() as i64;
    let sign_ups = in_chunks(|| sign_ups(context, until_ms)).await?;
    let moves = in_chunks(|| moves(context, until_ms)).await?;
    if sign_ups + moves > 0 {
        tracing::info!(sign_ups, moves, "what nobody confirmed was deleted");
    }
    Ok(sign_ups + moves)
}

async fn sign_ups(context: &Context, until_ms: i64) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    // A sign-up locks the same rows in another order.
    store::sign_up::take_turn(&mut tx).await?;
    let old = store::pending::older_than(&mut tx, until_ms, CHUNK).await?;
    for pending in &old {
        store::pending::forget(&mut tx, *pending, now_ms).await?;
    }
    tx.commit().await?;
    Ok(old.len() as u64)
}

async fn moves(context: &Context, until_ms: i64) -> Result<u64, Error> {
    let mut tx = context.database.write().await?;
    // A change that is just being asked for again locks the same rows in another order.
    store::sign_up::take_turn(&mut tx).await?;
    let old = store::moves::older_than(&mut tx, until_ms, CHUNK).await?;
    for waiting in &old {
        store::moves::forget(&mut tx, *waiting).await?;
    }
    tx.commit().await?;
    Ok(old.len() as u64)
}
