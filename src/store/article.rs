//! Tables `articles` (each stored once, by identity) and `placements` (an article in a list's section).

use super::digest_look::counts;
use super::engine::on;
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

/// Stores an article, or updates what changed of it; returns its row.
///
/// An article without a date counts as published when it is first stored.
pub async fn upsert(
    tx: &mut Tx,
    article: &NewArticle,
    now_ms: i64,
) -> Result<(i64, Stored), Error> {
    const INSERT: &str =
        "INSERT INTO articles (identity, url, title, summary_html, summary_text, source, author,
            image_url, image_alt, published_ms, stored_ms, updated_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, COALESCE($10, $11), $11, $11)
        ON CONFLICT (identity) DO NOTHING RETURNING id";
    const UPDATE: &str = "UPDATE articles SET url = $2, title = $3, summary_html = $4, summary_text = $5, source = $6,
            author = $7, image_url = $8, image_alt = $9, published_ms = COALESCE($10, published_ms), updated_ms = $11
        WHERE identity = $1 AND (title <> $3 OR summary_html <> $4 OR url <> $2 OR COALESCE(source, '') <> COALESCE($6, '')
            OR COALESCE(image_url, '') <> COALESCE($8, '') OR COALESCE(image_alt, '') <> COALESCE($9, '')
            OR published_ms <> COALESCE($10, published_ms))
        RETURNING id";
    const FIND: &str = "SELECT id FROM articles WHERE identity = $1";

    let identity = article.identity();
    macro_rules! bound {
        ($sql:expr) => {
            on!(&mut *tx, conn => sqlx::query_scalar::<_, i64>($sql)
                .bind(&identity)
                .bind(&article.url)
                .bind(&article.title)
                .bind(article.summary_html.as_str())
                .bind(&article.summary_text)
                .bind(&article.source)
                .bind(&article.author)
                .bind(article.image.as_ref().map(|image| image.url.as_str()))
                .bind(article.image.as_ref().map(|image| image.alt.as_str()))
                .bind(article.published_ms)
                .bind(now_ms)
                .fetch_optional(conn)
                .await?)
        };
    }
    if let Some(id) = bound!(INSERT) {
        return Ok((id, Stored::New));
    }
    if let Some(id) = bound!(UPDATE) {
        return Ok((id, Stored::Changed));
    }
    let id = on!(tx, conn => sqlx::query_scalar(FIND).bind(&identity).fetch_one(conn).await?);
    Ok((id, Stored::Same))
}

/// Puts an article in a list's section, or moves it there.
pub async fn place(tx: &mut Tx, list_id: i64, article_id: i64, section: &str) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO placements (list_id, article_id, section) VALUES ($1, $2, $3)
        ON CONFLICT (list_id, article_id) DO UPDATE SET section = excluded.section";
    on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(article_id).bind(section).execute(conn).await.map(drop)?);
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ArticleRow {
    id: i64,
    url: String,
    title: String,
    summary_html: String,
    summary_text: String,
    source: Option<String>,
    image_url: Option<String>,
    image_alt: Option<String>,
    published_ms: i64,
    section: String,
}

impl From<ArticleRow> for Article {
    fn from(row: ArticleRow) -> Self {
        Self {
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
/// digest has looked at.
///
/// What was looked at is read from the decisions of digests, and only the digests are told apart by time: an article that arrives
/// late is not lost, whichever digests for other readers have shown it meanwhile.
pub async fn new(
    tx: &mut Tx,
    list_id: i64,
    window: &Window,
    until_ms: i64,
    within: Option<i64>,
) -> Result<Vec<Article>, Error> {
    // Of list $1, dated after $2 and up to $3, not looked at by $4 by any digest but $5; looked at by digests $6 and $7 (0: any).
    const SQL: &str = concat!(
        "SELECT a.id, a.url, a.title, a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt,
            a.published_ms, p.section
        FROM placements p JOIN articles a ON a.id = p.article_id
        WHERE p.list_id = $1 AND a.published_ms > $2 AND a.published_ms <= $3 AND NOT EXISTS (
            SELECT 1 FROM digest_articles da JOIN digests d ON d.id = da.digest_id
            WHERE da.article_id = a.id AND d.list_id = p.list_id AND ",
        counts!(),
        " AND d.composed_ms <= $4 AND d.id <> $5)
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
            .bind(seen_ms).bind(but).bind(within).bind(of).fetch_all(conn).await?);
        articles.extend(rows.into_iter().map(Article::from));
    }
    articles.sort_by_key(|article| (std::cmp::Reverse(article.published_ms), article.id));
    articles.dedup_by_key(|article| article.id);
    Ok(articles)
}

/// The newest articles of a list.
pub async fn newest(tx: &mut Tx, list_id: i64, most: i64) -> Result<Vec<Article>, Error> {
    const SQL: &str = "SELECT a.id, a.url, a.title, a.summary_html, a.summary_text, a.source, a.image_url, a.image_alt,
            a.published_ms, p.section
        FROM placements p JOIN articles a ON a.id = p.article_id
        WHERE p.list_id = $1 ORDER BY a.published_ms DESC, a.id LIMIT $2";
    let rows: Vec<ArticleRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(most).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Article::from).collect())
}
