//! Table `quarantine`: sign-ups that are held until a person, or room in a budget, lets them go on.

use serde::Serialize;

use super::engine::{Dialect, on};
use super::sign_up::{json, run};
use super::{Error, Tx};
use crate::domain::sign_up::HoldReason;
use crate::domain::subscription::SubscriptionStatus;

/// A sign-up to be held; each may stand here once.
#[derive(Debug, Serialize)]
pub struct Hold {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// Why, as a JSON array of words.
    pub reasons: String,
    /// Since when.
    pub held_ms: i64,
}

const HOLD: Dialect = Dialect {
    sqlite: "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms)
        SELECT value ->> 'list_id', value ->> 'subscriber_id', value ->> 'reasons', value ->> 'held_ms' FROM json_each($1) WHERE TRUE
        ON CONFLICT (list_id, subscriber_id) DO UPDATE SET reasons = excluded.reasons",
    postgres: "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms)
        SELECT list_id, subscriber_id, reasons, held_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, reasons TEXT, held_ms BIGINT)
        ON CONFLICT (list_id, subscriber_id) DO UPDATE SET reasons = excluded.reasons",
};

/// Holds sign-ups; one that is held already keeps its place and takes the new reasons.
pub async fn hold(tx: &mut Tx, rows: &[Hold]) -> Result<(), Error> {
    run(tx, &HOLD, &json(&rows)?).await
}

/// A subscription, to be let go.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Of {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
}

const LET_GO: Dialect = Dialect {
    sqlite: "DELETE FROM quarantine WHERE (list_id, subscriber_id) IN (
        SELECT value ->> 'list_id', value ->> 'subscriber_id' FROM json_each($1))",
    postgres: "DELETE FROM quarantine WHERE (list_id, subscriber_id) IN (
        SELECT list_id, subscriber_id FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT))",
};

/// Holds these no longer.
pub async fn let_go(tx: &mut Tx, rows: &[Of]) -> Result<(), Error> {
    run(tx, &LET_GO, &json(&rows)?).await
}

/// A sign-up that is held.
#[derive(Debug, Clone)]
pub struct Held {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// The address.
    pub address: String,
    /// Why.
    pub reasons: Vec<HoldReason>,
    /// Since when.
    pub held_ms: i64,
    /// Where its subscription stands.
    pub status: Option<SubscriptionStatus>,
    /// Whether its address is never mailed.
    pub suppressed: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    list_id: i64,
    subscriber_id: i64,
    address: String,
    reasons: String,
    held_ms: i64,
    status: Option<String>,
    suppressed: i64,
}

/// The place of a row in the queue: when it was held, list, subscriber.
pub type Place = (i64, i64, i64);

/// Before every row.
pub const START: Place = (i64::MIN, 0, 0);

impl Held {
    /// Its place in the queue.
    pub fn place(&self) -> Place {
        (self.held_ms, self.list_id, self.subscriber_id)
    }
}

/// What is held after this place, oldest first.
pub async fn page(tx: &mut Tx, after: Place, most: i64) -> Result<Vec<Held>, Error> {
    const SQL: &str = "SELECT q.list_id, q.subscriber_id, s.address, q.reasons, q.held_ms, u.status,
            CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = s.identity) THEN CAST(1 AS BIGINT)
                ELSE CAST(0 AS BIGINT) END AS suppressed
        FROM quarantine q JOIN subscribers s ON s.id = q.subscriber_id
        LEFT JOIN subscriptions u ON u.list_id = q.list_id AND u.subscriber_id = q.subscriber_id
        WHERE (q.held_ms, q.list_id, q.subscriber_id) > ($1, $2, $3)
        ORDER BY q.held_ms, q.list_id, q.subscriber_id LIMIT $4";
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(SQL)
        .bind(after.0).bind(after.1).bind(after.2).bind(most).fetch_all(conn).await?);
    rows.into_iter().map(Held::try_from).collect()
}

impl TryFrom<Row> for Held {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let reasons = serde_json::from_str(&row.reasons)
            .map_err(|_| Error::Corrupt(format!("reasons `{}`", row.reasons)))?;
        Ok(Self {
            list_id: row.list_id,
            subscriber_id: row.subscriber_id,
            address: row.address,
            reasons,
            held_ms: row.held_ms,
            status: row.status.as_deref().and_then(SubscriptionStatus::parse),
            suppressed: row.suppressed == 1,
        })
    }
}

/// How many sign-ups of a list are held.
pub async fn count(tx: &mut Tx, list_id: i64) -> Result<i64, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM quarantine WHERE list_id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?))
}

/// Whether anything is held for this reason.
pub async fn holds_for(tx: &mut Tx, reason: HoldReason) -> Result<bool, Error> {
    const SQL: &str =
        "SELECT COUNT(*) FROM (SELECT 1 FROM quarantine WHERE reasons LIKE $1 LIMIT 1) AS held";
    let pattern = format!("%\"{}\"%", reason.as_str());
    let held: i64 = on!(tx, conn => sqlx::query_scalar(SQL).bind(pattern).fetch_one(conn).await?);
    Ok(held > 0)
}
