//! Table `workers`: the processes that hold leases. A worker says "I am here" while it works; the leases of one that has
//! not been seen for a while go back to the queue.

use super::engine::on;
use super::{Error, Tx};

/// Says that a worker is alive.
pub async fn seen(tx: &mut Tx, worker_id: i64, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO workers (id, seen_ms) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms";
    on!(tx, conn => sqlx::query(SQL).bind(worker_id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Takes the leases of every worker not seen since `before_ms`; says how many deliveries are free again.
pub async fn reclaim(tx: &mut Tx, before_ms: i64) -> Result<u64, Error> {
    const FORGET: &str = "DELETE FROM workers WHERE seen_ms < $1";
    const FREE: &str =
        "UPDATE deliveries SET worker_id = NULL WHERE status = 'queued' AND worker_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = deliveries.worker_id)";
    on!(&mut *tx, conn => sqlx::query(FORGET).bind(before_ms).execute(conn).await.map(drop)?);
    Ok(on!(tx, conn => sqlx::query(FREE).execute(conn).await?.rows_affected()))
}

/// What a worker holds goes back to the queue; says how much.
pub async fn free(tx: &mut Tx, worker_id: i64) -> Result<u64, Error> {
    const SQL: &str =
        "UPDATE deliveries SET worker_id = NULL WHERE status = 'queued' AND worker_id = $1";
    Ok(on!(tx, conn => sqlx::query(SQL).bind(worker_id).execute(conn).await?.rows_affected()))
}

/// A worker is no more.
pub async fn forget(tx: &mut Tx, worker_id: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM workers WHERE id = $1";
    on!(tx, conn => sqlx::query(SQL).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}
