//! Sign-ups that nobody confirmed are deleted on schedule (D12, `[confirmation] purge_after`).

use super::{Context, Error};
use crate::store;

/// How many sign-ups go in one transaction: others wait for it.
const CHUNK: i64 = 100;

/// Deletes what has waited too long for its confirmation, a chunk at a time; says how many sign-ups went.
pub async fn purge(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let until_ms = now_ms - context.confirmation.purge_after.as_millis() as i64;
    let mut gone = 0;
    loop {
        let mut tx = context.database.write().await?;
        // A sign-up locks the same rows in another order.
        store::sign_up::take_turn(&mut tx).await?;
        let old = store::pending::older_than(&mut tx, until_ms, CHUNK).await?;
        for pending in &old {
            store::pending::forget(&mut tx, *pending, now_ms).await?;
        }
        tx.commit().await?;
        if old.is_empty() {
            break;
        }
        gone += old.len() as u64;
    }
    if gone > 0 {
        tracing::info!(
            sign_ups = gone,
            "sign-ups that nobody confirmed were deleted"
        );
    }
    Ok(gone)
}
