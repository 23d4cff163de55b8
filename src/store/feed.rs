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
}

const COLUMNS: &str = "SELECT url, etag, last_modified, placed_in, fetched_ms, tried_ms, retry_ms, failures, error FROM feeds ORDER BY url";

/// Every feed that was ever read.
pub async fn all(tx: &mut Tx) -> Result<Vec<FeedRow>, Error> {
    Ok(on!(tx, conn => sqlx::query_as(COLUMNS).fetch_all(conn).await?))
}

/// One feed, if it was ever read.
pub async fn by_url(tx: &mut Tx, url: &str) -> Result<Option<FeedRow>, Error> {
    const SQL: &str = "SELECT url, etag, last_modified, placed_in, fetched_ms, tried_ms, retry_ms, failures, error FROM feeds WHERE url = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(url).fetch_optional(conn).await?))
}

/// Records a good reading.
pub async fn record_success(
    tx: &mut Tx,
    url: &str,
    placed_in: &str,
    etag: Option<&str>,
    last_modified: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO feeds (url, placed_in, etag, last_modified, fetched_ms, tried_ms) VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (url) DO UPDATE SET placed_in = excluded.placed_in, etag = excluded.etag, last_modified = excluded.last_modified,
            fetched_ms = excluded.fetched_ms, tried_ms = excluded.tried_ms, retry_ms = NULL, failures = 0, error = NULL";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(placed_in).bind(etag).bind(last_modified).bind(now_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// Records that the feed had nothing new (304).
pub async fn record_unchanged(tx: &mut Tx, url: &str, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE feeds SET fetched_ms = $2, tried_ms = $2, retry_ms = NULL, failures = 0, error = NULL WHERE url = $1";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Records a failed reading; the validators stay as they were.
pub async fn record_failure(
    tx: &mut Tx,
    url: &str,
    error: &str,
    now_ms: i64,
    retry_ms: Option<i64>,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO feeds (url, placed_in, tried_ms, failures, error, retry_ms) VALUES ($1, '', $2, 1, $3, $4)
        ON CONFLICT (url) DO UPDATE SET tried_ms = excluded.tried_ms, failures = feeds.failures + 1, error = excluded.error,
            retry_ms = excluded.retry_ms";
    on!(tx, conn => sqlx::query(SQL).bind(url).bind(now_ms).bind(error).bind(retry_ms).execute(conn).await.map(drop)?);
    Ok(())
}
