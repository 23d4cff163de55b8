//! Finished deliveries are kept one by one for a time (`[delivery] keep`), and as counts for ever; variants of digests, and turns
//! of own hours that had no digest, for the same time. Of the consent ledger, IP
//! addresses and user agents go when their time is over (`[privacy]`); used-up limits, spent proofs of work and
//! answers of the API go by themselves.

use super::chunks::in_chunks;
use super::{Context, Error};
use crate::store;
use crate::store::retention::Place;

/// How many rows go in one transaction: others wait for it.
const CHUNK: i64 = 20_000;
/// How many sign-ups are looked at in one statement.
const PAGE: i64 = 1_000;

/// Deletes what is older than the retention time, a chunk at a time; says how many rows went.
pub async fn prune(context: &Context) -> Result<u64, Error> {
    Ok(deliveries(context).await? + traces(context).await?)
}

async fn traces(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let rules = context.privacy;
    let before_ms = now_ms - rules.ip_retention.as_millis() as i64;
    let pending_before_ms = now_ms - rules.pending_ip_retention.as_millis() as i64;
    Ok(in_chunks(|| old_traces(context, before_ms, now_ms)).await?
        + pending_traces(context, pending_before_ms).await?
        + in_chunks(|| traces_of_moves(context, pending_before_ms)).await?)
}

async fn old_traces(context: &Context, before_ms: i64, now_ms: i64) -> Result<u64, Error> {
    let mut tx = context.database.write().await?;
    let rows = store::retention::traces(&mut tx, before_ms, CHUNK).await?
        + store::retention::spent(&mut tx, now_ms, CHUNK).await?
        + store::api_answer::prune(&mut tx, now_ms, CHUNK).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Walks over the sign-ups that nobody confirmed. Most have lost their traces already, so it only reads until it finds some.
async fn pending_traces(context: &Context, before_ms: i64) -> Result<u64, Error> {
    let (mut gone, mut after) = (0, Place::START);
    loop {
        let mut tx = context.database.read().await?;
        let Some(to) = store::retention::page_end(&mut tx, after, PAGE).await? else {
            return Ok(gone);
        };
        let consents = store::retention::pending_traces(&mut tx, before_ms, after, to).await?;
        drop(tx);
        gone += clear(context, &consents).await?;
        after = to;
    }
}

async fn traces_of_moves(context: &Context, before_ms: i64) -> Result<u64, Error> {
    let mut tx = context.database.read().await?;
    let consents = store::retention::traces_of_moves(&mut tx, before_ms, PAGE).await?;
    drop(tx);
    clear(context, &consents).await
}

async fn clear(context: &Context, consents: &[i64]) -> Result<u64, Error> {
    if consents.is_empty() {
        return Ok(0);
    }
    let mut tx = context.database.write().await?;
    let rows = store::retention::clear(&mut tx, consents).await?;
    tx.commit().await?;
    Ok(rows)
}

async fn deliveries(context: &Context) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let before_ms = now_ms - context.delivery.keep.as_millis() as i64;
    loop {
        let mut tx = context.database.write().await?;
        let Some(digest_id) = store::digest_control::prunable(&mut tx, before_ms).await? else {
            break;
        };
        let counts = store::digest_delivery::counts(&mut tx, digest_id).await?;
        store::digest_control::keep_counts(&mut tx, digest_id, counts, now_ms).await?;
        tx.commit().await?;
    }
    in_chunks(|| old_deliveries(context, before_ms)).await
}

async fn old_deliveries(context: &Context, before_ms: i64) -> Result<u64, Error> {
    let mut tx = context.database.write().await?;
    let rows = store::digest_control::prune(&mut tx, CHUNK).await?
        + store::digest_control::prune_skipped(&mut tx, before_ms, CHUNK).await?
        + store::delivery::prune(&mut tx, before_ms, CHUNK).await?
        + store::editor_mail::prune(&mut tx, before_ms, CHUNK).await?;
    tx.commit().await?;
    Ok(rows)
}
