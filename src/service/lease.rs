//! A worker's claim on its leases: it says that it is here, takes over what the dead left, and leaves in good order.

use super::{Context, Error};
use crate::domain::token;
use crate::store;

/// One worker's identity while it runs.
#[derive(Debug, Clone, Copy)]
pub struct WorkerLease {
    /// Random: no two workers share it.
    pub id: i64,
}

impl WorkerLease {
    /// Announces a new worker and takes over what dead ones held.
    pub async fn announce(context: &Context) -> Result<Self, Error> {
        let lease = Self {
            id: token::random_i64(),
        };
        lease.renew(context).await?;
        Ok(lease)
    }

    /// Says that the worker is alive; to be called well within `lease_ttl`.
    pub async fn renew(self, context: &Context) -> Result<(), Error> {
        let now_ms = context.clock.now_ms();
        let silent_ms = now_ms - context.delivery.lease_ttl.as_millis() as i64;
        let mut tx = context.database.write().await?;
        store::worker::seen(&mut tx, self.id, now_ms).await?;
        let freed = store::worker::reclaim(&mut tx, silent_ms).await?;
        tx.commit().await?;
        if freed > 0 {
            tracing::warn!(
                deliveries = freed,
                "took over deliveries of a worker that is gone"
            );
            context.wake.notify_one();
        }
        Ok(())
    }

    /// Gives back what is held and goes on working: for when it is not certain what is held.
    pub async fn free(self, context: &Context) -> Result<u64, Error> {
        let mut tx = context.database.write().await?;
        let freed = store::worker::free(&mut tx, self.id).await?;
        tx.commit().await?;
        Ok(freed)
    }

    /// Gives back what is still held and takes its leave; says how much.
    pub async fn leave(self, context: &Context) -> Result<u64, Error> {
        let mut tx = context.database.write().await?;
        let freed = store::worker::free(&mut tx, self.id).await?;
        store::worker::forget(&mut tx, self.id).await?;
        tx.commit().await?;
        Ok(freed)
    }
}
