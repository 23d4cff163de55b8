//! One statement for many rows. SQLite takes the rows as parameters: to read them out of a JSON text costs it several times what it
//! costs to write them. PostgreSQL takes them as one JSON array. Both give many rows as one JSON array: on SQLite each row by itself
//! would cost a wake-up of two threads.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use super::engine::{Dialect, on};
use super::{Error, Tx};

/// How many rows a statement of SQLite has room for: few sizes, so that each is prepared once.
const ROOM: [usize; 4] = [1, 16, 64, MOST];
const MOST: usize = 256;

/// A row of a statement for many.
pub(super) trait Bind: Serialize {
    /// How many parameters it is.
    const COLUMNS: usize;

    /// Adds its parameters in their order. The first is never NULL: room that is left over is known by it.
    fn bind(&self, to: &mut SqliteArguments) -> Result<(), BoxDynError>;
}

/// Runs a statement for all of these rows. On SQLite `(VALUES)` in it stands for them: a table with the columns `column1`, `column2`
/// and so on, which is empty where `column1` is NULL. On PostgreSQL they are the JSON array `$1`.
pub(super) async fn write<R: Bind>(
    tx: &mut Tx,
    dialect: &Dialect,
    rows: &[R],
) -> Result<(), Error> {
    match tx {
        Tx::Postgres(_) => run(tx, dialect, &json(&rows)?).await?,
        Tx::Sqlite(tx) => {
            for rows in rows.chunks(MOST) {
                let (text, arguments) = bound(dialect.sqlite, rows)?;
                let query = sqlx::query_with(sqlx::AssertSqlSafe(text), arguments);
                query.execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

/// Asks something of all of these rows, which are given as to [`write`]; the answer is one JSON array.
pub(super) async fn ask<R: Bind, T: DeserializeOwned>(
    tx: &mut Tx,
    dialect: &Dialect,
    asked: &[R],
) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    match tx {
        Tx::Postgres(_) => found = rows(tx, dialect, json(&asked)?).await?,
        Tx::Sqlite(tx) => {
            for asked in asked.chunks(MOST) {
                let (text, arguments) = bound(dialect.sqlite, asked)?;
                let query = sqlx::query_scalar_with(sqlx::AssertSqlSafe(text), arguments);
                let some: String = query.fetch_one(&mut **tx).await?;
                found.extend(read::<Vec<T>>(&some)?);
            }
        }
    }
    Ok(found)
}

/// A statement with room for these rows, at most [`MOST`], and its parameters, which are all that is put into it.
fn bound<R: Bind>(text: &str, rows: &[R]) -> Result<(String, SqliteArguments), Error> {
    let mut arguments = SqliteArguments::default();
    for row in rows {
        let bound = row.bind(&mut arguments);
        bound.map_err(|error| Error::Corrupt(error.to_string()))?;
    }
    let room = ROOM.into_iter().find(|room| *room >= rows.len());
    let text = values(text, R::COLUMNS, room.unwrap_or(rows.len()));
    Ok((text, arguments))
}

/// Parameters that are not given are NULL.
fn values(text: &str, columns: usize, rows: usize) -> String {
    let row = format!("({}?)", "?, ".repeat(columns - 1));
    let rows = format!("{}{row}", format!("{row}, ").repeat(rows - 1));
    text.replace("(VALUES)", &format!("(VALUES {rows})"))
}

/// Rows as JSON.
pub(super) fn json(rows: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(rows).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Runs a statement whose rows are its only parameter, a JSON array.
pub(super) async fn run(tx: &mut Tx, dialect: &Dialect, json: &str) -> Result<(), Error> {
    let sql = dialect.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(json).execute(conn).await.map(drop)?);
    Ok(())
}

/// Reads the rows that the database gives as one JSON array of arrays.
pub(super) async fn rows<T: DeserializeOwned>(
    tx: &mut Tx,
    dialect: &Dialect,
    json: String,
) -> Result<Vec<T>, Error> {
    let sql = dialect.text(tx);
    let found: String = on!(tx, conn => sqlx::query_scalar(sql).bind(json).fetch_one(conn).await?);
    read(&found)
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| Error::Corrupt(error.to_string()))
}
