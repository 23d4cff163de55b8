//! Table `subscribers`: a person by address. One who was erased is a number without an address.

use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::address::EmailAddress;

/// A subscriber.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscriber {
    /// The row.
    pub id: i64,
    /// What makes two addresses the same (standards A11).
    pub identity: String,
    /// Where mail goes.
    pub address: String,
    /// Since when, epoch milliseconds.
    pub created_ms: i64,
}

/// Finds the subscriber with this address, or makes one; the address stays as it was first typed.
pub async fn ensure(tx: &mut Tx, address: &EmailAddress, now_ms: i64) -> Result<i64, Error> {
    // The update changes nothing; it makes RETURNING answer for a row that was there. It names no key column: on
    // PostgreSQL that would wait for every delivery that is just being frozen, and the wait would tell who is subscribed.
    const SQL: &str = "INSERT INTO subscribers (identity, address, created_ms) VALUES ($1, $2, $3)
        ON CONFLICT (identity) DO UPDATE SET created_ms = subscribers.created_ms RETURNING id";
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(address.identity()).bind(address.as_str()).bind(now_ms)
        .fetch_one(conn).await?),
    )
}

/// The subscriber with this identity.
pub async fn by_identity(tx: &mut Tx, identity: &str) -> Result<Option<Subscriber>, Error> {
    const SQL: &str =
        "SELECT id, identity, address, created_ms FROM subscribers WHERE identity = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(identity).fetch_optional(conn).await?))
}

/// The subscriber with this row, unless it was erased.
pub async fn by_id(tx: &mut Tx, subscriber_id: i64) -> Result<Option<Subscriber>, Error> {
    const SQL: &str =
        "SELECT id, identity, address, created_ms FROM subscribers WHERE id = $1 AND address <> ''";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_optional(conn).await?))
}

/// PostgreSQL locks the row, so that nothing new is hung on it meanwhile; SQLite has one writer.
const LOCK: Dialect = Dialect {
    sqlite: "SELECT id, identity, address, created_ms FROM subscribers WHERE id = $1 AND address <> ''",
    postgres: "SELECT id, identity, address, created_ms FROM subscribers WHERE id = $1 AND address <> '' FOR UPDATE",
};

/// As [`by_id`], for a transaction that will erase it.
pub async fn lock(tx: &mut Tx, subscriber_id: i64) -> Result<Option<Subscriber>, Error> {
    let sql = LOCK.text(tx);
    Ok(on!(tx, conn => sqlx::query_as(sql).bind(subscriber_id).fetch_optional(conn).await?))
}

/// Deletes a subscriber of whom nothing else is known. Numbers are never given twice, so links in old mails name nobody new.
pub(super) async fn forget_unless_known(tx: &mut Tx, subscriber_id: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM subscribers WHERE id = $1
        AND NOT EXISTS (SELECT 1 FROM subscriptions o WHERE o.subscriber_id = $1)
        AND NOT EXISTS (SELECT 1 FROM consents o WHERE o.subscriber_id = $1)
        AND NOT EXISTS (SELECT 1 FROM confirmations o WHERE o.subscriber_id = $1)
        AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.subscriber_id = $1)
        AND NOT EXISTS (SELECT 1 FROM moves o WHERE o.subscriber_id = $1 OR o.from_id = $1)";
    on!(tx, conn => sqlx::query(SQL).bind(subscriber_id).execute(conn).await.map(drop)?);
    Ok(())
}
