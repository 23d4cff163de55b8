//! The statements of a batch of sign-ups: each is one statement for all of them, over one JSON parameter.
//!
//! Each has a text for each database, because they read a JSON array as rows in different ways.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::engine::{Dialect, array, on};
use super::subscription::pending_again;
use super::{Error, Tx};
use crate::domain::subscription::SubscriptionStatus;

/// Rows as JSON.
pub(super) fn json(rows: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(rows).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) async fn run(tx: &mut Tx, dialect: &Dialect, json: &str) -> Result<(), Error> {
    let sql = dialect.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(json).execute(conn).await.map(drop)?);
    Ok(())
}

/// Reads rows that the database gives as one JSON array of arrays: on SQLite each row by itself costs a wake-up of two threads.
pub(super) async fn rows<T: DeserializeOwned>(
    tx: &mut Tx,
    dialect: &Dialect,
    json: String,
) -> Result<Vec<T>, Error> {
    let sql = dialect.text(tx);
    let found: String = on!(tx, conn => sqlx::query_scalar(sql).bind(json).fetch_one(conn).await?);
    serde_json::from_str(&found).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Takes turns with other processes until the transaction ends, so that limits are counted exactly and rows are locked in no
/// conflicting order. SQLite has one writer anyway.
pub async fn take_turn(tx: &mut Tx) -> Result<(), Error> {
    const SQL: &str = "SELECT pg_advisory_xact_lock(7305513, 1)";
    if let Tx::Postgres(tx) = tx {
        sqlx::query(SQL).execute(&mut **tx).await?;
    }
    Ok(())
}

/// A person who may be new.
#[derive(Debug, Serialize)]
pub struct Person<'a> {
    /// What makes the same subscriber (A11).
    pub identity: &'a str,
    /// As it was typed.
    pub address: &'a str,
}

const ENSURE: Dialect = Dialect {
    sqlite: "INSERT INTO subscribers (identity, address, created_ms)
        SELECT value ->> 'identity', value ->> 'address', $2 FROM json_each($1) WHERE TRUE ON CONFLICT (identity) DO NOTHING",
    postgres: "INSERT INTO subscribers (identity, address, created_ms)
        SELECT identity, address, $2 FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(identity TEXT, address TEXT)
        ORDER BY identity ON CONFLICT (identity) DO NOTHING",
};
const FIND: Dialect = Dialect {
    sqlite: "SELECT json_group_array(json_array(identity, id)) FROM subscribers WHERE identity IN (SELECT value FROM json_each($1))",
    postgres: "SELECT CAST(COALESCE(json_agg(json_build_array(identity, id)), '[]') AS TEXT) FROM subscribers
        WHERE identity IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// The rows of these people by identity; those who are new get one.
pub async fn ensure(
    tx: &mut Tx,
    people: &[Person<'_>],
    now_ms: i64,
) -> Result<HashMap<String, i64>, Error> {
    let insert = ENSURE.text(tx);
    let identities: Vec<&str> = people.iter().map(|person| person.identity).collect();
    let (people, identities) = (json(&people)?, json(&identities)?);
    on!(&mut *tx, conn => sqlx::query(insert).bind(people).bind(now_ms).execute(conn).await.map(drop)?);
    let found: Vec<(String, i64)> = rows(tx, &FIND, identities).await?;
    Ok(found.into_iter().collect())
}

const STATES: Dialect = Dialect {
    sqlite: "SELECT json_group_array(json_array(list_id, subscriber_id, status)) FROM subscriptions
        WHERE subscriber_id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT CAST(COALESCE(json_agg(json_build_array(list_id, subscriber_id, status)), '[]') AS TEXT) FROM subscriptions
        WHERE subscriber_id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// Where the subscriptions of these subscribers stand, by list and subscriber.
pub async fn states(
    tx: &mut Tx,
    subscribers: &[i64],
) -> Result<HashMap<(i64, i64), SubscriptionStatus>, Error> {
    let found: Vec<(i64, i64, String)> = rows(tx, &STATES, array(subscribers)).await?;
    found
        .into_iter()
        .map(|(list, subscriber, word)| {
            SubscriptionStatus::parse(&word)
                .map(|status| ((list, subscriber), status))
                .ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))
        })
        .collect()
}

const SUPPRESSED: Dialect = Dialect {
    sqlite: "SELECT identity FROM suppressions WHERE identity IN (SELECT value FROM json_each($1))",
    postgres: "SELECT identity FROM suppressions
        WHERE identity IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// Those of these identities that are never mailed.
pub async fn suppressed(tx: &mut Tx, identities: &[&str]) -> Result<HashSet<String>, Error> {
    let (sql, json) = (SUPPRESSED.text(tx), json(&identities)?);
    let rows: Vec<String> =
        on!(tx, conn => sqlx::query_scalar(sql).bind(json).fetch_all(conn).await?);
    Ok(rows.into_iter().collect())
}

/// A subscription that becomes pending; each may stand here once.
#[derive(Debug, Serialize)]
pub struct Pending {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// How to greet, if the form asked.
    pub name: Option<String>,
    /// The domain of the address, which says whose mailbox it is.
    pub domain: String,
    /// When.
    pub at_ms: i64,
}

const PENDING: Dialect = Dialect {
    sqlite: concat!(
        "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id)
        SELECT value ->> 'list_id', value ->> 'subscriber_id', 'pending', value ->> 'name', value ->> 'at_ms', value ->> 'at_ms',
            COALESCE((SELECT p.provider_id FROM provider_domains p WHERE p.domain = value ->> 'domain'), 0)
        FROM json_each($1) WHERE TRUE ",
        pending_again!()
    ),
    postgres: concat!(
        "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id)
        SELECT r.list_id, r.subscriber_id, 'pending', r.name, r.at_ms, r.at_ms,
            COALESCE((SELECT p.provider_id FROM provider_domains p WHERE p.domain = r.domain), 0)
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, name TEXT, domain TEXT, at_ms BIGINT)
        ORDER BY r.list_id, r.subscriber_id ",
        pending_again!()
    ),
};

/// Makes them pending unless they are confirmed; the name is taken only then, so that nobody renames a confirmed reader.
pub async fn set_pending(tx: &mut Tx, rows: &[Pending]) -> Result<(), Error> {
    run(tx, &PENDING, &json(&rows)?).await
}

/// A sign-up for the ledger.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// By which way.
    pub method: &'static str,
    /// When.
    pub at_ms: i64,
    /// Where from.
    pub ip: Option<&'a str>,
    /// With which program.
    pub user_agent: Option<&'a str>,
    /// On which page.
    pub page: Option<&'a str>,
    /// In which language.
    pub locale: Option<&'a str>,
    /// The hash of the text that was shown.
    pub wording: Option<&'a str>,
}

const LEDGER: Dialect = Dialect {
    sqlite: "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale, wording)
        SELECT value ->> 'list_id', value ->> 'subscriber_id', 'subscribe', value ->> 'method', value ->> 'at_ms', value ->> 'ip',
            value ->> 'user_agent', value ->> 'page', value ->> 'locale', value ->> 'wording' FROM json_each($1)",
    postgres: "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale, wording)
        SELECT list_id, subscriber_id, 'subscribe', method, at_ms, ip, user_agent, page, locale, wording
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, method TEXT, at_ms BIGINT, ip TEXT,
            user_agent TEXT, page TEXT, locale TEXT, wording TEXT)",
};

/// Adds sign-ups to the ledger of consents, in this order.
pub async fn record(tx: &mut Tx, rows: &[Entry<'_>]) -> Result<(), Error> {
    run(tx, &LEDGER, &json(&rows)?).await
}

/// A mail that belongs to no digest.
#[derive(Debug, Serialize)]
pub struct Mail {
    /// What kind.
    pub kind: &'static str,
    /// Of which list.
    pub list_id: i64,
    /// Which further lists it is about.
    pub also: Option<Vec<i64>>,
    /// To whom.
    pub subscriber_id: i64,
    /// Since when it waits.
    pub created_ms: i64,
    /// When it may go.
    pub due_ms: i64,
}

const ENQUEUE: Dialect = Dialect {
    sqlite: "INSERT INTO deliveries (kind, list_id, also, subscriber_id, status, created_ms, due_ms)
        SELECT value ->> 'kind', value ->> 'list_id', value ->> 'also', value ->> 'subscriber_id', 'queued', value ->> 'created_ms',
            value ->> 'due_ms' FROM json_each($1)",
    postgres: "INSERT INTO deliveries (kind, list_id, also, subscriber_id, status, created_ms, due_ms)
        SELECT kind, list_id, also, subscriber_id, 'queued', created_ms, due_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(kind TEXT, list_id BIGINT, also TEXT, subscriber_id BIGINT, created_ms BIGINT,
            due_ms BIGINT)",
};

/// Queues mails.
pub async fn enqueue(tx: &mut Tx, rows: &[Mail]) -> Result<(), Error> {
    run(tx, &ENQUEUE, &json(&rows)?).await
}

/// A text that was shown when a consent was given.
#[derive(Debug, Serialize)]
pub struct Wording<'a> {
    /// Its hash.
    pub hash: &'a str,
    /// Itself.
    pub text: &'a str,
    /// When it was seen first.
    pub seen_ms: i64,
}

const WORDINGS: Dialect = Dialect {
    sqlite: "INSERT INTO wordings (hash, text, seen_ms)
        SELECT value ->> 'hash', value ->> 'text', value ->> 'seen_ms' FROM json_each($1) WHERE TRUE ON CONFLICT (hash) DO NOTHING",
    postgres: "INSERT INTO wordings (hash, text, seen_ms)
        SELECT hash, text, seen_ms FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(hash TEXT, text TEXT, seen_ms BIGINT)
        ON CONFLICT (hash) DO NOTHING",
};

/// Keeps texts by their hashes, each once.
pub async fn keep_wordings(tx: &mut Tx, rows: &[Wording<'_>]) -> Result<(), Error> {
    run(tx, &WORDINGS, &json(&rows)?).await
}
