//! Tables `digest_articles` and `digest_extras`: what digests decided about each article, and what they show beside their news.

use serde::Serialize;

use super::digest_look::counts;
use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::digest::{Audience, Decided, Decision, DigestStatus, Extra, ExtraKind, Why};

#[derive(Serialize)]
struct DecidedRow<'a> {
    article_id: i64,
    decision: &'a str,
    section: &'a str,
    position: i64,
    other_id: Option<i64>,
    /// JSON; `None`: nothing is to be said.
    why: Option<String>,
}

/// Many rows in one statement: each database has its own way to read a JSON array as a table.
const DECISIONS: Dialect = Dialect {
    sqlite: "INSERT INTO digest_articles (digest_id, article_id, decision, section, position, other_id, why)
        SELECT $1, value ->> 'article_id', value ->> 'decision', value ->> 'section', value ->> 'position', value ->> 'other_id',
            value ->> 'why'
        FROM json_each($2)",
    postgres: "INSERT INTO digest_articles (digest_id, article_id, decision, section, position, other_id, why)
        SELECT $1, article_id, decision, section, position, other_id, why
        FROM jsonb_to_recordset(CAST($2 AS jsonb)) AS r(article_id BIGINT, decision TEXT, section TEXT, position BIGINT,
            other_id BIGINT, why TEXT)",
};

/// Records what was decided about each article.
pub async fn record(tx: &mut Tx, digest_id: i64, decided: &[Decided]) -> Result<(), Error> {
    let rows: Vec<DecidedRow<'_>> = decided
        .iter()
        .map(|one| {
            let is_told = one.why != Why::default();
            let why = is_told.then(|| json(&one.why)).transpose()?;
            Ok(DecidedRow {
                article_id: one.article_id,
                decision: one.decision.as_str(),
                section: &one.section,
                position: one.position,
                other_id: one.other_id,
                why,
            })
        })
        .collect::<Result<_, Error>>()?;
    run(tx, &DECISIONS, digest_id, &json(&rows)?).await
}

const EXTRAS: Dialect = Dialect {
    sqlite: "INSERT INTO digest_extras (digest_id, article_id, kind, position, score, other_id)
        SELECT $1, value ->> 'article_id', value ->> 'kind', value ->> 'position', value ->> 'score', value ->> 'other_id'
        FROM json_each($2)",
    postgres: "INSERT INTO digest_extras (digest_id, article_id, kind, position, score, other_id)
        SELECT $1, article_id, kind, position, score, other_id
        FROM jsonb_to_recordset(CAST($2 AS jsonb)) AS r(article_id BIGINT, kind TEXT, position BIGINT, score BIGINT, other_id BIGINT)",
};

/// Records what stands beside the news of a digest.
pub async fn record_extras(tx: &mut Tx, digest_id: i64, extras: &[Extra]) -> Result<(), Error> {
    if extras.is_empty() {
        return Ok(());
    }
    run(tx, &EXTRAS, digest_id, &json(&extras)?).await
}

async fn run(tx: &mut Tx, dialect: &Dialect, digest_id: i64, rows: &str) -> Result<(), Error> {
    let sql = dialect.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(digest_id).bind(rows).execute(conn).await.map(drop)?);
    Ok(())
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(error.to_string()))
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    article_id: i64,
    decision: String,
    section: String,
    position: i64,
    other_id: Option<i64>,
    why: Option<String>,
    title: String,
    other_title: Option<String>,
}

/// A decision with the titles that tell whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titled<T> {
    /// What is recorded.
    pub of: T,
    /// The title of the article.
    pub title: String,
    /// The title of the other article that the record names.
    pub other_title: Option<String>,
}

impl TryFrom<FoundRow> for Titled<Decided> {
    type Error = Error;

    fn try_from(row: FoundRow) -> Result<Self, Error> {
        let corrupt = |what: &str| Error::Corrupt(format!("{what} of article {}", row.article_id));
        let why = row.why.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            of: Decided {
                article_id: row.article_id,
                decision: Decision::parse(&row.decision).ok_or_else(|| corrupt("decision"))?,
                why: why.map_err(|_| corrupt("reasons"))?.unwrap_or_default(),
                section: row.section,
                position: row.position,
                other_id: row.other_id,
            },
            title: row.title,
            other_title: row.other_title,
        })
    }
}

/// What a digest decided about each article: chosen first, in the order of the letter.
pub async fn of_digest(tx: &mut Tx, digest_id: i64) -> Result<Vec<Titled<Decided>>, Error> {
    const SQL: &str = "SELECT da.article_id, da.decision, da.section, da.position, da.other_id, da.why, a.title, o.title AS other_title
        FROM digest_articles da JOIN articles a ON a.id = da.article_id LEFT JOIN articles o ON o.id = da.other_id
        WHERE da.digest_id = $1 ORDER BY da.position, a.published_ms DESC, a.id";
    let rows: Vec<FoundRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).fetch_all(conn).await?);
    rows.into_iter().map(Titled::try_from).collect()
}

type ExtraRow = (i64, String, i64, i64, Option<i64>, String, Option<String>);

fn extra(row: ExtraRow) -> Result<Titled<Extra>, Error> {
    let (article_id, kind, position, score, other_id, title, other_title) = row;
    let kind = ExtraKind::parse(&kind)
        .ok_or_else(|| Error::Corrupt(format!("place `{kind}` of article {article_id}")))?;
    Ok(Titled {
        of: Extra {
            article_id,
            kind,
            position,
            score,
            other_id,
        },
        title,
        other_title,
    })
}

/// What a digest shows beside its news.
pub async fn extras_of_digest(tx: &mut Tx, digest_id: i64) -> Result<Vec<Titled<Extra>>, Error> {
    const SQL: &str = "SELECT e.article_id, e.kind, e.position, e.score, e.other_id, a.title, o.title
        FROM digest_extras e JOIN articles a ON a.id = e.article_id LEFT JOIN articles o ON o.id = e.other_id
        WHERE e.digest_id = $1 ORDER BY e.kind DESC, e.position";
    let rows: Vec<ExtraRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).fetch_all(conn).await?);
    rows.into_iter().map(extra).collect()
}

/// A digest that has looked at an article or shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The digest.
    pub digest_id: i64,
    /// Its period, epoch milliseconds.
    pub period_ms: i64,
    /// For whom it is.
    pub audience: Audience,
    /// Where it stands.
    pub status: DigestStatus,
    /// Whether what it looked at counts as looked at.
    pub counts: bool,
    /// What it decided, if it looked at the article.
    pub decided: Option<Titled<Decided>>,
    /// Where it shows the article beside its news.
    pub extra: Option<Titled<Extra>>,
}

/// The digests of a list that have to do with an article, oldest first.
pub async fn of_article(tx: &mut Tx, list_id: i64, article_id: i64) -> Result<Vec<Seen>, Error> {
    const SQL: &str = concat!(
        "SELECT d.id, d.period_ms, d.audience, d.status, CASE WHEN ",
        counts!(),
        " THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
        FROM digests d WHERE d.list_id = $1 AND (
            d.id IN (SELECT da.digest_id FROM digest_articles da WHERE da.article_id = $2)
            OR d.id IN (SELECT e.digest_id FROM digest_extras e WHERE e.article_id = $2))
        ORDER BY d.composed_ms, d.id"
    );
    const DECIDED: &str = "SELECT da.article_id, da.decision, da.section, da.position, da.other_id, da.why, a.title,
            o.title AS other_title
        FROM digest_articles da JOIN articles a ON a.id = da.article_id LEFT JOIN articles o ON o.id = da.other_id
        WHERE da.digest_id = $1 AND da.article_id = $2";
    const EXTRA: &str = "SELECT e.article_id, e.kind, e.position, e.score, e.other_id, a.title, o.title
        FROM digest_extras e JOIN articles a ON a.id = e.article_id LEFT JOIN articles o ON o.id = e.other_id
        WHERE e.digest_id = $1 AND e.article_id = $2";
    let rows: Vec<(i64, i64, String, String, i64)> = on!(&mut *tx, conn => sqlx::query_as(SQL).bind(list_id).bind(article_id)
        .fetch_all(conn).await?);
    let mut seen = Vec::new();
    for (digest_id, period_ms, audience, status, counts) in rows {
        let corrupt = |what: &str| Error::Corrupt(format!("{what} of digest {digest_id}"));
        let decided: Option<FoundRow> = on!(&mut *tx, conn => sqlx::query_as(DECIDED).bind(digest_id).bind(article_id)
            .fetch_optional(conn).await?);
        let shown: Option<ExtraRow> = on!(&mut *tx, conn => sqlx::query_as(EXTRA).bind(digest_id).bind(article_id)
            .fetch_optional(conn).await?);
        seen.push(Seen {
            digest_id,
            period_ms,
            audience: Audience::parse(&audience).ok_or_else(|| corrupt("audience"))?,
            status: DigestStatus::parse(&status).ok_or_else(|| corrupt("status"))?,
            counts: counts == 1,
            decided: decided.map(Titled::try_from).transpose()?,
            extra: shown.map(extra).transpose()?,
        });
    }
    Ok(seen)
}

/// Address and section of an article that a digest has looked at.
pub async fn looked_at(
    tx: &mut Tx,
    digest_id: i64,
    article_id: i64,
) -> Result<Option<(String, String)>, Error> {
    const SQL: &str = "SELECT a.url, COALESCE(da.section, '') FROM articles a
        LEFT JOIN digest_articles da ON da.article_id = a.id AND da.digest_id = $1 WHERE a.id = $2";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).bind(article_id).fetch_optional(conn).await?),
    )
}
