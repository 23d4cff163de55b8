//! Tables `workers` and `leaders`: the processes that hold leases, and what only one of them does at a time. A worker says
//! "I am here" while it works; the leases of one that is gone go back to the queue.

use super::engine::on;
use super::{Error, Tx};

/// Says that a worker is alive; false: it was not known, because it is new or was given up.
pub async fn seen(tx: &mut Tx, worker_id: i64, now_ms: i64) -> Result<bool, Error> {
    const UPDATE: &str = "UPDATE workers SET seen_ms = $2 WHERE id = $1";
    const INSERT: &str = "INSERT INTO workers (id, seen_ms) VALUES ($1, $2)";
    let known = on!(&mut *tx, conn => sqlx::query(UPDATE).bind(worker_id).bind(now_ms).execute(conn).await?.rows_affected())
        == 1;
    if !known {
        on!(tx, conn => sqlx::query(INSERT).bind(worker_id).bind(now_ms).execute(conn).await.map(drop)?);
    }
    Ok(known)
}

/// The other workers, and when each was seen by its own clock.
pub async fn others(tx: &mut Tx, worker_id: i64) -> Result<Vec<(i64, i64)>, Error> {
    const SQL: &str = "SELECT id, seen_ms FROM workers WHERE id <> $1 ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(worker_id).fetch_all(conn).await?))
}

/// A worker that has not said anything since `seen_ms` is no more; says whether that was so.
pub async fn bury(tx: &mut Tx, worker_id: i64, seen_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "DELETE FROM workers WHERE id = $1 AND seen_ms = $2";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(worker_id).bind(seen_ms).execute(conn).await?.rows_affected())
            == 1,
    )
}

/// Takes the leases of workers that are no more; says how many there were: ranges and single deliveries.
pub async fn reclaim(tx: &mut Tx) -> Result<u64, Error> {
    const SQL: [&str; 4] = [
        "UPDATE digest_ranges SET worker_id = NULL WHERE worker_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = digest_ranges.worker_id)",
        "UPDATE digest_attempts SET worker_id = NULL WHERE worker_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = digest_attempts.worker_id)",
        "UPDATE deliveries SET worker_id = NULL WHERE status = 'queued' AND worker_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = deliveries.worker_id)",
        "UPDATE editor_mails SET worker_id = NULL WHERE status = 'queued' AND worker_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = editor_mails.worker_id)",
    ];
    let mut freed = 0;
    for sql in SQL {
        freed += on!(&mut *tx, conn => sqlx::query(sql).execute(conn).await?.rows_affected());
    }
    Ok(freed)
}

/// What a worker holds goes back to the queue; says how many leases that were.
pub async fn free(tx: &mut Tx, worker_id: i64) -> Result<u64, Error> {
    const SQL: [&str; 4] = [
        "UPDATE digest_ranges SET worker_id = NULL WHERE worker_id = $1",
        "UPDATE digest_attempts SET worker_id = NULL WHERE worker_id = $1",
        "UPDATE deliveries SET worker_id = NULL WHERE status = 'queued' AND worker_id = $1",
        "UPDATE editor_mails SET worker_id = NULL WHERE status = 'queued' AND worker_id = $1",
    ];
    let mut freed = 0;
    for sql in SQL {
        freed += on!(&mut *tx, conn => sqlx::query(sql).bind(worker_id).execute(conn).await?.rows_affected());
    }
    Ok(freed)
}

/// A worker is no more.
pub async fn forget(tx: &mut Tx, worker_id: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM workers WHERE id = $1";
    on!(tx, conn => sqlx::query(SQL).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// All workers, in an order that each of them sees.
pub async fn all(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const SQL: &str = "SELECT id FROM workers ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).fetch_all(conn).await?))
}

/// Whether this worker leads in a role: it does already, or nobody who is alive does.
pub async fn lead(tx: &mut Tx, role: &str, worker_id: i64) -> Result<bool, Error> {
    const SQL: &str = "INSERT INTO leaders (role, worker_id) VALUES ($1, $2)
        ON CONFLICT (role) DO UPDATE SET worker_id = excluded.worker_id
        WHERE leaders.worker_id = excluded.worker_id OR NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = leaders.worker_id)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(role).bind(worker_id).execute(conn).await?.rows_affected())
            == 1,
    )
}
