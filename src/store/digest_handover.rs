//! Deliveries of digests that follow a reader to another address: what waits goes over with the change itself, and what a worker had
//! in hand just then is looked for afterwards.

use super::engine::{Dialect, on};
use super::moves::places;
use super::{Error, Tx};

/// On PostgreSQL nothing of these digests is leased until the transaction ends; SQLite has one writer.
const UNDER_WAY: Dialect = Dialect {
    sqlite: "SELECT id FROM digests WHERE list_id = $1 AND status = 'sending' ORDER BY id",
    postgres: "SELECT id FROM digests WHERE list_id = $1 AND status = 'sending' ORDER BY id FOR NO KEY UPDATE",
};

/// Nobody who took the place of a reader since a digest started, or of one who did, has it or is about to get it.
macro_rules! went_nowhere {
    ($digest:literal, $reader:literal) => {
        concat!(
            "NOT EXISTS (WITH RECURSIVE later (id) AS (
                    SELECT m.subscriber_id FROM moves m JOIN digests s ON s.id = ",
            $digest,
            " WHERE m.from_id = ",
            $reader,
            " AND m.done_ms >= s.started_ms
                    UNION SELECT m.subscriber_id FROM later l JOIN moves m ON m.from_id = l.id JOIN digests s ON s.id = ",
            $digest,
            " WHERE m.done_ms >= s.started_ms)
                SELECT 1 FROM later l JOIN digest_attempts h ON h.digest_id = ",
            $digest,
            " AND h.subscriber_id = l.id AND h.status <> 'cancelled')"
        )
    };
}

/// What of a list's digests waits for one reader goes to another, who takes the reader's place; says how many. What a worker has
/// in hand is about to reach the first, or will be found by [`left_behind`].
pub async fn hand_over(
    tx: &mut Tx,
    list_id: i64,
    from_id: i64,
    to_id: i64,
    now_ms: i64,
) -> Result<u64, Error> {
    const WAITS: &str = concat!(
        "SELECT CAST(v.provider_id AS BIGINT) FROM digest_queues q JOIN digest_delivery_states v
            ON v.digest_id = q.digest_id AND v.provider_id = q.provider_id AND v.subscriber_id = $2
        WHERE q.digest_id = $1 AND v.worker_id IS NULL AND (v.status = 'queued' OR v.status = 'cancelled' AND ",
        went_nowhere!("$1", "$2"),
        ")"
    );
    // Who moves back has a delivery already, which went to the address in between.
    const BACK: &str =
        "UPDATE digest_attempts SET status = 'waiting', due_ms = $3, reply = NULL, done_ms = NULL
        WHERE digest_id = $1 AND subscriber_id = $2 AND status = 'cancelled' AND worker_id IS NULL";
    // Or it was cancelled while they were away, nobody had looked for it yet, and the address in between never had one.
    const HOME: &str = concat!(
        "UPDATE digest_attempts SET status = 'waiting', due_ms = $3, reply = NULL, done_ms = NULL
        WHERE digest_id = $1 AND subscriber_id = $2 AND status = 'cancelled' AND worker_id IS NULL
            AND EXISTS (SELECT 1 FROM moves m JOIN digests g ON g.id = $1
                WHERE m.from_id = $2 AND m.done_ms >= g.started_ms AND m.done_ms <= digest_attempts.done_ms)
            AND NOT EXISTS (SELECT 1 FROM digest_attempts h WHERE h.digest_id = $1 AND h.subscriber_id = $4)
            AND NOT EXISTS (SELECT 1 FROM digest_queues q CROSS JOIN digest_deliveries h WHERE q.digest_id = $1
                AND h.digest_id = q.digest_id AND h.provider_id = q.provider_id AND h.subscriber_id = $4)
            AND ",
        went_nowhere!("$1", "$2")
    );
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
    // Nobody else's mail may go to the new address's provider; what is there is looked for by queue.
    const QUEUE: &str = "INSERT INTO digest_queues (digest_id, provider_id, exhausted)
        SELECT CAST($1 AS BIGINT), u.provider_id, 1 FROM subscriptions u WHERE u.list_id = $2 AND u.subscriber_id = $3
        ON CONFLICT (digest_id, provider_id) DO NOTHING";
    const COUNT: &str = "UPDATE digests SET recipients = recipients + 1 WHERE id = $1";
    let sql = UNDER_WAY.text(tx);
    let digests: Vec<i64> =
        on!(&mut *tx, conn => sqlx::query_scalar(sql).bind(list_id).fetch_all(conn).await?);
    let mut handed = 0;
    for digest_id in digests {
        let waits: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(WAITS).bind(digest_id).bind(from_id)
            .fetch_optional(conn).await?);
        let Some(provider_id) = waits else {
            handed += on!(&mut *tx, conn => sqlx::query(HOME).bind(digest_id).bind(to_id).bind(now_ms).bind(from_id)
                .execute(conn).await?.rows_affected());
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
            on!(&mut *tx, conn => sqlx::query(QUEUE).bind(digest_id).bind(list_id).bind(to_id).execute(conn).await.map(drop)?);
            on!(&mut *tx, conn => sqlx::query(COUNT).bind(digest_id).execute(conn).await.map(drop)?);
        }
        on!(&mut *tx, conn => sqlx::query(FROM).bind(digest_id).bind(from_id).bind(provider_id).bind(now_ms)
            .execute(conn).await.map(drop)?);
        handed += 1;
    }
    Ok(handed)
}

/// A reader who moved and left a digest behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct LeftBehind {
    /// The digest's list.
    pub list_id: i64,
    /// The digest.
    pub digest_id: i64,
    /// The old address, which had not got the digest.
    pub from_id: i64,
    /// Where the reader is now, and gets it from nowhere else.
    pub to_id: i64,
}

/// Readers for whom a worker had a digest in hand while they moved, and did not send it: it was cancelled for the old address
/// afterwards, and is still being sent to others. To be handed over where the list is locked. With a digest, of it alone.
pub async fn left_behind(tx: &mut Tx, digest_id: Option<i64>) -> Result<Vec<LeftBehind>, Error> {
    const SQL: &str = concat!(
        "SELECT DISTINCT x.list_id, x.digest_id, x.from_id, x.to_id FROM (
            SELECT g.list_id, g.id AS digest_id, a.subscriber_id AS from_id, (",
        places!("a.subscriber_id", "g.started_ms", "g.list_id", "g.id"),
        " SELECT p.id FROM places p JOIN subscriptions u ON u.list_id = g.list_id AND u.subscriber_id = p.id AND u.status = 'confirmed'
                WHERE p.id <> a.subscriber_id ORDER BY p.at_ms DESC LIMIT 1) AS to_id
            FROM digests g JOIN moves o ON o.done_ms >= g.started_ms
            JOIN digest_attempts a ON a.digest_id = g.id AND a.subscriber_id = o.from_id AND a.status = 'cancelled' AND a.done_ms >= o.done_ms
            WHERE g.status = 'sending' AND g.id = COALESCE($1, g.id) AND ",
        went_nowhere!("g.id", "a.subscriber_id"),
        ") AS x
        WHERE x.to_id IS NOT NULL ORDER BY 1, 2, 3"
    );
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).fetch_all(conn).await?))
}
