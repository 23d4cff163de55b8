//! Table `digest_attempts`: the deliveries of digests that were not simply sent at the first attempt, and their retries.

use std::collections::HashSet;

use super::digest_range::{RangeKey, Recipient};
use super::engine::{Dialect, array, on};
use super::many::json;
use super::{Error, Tx};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::subscription::SubscriptionStatus;

/// What to write of one delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Attempt {
    /// Its digest.
    pub digest_id: i64,
    /// Its subscriber.
    pub subscriber_id: i64,
    /// The mailbox provider.
    pub provider_id: i64,
    /// Its state now; `queued` means try again at `due_ms`.
    #[serde(serialize_with = "as_word")]
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempts: i64,
    /// Lost answers so far.
    pub unknowns: i64,
    /// When to try again, for `queued`.
    pub due_ms: i64,
    /// The relay that was tried last.
    pub relay: Option<String>,
    /// The reply's code.
    pub code: Option<i64>,
    /// The reply's text.
    pub reply: Option<String>,
    /// When it ended, for a final state.
    pub done_ms: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn as_word<S: serde::Serializer>(
    status: &DeliveryStatus,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match status {
        DeliveryStatus::Queued => "waiting",
        status => status.as_str(),
    })
}

/// Many rows in one statement: each database has its own way to read a JSON array as a table.
const INSERT: Dialect = Dialect {
    sqlite: "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, relay, code, reply, done_ms)
        SELECT value ->> 'digest_id', value ->> 'subscriber_id', value ->> 'provider_id', value ->> 'status', value ->> 'attempts',
            value ->> 'unknowns', value ->> 'due_ms', value ->> 'relay', value ->> 'code', value ->> 'reply', value ->> 'done_ms'
        FROM json_each($1) WHERE TRUE ON CONFLICT (digest_id, subscriber_id) DO NOTHING",
    postgres: "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, relay, code, reply, done_ms)
        SELECT digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, relay, code, reply, done_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(digest_id BIGINT, subscriber_id BIGINT, provider_id BIGINT, status TEXT,
            attempts BIGINT, unknowns BIGINT, due_ms BIGINT, relay TEXT, code BIGINT, reply TEXT, done_ms BIGINT)
        WHERE TRUE ON CONFLICT (digest_id, subscriber_id) DO NOTHING",
};

/// Writes what became of first attempts that were not simply sent. To be called where their range is recorded.
pub async fn insert(tx: &mut Tx, attempts: &[Attempt]) -> Result<(), Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    let json = json(&attempts)?;
    let sql = INSERT.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(json.as_str()).execute(conn).await.map(drop)?);
    Ok(())
}

/// As [`INSERT`].
const UPDATE: Dialect = Dialect {
    sqlite: "UPDATE digest_attempts SET status = r.status, attempts = r.attempts, unknowns = r.unknowns, due_ms = r.due_ms, relay = r.relay, code = r.code,
            reply = r.reply, done_ms = r.done_ms, worker_id = NULL
        FROM (SELECT value ->> 'digest_id' AS digest_id, value ->> 'subscriber_id' AS subscriber_id, value ->> 'status' AS status,
            value ->> 'attempts' AS attempts, value ->> 'unknowns' AS unknowns, value ->> 'due_ms' AS due_ms, value ->> 'relay' AS relay, value ->> 'code' AS code,
            value ->> 'reply' AS reply, value ->> 'done_ms' AS done_ms FROM json_each($1)) AS r
        WHERE digest_attempts.digest_id = r.digest_id AND digest_attempts.subscriber_id = r.subscriber_id
            AND digest_attempts.status = 'waiting' AND digest_attempts.worker_id = $2",
    postgres: "UPDATE digest_attempts SET status = r.status, attempts = r.attempts, unknowns = r.unknowns, due_ms = r.due_ms, relay = r.relay, code = r.code,
            reply = r.reply, done_ms = r.done_ms, worker_id = NULL
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(digest_id BIGINT, subscriber_id BIGINT, status TEXT, attempts BIGINT,
            unknowns BIGINT, due_ms BIGINT, relay TEXT, code BIGINT, reply TEXT, done_ms BIGINT)
        WHERE digest_attempts.digest_id = r.digest_id AND digest_attempts.subscriber_id = r.subscriber_id
            AND digest_attempts.status = 'waiting' AND digest_attempts.worker_id = $2",
};

/// Writes what became of retries that this worker holds.
pub async fn update(tx: &mut Tx, worker_id: i64, attempts: &[Attempt]) -> Result<(), Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    let json = json(&attempts)?;
    let sql = UPDATE.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(json.as_str()).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// A retry that a worker has just taken.
#[derive(Debug)]
pub struct LeasedAttempt {
    /// The digest and the mailbox provider; its first subscriber is this one.
    pub key: RangeKey,
    /// The digest's list.
    pub list_id: i64,
    /// When the digest started, epoch milliseconds.
    pub started_ms: i64,
    /// How often it was tried before.
    pub attempts: i64,
    /// How often the answer was lost after the final dot.
    pub unknowns: i64,
    /// The reader, as the subscription stands now.
    pub recipient: Recipient,
}

/// PostgreSQL passes over rows that another worker is just claiming, and locks the digest as a lease of a range does.
const CLAIM: Dialect = Dialect {
    sqlite: "UPDATE digest_attempts SET worker_id = $1 WHERE (digest_id, subscriber_id) IN (
            SELECT a.digest_id, a.subscriber_id FROM digest_attempts a JOIN digests g ON g.id = a.digest_id
            WHERE a.status = 'waiting' AND a.worker_id IS NULL AND a.due_ms <= $2 AND g.status = 'sending' AND g.paused_ms IS NULL
                AND a.provider_id NOT IN (SELECT value FROM json_each($3)) AND g.list_id NOT IN (SELECT value FROM json_each($5))
            ORDER BY a.due_ms LIMIT $4) RETURNING digest_id, subscriber_id",
    postgres: "WITH due AS MATERIALIZED (
            SELECT a.digest_id, a.subscriber_id FROM digest_attempts a JOIN digests g ON g.id = a.digest_id
            WHERE a.status = 'waiting' AND a.worker_id IS NULL AND a.due_ms <= $2 AND g.status = 'sending' AND g.paused_ms IS NULL
                AND a.provider_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($3 AS jsonb)))
                AND g.list_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($5 AS jsonb)))
            ORDER BY a.due_ms LIMIT $4 FOR SHARE OF g SKIP LOCKED FOR UPDATE OF a SKIP LOCKED)
        UPDATE digest_attempts SET worker_id = $1 FROM due
        WHERE digest_attempts.digest_id = due.digest_id AND digest_attempts.subscriber_id = due.subscriber_id
        RETURNING digest_attempts.digest_id, digest_attempts.subscriber_id",
};

#[derive(sqlx::FromRow)]
struct LeasedRow {
    digest_id: i64,
    provider_id: i64,
    subscriber_id: i64,
    variant_id: i64,
    list_id: i64,
    started_ms: i64,
    attempts: i64,
    unknowns: i64,
    address: Option<String>,
    name: Option<String>,
    subscription: Option<String>,
    suppressed: i64,
}

/// Takes retries that are due, oldest first, but none of these providers or lists.
pub async fn lease(
    tx: &mut Tx,
    worker_id: i64,
    now_ms: i64,
    not_of: (&[i64], &[i64]),
    most: i64,
) -> Result<Vec<LeasedAttempt>, Error> {
    const READ: &str = "SELECT a.digest_id, a.provider_id, a.subscriber_id, COALESCE(d.variant_id, 0) AS variant_id, g.list_id, g.started_ms, a.attempts,
            a.unknowns, s.address, u.name,
            u.status AS subscription,
            CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = s.identity) THEN CAST(1 AS BIGINT)
                ELSE CAST(0 AS BIGINT) END AS suppressed
        FROM digest_attempts a JOIN digests g ON g.id = a.digest_id
        LEFT JOIN digest_deliveries d ON d.digest_id = a.digest_id AND d.provider_id = a.provider_id AND d.subscriber_id = a.subscriber_id
        LEFT JOIN subscribers s ON s.id = a.subscriber_id
        LEFT JOIN subscriptions u ON u.list_id = g.list_id AND u.subscriber_id = a.subscriber_id
        WHERE a.worker_id = $1 ORDER BY a.due_ms, a.subscriber_id";
    let claim = CLAIM.text(tx);
    let (providers, lists) = not_of;
    let claimed: Vec<(i64, i64)> = on!(&mut *tx, conn => sqlx::query_as(claim).bind(worker_id).bind(now_ms).bind(array(providers))
        .bind(most).bind(array(lists)).fetch_all(conn).await?);
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    // The worker may hold older leases that are still in flight: only the new ones count.
    let claimed: HashSet<(i64, i64)> = claimed.into_iter().collect();
    let rows: Vec<LeasedRow> =
        on!(tx, conn => sqlx::query_as(READ).bind(worker_id).fetch_all(conn).await?);
    rows.into_iter()
        .filter(|row| claimed.contains(&(row.digest_id, row.subscriber_id)))
        .map(LeasedAttempt::try_from)
        .collect()
}

impl TryFrom<LeasedRow> for LeasedAttempt {
    type Error = Error;

    fn try_from(row: LeasedRow) -> Result<Self, Error> {
        let subscription = row.subscription.as_deref().map(|word| {
            SubscriptionStatus::parse(word)
                .ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))
        });
        Ok(Self {
            key: RangeKey {
                digest_id: row.digest_id,
                provider_id: row.provider_id,
                first_id: row.subscriber_id,
            },
            list_id: row.list_id,
            started_ms: row.started_ms,
            attempts: row.attempts,
            unknowns: row.unknowns,
            recipient: Recipient {
                subscriber_id: row.subscriber_id,
                variant_id: row.variant_id,
                address: row.address.unwrap_or_default(),
                name: row.name,
                subscription: subscription.transpose()?,
                suppressed: row.suppressed == 1,
            },
        })
    }
}

/// Lets go of one retry; it is due as before.
pub async fn free(
    tx: &mut Tx,
    worker_id: i64,
    digest_id: i64,
    subscriber_id: i64,
) -> Result<(), Error> {
    const SQL: &str = "UPDATE digest_attempts SET worker_id = NULL
        WHERE digest_id = $1 AND subscriber_id = $2 AND worker_id = $3";
    on!(tx, conn => sqlx::query(SQL).bind(digest_id).bind(subscriber_id).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Deliveries of a digest in one final status are queued again, due now, and may be tried once more; says how many.
pub async fn requeue(
    tx: &mut Tx,
    digest_id: i64,
    status: DeliveryStatus,
    now_ms: i64,
) -> Result<u64, Error> {
    const SQL: &str = "UPDATE digest_attempts SET status = 'waiting', due_ms = $3, done_ms = NULL, worker_id = NULL
        WHERE digest_id = $1 AND status = $2";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(digest_id).bind(status.as_str()).bind(now_ms).execute(conn).await?.rows_affected()),
    )
}

/// Deliveries of a list's digests to one reader that were cancelled since then while the digest goes on, or went on, to others:
/// they are tried again, because the reader is back. The digests, which somebody has to reopen.
pub async fn revive(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    since_ms: i64,
    now_ms: i64,
) -> Result<Vec<i64>, Error> {
    const SQL: &str = "UPDATE digest_attempts SET status = 'waiting', due_ms = $4, done_ms = NULL, worker_id = NULL, reply = NULL
        WHERE subscriber_id = $2 AND status = 'cancelled' AND done_ms >= $3 AND digest_id IN (
            SELECT g.id FROM digests g WHERE g.list_id = $1 AND g.status IN ('sending', 'sent') AND g.pruned_ms IS NULL
                AND (g.finished_ms IS NULL OR g.finished_ms >= $3))
        RETURNING digest_id";
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(subscriber_id).bind(since_ms).bind(now_ms)
        .fetch_all(conn).await?),
    )
}
