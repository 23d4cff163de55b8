//! Table `editor_mails`: mails to editors, who need not be subscribers. Queueing, leasing, recording, as for `deliveries`.

use super::delivery::Record;
use super::engine::{Dialect, array, on};
use super::{Error, Tx};
use crate::domain::address::EmailAddress;

/// What is mailed to an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditorMail {
    /// A draft is open.
    Draft,
    /// What readers would get.
    Test,
    /// Something that somebody has to look at.
    Alert,
}

impl EditorMail {
    fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Test => "test",
            Self::Alert => "alert",
        }
    }
}

/// Queues a mail to an editor, due at once; `period_ms` is its draft's, or 0. `content` is JSON.
pub async fn enqueue(
    tx: &mut Tx,
    kind: EditorMail,
    (list_id, period_ms): (i64, i64),
    to: &EmailAddress,
    content: &str,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO editor_mails (kind, list_id, period_ms, address, identity, content, status, created_ms, due_ms)
        VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $7)";
    on!(tx, conn => sqlx::query(SQL)
        .bind(kind.as_str())
        .bind(list_id)
        .bind(period_ms)
        .bind(to.as_str())
        .bind(to.identity())
        .bind(content)
        .bind(now_ms)
        .execute(conn)
        .await
        .map(drop)?);
    Ok(())
}

/// A mail that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Leased {
    /// Its row.
    pub id: i64,
    /// Its list.
    pub list_id: i64,
    /// Its draft's period, or 0.
    pub period_ms: i64,
    /// Where it goes.
    pub address: String,
    /// What it says, as JSON.
    pub content: String,
    /// How often it was tried before.
    pub attempts: i64,
    /// How often the answer was lost after the final dot.
    pub unknowns: i64,
    /// When it was queued: the mail's Date.
    pub created_ms: i64,
    /// Whether its address is suppressed now.
    pub suppressed: bool,
}

/// PostgreSQL passes over rows that another worker is just claiming; SQLite has one writer and no such clause.
const CLAIM: Dialect = Dialect {
    sqlite: "UPDATE editor_mails SET worker_id = $1 WHERE id IN (
            SELECT id FROM editor_mails WHERE status = 'queued' AND worker_id IS NULL AND due_ms <= $2
                AND list_id NOT IN (SELECT value FROM json_each($3))
            ORDER BY due_ms, id LIMIT $4)
        RETURNING id, list_id, period_ms, address, content, attempts, unknowns, created_ms,
            EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = editor_mails.identity) AS suppressed",
    postgres: "WITH due AS MATERIALIZED (
            SELECT id FROM editor_mails WHERE status = 'queued' AND worker_id IS NULL AND due_ms <= $2
                AND list_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($3 AS jsonb)))
            ORDER BY due_ms, id LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE editor_mails e SET worker_id = $1 FROM due WHERE e.id = due.id
        RETURNING e.id, e.list_id, e.period_ms, e.address, e.content, e.attempts, e.unknowns, e.created_ms,
            EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = e.identity) AS suppressed",
};

/// Leases up to `most` due mails for a worker, but none of the lists in `not_of`.
pub async fn lease(
    tx: &mut Tx,
    worker_id: i64,
    now_ms: i64,
    not_of: &[i64],
    most: i64,
) -> Result<Vec<Leased>, Error> {
    let sql = CLAIM.text(tx);
    Ok(on!(tx, conn => sqlx::query_as(sql)
        .bind(worker_id)
        .bind(now_ms)
        .bind(array(not_of))
        .bind(most)
        .fetch_all(conn)
        .await?))
}

/// Records what came of mails that this worker held; as for `deliveries`, a final state is never changed, and a retry counts only while
/// the lease is ours.
pub async fn record(tx: &mut Tx, worker_id: i64, records: &[Record]) -> Result<u64, Error> {
    const SQL: &str = "UPDATE editor_mails SET status = $2, attempts = $3, unknowns = $4, due_ms = $5, code = $6, reply = $7,
            done_ms = $8, worker_id = NULL
        WHERE id = $1 AND status = 'queued' AND ($2 <> 'queued' OR worker_id = $9)";
    let mut rows = 0;
    for record in records {
        rows += on!(&mut *tx, conn => sqlx::query(SQL)
            .bind(record.id)
            .bind(record.status.as_str())
            .bind(record.attempts)
            .bind(record.unknowns)
            .bind(record.due_ms)
            .bind(record.code)
            .bind(record.reply.as_deref())
            .bind(record.done_ms)
            .bind(worker_id)
            .execute(conn)
            .await?
            .rows_affected());
    }
    Ok(rows)
}

/// How many are queued, and when the first that no worker has is due.
pub async fn backlog(tx: &mut Tx) -> Result<(i64, Option<i64>), Error> {
    const SQL: &str = "SELECT COUNT(*), MIN(CASE WHEN worker_id IS NULL THEN due_ms END)
        FROM editor_mails WHERE status = 'queued'";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_one(conn).await?))
}

/// Lets go of one mail; it is due as before.
pub async fn free(tx: &mut Tx, worker_id: i64, id: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE editor_mails SET worker_id = NULL WHERE id = $1 AND status = 'queued' AND worker_id = $2";
    on!(tx, conn => sqlx::query(SQL).bind(id).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// How many test mails of a draft an editor has asked for.
pub async fn tests(
    tx: &mut Tx,
    (list_id, period_ms): (i64, i64),
    to: &EmailAddress,
) -> Result<i64, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM editor_mails
        WHERE kind = 'test' AND list_id = $1 AND period_ms = $2 AND identity = $3";
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(period_ms).bind(to.identity()).fetch_one(conn).await?),
    )
}

/// Deletes up to `most` mails that ended before this time; says how many.
pub async fn prune(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const SQL: &str = "DELETE FROM editor_mails WHERE id IN (
        SELECT id FROM editor_mails WHERE status <> 'queued' AND done_ms < $1 ORDER BY id LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(before_ms).bind(most).execute(conn).await?.rows_affected()),
    )
}

/// Deletes the mails to an address.
pub async fn forget(tx: &mut Tx, identity: &str) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM editor_mails WHERE identity = $1";
    on!(tx, conn => sqlx::query(SQL).bind(identity).execute(conn).await.map(drop)?);
    Ok(())
}
