//! Finished deliveries are kept one by one for a time (`[delivery] keep`), and as counts for ever.

use super::{Context, Error};
use crate::store;

/// How many rows go in one transaction: others wait for it.
const CHUNK: i64 = 20_000;

/// Deletes what is older than the retention time, a chunk at a time; says how many rows went.
pub async fn prune(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let before_ms = now_ms - context.delivery.keep.as_millis() as i64;
    let mut gone = 0;
    let mut tx = context.database.write().await?;
    store::throttle::prune(&mut tx, now_ms).await?;
    tx.commit().await?;
    loop {
        let mut tx = context.database.write().await?;
        if let Some(digest_id) = store::digest_control::prunable(&mut tx, before_ms).await? {
            let counts = store::digest_delivery::counts(&mut tx, digest_id).await?;
            store::digest_control::keep_counts(&mut tx, digest_id, counts, now_ms).await?;
            tx.commit().await?;
            continue;
        }
        let chunk = store::digest_control::prune(&mut tx, CHUNK).await?
            + store::delivery::prune(&mut tx, before_ms, CHUNK).await?;
        tx.commit().await?;
        if chunk == 0 {
            return Ok(gone);
        }
        gone += chunk;
    }
}
