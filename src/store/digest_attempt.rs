//! Table `digest_attempts`: the deliveries of digests that were not simply sent at the first attempt, and their retries.

use std::collections::HashSet;

use super::digest_range::{RangeKey, Recipient};
use super::engine::{Dialect, array, on};
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
    let json = json(attempts)?;
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
    let json = json(attempts)?;
    let sql = UPDATE.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(json.as_str()).bind(worker_id).execute(conn).await.map(drop)?);
    Ok(())
}

fn json(attempts: &[Attempt]) -> Result<String, Error> {
    serde_json::to_string(attempts).map_err(|error| Error::Corrupt(error.to_string()))
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

/// On PostgreSQL nothing of these digests is leased until the transaction ends; SQLite has one writer.
const UNDER_WAY: Dialect = Dialect {
    sqlite: "SELECT id FROM digests WHERE list_id = $1 AND status = 'sending' ORDER BY id",
    postgres: "SELECT id FROM digests WHERE list_id = $1 AND status = 'sending' ORDER BY id FOR NO KEY UPDATE",
};

/// What of a list's digests waits for one reader goes to another, who takes the reader's place; says how many. What a worker has
/// in hand is about to reach the first, or will be found by [`left_behind`].
pub async fn hand_over(
    tx: &mut Tx,
    list_id: i64,
    from_id: i64,
    to_id: i64,
    now_ms: i64,
) -> Result<u64, Error> {
    const WAITS: &str =
        "SELECT CAST(v.provider_id AS BIGINT) FROM digest_queues q JOIN digest_delivery_states v
            ON v.digest_id = q.digest_id AND v.provider_id = q.provider_id AND v.subscriber_id = $2
        WHERE q.digest_id = $1 AND v.worker_id IS NULL AND (v.status = 'queued'
            OR v.status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM moves m JOIN digest_attempts h
                ON h.digest_id = $1 AND h.subscriber_id = m.subscriber_id AND h.status <> 'cancelled'
                WHERE m.from_id = $2 AND m.done_ms IS NOT NULL))";
    // Who moves back has a delivery already, which went to the address in between.
    const BACK: &str =
        "UPDATE digest_attempts SET status = 'waiting', due_ms = $3, reply = NULL, done_ms = NULL
        WHERE digest_id = $1 AND subscriber_id = $2 AND status = 'cancelled' AND worker_id IS NULL";
    const DELIVERY: &str = "INSERT INTO digest_deliveries (digest_id, provider_id, subscriber_id, variant_id, owed)
        SELECT d.digest_id, u.provider_id, u.subscriber_id, d.variant_id, d.owed
        FROM digest_deliveries d JOIN subscriptions u ON u.list_id = $5 AND u.subscriber_id = $4
        WHERE d.digest_id = $1 AND d.provider_id = $2 AND d.subscriber_id = $3
            AND NOT EXISTS (SELECT 1 FROM digest_attempts h WHERE h.digest_id = $1 AND h.subscriber_id = $4)
        ON CONFLICT DO NOTHING";
    const TO: &str = "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms)
        SELECT CAST($1 AS BIGINT), u.subscriber_id, u.provider_id, 'waiting', 0, 0, CAST($4 AS BIGINT) FROM subscriptions u WHERE u.list_id = $2 AND u.subscriber_id = $3";
    const FROM: &str = "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, reply, done_ms)
        VALUES ($1, $2, $3, 'cancelled', 0, 0, $4, 'it goes to the new address', $4)
        ON CONFLICT (digest_id, subscriber_id) DO UPDATE SET status = excluded.status, reply = excluded.reply, done_ms = excluded.done_ms";
    const COUNT: &str = "UPDATE digests SET recipients = recipients + 1 WHERE id = $1";
    let sql = UNDER_WAY.text(tx);
    let digests: Vec<i64> =
        on!(&mut *tx, conn => sqlx::query_scalar(sql).bind(list_id).fetch_all(conn).await?);
    let mut handed = 0;
    for digest_id in digests {
        let waits: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(WAITS).bind(digest_id).bind(from_id)
            .fetch_optional(conn).await?);
        let Some(provider_id) = waits else {
            continue;
        };
        let back = on!(&mut *tx, conn => sqlx::query(BACK).bind(digest_id).bind(to_id).bind(now_ms)
            .execute(conn).await?.rows_affected());
        if back == 0 {
            let new = on!(&mut *tx, conn => sqlx::query(DELIVERY).bind(digest_id).bind(provider_id).bind(from_id).bind(to_id)
                .bind(list_id).execute(conn).await?.rows_affected());
            if new == 0 {
                continue;
            }
            on!(&mut *tx, conn => sqlx::query(TO).bind(digest_id).bind(list_id).bind(to_id).bind(now_ms)
                .execute(conn).await.map(drop)?);
            on!(&mut *tx, conn => sqlx::query(COUNT).bind(digest_id).execute(conn).await.map(drop)?);
        }
        on!(&mut *tx, conn => sqlx::query(FROM).bind(digest_id).bind(from_id).bind(provider_id).bind(now_ms)
            .execute(conn).await.map(drop)?);
        handed += 1;
    }
    Ok(handed)
}

/// A change of address that left a digest behind.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct LeftBehind {
    /// The digest's list.
    pub list_id: i64,
    /// The old address, which had not got the digest.
    pub from_id: i64,
    /// The new one, which gets it from nowhere else.
    pub to_id: i64,
}

/// Readers for whom a worker had a digest in hand while they moved, and did not send it: it was cancelled for the old address
/// afterwards, and is still being sent to others. To be handed over where the list is locked, lists in their order.
pub async fn left_behind(tx: &mut Tx) -> Result<Vec<LeftBehind>, Error> {
    // Only a change that confirmed the list's subscription took the old one's place.
    const SQL: &str = "SELECT DISTINCT g.list_id, m.from_id, m.subscriber_id AS to_id FROM digests g
        JOIN moves m ON m.done_ms >= g.started_ms
        JOIN digest_attempts a ON a.digest_id = g.id AND a.subscriber_id = m.from_id AND a.status = 'cancelled' AND a.done_ms >= m.done_ms
        JOIN subscriptions u ON u.list_id = g.list_id AND u.subscriber_id = m.subscriber_id AND u.status = 'confirmed'
        WHERE g.status = 'sending'
            AND EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.subscriber_id AND c.list_id = g.list_id
                AND c.action = 'confirm' AND c.at_ms = m.done_ms)
            AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.from_id AND c.list_id = g.list_id
                AND c.action = 'confirm' AND c.at_ms > m.done_ms)
            AND NOT EXISTS (SELECT 1 FROM digest_deliveries d
                WHERE d.digest_id = g.id AND d.provider_id = u.provider_id AND d.subscriber_id = m.subscriber_id)
            AND NOT EXISTS (SELECT 1 FROM digest_attempts h WHERE h.digest_id = g.id AND h.subscriber_id = m.subscriber_id)
        ORDER BY 1, 2, 3";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}
