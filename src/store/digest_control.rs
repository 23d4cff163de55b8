//! Table `digests`, its course: started, paused, resumed, cancelled, finished, pruned.

use super::digest_delivery::{self, Counts};
use super::digest_handover::{self, LeftBehind};
use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::digest::{DigestStatus, PausedBy};

/// Where a digest stands, for a decision about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: DigestStatus,
    /// When its recipients were frozen.
    pub started_ms: Option<i64>,
    /// When its deliveries were deleted.
    pub pruned_ms: Option<i64>,
}

/// On PostgreSQL nobody else decides about the digest, and nothing of it is leased, until the transaction ends; SQLite has one
/// writer.
const STANDING: Dialect = Dialect {
    sqlite: "SELECT status, started_ms, pruned_ms FROM digests WHERE id = $1",
    postgres: "SELECT status, started_ms, pruned_ms FROM digests WHERE id = $1 FOR NO KEY UPDATE",
};

/// Where a digest stands until this transaction ends.
pub async fn standing(tx: &mut Tx, id: i64) -> Result<Option<Standing>, Error> {
    let sql = STANDING.text(tx);
    let row: Option<(String, Option<i64>, Option<i64>)> =
        on!(tx, conn => sqlx::query_as(sql).bind(id).fetch_optional(conn).await?);
    row.map(|(word, started_ms, pruned_ms)| {
        let status = DigestStatus::parse(&word)
            .ok_or_else(|| Error::Corrupt(format!("digest status `{word}`")))?;
        Ok(Standing {
            status,
            started_ms,
            pruned_ms,
        })
    })
    .transpose()
}

/// ready → sending; says whether this call did it (promise 3: the recipients are frozen in the same transaction).
pub async fn start(tx: &mut Tx, id: i64, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "UPDATE digests SET status = 'sending', started_ms = $2, held_ms = 0 WHERE id = $1 AND status = 'ready' AND paused_ms IS NULL";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// A digest that is being sent, and whether it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Sending {
    /// Its row.
    pub id: i64,
    /// Its list.
    pub list_id: i64,
    /// Since when it is paused.
    pub paused_ms: Option<i64>,
    /// Whether it is paused until a relay can be used.
    pub waits_for_relay: i64,
}

/// The digests that are being sent, oldest first.
pub async fn sending(tx: &mut Tx) -> Result<Vec<Sending>, Error> {
    const SQL: &str =
        "SELECT id, list_id, paused_ms, CASE WHEN paused_by = 'relay' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS waits_for_relay
        FROM digests WHERE status = 'sending' ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// Holds a digest that is ready or being sent, unless somebody holds it already; says whether this call did it. A person who holds it
/// takes it over from whoever does, and may give another reason than before.
pub async fn pause(
    tx: &mut Tx,
    id: i64,
    by: PausedBy,
    reason: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE digests SET paused_ms = COALESCE(paused_ms, $2), paused_by = $3, pause_reason = $4
        WHERE id = $1 AND status IN ('ready', 'sending') AND (paused_ms IS NULL OR $3 = 'operator')";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).bind(by.as_str()).bind(reason)
        .execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// A digest that is held, for whoever sends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Its row.
    pub id: i64,
    /// Its list.
    pub list_id: i64,
    /// Who holds it: a word of [`PausedBy`].
    pub paused_by: String,
    /// Why.
    pub pause_reason: String,
}

/// The digests that are held, oldest first.
pub async fn held(tx: &mut Tx) -> Result<Vec<Held>, Error> {
    const SQL: &str = "SELECT id, list_id, paused_by, pause_reason FROM digests
        WHERE status IN ('ready', 'sending') AND paused_ms IS NOT NULL ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// Lets a paused digest go on; says whether it was paused.
pub async fn resume(tx: &mut Tx, id: i64, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "UPDATE digests SET held_ms = held_ms + CASE WHEN paused_ms < $2 THEN $2 - paused_ms ELSE 0 END,
            paused_ms = NULL, paused_by = NULL, pause_reason = NULL
        WHERE id = $1 AND status IN ('ready', 'sending') AND paused_ms IS NOT NULL";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).execute(conn).await?.rows_affected())
            == 1,
    )
}

/// Lets every digest go on that was held because no relay could be used; says how many.
pub async fn resume_after_relay(tx: &mut Tx, now_ms: i64) -> Result<u64, Error> {
    const SQL: &str = "UPDATE digests SET held_ms = held_ms + CASE WHEN paused_ms < $1 THEN $1 - paused_ms ELSE 0 END,
            paused_ms = NULL, paused_by = NULL, pause_reason = NULL
        WHERE paused_by = 'relay'";
    Ok(on!(tx, conn => sqlx::query(SQL).bind(now_ms).execute(conn).await?.rows_affected()))
}

/// Takes a digest back: what has not left will not, and is owed to its readers (`store::owed`). Says whether this call did it.
pub async fn cancel(tx: &mut Tx, id: i64, now_ms: i64) -> Result<bool, Error> {
    const DIGEST: &str = "UPDATE digests SET status = 'cancelled', finished_ms = $2,
            held_ms = held_ms + CASE WHEN paused_ms < $2 THEN $2 - paused_ms ELSE 0 END,
            paused_ms = NULL, paused_by = NULL, pause_reason = NULL,
            owes = CASE WHEN started_ms IS NULL THEN 0 ELSE 1 END
        WHERE id = $1 AND status IN ('draft', 'ready', 'sending')";
    const RETRIES: &str = "UPDATE digest_attempts SET status = 'cancelled', done_ms = $2, reply = 'the digest was cancelled'
        WHERE digest_id = $1 AND status = 'waiting' AND worker_id IS NULL";
    // From now on they say how far what is owed is put down. Who took another's place may be alone at a provider.
    const QUEUES: [&str; 2] = [
        "INSERT INTO digest_queues (digest_id, provider_id) SELECT DISTINCT digest_id, provider_id FROM digest_attempts
        WHERE digest_id = $1 ON CONFLICT (digest_id, provider_id) DO NOTHING",
        "UPDATE digest_queues SET cursor_id = 0, exhausted = 0 WHERE digest_id = $1",
    ];
    let rows = on!(&mut *tx, conn => sqlx::query(DIGEST).bind(id).bind(now_ms).execute(conn).await?.rows_affected());
    if rows == 0 {
        return Ok(false);
    }
    for sql in QUEUES {
        on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop)?);
    }
    on!(tx, conn => sqlx::query(RETRIES).bind(id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(true)
}

/// sending → sent for a digest with no delivery left to do, also for whom a change of address left behind; says whether it did. It is
/// locked first: until then somebody could queue something of it once more, or cancel the last of it for who moved. Whom nothing can
/// be handed to keeps no digest from its end.
pub async fn finish(
    tx: &mut Tx,
    id: i64,
    out_of_reach: &[LeftBehind],
    now_ms: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE digests SET status = 'sent', finished_ms = $2,
            held_ms = held_ms + CASE WHEN paused_ms < $2 THEN $2 - paused_ms ELSE 0 END,
            paused_ms = NULL, paused_by = NULL, pause_reason = NULL
        WHERE id = $1 AND status = 'sending'";
    if standing(tx, id).await?.is_none() || !is_over(tx, id).await? {
        return Ok(false);
    }
    let left_behind = digest_handover::left_behind(tx, Some(id)).await?;
    if left_behind.iter().any(|left| !out_of_reach.contains(left)) {
        return Ok(false);
    }
    let rows = on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Whether nothing of a digest is left to do.
pub async fn is_over(tx: &mut Tx, id: i64) -> Result<bool, Error> {
    Ok(digest_delivery::counts(tx, id).await?.queued == 0)
}

/// A digest that had ended goes on: something of it is queued again.
pub async fn reopen(tx: &mut Tx, id: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE digests SET status = 'sending', finished_ms = NULL WHERE id = $1 AND status = 'sent'";
    on!(tx, conn => sqlx::query(SQL).bind(id).execute(conn).await.map(drop)?);
    Ok(())
}

/// When the first retry is due that nobody holds.
async fn first_retry(tx: &mut Tx) -> Result<Option<i64>, Error> {
    const SQL: &str = "SELECT MIN(a.due_ms) FROM digest_attempts a JOIN digests g ON g.id = a.digest_id
        WHERE a.status = 'waiting' AND a.worker_id IS NULL AND g.status = 'sending' AND g.paused_ms IS NULL";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).fetch_one(conn).await?))
}

/// How much is left of the digests that are being sent: the queued deliveries, and when the first that nobody holds is due.
pub async fn backlog(tx: &mut Tx, now_ms: i64) -> Result<(i64, Option<i64>), Error> {
    let mut queued = 0;
    for digest in sending(tx).await? {
        queued += digest_delivery::counts(tx, digest.id).await?.queued;
    }
    let (fresh, _) = due(tx, now_ms).await?;
    let due_ms = if fresh.is_empty() {
        first_retry(tx).await?
    } else {
        Some(now_ms)
    };
    Ok((queued, due_ms))
}

/// The mailbox providers for which deliveries wait for their first attempt that nobody holds, and whether a retry is due.
pub async fn due(tx: &mut Tx, now_ms: i64) -> Result<(Vec<i64>, bool), Error> {
    const FRESH: &str = "SELECT q.provider_id FROM digest_queues q JOIN digests g ON g.id = q.digest_id
            WHERE q.exhausted = 0 AND g.status = 'sending' AND g.paused_ms IS NULL
        UNION SELECT r.provider_id FROM digest_ranges r JOIN digests g ON g.id = r.digest_id
            WHERE r.worker_id IS NULL AND r.done_id < r.last_id AND g.status = 'sending' AND g.paused_ms IS NULL";
    let fresh: Vec<i64> = on!(&mut *tx, conn => sqlx::query_scalar(FRESH).fetch_all(conn).await?);
    let retry_ms = first_retry(tx).await?;
    Ok((fresh, retry_ms.is_some_and(|due_ms| due_ms <= now_ms)))
}

macro_rules! prunable {
    () => {
        "SELECT id FROM digests WHERE status IN ('sent', 'cancelled') AND started_ms IS NOT NULL
            AND finished_ms < $1 AND pruned_ms IS NULL AND owes = 0 ORDER BY id LIMIT 1"
    };
}

/// PostgreSQL locks it: it must not be reopened while its counts are taken.
const PRUNABLE: Dialect = Dialect {
    sqlite: prunable!(),
    postgres: concat!(prunable!(), " FOR NO KEY UPDATE"),
};

/// A digest whose deliveries may be pruned: it ended before this time.
pub async fn prunable(tx: &mut Tx, before_ms: i64) -> Result<Option<i64>, Error> {
    let sql = PRUNABLE.text(tx);
    Ok(on!(tx, conn => sqlx::query_scalar(sql).bind(before_ms).fetch_optional(conn).await?))
}

/// Keeps the counts of a digest in its own row; its deliveries may go from now on.
pub async fn keep_counts(tx: &mut Tx, id: i64, counts: Counts, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE digests SET pruned_ms = $2, sent = $3, failed = $4, unknown = $5, cancelled = $6 WHERE id = $1";
    on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).bind(counts.sent).bind(counts.failed).bind(counts.unknown)
        .bind(counts.cancelled).execute(conn).await.map(drop)?);
    Ok(())
}

/// Deletes up to `most` rows of pruned digests from each table, variants with their pages among them; says how many went.
pub async fn prune(tx: &mut Tx, most: i64) -> Result<u64, Error> {
    const SQL: [&str; 5] = [
        "DELETE FROM digest_variants WHERE id IN (
            SELECT v.id FROM digest_variants v JOIN digests g ON g.id = v.digest_id WHERE g.pruned_ms IS NOT NULL LIMIT $1)",
        "DELETE FROM digest_deliveries WHERE (digest_id, provider_id, subscriber_id) IN (
            SELECT d.digest_id, d.provider_id, d.subscriber_id FROM digest_deliveries d JOIN digests g ON g.id = d.digest_id
            WHERE g.pruned_ms IS NOT NULL LIMIT $1)",
        "DELETE FROM digest_attempts WHERE (digest_id, subscriber_id) IN (
            SELECT a.digest_id, a.subscriber_id FROM digest_attempts a JOIN digests g ON g.id = a.digest_id
            WHERE g.pruned_ms IS NOT NULL LIMIT $1)",
        "DELETE FROM digest_ranges WHERE (digest_id, provider_id, first_id) IN (
            SELECT r.digest_id, r.provider_id, r.first_id FROM digest_ranges r JOIN digests g ON g.id = r.digest_id
            WHERE g.pruned_ms IS NOT NULL LIMIT $1)",
        "DELETE FROM digest_queues WHERE (digest_id, provider_id) IN (
            SELECT q.digest_id, q.provider_id FROM digest_queues q JOIN digests g ON g.id = q.digest_id
            WHERE g.pruned_ms IS NOT NULL LIMIT $1)",
    ];
    let mut gone = 0;
    for sql in SQL {
        gone +=
            on!(&mut *tx, conn => sqlx::query(sql).bind(most).execute(conn).await?.rows_affected());
    }
    Ok(gone)
}

/// Deletes up to `most` skipped digests for readers' own hours from before this time, with their decisions: there may be one a
/// minute, and nothing looks at them any more. Says how many rows went.
pub async fn prune_skipped(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const ARTICLES: &str = "DELETE FROM digest_articles WHERE (digest_id, article_id) IN (
        SELECT da.digest_id, da.article_id FROM digest_articles da JOIN digests g ON g.id = da.digest_id
        WHERE g.audience = 'own' AND g.status = 'skipped' AND g.composed_ms < $1 LIMIT $2)";
    const DIGESTS: &str = "DELETE FROM digests WHERE id IN (
        SELECT g.id FROM digests g WHERE g.audience = 'own' AND g.status = 'skipped' AND g.composed_ms < $1
            AND NOT EXISTS (SELECT 1 FROM digest_articles da WHERE da.digest_id = g.id) LIMIT $2)";
    let mut gone = 0;
    for sql in [ARTICLES, DIGESTS] {
        gone += on!(&mut *tx, conn => sqlx::query(sql).bind(before_ms).bind(most).execute(conn).await?.rows_affected());
    }
    Ok(gone)
}
