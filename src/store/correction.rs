//! Table `corrections`: what was wrong in digests that went out, and which digest tells the list's readers.

use super::engine::{Dialect, array, on};
use super::many;
use super::{Error, Tx};
use crate::domain::correction::Correction;

/// Keeps a correction of a digest.
pub async fn add(tx: &mut Tx, digest_id: i64, correction: &Correction) -> Result<(), Error> {
    const SQL: &str =
        "INSERT INTO corrections (digest_id, article_id, title, summary, dropped, note, created_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    on!(tx, conn => sqlx::query(SQL)
        .bind(digest_id)
        .bind(correction.article_id)
        .bind(correction.title.as_deref())
        .bind(correction.summary.as_deref())
        .bind(i64::from(correction.dropped))
        .bind(correction.note.as_str())
        .bind(correction.created_ms)
        .execute(conn)
        .await
        .map(drop)?);
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    digest_id: i64,
    article_id: i64,
    title: Option<String>,
    summary: Option<String>,
    dropped: i64,
    note: String,
    created_ms: i64,
}

impl From<Row> for (i64, Correction) {
    fn from(row: Row) -> Self {
        let correction = Correction {
            article_id: row.article_id,
            title: row.title,
            summary: row.summary,
            dropped: row.dropped == 1,
            note: row.note,
            created_ms: row.created_ms,
        };
        (row.digest_id, correction)
    }
}

/// Each database has its own way to read a JSON array as rows.
const OF: Dialect = Dialect {
    sqlite: "SELECT digest_id, article_id, title, summary, dropped, note, created_ms FROM corrections
        WHERE digest_id IN (SELECT value FROM json_each($1)) ORDER BY id",
    postgres: "SELECT digest_id, article_id, title, summary, dropped, note, created_ms FROM corrections
        WHERE digest_id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb))) ORDER BY id",
};

/// The corrections of these digests, each with its digest, oldest first.
pub async fn of(tx: &mut Tx, digests: &[i64]) -> Result<Vec<(i64, Correction)>, Error> {
    let sql = OF.text(tx);
    let rows: Vec<Row> =
        on!(tx, conn => sqlx::query_as(sql).bind(array(digests)).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Whether correction c of a digest of list $1 is still to be told: no digest tells it, or one that was taken back before anybody had
/// got it. Who did not get one that was taken back half-way is owed it ([`told_in`]). Of a digest for own hours the list's readers
/// know nothing.
macro_rules! is_untold {
    () => {
        "c.digest_id IN (SELECT d.id FROM digests d WHERE d.list_id = $1 AND d.audience = 'list')
            AND NOT EXISTS (SELECT 1 FROM digests t WHERE t.id = c.told_in
                AND (t.status <> 'cancelled' OR t.started_ms IS NOT NULL AND t.looked IS NOT NULL))"
    };
}

const TOLD_IN: Dialect = Dialect {
    sqlite: "SELECT json_group_array(note) FROM (SELECT note FROM corrections
        WHERE told_in IN (SELECT value FROM json_each($1)) ORDER BY id)",
    postgres: "SELECT CAST(COALESCE(json_agg(note ORDER BY id), '[]') AS TEXT) FROM corrections
        WHERE told_in IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// What these digests tell, oldest first.
pub async fn told_in(tx: &mut Tx, digests: &[i64]) -> Result<Vec<String>, Error> {
    many::rows(tx, &TOLD_IN, array(digests)).await
}

/// What the next digest of a list has to tell, oldest first.
pub async fn untold(tx: &mut Tx, list_id: i64) -> Result<Vec<String>, Error> {
    const SQL: &str = concat!(
        "SELECT c.note FROM corrections c WHERE ",
        is_untold!(),
        " ORDER BY c.id"
    );
    let mut notes: Vec<String> =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_all(conn).await?);
    // One note may be about several articles.
    notes.dedup();
    Ok(notes)
}

/// What readers were not told of a list whose articles were last looked at for them at the first of these times, at the second.
pub async fn between(
    tx: &mut Tx,
    list_id: i64,
    after_ms: i64,
    until_ms: i64,
) -> Result<Vec<String>, Error> {
    const SQL: &str = "SELECT c.note FROM corrections c JOIN digests d ON d.id = c.digest_id
        WHERE d.list_id = $1 AND c.created_ms > $2 AND c.created_ms <= $3 ORDER BY c.id";
    let mut notes: Vec<String> = on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(after_ms).bind(until_ms)
        .fetch_all(conn).await?);
    notes.dedup();
    Ok(notes)
}

/// A digest of the list tells all that was still to be told.
pub async fn tell(tx: &mut Tx, list_id: i64, digest_id: i64) -> Result<(), Error> {
    const SQL: &str = concat!(
        "UPDATE corrections AS c SET told_in = $2 WHERE ",
        is_untold!()
    );
    on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(digest_id).execute(conn).await.map(drop)?);
    Ok(())
}
