//! A worker's claim on its leases: it says that it is here, takes over what the dead left, and leaves in good order.
//!
//! Who is dead is not told by comparing clocks, which may jump or differ between hosts: a worker is given up only when this
//! process has itself watched it say nothing for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::{Context, Error};
use crate::domain::token;
use crate::store::{self, Tx};

/// What a worker learns when it says that it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// Whether its claim still stood; if not, all that it held is another's by now. It never stood at a worker's first word.
    pub stood: bool,
    /// How many others are silent and are not given up yet.
    pub suspects: usize,
}

/// A worker's place among those that keep a cap together, counted from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crew {
    place: usize,
    workers: usize,
}

impl Crew {
    /// This worker's share of a cap: all shares together are the cap. It may be 0.
    pub fn share(self, cap: usize) -> usize {
        let workers = self.workers.max(1);
        cap / workers + usize::from(self.place < cap % workers)
    }
}

/// One worker's identity while it runs.
#[derive(Debug)]
pub struct WorkerLease {
    /// Random: no two workers share it.
    pub id: i64,
    /// The other workers: when each last spoke by its own clock, and since when we have seen it at that.
    watched: Mutex<HashMap<i64, (i64, Instant)>>,
}

impl Default for WorkerLease {
    fn default() -> Self {
        Self {
            id: token::random_i64(),
            watched: Mutex::default(),
        }
    }
}

impl WorkerLease {
    /// Says that the worker is alive, and takes over from those that are not; to be called four times within `lease_ttl`.
    pub async fn renew(&self, context: &Context) -> Result<Renewal, Error> {
        let mut tx = context.database.write().await?;
        let stood = store::worker::seen(&mut tx, self.id, context.clock.now_ms()).await?;
        let suspects = self.take_over(context, tx).await?;
        Ok(Renewal { stood, suspects })
    }

    /// Takes over from workers that are not alive, for one who is none but waits for what they hold; to be called eight times
    /// within `lease_ttl`.
    pub async fn watch(&self, context: &Context) -> Result<(), Error> {
        let tx = context.database.write().await?;
        self.take_over(context, tx).await.map(drop)
    }

    /// Gives up the silent, and commits; how many others may have to be.
    async fn take_over(&self, context: &Context, mut tx: Tx) -> Result<usize, Error> {
        let others = store::worker::others(&mut tx, self.id).await?;
        let (silent, suspects) = self.silent(context, &others, context.clock.now_ms());
        for (id, seen_ms) in &silent {
            store::worker::bury(&mut tx, *id, *seen_ms).await?;
        }
        let freed = store::worker::reclaim(&mut tx).await?;
        tx.commit().await?;
        if freed > 0 {
            tracing::warn!(
                leases = freed,
                "took over what a worker that is gone had held"
            );
            context.wake_digests.notify_one();
        }
        Ok(suspects)
    }

    /// Those to be given up, and how many others may have to be.
    ///
    /// A worker speaks every quarter of `lease_ttl`, and begins nothing more half of it after its last word. One whose last word
    /// is older than all of it by the clocks is given up after three quarters without another; one that the clocks call recent,
    /// after all of it.
    fn silent(
        &self,
        context: &Context,
        others: &[(i64, i64)],
        now_ms: i64,
    ) -> (Vec<(i64, i64)>, usize) {
        let ttl = context.delivery.lease_ttl;
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|id, _| others.iter().any(|(other, _)| other == id));
        let mut silent = Vec::new();
        let mut suspects = 0;
        for (id, seen_ms) in others {
            let seen = watched
                .entry(*id)
                .or_insert_with(|| (*seen_ms, Instant::now()));
            if seen.0 != *seen_ms {
                *seen = (*seen_ms, Instant::now());
            }
            let old = now_ms - seen_ms > ttl.as_millis() as i64;
            let patience = if old { ttl * 3 / 4 } else { ttl };
            if seen.1.elapsed() >= patience {
                silent.push((*id, *seen_ms));
            } else if old {
                suspects += 1;
            }
        }
        (silent, suspects)
    }

    /// This worker's place among all.
    pub async fn crew(&self, context: &Context) -> Result<Crew, Error> {
        let workers = store::worker::all(&mut context.database.read().await?).await?;
        let place = workers.iter().position(|id| *id == self.id);
        Ok(Crew {
            place: place.unwrap_or(workers.len()),
            workers: workers.len(),
        })
    }

    /// Whether this worker leads in a role, of all workers on this database.
    pub async fn leads(&self, context: &Context, role: &str) -> Result<bool, Error> {
        let mut tx = context.database.write().await?;
        let leads = store::worker::lead(&mut tx, role, self.id).await?;
        tx.commit().await?;
        Ok(leads)
    }

    /// Gives back what is held and goes on working: for when it is not certain what is held.
    pub async fn free(&self, context: &Context) -> Result<u64, Error> {
        let mut tx = context.database.write().await?;
        let freed = store::worker::free(&mut tx, self.id).await?;
        tx.commit().await?;
        Ok(freed)
    }

    /// Gives back what is still held and takes its leave; says how much.
    pub async fn leave(&self, context: &Context) -> Result<u64, Error> {
        let mut tx = context.database.write().await?;
        let freed = store::worker::free(&mut tx, self.id).await?;
        store::worker::forget(&mut tx, self.id).await?;
        tx.commit().await?;
        Ok(freed)
    }
}
