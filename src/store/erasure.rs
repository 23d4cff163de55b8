//! Table `erasures`: keyed hashes of addresses that were erased, and the statements that take a person out of every other table.

use std::collections::HashSet;

use serde::Serialize;

use super::engine::{Dialect, array, on};
use super::many::json;
use super::{Error, Tx};

/// Each database has its own way to read a JSON array as rows.
const HELD: Dialect = Dialect {
    sqlite: "SELECT identity_hash FROM erasures WHERE identity_hash IN (SELECT value FROM json_each($1))",
    postgres: "SELECT identity_hash FROM erasures
        WHERE identity_hash IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// Which of these hashes belong to erased addresses.
pub async fn held(tx: &mut Tx, hashes: &[impl Serialize]) -> Result<HashSet<String>, Error> {
    let json = json(&hashes)?;
    let sql = HELD.text(tx);
    let found: Vec<String> =
        on!(tx, conn => sqlx::query_scalar(sql).bind(json.as_str()).fetch_all(conn).await?);
    Ok(found.into_iter().collect())
}

/// Whether an address, by its hash under each key, was erased.
pub async fn holds(tx: &mut Tx, hashes: &[String]) -> Result<bool, Error> {
    Ok(!held(tx, hashes).await?.is_empty())
}

/// Keeps the hash of an erased address.
pub async fn add(tx: &mut Tx, hash: &str, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO erasures (identity_hash, created_ms) VALUES ($1, $2) ON CONFLICT (identity_hash) DO NOTHING";
    on!(tx, conn => sqlx::query(SQL).bind(hash).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Forgets that an address was erased; says whether it was.
pub async fn remove(tx: &mut Tx, hashes: &[String]) -> Result<bool, Error> {
    const SQL: &str = "DELETE FROM erasures WHERE identity_hash = $1";
    let mut rows = 0;
    for hash in hashes {
        rows +=
            on!(&mut *tx, conn => sqlx::query(SQL).bind(hash).execute(conn).await?.rows_affected());
    }
    Ok(rows > 0)
}

/// How many addresses were erased.
pub async fn count(tx: &mut Tx) -> Result<i64, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM erasures";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).fetch_one(conn).await?))
}

/// PostgreSQL waits for whoever is just erasing one of them, and holds up whoever would; SQLite has one writer.
const ADDRESSES: Dialect = Dialect {
    sqlite: "SELECT id, address FROM subscribers WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT id, address FROM subscribers
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb))) ORDER BY id FOR KEY SHARE",
};

/// Those of these subscribers who were erased; none is until the transaction ends.
pub async fn gone(tx: &mut Tx, subscribers: &[i64]) -> Result<HashSet<i64>, Error> {
    let sql = ADDRESSES.text(tx);
    let rows: Vec<(i64, String)> =
        on!(tx, conn => sqlx::query_as(sql).bind(array(subscribers)).fetch_all(conn).await?);
    let gone = rows.into_iter().filter(|(_, address)| address.is_empty());
    Ok(gone.map(|(id, _)| id).collect())
}

/// What is deleted of a subscriber, in the order of the references between the tables. Deliveries of digests stay: they are
/// numbers, and a digest's counts are made from them; what a relay said of one may quote the address and goes.
const OF_SUBSCRIBER: [&str; 7] = [
    "DELETE FROM confirmations WHERE subscriber_id = $1",
    "DELETE FROM consents WHERE subscriber_id = $1",
    "DELETE FROM deliveries WHERE subscriber_id = $1",
    "DELETE FROM quarantine WHERE subscriber_id = $1",
    "DELETE FROM moves WHERE subscriber_id = $1 OR from_id = $1",
    "DELETE FROM subscriptions WHERE subscriber_id = $1",
    // By digest, so that the primary key finds the rows.
    "UPDATE digest_attempts SET reply = NULL
        WHERE subscriber_id = $1 AND digest_id IN (SELECT id FROM digests) AND reply IS NOT NULL",
];

/// Replies of relays that are kept for a domain or a digest and may quote the address.
const QUOTES: [&str; 2] = [
    "UPDATE backoffs SET reply = '' WHERE LOWER(reply) LIKE $1 ESCAPE '\\'",
    "UPDATE digests SET pause_reason = '' WHERE LOWER(pause_reason) LIKE $1 ESCAPE '\\'",
];

/// Takes everything of a subscriber away. The row stays as a number without an address: deliveries of digests refer to it.
pub async fn wipe(tx: &mut Tx, subscriber_id: i64) -> Result<(), Error> {
    const EMPTY: &str = "UPDATE subscribers SET identity = 'erased:' || id, address = '', created_ms = 0 WHERE id = $1";
    for sql in OF_SUBSCRIBER {
        on!(&mut *tx, conn => sqlx::query(sql).bind(subscriber_id).execute(conn).await.map(drop)?);
    }
    on!(tx, conn => sqlx::query(EMPTY).bind(subscriber_id).execute(conn).await.map(drop)?);
    Ok(())
}

/// Takes an address out of the replies of relays that are kept elsewhere.
pub async fn unquote(tx: &mut Tx, address: &str) -> Result<(), Error> {
    let mut pattern = String::from("%");
    for letter in address.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    for sql in QUOTES {
        on!(&mut *tx, conn => sqlx::query(sql).bind(pattern.as_str()).execute(conn).await.map(drop)?);
    }
    Ok(())
}
