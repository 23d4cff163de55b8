//! Table `click_counts`: how often articles were read out of digests, by day. There is no row with a person.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, array, on};
use super::many::{self, Bind};
use super::{Error, Tx};
use crate::domain::clicks::Counted;

#[derive(Serialize)]
struct Row<'a> {
    list_id: i64,
    article_id: i64,
    section: &'a str,
    day: i64,
    clicks: i64,
}

impl Bind for Row<'_> {
    const COLUMNS: usize = 5;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.list_id)?;
        to.add(self.article_id)?;
        to.add(self.section)?;
        to.add(self.day)?;
        to.add(self.clicks)
    }
}

/// In the order of the key, so that two processes that add at once wait for each other and not for ever.
const ADD: Dialect = Dialect {
    sqlite: "INSERT INTO click_counts (list_id, article_id, section, day, clicks)
        SELECT column1, column2, column3, column4, column5 FROM (VALUES) WHERE column1 IS NOT NULL
        ON CONFLICT (list_id, article_id, section, day) DO UPDATE SET clicks = click_counts.clicks + excluded.clicks",
    postgres: "INSERT INTO click_counts (list_id, article_id, section, day, clicks)
        SELECT list_id, article_id, section, day, clicks
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, article_id BIGINT, section TEXT, day BIGINT, clicks BIGINT)
        ORDER BY list_id, article_id, section, day
        ON CONFLICT (list_id, article_id, section, day) DO UPDATE SET clicks = click_counts.clicks + excluded.clicks",
};

/// Adds clicks to what is there.
pub async fn add(tx: &mut Tx, counts: &BTreeMap<Counted, i64>) -> Result<(), Error> {
    let rows: Vec<Row<'_>> = counts
        .iter()
        .map(|(counted, clicks)| Row {
            list_id: counted.list_id,
            article_id: counted.article_id,
            section: &counted.section,
            day: counted.day,
            clicks: *clicks,
        })
        .collect();
    many::write(tx, &ADD, &rows).await
}

const OF_ARTICLES: Dialect = Dialect {
    sqlite: "SELECT article_id, SUM(clicks) FROM click_counts
        WHERE list_id = $1 AND article_id IN (SELECT value FROM json_each($2)) AND day >= $3 GROUP BY article_id",
    postgres: "SELECT article_id, CAST(SUM(clicks) AS BIGINT) FROM click_counts
        WHERE list_id = $1 AND article_id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($2 AS jsonb)))
            AND day >= $3 GROUP BY article_id",
};

/// How often each of these articles was clicked in digests of a list since a day (days since 1970-01-01, UTC); articles without a
/// click are left out.
pub async fn of_articles(
    tx: &mut Tx,
    list_id: i64,
    articles: &[i64],
    since_day: i64,
) -> Result<HashMap<i64, i64>, Error> {
    let sql = OF_ARTICLES.text(tx);
    let articles = array(articles);
    let rows: Vec<(i64, i64)> = on!(tx, conn => sqlx::query_as(sql)
        .bind(list_id)
        .bind(articles.as_str())
        .bind(since_day)
        .fetch_all(conn)
        .await?);
    Ok(rows.into_iter().collect())
}
