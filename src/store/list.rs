//! Table `lists`: what of a list the database must remember; the rest is in the configuration.

use super::engine::{Dialect, on};
use super::{Error, Tx};

/// A list's row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ListRow {
    /// Its row.
    pub id: i64,
    /// Its short name.
    pub slug: String,
    /// What readers see.
    pub name: String,
    /// Periods up to this one are not due (the schedule changed then); `None` for a list's first schedule.
    pub rescheduled_ms: Option<i64>,
    /// When it left the configuration.
    pub removed_ms: Option<i64>,
}

/// Writes what the configuration says of a list; a changed schedule, or a list that comes back, starts afresh from `now_ms`.
pub async fn sync(
    tx: &mut Tx,
    slug: &str,
    name: &str,
    schedule: &str,
    now_ms: i64,
) -> Result<ListRow, Error> {
    const SQL: &str = "INSERT INTO lists (slug, name, schedule, created_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (slug) DO UPDATE SET
            name = excluded.name,
            rescheduled_ms = CASE WHEN lists.schedule <> excluded.schedule OR lists.removed_ms IS NOT NULL
                THEN excluded.created_ms ELSE lists.rescheduled_ms END,
            schedule = excluded.schedule,
            removed_ms = NULL
        RETURNING id, slug, name, rescheduled_ms, removed_ms";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(slug).bind(name).bind(schedule).bind(now_ms).fetch_one(conn).await?),
    )
}

/// Marks a list as gone from the configuration; nothing of it is deleted.
pub async fn mark_removed(tx: &mut Tx, id: i64, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE lists SET removed_ms = $2 WHERE id = $1 AND removed_ms IS NULL";
    on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Every list ever seen, by slug.
pub async fn all(tx: &mut Tx) -> Result<Vec<ListRow>, Error> {
    const SQL: &str = "SELECT id, slug, name, rescheduled_ms, removed_ms FROM lists ORDER BY slug";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// The lists that some process's configuration names.
pub async fn in_use(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const SQL: &str = "SELECT id FROM lists WHERE removed_ms IS NULL ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).fetch_all(conn).await?))
}

/// One list.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<ListRow>, Error> {
    const SQL: &str = "SELECT id, slug, name, rescheduled_ms, removed_ms FROM lists WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(id).fetch_optional(conn).await?))
}

/// On PostgreSQL one transaction after the other freezes digests of a list or changes what its readers chose; SQLite has one writer.
const LOCK: Dialect = Dialect {
    sqlite: "SELECT id FROM lists WHERE id = $1",
    postgres: "SELECT id FROM lists WHERE id = $1 FOR NO KEY UPDATE",
};

/// Waits for its turn to freeze a digest of the list, or to change what a reader of it chose.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<(), Error> {
    let sql = LOCK.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(id).fetch_optional(conn).await.map(drop)?);
    Ok(())
}

/// PostgreSQL would wait for ever; SQLite has waited before the transaction began.
const PATIENCE: Dialect = Dialect {
    sqlite: "SELECT 1",
    postgres: "SET LOCAL lock_timeout = '3s'",
};

/// As [`lock`], for somebody who waits for an answer: after three seconds it is an error that waiting may help, for this lock and
/// for those that the transaction takes later.
pub async fn lock_soon(tx: &mut Tx, id: i64) -> Result<(), Error> {
    let sql = PATIENCE.text(tx);
    on!(&mut *tx, conn => sqlx::query(sql).execute(conn).await.map(drop)?);
    lock(tx, id).await
}
