//! Table `moves`: a subscriber who is to take the place of another when the new address is confirmed.

use super::engine::on;
use super::{Error, Tx};

/// A change of address that waits for its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Move {
    /// Whose place is taken.
    pub from_id: i64,
    /// When it was asked for.
    pub created_ms: i64,
}

/// Notes that a subscriber is to take the place of another. Asked for again it stays as it was; another's place replaces it.
pub async fn ask(tx: &mut Tx, subscriber_id: i64, from_id: i64, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO moves (subscriber_id, from_id, created_ms) VALUES ($1, $2, $3)
        ON CONFLICT (subscriber_id) DO UPDATE SET from_id = excluded.from_id, created_ms = excluded.created_ms
        WHERE moves.from_id <> excluded.from_id";
    on!(tx, conn => sqlx::query(SQL).bind(subscriber_id).bind(from_id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Whose place a subscriber is to take.
pub async fn of(tx: &mut Tx, subscriber_id: i64) -> Result<Option<Move>, Error> {
    const SQL: &str = "SELECT from_id, created_ms FROM moves WHERE subscriber_id = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_optional(conn).await?))
}

/// Forgets every move away from a subscriber: one is done.
pub async fn forget(tx: &mut Tx, from_id: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM moves WHERE from_id = $1";
    on!(tx, conn => sqlx::query(SQL).bind(from_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Copies name, choices and window of one subscriber's subscription to another's. Its time goes along: the digests that were
/// received at the old address count as received.
pub async fn copy(tx: &mut Tx, list_id: i64, from_id: i64, to_id: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE subscriptions SET name = COALESCE(o.name, subscriptions.name), language = o.language, sections = o.sections, cadence = o.cadence,
            day = o.day, hour = o.hour, zone = o.zone, paused_until_ms = o.paused_until_ms, next_ms = o.next_ms,
            since_ms = o.since_ms, owed = o.owed, changed_ms = o.changed_ms
        FROM subscriptions AS o
        WHERE subscriptions.list_id = $1 AND subscriptions.subscriber_id = $3 AND o.list_id = $1 AND o.subscriber_id = $2";
    on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(from_id).bind(to_id).execute(conn).await.map(drop)?);
    Ok(())
}
