//! Finished deliveries are kept one by one for a time (`[delivery] keep`), and as counts for ever; variants of digests, and turns
//! of own hours that had no digest, for the same time. Of the consent ledger, IP
//! addresses and user agents go when their time is over (`[privacy]`); used-up limits and spent proofs of work go by themselves.

use super::{Context, Error};
use crate::store;

/// How many rows go in one transaction: others wait for it.
const CHUNK: i64 = 20_000;

/// Deletes what is older than the retention time, a chunk at a time; says how many rows went.
pub async fn prune(context: &Context) -> Result<u64, Error> {
    Ok(deliveries(context).await? + traces(context).await?)
}

async fn traces(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let rules = context.privacy;
    let before_ms = now_ms - rules.ip_retention.as_millis() as i64;
    let pending_before_ms = now_ms - rules.pending_ip_retention.as_millis() as i64;
    let mut gone = 0;
    loop {
        let mut tx = context.database.write().await?;
        let chunk = store::retention::traces(&mut tx, before_ms, CHUNK).await?
            + store::retention::pending_traces(&mut tx, pending_before_ms, CHUNK).await?
            + store::retention::spent(&mut tx, now_ms, CHUNK).await?;
        tx.commit().await?;
        if chunk == 0 {
            return Ok(gone);
        }
        gone += chunk;
    }
}

async fn deliveries(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let before_ms = now_ms - context.delivery.keep.as_millis() as i64;
    let mut gone = 0;
    loop {
        let mut tx = context.database.write().await?;
        if let Some(digest_id) = store::digest_control::prunable(&mut tx, before_ms).await? {
            let counts = store::digest_delivery::counts(&mut tx, digest_id).await?;
            store::digest_control::keep_counts(&mut tx, digest_id, counts, now_ms).await?;
            tx.commit().await?;
            continue;
        }
        let chunk = store::digest_control::prune(&mut tx, CHUNK).await?
            + store::digest_control::prune_skipped(&mut tx, before_ms, CHUNK).await?
            + store::delivery::prune(&mut tx, before_ms, CHUNK).await?;
        tx.commit().await?;
        if chunk == 0 {
            return Ok(gone);
        }
        gone += chunk;
    }
}
