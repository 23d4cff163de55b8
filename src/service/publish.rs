//! ready → sending → sent: the recipients of a digest are frozen once, in the transaction that starts it (promise 3).

use super::{Context, Error};
use crate::domain::digest::DigestStatus;
use crate::store;

/// Starts every digest that is ready; returns each with how many recipients it got. Of many processes that call this at
/// once, one starts each digest.
pub async fn publish(context: &Context) -> Result<Vec<(i64, u64)>, Error> {
    let ready =
        store::digest::in_status(&mut context.database.read().await?, DigestStatus::Ready).await?;
    let mut started = Vec::new();
    for digest in ready {
        let now_ms = context.clock.now_ms();
        let mut tx = context.database.write().await?;
        if store::digest_control::start(&mut tx, digest.id, now_ms).await? {
            let recipients =
                store::digest_delivery::freeze(&mut tx, digest.id, digest.list_id).await?;
            tx.commit().await?;
            tracing::info!(digest = digest.id, recipients, "digest started");
            started.push((digest.id, recipients));
        }
    }
    Ok(started)
}

/// Ends every digest whose deliveries have all ended.
pub async fn finish(context: &Context) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    let finished = store::digest_control::finish(&mut tx, context.clock.now_ms()).await?;
    tx.commit().await?;
    if finished > 0 {
        tracing::info!(digests = finished, "digest sent");
    }
    Ok(())
}
