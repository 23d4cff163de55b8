//! Table `imports`, and the bulk statements of an import. A chunk's rows go once into a table of the transaction's own; the statements
//! that place them are then the same on both databases.

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, array, on};
use super::many::{self, Bind};
use super::{Error, Tx};
use crate::domain::subscription::SubscriptionStatus;

/// A reader of the file, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its row in the file.
    pub row: u64,
    /// What makes two addresses the same (standards A11).
    pub identity: String,
    /// The address's domain.
    pub domain: String,
    /// Where mail goes.
    pub address: String,
    /// How to greet.
    pub name: Option<String>,
    /// When the reader consented, epoch milliseconds, if the file says so.
    pub consented_ms: Option<i64>,
    /// Where from.
    pub ip: Option<String>,
    /// The language of mails.
    pub language: Option<String>,
}

// An array, not an object: the names would be most of it.
impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.row as i64;
        (
            row,
            &self.identity,
            &self.domain,
            &self.address,
            &self.name,
            self.consented_ms,
            &self.ip,
            &self.language,
        )
            .serialize(serializer)
    }
}

impl Bind for Row {
    const COLUMNS: usize = 8;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.row as i64)?;
        to.add(self.identity.as_str())?;
        to.add(self.domain.as_str())?;
        to.add(self.address.as_str())?;
        to.add(self.name.as_deref())?;
        to.add(self.consented_ms)?;
        to.add(self.ip.as_deref())?;
        to.add(self.language.as_deref())
    }
}

/// Where an import goes, and what is written for every row.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The list.
    pub list_id: i64,
    /// What a subscription becomes.
    pub status: SubscriptionStatus,
    /// The stated source of the consents (D13).
    pub source: &'a str,
    /// When the import began, epoch milliseconds: its subscriptions are known by it.
    pub started_ms: i64,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Import {
    /// Rows of the file that are behind it.
    pub rows_done: i64,
    /// Subscriptions that it made.
    pub added: i64,
    /// When it began, epoch milliseconds.
    pub started_ms: i64,
    /// When it came to the file's end.
    pub finished_ms: Option<i64>,
}

/// An import of this file into this list, if one was begun.
pub async fn find(tx: &mut Tx, fingerprint: &str, list_id: i64) -> Result<Option<Import>, Error> {
    const SQL: &str = "SELECT rows_done, added, started_ms, finished_ms FROM imports WHERE fingerprint = $1 AND list_id = $2";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(fingerprint).bind(list_id).fetch_optional(conn).await?),
    )
}

/// Begins an import, unless it was begun.
pub async fn begin(tx: &mut Tx, fingerprint: &str, target: &Target<'_>) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO imports (fingerprint, list_id, source, rows_done, added, started_ms) VALUES ($1, $2, $3, 0, 0, $4)
        ON CONFLICT (fingerprint, list_id) DO NOTHING";
    on!(tx, conn => sqlx::query(SQL).bind(fingerprint).bind(target.list_id).bind(target.source).bind(target.started_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// Writes how far an import is; false: it is not where `from` says, so another process is at it.
pub async fn advance(
    tx: &mut Tx,
    (fingerprint, list_id): (&str, i64),
    from: i64,
    rows_done: i64,
    added: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE imports SET rows_done = $4, added = added + $5
        WHERE fingerprint = $1 AND list_id = $2 AND rows_done = $3 AND finished_ms IS NULL";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(fingerprint).bind(list_id).bind(from).bind(rows_done).bind(added)
        .execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Notes that an import came to its end.
pub async fn finish(
    tx: &mut Tx,
    fingerprint: &str,
    list_id: i64,
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = "UPDATE imports SET finished_ms = $3 WHERE fingerprint = $1 AND list_id = $2 AND finished_ms IS NULL";
    on!(tx, conn => sqlx::query(SQL).bind(fingerprint).bind(list_id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// SQLite keeps the table for its one writer, empty; a connection of PostgreSQL's pool forgets it with the transaction.
const TABLE: Dialect = Dialect {
    sqlite: "CREATE TEMP TABLE IF NOT EXISTS import_rows (i INTEGER PRIMARY KEY, n INTEGER NOT NULL, identity TEXT NOT NULL, domain TEXT NOT NULL,
            address TEXT NOT NULL, name TEXT, consented_ms INTEGER, ip TEXT, language TEXT, subscriber_id INTEGER) STRICT",
    postgres: "CREATE TEMP TABLE import_rows (i BIGINT GENERATED ALWAYS AS IDENTITY, n BIGINT NOT NULL, identity TEXT NOT NULL, domain TEXT NOT NULL,
            address TEXT NOT NULL, name TEXT, consented_ms BIGINT, ip TEXT, language TEXT, subscriber_id BIGINT) ON COMMIT DROP",
};

// Nothing here is joined: neither database knows how few rows a table holds that was just made, and would read all subscribers or
// all of a list for each. A subquery for each row is found by its key.

/// Each database takes many rows in its own way.
const FILL: Dialect = Dialect {
    sqlite: "INSERT INTO import_rows (n, identity, domain, address, name, consented_ms, ip, language, subscriber_id)
        SELECT column1, column2, column3, column4, column5, column6, column7, column8,
            (SELECT s.id FROM subscribers s WHERE s.identity = column2) FROM (VALUES) WHERE column1 IS NOT NULL",
    postgres: "INSERT INTO import_rows (n, identity, domain, address, name, consented_ms, ip, language, subscriber_id)
        SELECT CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3, value ->> 4,
            CAST(value ->> 5 AS BIGINT), value ->> 6, value ->> 7, (SELECT s.id FROM subscribers s WHERE s.identity = value ->> 1)
        FROM json_array_elements(CAST($1 AS json))",
};

/// Who is suppressed, or has a subscription to list $1: one that this import made at $2 is the same address once more.
macro_rules! refused {
    () => {
        "SELECT n, word FROM (
            SELECT r.n, CASE WHEN (SELECT 1 FROM suppressions x WHERE x.identity = r.identity) = 1 THEN 'suppressed' ELSE
                (SELECT CASE WHEN u.created_ms = $2 THEN 'duplicate' ELSE u.status END FROM subscriptions u
                    WHERE u.list_id = $1 AND u.subscriber_id = r.subscriber_id) END AS word
            FROM import_rows r) AS w WHERE word IS NOT NULL"
    };
}
/// The rows that are not taken, as one JSON array of [row, word]: rows that come one by one would cost more than the question.
const REFUSED: Dialect = Dialect {
    sqlite: concat!(
        "SELECT json_group_array(json_array(n, word)) FROM (",
        refused!(),
        ") AS r"
    ),
    postgres: concat!(
        "SELECT COALESCE(CAST(json_agg(json_build_array(n, word)) AS TEXT), '[]') FROM (",
        refused!(),
        ") AS r"
    ),
};

/// Lays a chunk's rows ready in this transaction, best in the order of their identities; returns those that the database does not take,
/// each with the word for why: the status of a subscription that is there, `duplicate` or `suppressed`.
pub async fn lay(
    tx: &mut Tx,
    target: &Target<'_>,
    rows: &[Row],
) -> Result<Vec<(u64, String)>, Error> {
    const CLEAR: &str = "DELETE FROM import_rows";
    let (table, refused) = (TABLE.text(tx), REFUSED.text(tx));
    on!(&mut *tx, conn => sqlx::query(table).execute(conn).await.map(drop)?);
    on!(&mut *tx, conn => sqlx::query(CLEAR).execute(conn).await.map(drop)?);
    many::write(tx, &FILL, rows).await?;
    let json: String = on!(tx, conn => sqlx::query_scalar(refused).bind(target.list_id).bind(target.started_ms)
        .fetch_one(conn).await?);
    serde_json::from_str(&json).map_err(|error| Error::Corrupt(format!("import: {error}")))
}

/// Each database has its own way to read a JSON array as rows.
const DROP: Dialect = Dialect {
    sqlite: "DELETE FROM import_rows WHERE n IN (SELECT value FROM json_each($1))",
    postgres: "DELETE FROM import_rows WHERE n IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// Takes rows out of what [`lay`] laid ready.
pub async fn drop_rows(tx: &mut Tx, rows: &[i64]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = DROP.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(array(rows)).execute(conn).await.map(drop)?);
    Ok(())
}

/// The rows of this transaction that became subscriptions by it. Who signed up or left meanwhile has a subscription of another
/// time, and it stays as it is.
macro_rules! placed {
    () => {
        " FROM import_rows r WHERE (SELECT u.created_ms FROM subscriptions u
            WHERE u.list_id = $1 AND u.subscriber_id = r.subscriber_id) = $2"
    };
}

/// So many rows are placed at once on SQLite, which keeps what it takes to undo a statement in memory: a page for each row at worst.
const AT_ONCE: usize = 1_000;

/// Makes subscribers, subscriptions and consents of the rows laid ready, of `laid` at most; says how many subscriptions.
pub async fn place(tx: &mut Tx, target: &Target<'_>, laid: usize) -> Result<u64, Error> {
    let at_once = match tx {
        Tx::Sqlite(_) => AT_ONCE,
        Tx::Postgres(_) => laid.max(1),
    };
    let mut added = 0;
    for from in (0..laid).step_by(at_once) {
        added += place_some(tx, target, from as i64, (from + at_once) as i64).await?;
    }
    Ok(added)
}

/// Places the rows behind this one, as far as that one.
async fn place_some(tx: &mut Tx, target: &Target<'_>, from: i64, to: i64) -> Result<u64, Error> {
    const SUBSCRIBERS: &str = "INSERT INTO subscribers (identity, address, created_ms)
        SELECT identity, address, $1 FROM import_rows WHERE i > $2 AND i <= $3 AND subscriber_id IS NULL
        ON CONFLICT (identity) DO NOTHING";
    const FOUND: &str = "UPDATE import_rows SET subscriber_id = (SELECT s.id FROM subscribers s WHERE s.identity = import_rows.identity)
        WHERE i > $1 AND i <= $2 AND subscriber_id IS NULL";
    const SUBSCRIPTIONS: &str = "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id, language)
        SELECT $1, r.subscriber_id, $3, r.name, $2, $2,
            COALESCE((SELECT p.provider_id FROM provider_domains p WHERE p.domain = r.domain), 0), r.language
        FROM import_rows r WHERE r.i > $4 AND r.i <= $5 ON CONFLICT (list_id, subscriber_id) DO NOTHING";
    const CONSENTS: &str = concat!(
        "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, page)
        SELECT $1, r.subscriber_id, $3, 'import', COALESCE(r.consented_ms, $2), r.ip, $4",
        placed!(),
        " AND r.i > $5 AND r.i <= $6"
    );
    let action = match target.status {
        SubscriptionStatus::Confirmed => "confirm",
        SubscriptionStatus::Pending | SubscriptionStatus::Unsubscribed => "subscribe",
    };
    on!(&mut *tx, conn => sqlx::query(SUBSCRIBERS).bind(target.started_ms).bind(from).bind(to).execute(conn).await.map(drop)?);
    on!(&mut *tx, conn => sqlx::query(FOUND).bind(from).bind(to).execute(conn).await.map(drop)?);
    let added = on!(&mut *tx, conn => sqlx::query(SUBSCRIPTIONS).bind(target.list_id).bind(target.started_ms)
        .bind(target.status.as_str()).bind(from).bind(to).execute(conn).await?.rows_affected());
    on!(tx, conn => sqlx::query(CONSENTS).bind(target.list_id).bind(target.started_ms).bind(action).bind(target.source)
        .bind(from).bind(to).execute(conn).await.map(drop)?);
    Ok(added)
}

/// Queues a confirmation for each subscription that [`place`] made in this transaction, in the order of the file: the first is due at
/// `from_ms`, and each of the others `gap_ms` after the one before.
pub async fn queue_confirmations(
    tx: &mut Tx,
    target: &Target<'_>,
    now_ms: i64,
    from_ms: i64,
    gap_ms: i64,
) -> Result<(), Error> {
    const SQL: &str = concat!(
        "INSERT INTO deliveries (kind, list_id, subscriber_id, status, created_ms, due_ms)
        SELECT 'confirmation', $1, r.subscriber_id, 'queued', $3, $4 + (ROW_NUMBER() OVER (ORDER BY r.n) - 1) * $5",
        placed!()
    );
    on!(tx, conn => sqlx::query(SQL).bind(target.list_id).bind(target.started_ms).bind(now_ms).bind(from_ms).bind(gap_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}
