//! Table `articles`, as what digests compare with: what readers were sent, what may stand beside the news; and one article by its name.

use std::collections::HashMap;

use super::article::{ArticleRow, Window};
use super::digest_look::counts;
use super::engine::{Dialect, array, on};
use super::many;
use super::{Error, Tx};
use crate::domain::article::{Article, canonical_url};
use crate::domain::placing::Rule;

/// So many articles are looked at, the newest.
const MOST: i64 = 2_000;

/// No digest is made so long after its period: lateness is hours or days.
const LATEST_MS: i64 = 31 * 24 * 60 * 60 * 1_000;

/// An article whose story readers were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The article, in the section where it stood or would have stood.
    pub article: Article,
    /// Whether it stood in the digest itself. Else it was folded there, or looked at for readers with other choices: who has these other
    /// choices was told the story by it.
    pub stood: bool,
}

#[derive(sqlx::FromRow)]
struct SentRow {
    stood: i64,
    #[sqlx(flatten)]
    article: ArticleRow,
}

/// The articles that digests of a list brought to the readers of a window, dated after `since_ms`, or told the story of; for readers who
/// are where the list is, the list's own digests alone. Of a digest that was taken back nothing counts as sent.
pub async fn sent(
    tx: &mut Tx,
    list_id: i64,
    (window, is_the_lists): (&Window, bool),
    since_ms: i64,
) -> Result<Vec<Sent>, Error> {
    // Own hours make many digests, which looked at the same articles: each counts once.
    const SQL: &str = "SELECT t.stood, a.id, a.url, a.title, a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt,
            a.published_ms, a.categories, t.section
        FROM (SELECT da.article_id, MIN(da.section) AS section,
                MAX(CASE WHEN da.decision IN ('lead', 'chosen', 'pinned') THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END) AS stood
            FROM digests d JOIN digest_articles da ON da.digest_id = d.id
            WHERE d.list_id = $1 AND d.started_ms IS NOT NULL AND d.status <> 'cancelled' AND d.composed_ms <= $2
                AND d.until_ms >= $3 AND d.period_ms >= $6 AND ($4 = 0 OR d.audience = 'list')
                AND da.decision IN ('lead', 'chosen', 'pinned', 'folded', 'other_readers')
            GROUP BY da.article_id) t
        JOIN articles a ON a.id = t.article_id WHERE a.published_ms > $3
        ORDER BY a.published_ms DESC, a.id LIMIT $5";
    let lists_alone = i64::from(is_the_lists);
    let rows: Vec<SentRow> = on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(window.seen_ms).bind(since_ms)
        .bind(lists_alone).bind(MOST).bind(since_ms - LATEST_MS).fetch_all(conn).await?);
    let sent = |row: SentRow| Sent {
        article: Article::from(row.article),
        stood: row.stood == 1,
    };
    Ok(rows.into_iter().map(sent).collect())
}

/// The articles of a list that may stand beside its news, dated after the first and up to the second time, newest first: those that a
/// digest has looked at (also digest `digest_id`, which is being frozen), or that are too old to become news. What waits to be news is
/// none of them, nor what editors left out or took back. What was corrected has its title by the last correction.
pub async fn old(
    tx: &mut Tx,
    list_id: i64,
    (since_ms, until_ms): (i64, i64),
    oldest_ms: i64,
    digest_id: i64,
) -> Result<Vec<Article>, Error> {
    // CROSS JOIN keeps SQLite from reading all that the list ever had.
    const SQL: &str = concat!(
        "SELECT a.id, a.url, COALESCE((SELECT c.title FROM corrections c JOIN digests d ON d.id = c.digest_id
                WHERE c.article_id = a.id AND d.list_id = p.list_id AND c.title IS NOT NULL ORDER BY c.id DESC LIMIT 1), a.title) AS title,
            a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt, a.published_ms, a.categories, p.section
        FROM articles a CROSS JOIN placements p
        WHERE p.list_id = $1 AND p.article_id = a.id AND a.published_ms > $2 AND a.published_ms <= $3 AND (a.published_ms <= $4 OR EXISTS (
            SELECT 1 FROM digest_articles da JOIN digests d ON d.id = da.digest_id
            WHERE da.article_id = a.id AND d.list_id = p.list_id AND (d.id = $5 OR (",
        counts!(),
        "))))
            AND NOT EXISTS (SELECT 1 FROM digest_articles da JOIN digests d ON d.id = da.digest_id
                WHERE da.article_id = a.id AND d.list_id = p.list_id AND da.decision = 'dropped')
            AND NOT EXISTS (SELECT 1 FROM corrections c JOIN digests d ON d.id = c.digest_id
                WHERE c.article_id = a.id AND d.list_id = p.list_id AND c.dropped = 1)
        ORDER BY a.published_ms DESC, a.id LIMIT $6"
    );
    let rows: Vec<ArticleRow> = on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(since_ms).bind(until_ms).bind(oldest_ms)
        .bind(digest_id).bind(MOST).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Article::from).collect())
}

/// An article as one of its lists has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The list.
    pub list_id: i64,
    /// The article, in its section there.
    pub article: Article,
    /// By which rule; `None`: a version that did not write it down placed it.
    pub rule: Option<Rule>,
    /// When it was stored, epoch milliseconds.
    pub stored_ms: i64,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    list_id: i64,
    rule: Option<String>,
    stored_ms: i64,
    #[sqlx(flatten)]
    article: ArticleRow,
}

/// The rows of the articles with this number, or else with this address.
pub async fn named(tx: &mut Tx, name: &str) -> Result<Vec<i64>, Error> {
    const BY_ID: &str = "SELECT id FROM articles WHERE id = $1";
    const BY_URL: &str =
        "SELECT id FROM articles WHERE identity = $2 OR url IN ($1, $2) ORDER BY id";
    if let Ok(id) = name.parse::<i64>() {
        return Ok(on!(tx, conn => sqlx::query_scalar(BY_ID).bind(id).fetch_all(conn).await?));
    }
    let canonical = canonical_url(name);
    Ok(
        on!(tx, conn => sqlx::query_scalar(BY_URL).bind(name).bind(canonical.as_str()).fetch_all(conn).await?),
    )
}

const TITLES: Dialect = Dialect {
    sqlite: "SELECT json_group_array(json_array(id, title)) FROM articles WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT CAST(COALESCE(json_agg(json_build_array(id, title)), '[]') AS TEXT) FROM articles
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// The titles of these articles.
pub async fn titles(tx: &mut Tx, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    let found: Vec<(i64, String)> = many::rows(tx, &TITLES, array(ids)).await?;
    Ok(found.into_iter().collect())
}

/// An article in each list that has it.
pub async fn standings(tx: &mut Tx, article_id: i64) -> Result<Vec<Standing>, Error> {
    const SQL: &str = "SELECT p.list_id, p.rule, a.stored_ms, a.id, a.url, a.title, a.summary_html, a.summary_text, a.source,
            a.image_url, a.image_alt, a.published_ms, a.categories, p.section
        FROM placements p JOIN articles a ON a.id = p.article_id WHERE a.id = $1 ORDER BY p.list_id";
    let rows: Vec<StandingRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(article_id).fetch_all(conn).await?);
    let standing = |row: StandingRow| Standing {
        list_id: row.list_id,
        article: Article::from(row.article),
        rule: row.rule.as_deref().and_then(Rule::parse),
        stored_ms: row.stored_ms,
    };
    Ok(rows.into_iter().map(standing).collect())
}
