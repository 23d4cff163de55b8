//! Tables `digests` and `digest_articles`: editions, and what was decided about each article.

use std::collections::BTreeSet;

use super::engine::{Dialect, on};
use super::owed::Owed;
use super::{Error, Tx};
use crate::domain::digest::{
    Audience, Decided, Decision, DigestStatus, Edition, LeftOut, PausedBy,
};

/// A digest as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Its row.
    pub id: i64,
    /// Unguessable; names its page.
    pub public_id: String,
    /// Its list.
    pub list_id: i64,
    /// For whom it is.
    pub audience: Audience,
    /// The scheduled time it stands for, epoch milliseconds; for readers' own hours, the minute when they were noticed.
    pub period_ms: i64,
    /// Where it stands.
    pub status: DigestStatus,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// Articles published after this were looked at.
    pub since_ms: i64,
    /// Articles published up to this were looked at.
    pub until_ms: i64,
    /// The subject line.
    pub subject: String,
    /// What it says.
    pub edition: Edition,
    /// When it was composed.
    pub composed_ms: i64,
    /// When its recipients were frozen.
    pub started_ms: Option<i64>,
    /// When its last delivery ended.
    pub finished_ms: Option<i64>,
    /// How many readers were frozen.
    pub recipients: i64,
    /// How many readers with choices were not, and why.
    pub left_out: LeftOut,
    /// Since when nothing of it is sent, by whom, and why.
    pub paused: Option<Pause>,
    /// How long it was held since it started, in milliseconds, without the pause that lasts.
    pub held_ms: i64,
}

/// Why nothing of a digest is sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when, epoch milliseconds.
    pub since_ms: i64,
    /// Who holds it.
    pub by: PausedBy,
    /// Why.
    pub reason: String,
}

/// A digest that is about to be stored.
#[derive(Debug)]
pub struct NewDigest<'a> {
    /// Unguessable; names its page.
    pub public_id: &'a str,
    /// Its list.
    pub list_id: i64,
    /// For whom it is.
    pub audience: Audience,
    /// The scheduled time it stands for.
    pub period_ms: i64,
    /// `Ready`, or `Skipped` with a reason.
    pub status: DigestStatus,
    /// Why it is skipped.
    pub reason: Option<&'a str>,
    /// The window of articles.
    pub since_ms: i64,
    /// The window of articles.
    pub until_ms: i64,
    /// The subject line.
    pub subject: &'a str,
    /// What it says.
    pub edition: &'a Edition,
    /// When the articles were looked at; see [`super::digest_look::now`].
    pub composed_ms: i64,
    /// The windows they were looked at for.
    pub looked: &'a BTreeSet<(i64, Vec<Owed>)>,
    /// How many readers with choices get nothing, and why.
    pub left_out: LeftOut,
}

impl NewDigest<'_> {
    /// The digest as it would be stored, before it has a row.
    pub fn unsaved(&self) -> Digest {
        Digest {
            id: 0,
            public_id: self.public_id.to_owned(),
            list_id: self.list_id,
            audience: self.audience,
            period_ms: self.period_ms,
            status: self.status,
            reason: self.reason.map(str::to_owned),
            since_ms: self.since_ms,
            until_ms: self.until_ms,
            subject: self.subject.to_owned(),
            edition: self.edition.clone(),
            composed_ms: self.composed_ms,
            started_ms: None,
            finished_ms: None,
            recipients: 0,
            left_out: self.left_out,
            paused: None,
            held_ms: 0,
        }
    }
}

#[derive(sqlx::FromRow)]
struct DigestRow {
    id: i64,
    public_id: String,
    list_id: i64,
    audience: String,
    period_ms: i64,
    status: String,
    reason: Option<String>,
    since_ms: i64,
    until_ms: i64,
    subject: String,
    edition: String,
    composed_ms: i64,
    started_ms: Option<i64>,
    finished_ms: Option<i64>,
    recipients: i64,
    left_out: String,
    held_ms: i64,
    paused_ms: Option<i64>,
    paused_by: Option<String>,
    pause_reason: Option<String>,
}

impl TryFrom<DigestRow> for Digest {
    type Error = Error;

    fn try_from(row: DigestRow) -> Result<Self, Error> {
        let by = row.paused_by.as_deref().and_then(PausedBy::parse);
        Ok(Self {
            held_ms: row.held_ms,
            paused: row.paused_ms.zip(by).map(|(since_ms, by)| Pause {
                since_ms,
                by,
                reason: row.pause_reason.unwrap_or_default(),
            }),
            recipients: row.recipients,
            left_out: serde_json::from_str(&row.left_out).map_err(|error| {
                Error::Corrupt(format!("left out of digest {}: {error}", row.id))
            })?,
            audience: Audience::parse(&row.audience)
                .ok_or_else(|| Error::Corrupt(format!("audience `{}`", row.audience)))?,
            status: DigestStatus::parse(&row.status)
                .ok_or_else(|| Error::Corrupt(format!("digest status `{}`", row.status)))?,
            edition: serde_json::from_str(&row.edition).map_err(|error| {
                Error::Corrupt(format!("edition of digest {}: {error}", row.id))
            })?,
            id: row.id,
            public_id: row.public_id,
            list_id: row.list_id,
            period_ms: row.period_ms,
            reason: row.reason,
            since_ms: row.since_ms,
            until_ms: row.until_ms,
            subject: row.subject,
            composed_ms: row.composed_ms,
            started_ms: row.started_ms,
            finished_ms: row.finished_ms,
        })
    }
}

/// Stores a digest; `None` when the period already has one (promise 7).
pub async fn insert(tx: &mut Tx, digest: &NewDigest<'_>) -> Result<Option<i64>, Error> {
    const SQL: &str = "INSERT INTO digests (public_id, list_id, period_ms, status, reason, since_ms, until_ms, subject, edition,
            article_count, composed_ms, audience, left_out, looked)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (list_id, period_ms) DO NOTHING RETURNING id";
    let edition =
        serde_json::to_string(digest.edition).map_err(|error| Error::Corrupt(error.to_string()))?;
    let articles = digest.edition.article_count() as i64;
    let left_out = left_out_json(digest.left_out)?;
    let looked =
        serde_json::to_string(digest.looked).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(on!(tx, conn => sqlx::query_scalar(SQL)
        .bind(digest.public_id)
        .bind(digest.list_id)
        .bind(digest.period_ms)
        .bind(digest.status.as_str())
        .bind(digest.reason)
        .bind(digest.since_ms)
        .bind(digest.until_ms)
        .bind(digest.subject)
        .bind(edition.as_str())
        .bind(articles)
        .bind(digest.composed_ms)
        .bind(digest.audience.as_str())
        .bind(left_out.as_str())
        .bind(looked.as_str())
        .fetch_optional(conn)
        .await?))
}

/// Writes how many readers with choices a digest left out when it was frozen.
pub async fn set_left_out(tx: &mut Tx, id: i64, left_out: LeftOut) -> Result<(), Error> {
    const SQL: &str = "UPDATE digests SET left_out = $2 WHERE id = $1";
    let json = left_out_json(left_out)?;
    on!(tx, conn => sqlx::query(SQL).bind(id).bind(json.as_str()).execute(conn).await.map(drop)?);
    Ok(())
}

fn left_out_json(left_out: LeftOut) -> Result<String, Error> {
    serde_json::to_string(&left_out).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Many rows in one statement: each database has its own way to read a JSON array as a table.
const DECISIONS: Dialect = Dialect {
    sqlite: "INSERT INTO digest_articles (digest_id, article_id, decision, section, position)
        SELECT $1, value ->> 'article_id', value ->> 'decision', value ->> 'section', value ->> 'position' FROM json_each($2)",
    postgres: "INSERT INTO digest_articles (digest_id, article_id, decision, section, position)
        SELECT $1, article_id, decision, section, position
        FROM jsonb_to_recordset(CAST($2 AS jsonb)) AS r(article_id BIGINT, decision TEXT, section TEXT, position BIGINT)",
};

/// Records what was decided about each article.
pub async fn record_decisions(
    tx: &mut Tx,
    digest_id: i64,
    decided: &[Decided],
) -> Result<(), Error> {
    let rows = serde_json::to_string(decided).map_err(|error| Error::Corrupt(error.to_string()))?;
    let sql = DECISIONS.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(digest_id).bind(rows.as_str()).execute(conn).await.map(drop)?);
    Ok(())
}

/// What was decided about each article, with its title: chosen first, in the order of the letter.
pub async fn decisions(tx: &mut Tx, digest_id: i64) -> Result<Vec<(Decided, String)>, Error> {
    const SQL: &str = "SELECT da.article_id, da.decision, da.section, da.position, a.title
        FROM digest_articles da JOIN articles a ON a.id = da.article_id WHERE da.digest_id = $1
        ORDER BY da.position, a.published_ms DESC, a.id";
    let rows: Vec<(i64, String, String, i64, String)> =
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).fetch_all(conn).await?);
    rows.into_iter()
        .map(|(article_id, word, section, position, title)| {
            let decision = Decision::parse(&word)
                .ok_or_else(|| Error::Corrupt(format!("decision `{word}`")))?;
            Ok((
                Decided {
                    article_id,
                    decision,
                    section,
                    position,
                },
                title,
            ))
        })
        .collect()
}

/// Address and section of an article that a digest has looked at.
pub async fn looked_at(
    tx: &mut Tx,
    digest_id: i64,
    article_id: i64,
) -> Result<Option<(String, String)>, Error> {
    const SQL: &str =
        "SELECT a.url, da.section FROM digest_articles da JOIN articles a ON a.id = da.article_id
        WHERE da.digest_id = $1 AND da.article_id = $2";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).bind(article_id).fetch_optional(conn).await?),
    )
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, public_id, list_id, audience, period_ms, status, reason, since_ms, until_ms, subject, edition, composed_ms,
                started_ms, finished_ms, recipients, left_out, held_ms, paused_ms, paused_by, pause_reason FROM digests ",
            $rest
        )
    };
}

/// One digest by row.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Digest>, Error> {
    const SQL: &str = select!("WHERE id = $1");
    let row: Option<DigestRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(id).fetch_optional(conn).await?);
    row.map(Digest::try_from).transpose()
}

/// One digest by the name of its page.
pub async fn by_public_id(tx: &mut Tx, public_id: &str) -> Result<Option<Digest>, Error> {
    const SQL: &str = select!("WHERE public_id = $1");
    let row: Option<DigestRow> =
        on!(tx, conn => sqlx::query_as(SQL).bind(public_id).fetch_optional(conn).await?);
    row.map(Digest::try_from).transpose()
}

/// The newest digests of a list (of every list for `None`), newest period first.
pub async fn newest(tx: &mut Tx, list_id: Option<i64>, most: i64) -> Result<Vec<Digest>, Error> {
    const SQL: &str =
        select!("WHERE list_id = COALESCE($1, list_id) ORDER BY period_ms DESC, id DESC LIMIT $2");
    rows(on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(most).fetch_all(conn).await?))
}

/// The digests that a list's readers have got, of periods before this one, newest first: the archive.
pub async fn published(
    tx: &mut Tx,
    list_id: i64,
    before_ms: i64,
    most: i64,
) -> Result<Vec<Digest>, Error> {
    const SQL: &str = select!(
        "WHERE list_id = $1 AND period_ms < $2 AND audience = 'list' AND status IN ('sending', 'sent')
        ORDER BY period_ms DESC LIMIT $3"
    );
    rows(
        on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(before_ms).bind(most).fetch_all(conn).await?),
    )
}

/// The digests in one status, oldest first.
pub async fn in_status(tx: &mut Tx, status: DigestStatus) -> Result<Vec<Digest>, Error> {
    const SQL: &str = select!("WHERE status = $1 ORDER BY id");
    rows(on!(tx, conn => sqlx::query_as(SQL).bind(status.as_str()).fetch_all(conn).await?))
}

fn rows(rows: Vec<DigestRow>) -> Result<Vec<Digest>, Error> {
    rows.into_iter().map(Digest::try_from).collect()
}
