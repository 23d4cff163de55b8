//! Tables `throttles` and `spent_challenges`: how much of the limits of sign-ups is used up, and proofs of work that are.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, on};
use super::many::{self, Bind, json, rows};
use super::{Error, Tx};

/// A limit's bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Throttle {
    /// Its name.
    pub bucket: String,
    /// When its time began.
    pub started_ms: i64,
    /// How many since.
    pub used: i64,
    /// The last few, where the limit is exact, as a JSON array.
    pub marks: String,
    /// Forgotten after this.
    pub until_ms: i64,
}

const READ: Dialect = Dialect {
    sqlite: "SELECT json_group_array(json_array(bucket, started_ms, used, marks, until_ms)) FROM throttles
        WHERE bucket IN (SELECT value FROM json_each($1))",
    postgres: "SELECT CAST(COALESCE(json_agg(json_build_array(bucket, started_ms, used, marks, until_ms)), '[]') AS TEXT) FROM throttles
        WHERE bucket IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)))",
};

/// The buckets of these names that are there.
pub async fn read(tx: &mut Tx, buckets: &[String]) -> Result<Vec<Throttle>, Error> {
    let names = json(&buckets)?;
    rows(tx, &READ, names).await
}

impl Bind for Throttle {
    const COLUMNS: usize = 5;

    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        to.add(self.bucket.as_str())?;
        to.add(self.started_ms)?;
        to.add(self.used)?;
        to.add(self.marks.as_str())?;
        to.add(self.until_ms)
    }
}

const WRITE: Dialect = Dialect {
    sqlite: "INSERT INTO throttles (bucket, started_ms, used, marks, until_ms)
        SELECT column1, column2, column3, column4, column5 FROM (VALUES) WHERE column1 IS NOT NULL
        ON CONFLICT (bucket) DO UPDATE SET started_ms = excluded.started_ms, used = excluded.used, marks = excluded.marks,
            until_ms = excluded.until_ms",
    postgres: "INSERT INTO throttles (bucket, started_ms, used, marks, until_ms)
        SELECT bucket, started_ms, used, marks, until_ms
        FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(bucket TEXT, started_ms BIGINT, used BIGINT, marks TEXT, until_ms BIGINT)
        ON CONFLICT (bucket) DO UPDATE SET started_ms = excluded.started_ms, used = excluded.used, marks = excluded.marks,
            until_ms = excluded.until_ms",
};

/// Writes buckets as they are now; each may stand here once.
pub async fn write(tx: &mut Tx, buckets: &[Throttle]) -> Result<(), Error> {
    many::write(tx, &WRITE, buckets).await
}

/// Forgets a bucket; says whether it was there.
pub async fn forget(tx: &mut Tx, bucket: &str) -> Result<bool, Error> {
    const SQL: &str = "DELETE FROM throttles WHERE bucket = $1";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(bucket).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// A proof of work that is used now.
#[derive(Debug, Clone, Serialize)]
pub struct Spent {
    /// The challenge that it solves.
    pub challenge: String,
    /// When the challenge expires.
    pub expires_ms: i64,
}

const SPEND: Dialect = Dialect {
    sqlite: "INSERT INTO spent_challenges (challenge, expires_ms)
        SELECT value ->> 'challenge', value ->> 'expires_ms' FROM json_each($1) WHERE TRUE
        ON CONFLICT (challenge) DO NOTHING RETURNING challenge",
    postgres: "INSERT INTO spent_challenges (challenge, expires_ms)
        SELECT challenge, expires_ms FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(challenge TEXT, expires_ms BIGINT)
        ON CONFLICT (challenge) DO NOTHING RETURNING challenge",
};

/// Uses proofs up; gives those that had not been used before.
pub async fn spend(tx: &mut Tx, proofs: &[&Spent]) -> Result<HashSet<String>, Error> {
    let (sql, proofs) = (SPEND.text(tx), json(&proofs)?);
    let fresh: Vec<String> =
        on!(tx, conn => sqlx::query_scalar(sql).bind(proofs).fetch_all(conn).await?);
    Ok(fresh.into_iter().collect())
}
