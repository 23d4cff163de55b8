//! Tables `budgets` and `backoffs`: how much may be sent, for all processes together and across restarts.

use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::rate::Used;

/// PostgreSQL locks the row until the transaction ends; SQLite has one writer.
const READ: Dialect = Dialect {
    sqlite: "SELECT tat_us, day, used FROM budgets WHERE name = $1",
    postgres: "SELECT tat_us, day, used FROM budgets WHERE name = $1 FOR UPDATE",
};

/// A limit's budget, to be written back in the same transaction.
pub async fn budget(tx: &mut Tx, name: &str) -> Result<Used, Error> {
    const ENSURE: &str = "INSERT INTO budgets (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
    on!(&mut *tx, conn => sqlx::query(ENSURE).bind(name).execute(conn).await.map(drop)?);
    let read = READ.text(tx);
    Ok(on!(tx, conn => sqlx::query_as(read).bind(name).fetch_one(conn).await?))
}

/// Writes a limit's budget.
pub async fn set_budget(tx: &mut Tx, name: &str, used: Used) -> Result<(), Error> {
    const SQL: &str = "UPDATE budgets SET tat_us = $2, day = $3, used = $4 WHERE name = $1";
    on!(tx, conn => sqlx::query(SQL).bind(name).bind(used.tat_us).bind(used.day).bind(used.used)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// A provider, or a domain that belongs to none, that asked us to slow down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Backoff {
    /// `provider:NAME` or `domain:NAME`.
    pub name: String,
    /// Nothing goes there before this, epoch milliseconds.
    pub until_ms: i64,
    /// How often in a row.
    pub level: i64,
    /// What it said.
    pub reply: String,
}

/// Every back-off that is not forgotten yet.
pub async fn backoffs(tx: &mut Tx) -> Result<Vec<Backoff>, Error> {
    const SQL: &str = "SELECT name, until_ms, level, reply FROM backoffs ORDER BY name";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// Notes a back-off; one that lasts longer already stays, unless it lasts longer than `furthest_ms`.
pub async fn back_off(tx: &mut Tx, backoff: &Backoff, furthest_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO backoffs (name, until_ms, level, reply) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET until_ms = excluded.until_ms, level = excluded.level, reply = excluded.reply
        WHERE backoffs.until_ms < excluded.until_ms OR backoffs.until_ms > $5";
    on!(tx, conn => sqlx::query(SQL).bind(&backoff.name).bind(backoff.until_ms).bind(backoff.level).bind(&backoff.reply)
        .bind(furthest_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Mail goes there again as before, unless a back-off lasts longer than the one that is over.
pub async fn recovered(tx: &mut Tx, name: &str, until_ms: i64) -> Result<(), Error> {
    const SQL: &str = "DELETE FROM backoffs WHERE name = $1 AND until_ms <= $2";
    on!(tx, conn => sqlx::query(SQL).bind(name).bind(until_ms).execute(conn).await.map(drop)?);
    Ok(())
}
