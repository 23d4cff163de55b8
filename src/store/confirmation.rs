//! Table `confirmations`: the tokens of the double opt-in, by their hash.

use super::delivery::further_lists;
use super::engine::{array, on};
use super::{Error, Tx};

/// An open or used confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The lists to confirm, at least one; the first is the one that sent the mail.
    pub lists: Vec<i64>,
    /// Who was mailed.
    pub subscriber_id: i64,
    /// When it stops working, epoch milliseconds.
    pub expires_ms: i64,
    /// When it was used.
    pub used_ms: Option<i64>,
    /// The change of address that it is about; `None`: a sign-up.
    pub move_id: Option<i64>,
}

impl Confirmation {
    /// The list that sent the mail.
    pub fn list_id(&self) -> i64 {
        self.lists[0]
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    list_id: i64,
    also: Option<String>,
    subscriber_id: i64,
    expires_ms: i64,
    used_ms: Option<i64>,
    move_id: Option<i64>,
}

/// Keeps the hash of a token that is about to be mailed.
pub async fn insert(
    tx: &mut Tx,
    token_hash: &[u8],
    confirmation: &Confirmation,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO confirmations (token_hash, list_id, also, subscriber_id, created_ms, expires_ms, move_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (list_id, also) = (confirmation.list_id(), &confirmation.lists[1..]);
    let also = (!also.is_empty()).then(|| array(also));
    on!(tx, conn => sqlx::query(SQL).bind(token_hash).bind(list_id).bind(also).bind(confirmation.subscriber_id).bind(now_ms)
        .bind(confirmation.expires_ms).bind(confirmation.move_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Finds a confirmation by the hash of its token.
pub async fn by_hash(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<Confirmation>, Error> {
    const SQL: &str =
        "SELECT list_id, also, subscriber_id, expires_ms, used_ms, move_id FROM confirmations
        WHERE token_hash = $1";
    let row: Option<Row> =
        on!(tx, conn => sqlx::query_as(SQL).bind(token_hash).fetch_optional(conn).await?);
    row.map(|row| {
        let mut lists = vec![row.list_id];
        lists.extend(further_lists(row.also.as_deref())?);
        Ok(Confirmation {
            lists,
            subscriber_id: row.subscriber_id,
            expires_ms: row.expires_ms,
            used_ms: row.used_ms,
            move_id: row.move_id,
        })
    })
    .transpose()
}

/// Marks a confirmation as used; the first time stays.
pub async fn mark_used(tx: &mut Tx, token_hash: &[u8], now_ms: i64) -> Result<(), Error> {
    const SQL: &str =
        "UPDATE confirmations SET used_ms = $2 WHERE token_hash = $1 AND used_ms IS NULL";
    on!(tx, conn => sqlx::query(SQL).bind(token_hash).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}
