//! Table `suppressions`: addresses never mailed again. It wins over every subscription.

use super::engine::on;
use super::{Error, Tx};

/// A suppressed address.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct Suppression {
    /// The address's identity (standards A11).
    pub identity: String,
    /// Why.
    pub reason: String,
    /// Since when, epoch milliseconds.
    pub created_ms: i64,
}

/// Suppresses an address; an older reason stays. Says whether it is new.
pub async fn add(tx: &mut Tx, identity: &str, reason: &str, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "INSERT INTO suppressions (identity, reason, created_ms) VALUES ($1, $2, $3) ON CONFLICT (identity) DO NOTHING";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(identity).bind(reason).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Takes an address off the list; says whether it was on it.
pub async fn remove(tx: &mut Tx, identity: &str) -> Result<bool, Error> {
    const SQL: &str = "DELETE FROM suppressions WHERE identity = $1";
    let rows =
        on!(tx, conn => sqlx::query(SQL).bind(identity).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// All suppressed addresses after `after`, in order (keyset page).
pub async fn page(tx: &mut Tx, after: &str, most: i64) -> Result<Vec<Suppression>, Error> {
    const SQL: &str = "SELECT identity, reason, created_ms FROM suppressions WHERE identity > $1 ORDER BY identity LIMIT $2";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(after).bind(most).fetch_all(conn).await?))
}
