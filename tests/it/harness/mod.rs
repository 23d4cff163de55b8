//! The world around the program under test: databases, the built program, third-party servers, a browser.
//!
//! What is not installed is skipped with a word, never silently; under `CI=true` a skip is a failure.

pub mod app;
pub mod browser;
pub mod cluster;
mod configuration;
pub mod copies;
pub mod database;
pub mod dns;
pub mod dump;
pub mod front;
pub mod http;
pub mod letters;
pub mod node;
pub mod process;
pub mod queue;
pub mod sink;
pub mod verifiers;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::Duration;

/// How long anything here may take before it counts as hung; generous, because nothing waits for it when all is well.
pub const LIMIT: Duration = Duration::from_mins(1);

static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Says, once, that something is not tested and why. Fails under `CI=true`.
pub fn skip(what: &str, why: &str) {
    let line = format!("skipped: {what}: {why}");
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{line} (nothing may be skipped under CI=true)"
    );
    if !SAID.lock().unwrap().insert(line.clone()) {
        return;
    }
    // Not eprintln!: the test runner would keep it to itself when the test passes.
    writeln!(std::io::stderr(), "{line}").ok();
    // `script/test` collects these for its summary.
    if let Some(path) = std::env::var_os("TEST_SKIPPED") {
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path);
        writeln!(file.unwrap(), "{line}").unwrap();
    }
}

/// A variable of the environment that is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

mod tests {
    use sqlx::{Connection as _, PgConnection, SqliteConnection};

    use super::database::both_databases;

    both_databases!(
        /// Issue 3, point 7: a test's database is there, and is its own.
        each_test_has_its_own_database,
        |db| async move {
            const MINE: &str = "CREATE TABLE mine (n BIGINT)";
            if db.url.starts_with("sqlite:") {
                sqlx::query(MINE).execute(&mut SqliteConnection::connect(&db.url).await.unwrap()).await.unwrap();
            } else {
                sqlx::query(MINE).execute(&mut PgConnection::connect(&db.url).await.unwrap()).await.unwrap();
            }
        }
    );
}
