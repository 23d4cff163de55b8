//! What readers chose: columns of table `subscriptions`.

use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::choices::Choices;
use crate::domain::rhythm::{Cadence, Rhythm};

#[derive(sqlx::FromRow)]
struct Row {
    language: Option<String>,
    sections: Option<String>,
    cadence: Option<String>,
    day: Option<i64>,
    hour: Option<i64>,
    zone: Option<String>,
    paused_until_ms: Option<i64>,
}

/// A rhythm as it is stored; all of its columns are set, or none.
pub(super) fn rhythm(
    cadence: Option<&str>,
    day: Option<i64>,
    hour: Option<i64>,
    zone: Option<&str>,
) -> Result<Option<Rhythm>, Error> {
    let Some(word) = cadence else {
        return Ok(None);
    };
    let corrupt = || Error::Corrupt(format!("rhythm `{word} {day:?} {hour:?} {zone:?}`"));
    let cadence = Cadence::parse(word).ok_or_else(corrupt)?;
    let (Some(day), Some(hour), Some(zone)) = (day, hour, zone) else {
        return Err(corrupt());
    };
    let rhythm = Rhythm::new(cadence, day, hour, zone).map_err(|_| corrupt())?;
    Ok(Some(rhythm))
}

/// Sections as they are stored.
pub fn sections(json: Option<&str>) -> Result<Option<Vec<String>>, Error> {
    json.map(|json| {
        serde_json::from_str(json)
            .map_err(|error| Error::Corrupt(format!("sections `{json}`: {error}")))
    })
    .transpose()
}

/// Sections as they are to be stored.
pub(super) fn sections_json(sections: Option<&Vec<String>>) -> Option<String> {
    sections.map(|keys| serde_json::json!(keys).to_string())
}

/// What a reader chose for a list; `None`: there is no such subscription.
pub async fn of(tx: &mut Tx, list_id: i64, subscriber_id: i64) -> Result<Option<Choices>, Error> {
    const SQL: &str =
        "SELECT language, sections, cadence, day, hour, zone, paused_until_ms FROM subscriptions
        WHERE list_id = $1 AND subscriber_id = $2";
    let row: Option<Row> = on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(subscriber_id).fetch_optional(conn).await?);
    row.map(|row| {
        Ok(Choices {
            sections: sections(row.sections.as_deref())?,
            rhythm: rhythm(
                row.cadence.as_deref(),
                row.day,
                row.hour,
                row.zone.as_deref(),
            )?,
            language: row.language,
            paused_until_ms: row.paused_until_ms,
        })
    })
    .transpose()
}

/// How a subscription's window of articles goes on when its choices change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// With a rhythm: when the next digest is due, epoch milliseconds.
    pub next_ms: Option<i64>,
    /// Up to when articles were looked at for this reader; `None`: up to the list's last digest.
    pub since_ms: Option<i64>,
}

/// The window of a subscription as it stands.
pub async fn window(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
) -> Result<Option<Window>, Error> {
    const SQL: &str =
        "SELECT next_ms, since_ms FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2";
    let row: Option<(Option<i64>, Option<i64>)> = on!(tx, conn => sqlx::query_as(SQL)
        .bind(list_id).bind(subscriber_id).fetch_optional(conn).await?);
    Ok(row.map(|(next_ms, since_ms)| Window { next_ms, since_ms }))
}

/// Writes what a reader chose for a list; says whether there is such a subscription.
pub async fn set(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    choices: &Choices,
    window: Window,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE subscriptions SET language = $3, sections = $4, cadence = $5, day = $6, hour = $7, zone = $8,
            paused_until_ms = $9, next_ms = $10, since_ms = $11
        WHERE list_id = $1 AND subscriber_id = $2";
    let rhythm = choices.rhythm.as_ref();
    let rows = on!(tx, conn => sqlx::query(SQL)
        .bind(list_id)
        .bind(subscriber_id)
        .bind(&choices.language)
        .bind(sections_json(choices.sections.as_ref()))
        .bind(rhythm.map(|rhythm| rhythm.cadence().as_str()))
        .bind(rhythm.map(Rhythm::day))
        .bind(rhythm.map(Rhythm::hour))
        .bind(rhythm.map(|rhythm| rhythm.zone().to_owned()))
        .bind(choices.paused_until_ms)
        .bind(window.next_ms)
        .bind(window.since_ms)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// PostgreSQL has many writers; SQLite has one, and nothing to lock.
const HOLD: Dialect = Dialect {
    sqlite: "SELECT subscriber_id FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2 AND status = 'confirmed'",
    postgres: "SELECT subscriber_id FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2 AND status = 'confirmed' FOR UPDATE",
};

/// Holds a confirmed subscription until the transaction ends; says whether it is confirmed. Who freezes a digest of the list, which
/// moves windows, waits, or is waited for a moment: the list's row comes first, then the subscription's, as there.
pub async fn hold(tx: &mut Tx, list_id: i64, subscriber_id: i64) -> Result<bool, Error> {
    super::list::lock_soon(tx, list_id).await?;
    let sql = HOLD.text(tx);
    let held: Option<i64> = on!(tx, conn => sqlx::query_scalar(sql).bind(list_id).bind(subscriber_id).fetch_optional(conn).await?);
    Ok(held.is_some())
}
