//! Table `confirmations`: the tokens of the double opt-in, by their hash.

use super::engine::on;
use super::{Error, Tx};

/// An open or used confirmation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Confirmation {
    /// The list to confirm.
    pub list_id: i64,
    /// Who was mailed.
    pub subscriber_id: i64,
    /// When it stops working, epoch milliseconds.
    pub expires_ms: i64,
    /// When it was used.
    pub used_ms: Option<i64>,
    /// The change of address that it is about; `None`: a sign-up.
    pub move_id: Option<i64>,
}

/// Keeps the hash of a token that is about to be mailed.
pub async fn insert(
    tx: &mut Tx,
    token_hash: &[u8],
    confirmation: &Confirmation,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO confirmations (token_hash, list_id, subscriber_id, created_ms, expires_ms, move_id)
        VALUES ($1, $2, $3, $4, $5, $6)";
    on!(tx, conn => sqlx::query(SQL).bind(token_hash).bind(confirmation.list_id).bind(confirmation.subscriber_id).bind(now_ms)
        .bind(confirmation.expires_ms).bind(confirmation.move_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Finds a confirmation by the hash of its token.
pub async fn by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Confirmation>, Error> {
    const SQL: &str = "SELECT list_id, subscriber_id, expires_ms, used_ms, move_id FROM confirmations WHERE token_hash = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(token_hash).fetch_optional(conn).await?))
}

/// Marks a confirmation as used; the first time stays.
pub async fn mark_used(tx: &mut Tx, token_hash: &[u8], now_ms: i64) -> Result<(), Error> {
    const SQL: &str =
        "UPDATE confirmations SET used_ms = $2 WHERE token_hash = $1 AND used_ms IS NULL";
    on!(tx, conn => sqlx::query(SQL).bind(token_hash).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}
