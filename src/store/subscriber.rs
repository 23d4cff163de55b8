//! Table `subscribers`: a person by address.

use super::engine::on;
use super::{Error, Tx};
use crate::domain::address::EmailAddress;

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

/// The address of a subscriber.
pub async fn address(tx: &mut Tx, id: i64) -> Result<String, Error> {
    const SQL: &str = "SELECT address FROM subscribers WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(id).fetch_one(conn).await?))
}
