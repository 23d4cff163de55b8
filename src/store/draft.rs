//! Table `drafts`: what editors decided about the digest of a period, and since when they know of it.

use super::engine::on;
use super::{Error, Tx};
use crate::domain::editing::Editing;

/// What stands in a draft's row; the default where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// When the editors were told of it, epoch milliseconds.
    pub opened_ms: Option<i64>,
    /// What they decided.
    pub editing: Editing,
    /// Counted up with each change; 0: nobody changed anything.
    pub version: i64,
    /// When it was last changed.
    pub edited_ms: Option<i64>,
    /// By whom: an identity (standards A11), or `command`.
    pub edited_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    opened_ms: Option<i64>,
    edits: String,
    version: i64,
    edited_ms: Option<i64>,
    edited_by: Option<String>,
}

/// The draft of a list's period.
pub async fn read(tx: &mut Tx, list_id: i64, period_ms: i64) -> Result<Draft, Error> {
    const SQL: &str = "SELECT opened_ms, edits, version, edited_ms, edited_by FROM drafts WHERE list_id = $1 AND period_ms = $2";
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(period_ms).fetch_optional(conn).await?);
    let Some(row) = row else {
        return Ok(Draft::default());
    };
    let corrupt = |error| Error::Corrupt(format!("edits of list {list_id}, {period_ms}: {error}"));
    Ok(Draft {
        opened_ms: row.opened_ms,
        editing: serde_json::from_str(&row.edits).map_err(corrupt)?,
        version: row.version,
        edited_ms: row.edited_ms,
        edited_by: row.edited_by,
    })
}

/// Notes that the editors are told of a draft; false: they were before.
pub async fn open(tx: &mut Tx, list_id: i64, period_ms: i64, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "INSERT INTO drafts (list_id, period_ms, opened_ms) VALUES ($1, $2, $3)
        ON CONFLICT (list_id, period_ms) DO UPDATE SET opened_ms = excluded.opened_ms WHERE drafts.opened_ms IS NULL";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(period_ms).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Writes what was decided over this version; the new one, or none when it had been changed meanwhile.
pub async fn save(
    tx: &mut Tx,
    (list_id, period_ms): (i64, i64),
    editing: &Editing,
    version: i64,
    (now_ms, by): (i64, &str),
) -> Result<Option<i64>, Error> {
    const SQL: &str = "INSERT INTO drafts (list_id, period_ms, edits, version, edited_ms, edited_by) VALUES ($1, $2, $3, 1, $4, $5)
        ON CONFLICT (list_id, period_ms) DO UPDATE SET edits = excluded.edits, version = drafts.version + 1,
            edited_ms = excluded.edited_ms, edited_by = excluded.edited_by
        WHERE drafts.version = $6 RETURNING version";
    let edits = super::many::json(editing)?;
    Ok(on!(tx, conn => sqlx::query_scalar(SQL)
        .bind(list_id)
        .bind(period_ms)
        .bind(edits.as_str())
        .bind(now_ms)
        .bind(by)
        .bind(version)
        .fetch_optional(conn)
        .await?))
}

/// Forgets who edited, where it was this identity.
pub async fn forget(tx: &mut Tx, identity: &str) -> Result<(), Error> {
    const SQL: &str = "UPDATE drafts SET edited_by = NULL WHERE edited_by = $1";
    on!(tx, conn => sqlx::query(SQL).bind(identity).execute(conn).await.map(drop)?);
    Ok(())
}
