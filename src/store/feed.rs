//! Table `feeds`: what is remembered of a feed between two readings.

use super::engine::on;
use super::{Error, Tx};

/// A feed's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct FeedRow {
    /// http(s) address or file path.
    pub url: String,
    /// Validator of the last good answer.
    pub etag: Option<String>,
    /// Validator of the last good answer.
    pub last_modified: Option<String>,
    /// The lists and sections its articles were placed in then.
    pub placed_in: String,
    /// The last good reading.
    pub fetched_ms: Option<i64>,
    /// The last attempt.
    pub tried_ms: Option<i64>,
    /// The server asked not to be read before this.
    pub retry_ms: Option<i64>,
    /// Failures since the last good reading.
    pub failures: i64,
    /// What went wrong last.
    pub error: Option<String>,
    /// Where the configured address leads for good (301, 308).
    pub moved_to: Option<String>,
    /// Since when its site says that it is gone for good (410).
    pub gone_ms: Option<i64>,
    /// The first failure since the last good reading.
    pub failing_ms: Option<i64>,
    /// It failed several times in a row and is not asked before this.
    pub backoff_ms: Option<i64>,
    /// When the operator was told that it fails.
    pub told_ms: Option<i64>,
}

/// What a good reading leaves to be remembered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Good<'a> {
    /// The lists and sections its articles were placed in.
    pub placed_in: &'a str,
    /// Validator of the answer.
    pub etag: Option<&'a str>,
    /// Validator of the answer.
    pub last_modified: Option<&'a str>,
    /// Where the configured address leads for good.
    pub moved_to: Option<&'a str>,
}

/// What a failed reading leaves to be remembered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bad<'a> {
    /// What went wrong.
    pub error: &'a str,
    /// The server asked not to be read before this.
    pub retry_ms: Option<i64>,
    /// Our own back-off: not before this.
    pub backoff_ms: Option<i64>,
    /// Whether its site says that it is gone for good.
    pub gone: bool,
    /// Where the configured address leads for good, as far as that still holds.
    pub moved_to: Option<&'a str>,
}

const COLUMNS: &str = "SELECT url, etag, last_modified, placed_in, fetched_ms, tried_ms, retry_ms, failures, error, moved_to, \
    gone_ms, failing_ms, backoff_ms, told_ms FROM feeds ORDER BY url";

/// Every feed that was ever read.
pub async fn all(tx: &mut Tx) -> Result<Vec<FeedRow>, Error> {
    Ok(on!(tx, conn => sqlx::query_as(COLUMNS).fetch_all(conn).await?))
}

/// One feed, if it was ever read.
pub async fn by_url(tx: &mut Tx, url: &str) -> Result<Option<FeedRow>, Error> {
    const SQL: &str = "SELECT url, etag, last_modified, placed_in, fetched_ms, tried_ms, retry_ms, failures, error, moved_to, \
        gone_ms, failing_ms, backoff_ms, told_ms FROM feeds WHERE url = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(url).fetch_optional(conn).await?))
}

/// Records a good reading.
pub async fn record_success(
    tx: &mut Tx,
    url: &str,
    good: Good<'_>,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO feeds (url, placed_in, etag, last_modified, moved_to, fetched_ms, tried_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        ON CONFLICT (url) DO UPDATE SET placed_in = excluded.placed_in, etag = excluded.etag, last_modified = excluded.last_modified,
            moved_to = excluded.moved_to, fetched_ms = excluded.fetched_ms, tried_ms = excluded.tried_ms, retry_ms = NULL,
            backoff_ms = NULL, gone_ms = NULL, failing_ms = NULL, failures = 0, error = NULL";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(good.placed_in).bind(good.etag).bind(good.last_modified).bind(good.moved_to)
        .bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Records that the feed had nothing new (304).
pub async fn record_unchanged(
    tx: &mut Tx,
    url: &str,
    moved_to: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "UPDATE feeds SET moved_to = $2, fetched_ms = $3, tried_ms = $3, retry_ms = NULL, backoff_ms = NULL,
        gone_ms = NULL, failing_ms = NULL, failures = 0, error = NULL WHERE url = $1";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(moved_to).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Records a failed reading; the articles stay as they were, and the validators too, unless they are those of an address that is
/// not remembered any more.
pub async fn record_failure(
    tx: &mut Tx,
    url: &str,
    bad: Bad<'_>,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO feeds (url, placed_in, tried_ms, failures, error, retry_ms, backoff_ms, moved_to, failing_ms,
            gone_ms)
        VALUES ($1, '', $2, 1, $3, $4, $5, $6, $2, $7)
        ON CONFLICT (url) DO UPDATE SET tried_ms = excluded.tried_ms, failures = feeds.failures + 1, error = excluded.error,
            retry_ms = excluded.retry_ms, backoff_ms = excluded.backoff_ms, moved_to = excluded.moved_to,
            etag = CASE WHEN feeds.moved_to IS NOT NULL AND excluded.moved_to IS NULL THEN NULL ELSE feeds.etag END,
            last_modified = CASE WHEN feeds.moved_to IS NOT NULL AND excluded.moved_to IS NULL THEN NULL
                ELSE feeds.last_modified END,
            failing_ms = COALESCE(feeds.failing_ms, excluded.failing_ms),
            gone_ms = CASE WHEN excluded.gone_ms IS NULL THEN NULL ELSE COALESCE(feeds.gone_ms, excluded.gone_ms) END";
    let gone_ms = bad.gone.then_some(now_ms);
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(now_ms).bind(bad.error).bind(bad.retry_ms).bind(bad.backoff_ms)
        .bind(bad.moved_to).bind(gone_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Records that a feed was not read because another of its host was told to come back later, or got no answer: no failure of its own.
pub async fn record_held(
    tx: &mut Tx,
    url: &str,
    error: &str,
    retry_ms: Option<i64>,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO feeds (url, placed_in, error, retry_ms) VALUES ($1, '', $2, $3)
        ON CONFLICT (url) DO UPDATE SET error = excluded.error, retry_ms = COALESCE(excluded.retry_ms, feeds.retry_ms)";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(error).bind(retry_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Whether the operator is to be told now that this feed fails: once, by whoever asks first, when it fails since `since_ms` or
/// before, or is gone for good.
pub async fn tell(tx: &mut Tx, url: &str, since_ms: i64, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "UPDATE feeds SET told_ms = $3 WHERE url = $1 AND told_ms IS NULL
        AND (failing_ms <= $2 OR gone_ms IS NOT NULL)";
    let told = on!(tx, conn => sqlx::query(SQL).bind(url).bind(since_ms).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(told > 0)
}

/// Whether the operator is to be told that this feed reads again: once, when its failing was told.
pub async fn tell_again(tx: &mut Tx, url: &str) -> Result<bool, Error> {
    const SQL: &str = "UPDATE feeds SET told_ms = NULL WHERE url = $1 AND told_ms IS NOT NULL";
    let told = on!(tx, conn => sqlx::query(SQL).bind(url).execute(conn).await?.rows_affected());
    Ok(told > 0)
}
