//! The statements of a batch of sign-ups: each is one statement for all of them.
//!
//! Each has a text for each database, because they take many rows in different ways.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, array, on};
use super::many::{self, Bind, json, rows};
use super::subscription::pending_again;
use super::{Error, Tx};
use crate::domain::subscription::SubscriptionStatus;

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
    /// Since when, if they are new.
    pub created_ms: i64,
}

impl Bind for Person<'_> {
    const COLUMNS: usize = 3;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.identity)?;
        to.add(self.address)?;
        to.add(self.created_ms)
    }
}

const ENSURE: Dialect = Dialect {
    sqlite: "INSERT INTO subscribers (identity, address, created_ms)
        SELECT column1, column2, column3 FROM (VALUES) WHERE column1 IS NOT NULL ON CONFLICT (identity) DO NOTHING",
    postgres: "INSERT INTO subscribers (identity, address, created_ms)
        SELECT identity, address, created_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(identity TEXT, address TEXT, created_ms BIGINT)
        ORDER BY identity ON CONFLICT (identity) DO NOTHING",
};
/// What is known of these identities, a row for each subscription and at least one for each.
macro_rules! known {
    () => {
        "s.identity, s.id, (SELECT COUNT(*) FROM suppressions x WHERE x.identity = s.identity), u.list_id, u.status)"
    };
}
const KNOWN: Dialect = Dialect {
    sqlite: concat!(
        "SELECT json_group_array(json_array(",
        known!(),
        ") FROM subscribers s LEFT JOIN subscriptions u ON u.subscriber_id = s.id
        WHERE s.identity IN (SELECT value FROM json_each($1))"
    ),
    postgres: concat!(
        "SELECT CAST(COALESCE(json_agg(json_build_array(",
        known!(),
        "), '[]') AS TEXT) FROM subscribers s LEFT JOIN subscriptions u ON u.subscriber_id = s.id
        WHERE s.identity IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))"
    ),
};

/// A person's row, and where the person stands.
#[derive(Debug, Default)]
pub struct Known {
    /// The row.
    pub id: i64,
    /// Whether the address is never mailed.
    pub suppressed: bool,
    /// The status of each subscription, by list.
    pub states: HashMap<i64, SubscriptionStatus>,
}

/// What is known of these people, by identity; those who are new get a row.
pub async fn ensure(tx: &mut Tx, people: &[Person<'_>]) -> Result<HashMap<String, Known>, Error> {
    type Found = (String, i64, i64, Option<i64>, Option<String>);
    many::write(tx, &ENSURE, people).await?;
    let identities: Vec<&str> = people.iter().map(|person| person.identity).collect();
    let found: Vec<Found> = rows(tx, &KNOWN, json(&identities)?).await?;
    let mut known: HashMap<String, Known> = HashMap::with_capacity(people.len());
    for (identity, id, suppressed, list, status) in found {
        let person = known.entry(identity).or_default();
        person.id = id;
        person.suppressed = suppressed > 0;
        if let (Some(list), Some(word)) = (list, status) {
            let status = SubscriptionStatus::parse(&word);
            let status =
                status.ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))?;
            person.states.insert(list, status);
        }
    }
    Ok(known)
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

impl Bind for Pending {
    const COLUMNS: usize = 5;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.list_id)?;
        to.add(self.subscriber_id)?;
        to.add(self.name.as_deref())?;
        to.add(self.domain.as_str())?;
        to.add(self.at_ms)
    }
}

const PENDING: Dialect = Dialect {
    sqlite: concat!(
        "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id)
        SELECT column1, column2, 'pending', column3, column5, column5,
            COALESCE((SELECT p.provider_id FROM provider_domains p WHERE p.domain = column4), 0)
        FROM (VALUES) WHERE column1 IS NOT NULL ",
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
    many::write(tx, &PENDING, rows).await
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

impl Bind for Entry<'_> {
    const COLUMNS: usize = 9;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.list_id)?;
        to.add(self.subscriber_id)?;
        to.add(self.method)?;
        to.add(self.at_ms)?;
        for text in [
            self.ip,
            self.user_agent,
            self.page,
            self.locale,
            self.wording,
        ] {
            to.add(text)?;
        }
        Ok(())
    }
}

const LEDGER: Dialect = Dialect {
    sqlite: "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale, wording)
        SELECT column1, column2, 'subscribe', column3, column4, column5, column6, column7, column8, column9
        FROM (VALUES) WHERE column1 IS NOT NULL",
    postgres: "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale, wording)
        SELECT list_id, subscriber_id, 'subscribe', method, at_ms, ip, user_agent, page, locale, wording
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(list_id BIGINT, subscriber_id BIGINT, method TEXT, at_ms BIGINT, ip TEXT,
            user_agent TEXT, page TEXT, locale TEXT, wording TEXT)",
};

/// Adds sign-ups to the ledger of consents, in this order.
pub async fn record(tx: &mut Tx, rows: &[Entry<'_>]) -> Result<(), Error> {
    many::write(tx, &LEDGER, rows).await
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

impl Bind for Mail {
    const COLUMNS: usize = 6;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.kind)?;
        to.add(self.list_id)?;
        to.add(self.also.as_deref().map(array))?;
        to.add(self.subscriber_id)?;
        to.add(self.created_ms)?;
        to.add(self.due_ms)
    }
}

const ENQUEUE: Dialect = Dialect {
    sqlite: "INSERT INTO deliveries (kind, list_id, also, subscriber_id, status, created_ms, due_ms)
        SELECT column1, column2, column3, column4, 'queued', column5, column6 FROM (VALUES) WHERE column1 IS NOT NULL",
    postgres: "INSERT INTO deliveries (kind, list_id, also, subscriber_id, status, created_ms, due_ms)
        SELECT kind, list_id, also, subscriber_id, 'queued', created_ms, due_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(kind TEXT, list_id BIGINT, also TEXT, subscriber_id BIGINT, created_ms BIGINT,
            due_ms BIGINT)",
};

/// Queues mails.
pub async fn enqueue(tx: &mut Tx, rows: &[Mail]) -> Result<(), Error> {
    many::write(tx, &ENQUEUE, rows).await
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
    many::run(tx, &WORDINGS, &json(&rows)?).await
}
