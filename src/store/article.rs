//! Tables `articles` (each stored once, by identity) and `placements` (an article in a list's section).

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::digest_look::counts;
use super::engine::{Dialect, on};
use super::many::{self, Bind};
use super::owed::Owed;
use super::{Error, Tx};
use crate::domain::article::{Article, Image, NewArticle, SafeHtml};

/// What storing an article did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was not known.
    New,
    /// It was known with another title, summary or picture.
    Changed,
    /// It was known just so.
    Same,
}

/// An article's row to be.
#[derive(Serialize)]
struct Written<'a> {
    identity: &'a str,
    url: &'a str,
    title: &'a str,
    summary_html: &'a str,
    summary_text: &'a str,
    source: Option<&'a str>,
    author: Option<&'a str>,
    image_url: Option<&'a str>,
    image_alt: Option<&'a str>,
    published_ms: Option<i64>,
    now_ms: i64,
    /// A JSON array; `None`: there are none.
    categories: Option<String>,
}

impl Bind for Written<'_> {
    const COLUMNS: usize = 12;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.identity)?;
        to.add(self.url)?;
        to.add(self.title)?;
        to.add(self.summary_html)?;
        to.add(self.summary_text)?;
        to.add(self.source)?;
        to.add(self.author)?;
        to.add(self.image_url)?;
        to.add(self.image_alt)?;
        to.add(self.published_ms)?;
        to.add(self.now_ms)?;
        to.add(self.categories.as_deref())
    }
}

/// The rows as PostgreSQL reads them.
macro_rules! written {
    () => {
        "jsonb_to_recordset(CAST($1 AS jsonb)) AS r(identity TEXT, url TEXT, title TEXT, summary_html TEXT, summary_text TEXT, source TEXT,
            author TEXT, image_url TEXT, image_alt TEXT, published_ms BIGINT, now_ms BIGINT, categories TEXT)"
    };
}

const INSERT: Dialect = Dialect {
    sqlite: "INSERT INTO articles (identity, url, title, summary_html, summary_text, source, author, image_url, image_alt, published_ms,
            stored_ms, updated_ms, categories)
        SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, COALESCE(column10, column11), column11,
            column11, column12
        FROM (VALUES) WHERE column1 IS NOT NULL ON CONFLICT (identity) DO NOTHING",
    postgres: concat!(
        "INSERT INTO articles (identity, url, title, summary_html, summary_text, source, author, image_url, image_alt, published_ms,
            stored_ms, updated_ms, categories)
        SELECT identity, url, title, summary_html, summary_text, source, author, image_url, image_alt, COALESCE(published_ms, now_ms),
            now_ms, now_ms, categories FROM ",
        written!(),
        " ORDER BY identity ON CONFLICT (identity) DO NOTHING"
    ),
};

/// Only what differs is written: who looks at `updated_ms` is told of changes alone.
macro_rules! changed {
    () => {
        "UPDATE articles SET url = r.url, title = r.title, summary_html = r.summary_html, summary_text = r.summary_text,
            source = r.source, author = r.author, image_url = r.image_url, image_alt = r.image_alt,
            published_ms = COALESCE(r.published_ms, articles.published_ms), categories = r.categories, updated_ms = r.now_ms
        FROM "
    };
}
macro_rules! differs {
    () => {
        " WHERE articles.identity = r.identity AND (articles.title <> r.title OR articles.summary_html <> r.summary_html
            OR articles.url <> r.url OR COALESCE(articles.source, '') <> COALESCE(r.source, '')
            OR COALESCE(articles.image_url, '') <> COALESCE(r.image_url, '')
            OR COALESCE(articles.image_alt, '') <> COALESCE(r.image_alt, '')
            OR COALESCE(articles.categories, '') <> COALESCE(r.categories, '')
            OR articles.published_ms <> COALESCE(r.published_ms, articles.published_ms))"
    };
}
/// The rows as SQLite reads them, by the names that they have on PostgreSQL.
macro_rules! named {
    () => {
        "(SELECT column1 AS identity, column2 AS url, column3 AS title, column4 AS summary_html, column5 AS summary_text,
            column6 AS source, column7 AS author, column8 AS image_url, column9 AS image_alt, column10 AS published_ms,
            column11 AS now_ms, column12 AS categories FROM (VALUES) WHERE column1 IS NOT NULL) AS r"
    };
}
const DIFFERENT: Dialect = Dialect {
    sqlite: concat!(
        "SELECT json_group_array(articles.identity) FROM articles, ",
        named!(),
        differs!()
    ),
    postgres: concat!(
        "SELECT CAST(COALESCE(json_agg(articles.identity), '[]') AS TEXT) FROM articles, ",
        written!(),
        differs!()
    ),
};
const UPDATE: Dialect = Dialect {
    sqlite: concat!(changed!(), named!(), differs!()),
    postgres: concat!(changed!(), written!(), differs!()),
};

const KNOWN: Dialect = Dialect {
    sqlite: "SELECT json_group_array(json_array(identity, id)) FROM articles
        WHERE identity IN (SELECT value FROM json_each($1))",
    postgres:
        "SELECT CAST(COALESCE(json_agg(json_build_array(identity, id)), '[]') AS TEXT) FROM articles
        WHERE identity IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// Stores articles, or updates what changed of them; returns for each, in their order, its row and what was done. Of two that are
/// the same the first is stored.
///
/// An article without a date counts as published when it is first stored.
pub async fn upsert(
    tx: &mut Tx,
    articles: &[impl Borrow<NewArticle> + Sync],
    now_ms: i64,
) -> Result<Vec<(i64, Stored)>, Error> {
    let articles: Vec<&NewArticle> = articles.iter().map(Borrow::borrow).collect();
    let identities: Vec<String> = articles.iter().map(|article| article.identity()).collect();
    let mut seen = HashSet::new();
    let both = articles.iter().zip(&identities);
    let written: Vec<Written<'_>> = both
        .filter(|(_, identity)| seen.insert(identity.as_str()))
        .map(|(article, identity)| Written {
            identity,
            url: &article.url,
            title: &article.title,
            summary_html: article.summary_html.as_str(),
            summary_text: &article.summary_text,
            source: article.source.as_deref(),
            author: article.author.as_deref(),
            image_url: article.image.as_ref().map(|image| image.url.as_str()),
            image_alt: article.image.as_ref().map(|image| image.alt.as_str()),
            published_ms: article.published_ms,
            now_ms,
            categories: categories_json(&article.categories),
        })
        .collect();
    take_turn(tx).await?;
    let before = known(tx, &identities).await?;
    let different: Vec<String> = many::ask(tx, &DIFFERENT, &written).await?;
    let different: HashSet<String> = different.into_iter().collect();
    if before.len() < written.len() {
        many::write(tx, &INSERT, &written).await?;
    }
    if !different.is_empty() {
        many::write(tx, &UPDATE, &written).await?;
    }
    let after = known(tx, &identities).await?;
    let mut stored = Vec::with_capacity(articles.len());
    for identity in &identities {
        let id = after.get(identity).copied();
        let id = id.ok_or_else(|| Error::Corrupt("an article without a row".to_owned()))?;
        let first = seen.remove(identity.as_str());
        let what = if first && !before.contains_key(identity) {
            Stored::New
        } else if first && different.contains(identity) {
            Stored::Changed
        } else {
            Stored::Same
        };
        stored.push((id, what));
    }
    Ok(stored)
}

/// One statement locks rows in no order, and feeds share articles: on PostgreSQL they are stored one feed after the other. SQLite has
/// one writer anyway.
async fn take_turn(tx: &mut Tx) -> Result<(), Error> {
    const SQL: &str = "SELECT pg_advisory_xact_lock(7305513, 2)";
    if let Tx::Postgres(tx) = tx {
        sqlx::query(SQL).execute(&mut **tx).await?;
    }
    Ok(())
}

fn categories_json(categories: &[String]) -> Option<String> {
    (!categories.is_empty()).then(|| serde_json::json!(categories).to_string())
}

/// The rows of these identities that are there.
async fn known(tx: &mut Tx, identities: &[String]) -> Result<HashMap<String, i64>, Error> {
    let found: Vec<(String, i64)> = many::rows(tx, &KNOWN, many::json(&identities)?).await?;
    Ok(found.into_iter().collect())
}

/// An article in a list's section.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Placement<'a> {
    /// The list.
    pub list_id: i64,
    /// The article.
    pub article_id: i64,
    /// The section's key.
    pub section: &'a str,
    /// By which rule, in the words of [`Rule`](crate::domain::placing::Rule).
    pub rule: Option<&'a str>,
}

impl Bind for Placement<'_> {
    const COLUMNS: usize = 4;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.list_id)?;
        to.add(self.article_id)?;
        to.add(self.section)?;
        to.add(self.rule)
    }
}

const PLACE: Dialect = Dialect {
    sqlite: "INSERT INTO placements (list_id, article_id, section, rule)
        SELECT column1, column2, column3, column4 FROM (VALUES) WHERE column1 IS NOT NULL
        ON CONFLICT (list_id, article_id) DO UPDATE SET section = excluded.section, rule = excluded.rule",
    postgres: "INSERT INTO placements (list_id, article_id, section, rule)
        SELECT list_id, article_id, section, rule
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, article_id BIGINT, section TEXT, rule TEXT)
        ORDER BY list_id, article_id
        ON CONFLICT (list_id, article_id) DO UPDATE SET section = excluded.section, rule = excluded.rule",
};

/// Puts articles into sections of lists, or moves them there; each stands once for a list.
pub async fn place(tx: &mut Tx, placements: &[Placement<'_>]) -> Result<(), Error> {
    many::write(tx, &PLACE, placements).await
}

#[derive(sqlx::FromRow)]
pub(super) struct ArticleRow {
    id: i64,
    url: String,
    title: String,
    summary_html: String,
    summary_text: String,
    source: Option<String>,
    image_url: Option<String>,
    image_alt: Option<String>,
    published_ms: i64,
    categories: Option<String>,
    section: String,
}

impl From<ArticleRow> for Article {
    fn from(row: ArticleRow) -> Self {
        // Tags are no reason to lose an article.
        let categories = row.categories.as_deref().map(serde_json::from_str);
        Self {
            categories: categories.and_then(Result::ok).unwrap_or_default(),
            id: row.id,
            url: row.url,
            title: row.title,
            summary_html: SafeHtml::from_sanitised(row.summary_html),
            summary_text: row.summary_text,
            source: row.source,
            image: row.image_url.map(|url| Image {
                url,
                alt: row.image_alt.unwrap_or_default(),
            }),
            published_ms: row.published_ms,
            section: row.section,
        }
    }
}

/// From where on articles are new for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Dated after this, epoch milliseconds.
    pub oldest_ms: i64,
    /// When articles were last looked at for the reader: what digests had looked at by then is not new.
    pub seen_ms: i64,
    /// Digests that were taken back before they reached the reader: what was new in them still is, whatever its date.
    pub owed: Vec<Owed>,
}

impl Window {
    /// What tells windows apart.
    pub fn key(&self) -> (i64, Vec<Owed>) {
        (self.seen_ms, self.owed.clone())
    }
}

/// The articles of a list that are new in a window, dated up to `until_ms`, newest first; with `within` those alone that this
/// digest has looked at. With `is_edited` it is for a digest that editors see: what they left out of any of those before stays left
/// out, also when that one was skipped or taken back.
///
/// What was looked at is read from the decisions of digests, and only the digests are told apart by time: an article that arrives
/// late is not lost, whichever digests for other readers have shown it meanwhile.
pub async fn new(
    tx: &mut Tx,
    list_id: i64,
    window: &Window,
    until_ms: i64,
    (within, is_edited): (Option<i64>, bool),
) -> Result<Vec<Article>, Error> {
    // Of list $1, dated after $2 and up to $3, not looked at by $4 by any digest but $5; looked at by digests $6 and $7 (0: any); with
    // $8 = 1 not left out of any digest but $6. CROSS JOIN keeps SQLite from reading all that the list ever had.
    const SQL: &str = concat!(
        "SELECT a.id, a.url, a.title, a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt,
            a.published_ms, a.categories, p.section
        FROM articles a CROSS JOIN placements p
        WHERE p.list_id = $1 AND p.article_id = a.id AND a.published_ms > $2 AND a.published_ms <= $3 AND NOT EXISTS (
            SELECT 1 FROM digest_articles da JOIN digests d ON d.id = da.digest_id
            WHERE da.article_id = a.id AND d.list_id = p.list_id AND (",
        counts!(),
        " AND d.composed_ms <= $4 AND d.id <> $5 OR $8 = 1 AND da.decision = 'dropped' AND d.id <> $6))
            AND ($6 = 0 OR EXISTS (SELECT 1 FROM digest_articles o WHERE o.digest_id = $6 AND o.article_id = a.id))
            AND ($7 = 0 OR EXISTS (SELECT 1 FROM digest_articles o WHERE o.digest_id = $7 AND o.article_id = a.id))
        ORDER BY a.published_ms DESC, a.id"
    );
    let within = within.unwrap_or(0);
    let whole = (window.oldest_ms, window.seen_ms, within, 0);
    let owed = window
        .owed
        .iter()
        .map(|Owed(digest, seen_ms)| (i64::MIN, *seen_ms, *digest, *digest));
    let mut articles: Vec<Article> = Vec::new();
    for (oldest_ms, seen_ms, but, of) in std::iter::once(whole).chain(owed) {
        let rows: Vec<ArticleRow> = on!(&mut *tx, conn => sqlx::query_as(SQL).bind(list_id).bind(oldest_ms).bind(until_ms)
            .bind(seen_ms).bind(but).bind(within).bind(of).bind(i64::from(is_edited)).fetch_all(conn).await?);
        articles.extend(rows.into_iter().map(Article::from));
    }
    articles.sort_by_key(|article| (std::cmp::Reverse(article.published_ms), article.id));
    articles.dedup_by_key(|article| article.id);
    Ok(articles)
}

/// The newest articles of a list.
pub async fn newest(tx: &mut Tx, list_id: i64, most: i64) -> Result<Vec<Article>, Error> {
    const SQL: &str = "SELECT a.id, a.url, a.title, a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt,
            a.published_ms, a.categories, p.section
        FROM placements p JOIN articles a ON a.id = p.article_id
        WHERE p.list_id = $1 ORDER BY a.published_ms DESC, a.id LIMIT $2";
    let rows: Vec<ArticleRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(most).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Article::from).collect())
}
