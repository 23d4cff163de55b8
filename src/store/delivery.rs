//! Table `deliveries`: mails that belong to no digest (confirmations, welcomes, notices). Queueing, leasing, recording.

use std::collections::HashSet;

use super::engine::{Dialect, array, on};
use super::{Error, Tx};
use crate::domain::delivery::{DeliveryKind, DeliveryStatus};
use crate::domain::subscription::SubscriptionStatus;

/// SQL: whether a row of `deliveries` or `confirmations` is about a list, its first or a further one. PostgreSQL writes a JSON array
/// with spaces.
macro_rules! is_about {
    ($row:literal, $list:literal) => {
        concat!(
            "(",
            $row,
            ".list_id = ",
            $list,
            " OR REPLACE(REPLACE(REPLACE(",
            $row,
            ".also, ' ', ''), '[', ','), ']', ',') LIKE '%,' || CAST(",
            $list,
            " AS TEXT) || ',%')"
        )
    };
}
pub(super) use is_about;

/// Queues one mail that belongs to no digest.
pub async fn enqueue(
    tx: &mut Tx,
    kind: DeliveryKind,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
    due_ms: i64,
) -> Result<i64, Error> {
    const SQL: &str =
        "INSERT INTO deliveries (kind, list_id, subscriber_id, status, created_ms, due_ms)
        VALUES ($1, $2, $3, 'queued', $4, $5) RETURNING id";
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(kind.as_str()).bind(list_id).bind(subscriber_id).bind(now_ms).bind(due_ms)
        .fetch_one(conn).await?),
    )
}

/// A delivery that this worker holds, with what is needed to send it and the state of its subscription now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its row.
    pub id: i64,
    /// What kind of mail.
    pub kind: DeliveryKind,
    /// Its list.
    pub list_id: i64,
    /// Further lists that it is about.
    pub also: Vec<i64>,
    /// The mailbox provider of its address.
    pub provider_id: i64,
    /// Its subscriber.
    pub subscriber_id: i64,
    /// How often it was tried before.
    pub attempts: i64,
    /// How often the answer was lost after the final dot.
    pub unknowns: i64,
    /// When it was queued: the mail's Date (M10: unchanged on retry).
    pub created_ms: i64,
    /// Where it goes.
    pub address: String,
    /// The reader's name, if given.
    pub name: Option<String>,
    /// The subscription as it stands at lease time (promise 3).
    pub subscription: SubscriptionStatus,
    /// Whether the address is suppressed at lease time.
    pub suppressed: bool,
    /// The change of address that it is about.
    pub move_id: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct LeasedRow {
    id: i64,
    kind: String,
    list_id: i64,
    also: Option<String>,
    provider_id: i64,
    subscriber_id: i64,
    attempts: i64,
    unknowns: i64,
    created_ms: i64,
    address: String,
    name: Option<String>,
    subscription: String,
    suppressed: i64,
    move_id: Option<i64>,
}

/// PostgreSQL passes over rows that another worker is just claiming; SQLite has one writer and no such clause.
const CLAIM: Dialect = Dialect {
    sqlite: "UPDATE deliveries SET worker_id = $1 WHERE id IN (
            SELECT id FROM deliveries WHERE status = 'queued' AND worker_id IS NULL AND kind = $2 AND due_ms <= $3
                AND list_id NOT IN (SELECT value FROM json_each($5))
            ORDER BY due_ms, id LIMIT $4) RETURNING id",
    postgres: "WITH due AS MATERIALIZED (
            SELECT id FROM deliveries WHERE status = 'queued' AND worker_id IS NULL AND kind = $2 AND due_ms <= $3
                AND list_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($5 AS jsonb)))
            ORDER BY due_ms, id LIMIT $4 FOR UPDATE SKIP LOCKED)
        UPDATE deliveries SET worker_id = $1 FROM due WHERE deliveries.id = due.id RETURNING deliveries.id",
};

/// Leases up to `most` due deliveries of one kind for a worker, oldest first, but none of the lists in `not_of`.
pub async fn lease(
    tx: &mut Tx,
    worker_id: i64,
    kind: DeliveryKind,
    now_ms: i64,
    not_of: &[i64],
    most: i64,
) -> Result<Vec<Leased>, Error> {
    // A change of address that waits is as good as a sign-up that does, whatever the new address has to do with the list.
    const READ: &str = "SELECT d.id, d.kind, d.list_id, d.also, COALESCE(u.provider_id, 0) AS provider_id, d.subscriber_id, d.attempts, d.unknowns,
            d.created_ms, s.address, u.name, d.move_id,
            CASE WHEN d.move_id IS NULL THEN COALESCE(u.status, 'unsubscribed')
                WHEN EXISTS (SELECT 1 FROM moves m JOIN subscriptions f ON f.subscriber_id = m.from_id AND f.status = 'confirmed'
                    WHERE m.id = d.move_id AND m.done_ms IS NULL) THEN 'pending'
                ELSE 'unsubscribed' END AS subscription,
            CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = s.identity) THEN CAST(1 AS BIGINT)
                ELSE CAST(0 AS BIGINT) END AS suppressed
        FROM deliveries d
        JOIN subscribers s ON s.id = d.subscriber_id
        LEFT JOIN subscriptions u ON u.list_id = d.list_id AND u.subscriber_id = d.subscriber_id
        WHERE d.worker_id = $1 AND d.status = 'queued'
        ORDER BY d.id";
    let claim = CLAIM.text(tx);
    let claimed: Vec<i64> = on!(&mut *tx, conn => sqlx::query_scalar(claim)
        .bind(worker_id).bind(kind.as_str()).bind(now_ms).bind(most).bind(array(not_of)).fetch_all(conn).await?);
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    // The worker may hold older leases that are still in flight: only the new ones count.
    let claimed: HashSet<i64> = claimed.into_iter().collect();
    let rows: Vec<LeasedRow> =
        on!(tx, conn => sqlx::query_as(READ).bind(worker_id).fetch_all(conn).await?);
    rows.into_iter()
        .filter(|row| claimed.contains(&row.id))
        .map(Leased::try_from)
        .collect()
}

impl TryFrom<LeasedRow> for Leased {
    type Error = Error;

    fn try_from(row: LeasedRow) -> Result<Self, Error> {
        let corrupt = |what: &str, word: &str| {
            Error::Corrupt(format!("{what} `{word}` of delivery {}", row.id))
        };
        Ok(Self {
            kind: DeliveryKind::parse(&row.kind).ok_or_else(|| corrupt("kind", &row.kind))?,
            subscription: SubscriptionStatus::parse(&row.subscription)
                .ok_or_else(|| corrupt("subscription", &row.subscription))?,
            also: further_lists(row.also.as_deref())?,
            id: row.id,
            list_id: row.list_id,
            provider_id: row.provider_id,
            subscriber_id: row.subscriber_id,
            attempts: row.attempts,
            unknowns: row.unknowns,
            created_ms: row.created_ms,
            address: row.address,
            name: row.name,
            suppressed: row.suppressed == 1,
            move_id: row.move_id,
        })
    }
}

/// Reads the column `also`.
pub(super) fn further_lists(also: Option<&str>) -> Result<Vec<i64>, Error> {
    also.map_or_else(
        || Ok(Vec::new()),
        |text| serde_json::from_str(text).map_err(|_| Error::Corrupt(format!("lists `{text}`"))),
    )
}

/// What to write of one delivery: its state after an attempt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Record {
    /// Its row.
    pub id: i64,
    /// Its state now; `queued` means try again at `due_ms`.
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempts: i64,
    /// Lost answers so far.
    pub unknowns: i64,
    /// When to try again, for `queued`.
    pub due_ms: i64,
    /// The reply's code.
    pub code: Option<i64>,
    /// The reply's text.
    pub reply: Option<String>,
    /// When it ended, for a final state.
    pub done_ms: Option<i64>,
}

/// Many rows in one statement: each database has its own way to read a JSON array as a table.
const RECORD: Dialect = Dialect {
    sqlite: "UPDATE deliveries SET status = r.status, attempts = r.attempts, unknowns = r.unknowns, due_ms = r.due_ms, code = r.code, reply = r.reply,
            done_ms = r.done_ms, worker_id = NULL
        FROM (SELECT value ->> 'id' AS id, value ->> 'status' AS status, value ->> 'attempts' AS attempts, value ->> 'unknowns' AS unknowns,
            value ->> 'due_ms' AS due_ms, value ->> 'code' AS code, value ->> 'reply' AS reply, value ->> 'done_ms' AS done_ms
            FROM json_each($1)) AS r
        WHERE deliveries.id = r.id AND deliveries.status = 'queued' AND (r.status <> 'queued' OR deliveries.worker_id = $2)",
    postgres: "UPDATE deliveries SET status = r.status, attempts = r.attempts, unknowns = r.unknowns, due_ms = r.due_ms, code = r.code, reply = r.reply,
            done_ms = r.done_ms, worker_id = NULL
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(id BIGINT, status TEXT, attempts BIGINT, unknowns BIGINT, due_ms BIGINT, code BIGINT,
            reply TEXT, done_ms BIGINT)
        WHERE deliveries.id = r.id AND deliveries.status = 'queued' AND (r.status <> 'queued' OR deliveries.worker_id = $2)",
};

/// Records what came of deliveries that this worker held. A final state is never changed; a final result counts even when
/// the lease was taken over meanwhile (the mail did leave), a retry only while the lease is ours.
pub async fn record(tx: &mut Tx, worker_id: i64, records: &[Record]) -> Result<u64, Error> {
    let json = serde_json::to_string(records).map_err(|error| Error::Corrupt(error.to_string()))?;
    let sql = RECORD.text(tx);
    Ok(
        on!(tx, conn => sqlx::query(sql).bind(json.as_str()).bind(worker_id).execute(conn).await?.rows_affected()),
    )
}

/// Ends the queued deliveries of one subscription alone that are not leased: it left. A mail that is about other lists too, or about
/// a change of address, is looked at when it is leased.
pub async fn cancel(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
) -> Result<u64, Error> {
    const SQL: &str = "UPDATE deliveries SET status = 'cancelled', done_ms = $3
        WHERE list_id = $1 AND subscriber_id = $2 AND status = 'queued' AND worker_id IS NULL
            AND also IS NULL AND move_id IS NULL";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(subscriber_id).bind(now_ms).execute(conn).await?.rows_affected()),
    )
}

/// How much is left to do: the queued mails, and the earliest due time of those that no worker has.
pub async fn backlog(tx: &mut Tx) -> Result<(i64, Option<i64>), Error> {
    const SQL: &str = "SELECT COUNT(*), MIN(CASE WHEN worker_id IS NULL THEN due_ms END)
        FROM deliveries WHERE status = 'queued'";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_one(conn).await?))
}

/// Whether a mail is due that no worker has.
pub async fn is_due(tx: &mut Tx, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM (
        SELECT 1 FROM deliveries WHERE status = 'queued' AND worker_id IS NULL AND due_ms <= $1 LIMIT 1) AS due";
    let due: i64 = on!(tx, conn => sqlx::query_scalar(SQL).bind(now_ms).fetch_one(conn).await?);
    Ok(due > 0)
}

/// Lets go of one mail; it is due as before.
pub async fn free(tx: &mut Tx, worker_id: i64, id: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE deliveries SET worker_id = NULL WHERE id = $1 AND status = 'queued' AND worker_id = $2";
    on!(tx, conn => sqlx::query(SQL).bind(id).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Deletes up to `most` mails that ended before this time; says how many.
pub async fn prune(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const SQL: &str = "DELETE FROM deliveries WHERE id IN (
        SELECT id FROM deliveries WHERE status <> 'queued' AND done_ms < $1 ORDER BY id LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(before_ms).bind(most).execute(conn).await?.rows_affected()),
    )
}
