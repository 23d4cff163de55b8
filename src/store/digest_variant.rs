//! Table `digest_variants`: what readers with other choices than the list's get of a digest.

use super::choices::{sections, sections_json};
use super::engine::on;
use super::{Error, Tx};
use crate::domain::digest::Edition;

/// A variant of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its row; 0 before it has one.
    pub id: i64,
    /// Its digest.
    pub digest_id: i64,
    /// Unguessable; names its page.
    pub public_id: String,
    /// Its language; `None`: the list's.
    pub language: Option<String>,
    /// Keys of its sections; `None`: all of the list's.
    pub sections: Option<Vec<String>>,
    /// When articles were last looked at for its readers; `None`: by the list's digest before.
    pub since_ms: Option<i64>,
    /// The subject line.
    pub subject: String,
    /// What it says.
    pub edition: Edition,
    /// How many readers it was frozen for.
    pub recipients: i64,
}

/// Stores a variant; returns its row.
pub async fn insert(tx: &mut Tx, variant: &Variant) -> Result<i64, Error> {
    const SQL: &str = "INSERT INTO digest_variants (digest_id, public_id, language, sections, since_ms, subject, edition,
            article_count, recipients)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    let edition = serde_json::to_string(&variant.edition)
        .map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(on!(tx, conn => sqlx::query_scalar(SQL)
        .bind(variant.digest_id)
        .bind(variant.public_id.as_str())
        .bind(variant.language.as_deref())
        .bind(sections_json(variant.sections.as_ref()))
        .bind(variant.since_ms)
        .bind(variant.subject.as_str())
        .bind(edition.as_str())
        .bind(variant.edition.article_count() as i64)
        .bind(variant.recipients)
        .fetch_one(conn)
        .await?))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    digest_id: i64,
    public_id: String,
    language: Option<String>,
    sections: Option<String>,
    since_ms: Option<i64>,
    subject: String,
    edition: String,
    recipients: i64,
}

impl TryFrom<Row> for Variant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            sections: sections(row.sections.as_deref())?,
            edition: serde_json::from_str(&row.edition).map_err(|error| {
                Error::Corrupt(format!("edition of variant {}: {error}", row.id))
            })?,
            id: row.id,
            digest_id: row.digest_id,
            public_id: row.public_id,
            language: row.language,
            since_ms: row.since_ms,
            subject: row.subject,
            recipients: row.recipients,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, digest_id, public_id, language, sections, since_ms, subject, edition, recipients FROM digest_variants ",
            $rest
        )
    };
}

/// One variant by row.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Variant>, Error> {
    const SQL: &str = select!("WHERE id = $1");
    let row: Option<Row> =
        on!(tx, conn => sqlx::query_as(SQL).bind(id).fetch_optional(conn).await?);
    row.map(Variant::try_from).transpose()
}

/// One variant by the name of its page.
pub async fn by_public_id(tx: &mut Tx, public_id: &str) -> Result<Option<Variant>, Error> {
    const SQL: &str = select!("WHERE public_id = $1");
    let row: Option<Row> =
        on!(tx, conn => sqlx::query_as(SQL).bind(public_id).fetch_optional(conn).await?);
    row.map(Variant::try_from).transpose()
}

/// The variants of a digest, the one with most readers first.
pub async fn of(tx: &mut Tx, digest_id: i64) -> Result<Vec<Variant>, Error> {
    const SQL: &str = select!("WHERE digest_id = $1 ORDER BY recipients DESC, id");
    let rows: Vec<Row> =
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).fetch_all(conn).await?);
    rows.into_iter().map(Variant::try_from).collect()
}
