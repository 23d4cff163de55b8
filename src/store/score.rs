//! Table `article_scores`: how often articles were read or talked about, as each source counts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, on};
use super::many::{self, Bind};
use super::{Error, Tx};
use crate::domain::popular::Source;

#[derive(Serialize)]
struct Counted<'a> {
    article_id: i64,
    source: &'a str,
    count: i64,
    at_ms: i64,
}

impl Bind for Counted<'_> {
    const COLUMNS: usize = 4;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.article_id)?;
        to.add(self.source)?;
        to.add(self.count)?;
        to.add(self.at_ms)
    }
}

const SET: Dialect = Dialect {
    sqlite: "INSERT INTO article_scores (article_id, source, count, at_ms)
        SELECT column1, column2, column3, column4 FROM (VALUES) WHERE column1 IS NOT NULL
        ON CONFLICT (article_id, source) DO UPDATE SET count = excluded.count, at_ms = excluded.at_ms
        WHERE article_scores.count <> excluded.count",
    postgres: "INSERT INTO article_scores (article_id, source, count, at_ms)
        SELECT article_id, source, count, at_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(article_id BIGINT, source TEXT, count BIGINT, at_ms BIGINT)
        ORDER BY article_id
        ON CONFLICT (article_id, source) DO UPDATE SET count = excluded.count, at_ms = excluded.at_ms
        WHERE article_scores.count <> excluded.count",
};

/// Writes what a source counts of these articles (article, count); of one that is given twice the last counts.
pub async fn set(
    tx: &mut Tx,
    source: Source,
    counts: &[(i64, i64)],
    now_ms: i64,
) -> Result<(), Error> {
    let counts: BTreeMap<i64, i64> = counts.iter().copied().collect();
    let rows: Vec<Counted<'_>> = counts
        .into_iter()
        .map(|(article_id, count)| Counted {
            article_id,
            source: source.as_str(),
            count,
            at_ms: now_ms,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    many::write(tx, &SET, &rows).await
}

/// What a source counts of a list's articles that are dated after the first and up to the second time.
pub async fn of_list(
    tx: &mut Tx,
    list_id: i64,
    source: Source,
    (since_ms, until_ms): (i64, i64),
) -> Result<HashMap<i64, i64>, Error> {
    const SQL: &str = "SELECT s.article_id, s.count FROM article_scores s JOIN placements p ON p.article_id = s.article_id
        JOIN articles a ON a.id = s.article_id
        WHERE p.list_id = $1 AND s.source = $2 AND a.published_ms > $3 AND a.published_ms <= $4";
    let rows: Vec<(i64, i64)> = on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(source.as_str()).bind(since_ms)
        .bind(until_ms).fetch_all(conn).await?);
    Ok(rows.into_iter().collect())
}
