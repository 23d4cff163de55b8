//! Table `quarantine`: sign-ups that are held until a person, or room in a budget, lets them go on.

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, on};
use super::many::{self, Bind, json, run};
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
    /// When there may be room for it; `None`: a person lets it go.
    pub due_ms: Option<i64>,
}

/// The reasons of a row that is there, and those that are new, each once; each database reads a JSON array in its own way. What a
/// person has to look at waits for one, whatever else was found since.
const HOLD: Dialect = Dialect {
    sqlite: "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms, due_ms)
        SELECT value ->> 'list_id', value ->> 'subscriber_id', value ->> 'reasons', value ->> 'held_ms', value ->> 'due_ms'
        FROM json_each($1) WHERE TRUE
        ON CONFLICT (list_id, subscriber_id) DO UPDATE SET
            due_ms = CASE WHEN excluded.due_ms IS NOT NULL THEN quarantine.due_ms END,
            reasons = (SELECT json_group_array(value) FROM (
                SELECT value FROM json_each(quarantine.reasons) UNION SELECT value FROM json_each(excluded.reasons)))",
    postgres: "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms, due_ms)
        SELECT list_id, subscriber_id, reasons, held_ms, due_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, reasons TEXT, held_ms BIGINT, due_ms BIGINT)
        ON CONFLICT (list_id, subscriber_id) DO UPDATE SET
            due_ms = CASE WHEN excluded.due_ms IS NOT NULL THEN quarantine.due_ms END,
            reasons = (SELECT CAST(jsonb_agg(DISTINCT value) AS TEXT)
                FROM jsonb_array_elements(CAST(quarantine.reasons AS jsonb) || CAST(excluded.reasons AS jsonb)))",
};

/// Holds sign-ups; one that is held already keeps its place and its reasons, and takes the new ones too.
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

impl Bind for Of {
    const COLUMNS: usize = 2;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.list_id)?;
        to.add(self.subscriber_id)
    }
}

const LET_GO: Dialect = Dialect {
    sqlite: "DELETE FROM quarantine WHERE (list_id, subscriber_id) IN (SELECT column1, column2 FROM (VALUES))",
    postgres: "DELETE FROM quarantine WHERE (list_id, subscriber_id) IN (
        SELECT list_id, subscriber_id FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT))",
};

/// Holds these no longer.
pub async fn let_go(tx: &mut Tx, rows: &[Of]) -> Result<(), Error> {
    many::write(tx, &LET_GO, rows).await
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

/// Looks again at sign-ups that had no room: later, or never by itself.
#[derive(Debug, Serialize)]
pub struct Later {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// When there may be room for it; `None`: a person lets it go.
    pub due_ms: Option<i64>,
}

const PUT_OFF: Dialect = Dialect {
    sqlite: "UPDATE quarantine SET due_ms = r.due_ms
        FROM (SELECT value ->> 'list_id' AS list_id, value ->> 'subscriber_id' AS subscriber_id, value ->> 'due_ms' AS due_ms
            FROM json_each($1)) AS r
        WHERE quarantine.list_id = r.list_id AND quarantine.subscriber_id = r.subscriber_id",
    postgres: "UPDATE quarantine SET due_ms = r.due_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, due_ms BIGINT)
        WHERE quarantine.list_id = r.list_id AND quarantine.subscriber_id = r.subscriber_id",
};

/// Says of these when to look at them again.
pub async fn put_off(tx: &mut Tx, rows: &[Later]) -> Result<(), Error> {
    run(tx, &PUT_OFF, &json(&rows)?).await
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

/// The rows of a condition, in an order.
macro_rules! held {
    ($rest:literal) => {
        concat!(
            "SELECT q.list_id, q.subscriber_id, s.address, q.reasons, q.held_ms, u.status,
                CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = s.identity) THEN CAST(1 AS BIGINT)
                    ELSE CAST(0 AS BIGINT) END AS suppressed
            FROM quarantine q JOIN subscribers s ON s.id = q.subscriber_id
            LEFT JOIN subscriptions u ON u.list_id = q.list_id AND u.subscriber_id = q.subscriber_id ",
            $rest
        )
    };
}

/// What is held after this place, oldest first.
pub async fn page(tx: &mut Tx, after: Place, most: i64) -> Result<Vec<Held>, Error> {
    const SQL: &str = held!(
        "WHERE (q.held_ms, q.list_id, q.subscriber_id) > ($1, $2, $3)
        ORDER BY q.held_ms, q.list_id, q.subscriber_id LIMIT $4"
    );
    let rows: Vec<Row> = on!(tx, conn => sqlx::query_as(SQL)
        .bind(after.0).bind(after.1).bind(after.2).bind(most).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Held::from).collect())
}

/// What may have room by now, whatever has waited longest first.
pub async fn due(tx: &mut Tx, now_ms: i64, most: i64) -> Result<Vec<Held>, Error> {
    const SQL: &str = held!(
        "WHERE q.due_ms <= $1 ORDER BY q.due_ms, q.held_ms, q.list_id, q.subscriber_id LIMIT $2"
    );
    let rows: Vec<Row> =
        on!(tx, conn => sqlx::query_as(SQL).bind(now_ms).bind(most).fetch_all(conn).await?);
    Ok(rows.into_iter().map(Held::from).collect())
}

impl From<Row> for Held {
    fn from(row: Row) -> Self {
        Self {
            list_id: row.list_id,
            subscriber_id: row.subscriber_id,
            address: row.address,
            reasons: HoldReason::read(&row.reasons),
            held_ms: row.held_ms,
            status: row.status.as_deref().and_then(SubscriptionStatus::parse),
            suppressed: row.suppressed == 1,
        }
    }
}

/// Whether a sign-up of this identity is held.
pub async fn holds(tx: &mut Tx, identity: &str) -> Result<bool, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM quarantine q JOIN subscribers s ON s.id = q.subscriber_id WHERE s.identity = $1";
    let held: i64 = on!(tx, conn => sqlx::query_scalar(SQL).bind(identity).fetch_one(conn).await?);
    Ok(held > 0)
}

/// How many sign-ups of a list are held.
pub async fn count(tx: &mut Tx, list_id: i64) -> Result<i64, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM quarantine WHERE list_id = $1";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?))
}

/// Whether anything that is due waits for room because of this reason. What was put off waits for a limit of its own first.
pub async fn waits_for(tx: &mut Tx, reason: HoldReason, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM quarantine WHERE due_ms <= $2 AND reasons LIKE $1 LIMIT 1) AS held";
    let pattern = format!("%\"{}\"%", reason.as_str());
    let held: i64 =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(pattern).bind(now_ms).fetch_one(conn).await?);
    Ok(held > 0)
}
