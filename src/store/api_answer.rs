//! Table `api_answers`: answers to requests with an Idempotency-Key, to be given again for a day.

use super::engine::on;
use super::{Error, Tx};

/// An answer that was given before.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// SHA-256 of the request's body, in hexadecimal.
    pub fingerprint: String,
    /// The body of the answer.
    pub answer: String,
}

/// Whose request, and its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey {
    /// The name of the token.
    pub token: String,
    /// The key of the request.
    pub key: String,
}

/// Waits for nobody: whether this process alone works on the request with this number until the transaction ends.
///
/// SQLite has one writer at a time, which is waited for where the transaction begins.
pub async fn claim(tx: &mut Tx, number: i64) -> Result<bool, Error> {
    match tx {
        Tx::Sqlite(_) => Ok(true),
        Tx::Postgres(tx) => Ok(sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
            .bind(number)
            .fetch_one(&mut **tx)
            .await?),
    }
}

/// The answer that was given to this request, unless its time is over.
pub async fn find(tx: &mut Tx, of: &RequestKey, now_ms: i64) -> Result<Option<Kept>, Error> {
    const SQL: &str = "SELECT fingerprint, answer FROM api_answers WHERE token = $1 AND request_key = $2 AND expires_ms > $3";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(&of.token).bind(&of.key).bind(now_ms).fetch_optional(conn).await?),
    )
}

/// Keeps an answer, in place of one whose time is over.
pub async fn keep(tx: &mut Tx, of: &RequestKey, kept: &Kept, expires_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO api_answers (token, request_key, fingerprint, answer, expires_ms) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (token, request_key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer,
            expires_ms = excluded.expires_ms";
    on!(tx, conn => sqlx::query(SQL).bind(&of.token).bind(&of.key).bind(&kept.fingerprint).bind(&kept.answer).bind(expires_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// Deletes up to `most` answers whose time is over.
pub async fn prune(tx: &mut Tx, now_ms: i64, most: i64) -> Result<u64, Error> {
    // Of two processes that prune at once, the second must not delete what was put in a row's place meanwhile.
    const SQL: &str = "DELETE FROM api_answers WHERE expires_ms <= $1 AND (token, request_key) IN (
        SELECT token, request_key FROM api_answers WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(now_ms).bind(most).execute(conn).await?.rows_affected()),
    )
}
