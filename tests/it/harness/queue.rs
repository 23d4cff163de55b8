//! What a test's database holds, read past the program; and the built program over a test's configuration.

use std::any::Any;

use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use super::app::TestApp;
use super::process::Program;

/// Runs an expression over a connection to either database.
macro_rules! on {
    ($url:expr, $conn:ident => $body:expr) => {
        if $url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect($url).await.unwrap();
            let $conn = &mut connection;
            $body
        } else {
            let mut connection = PgConnection::connect($url).await.unwrap();
            let $conn = &mut connection;
            $body
        }
    };
}
pub(crate) use on;

/// A delivery as its row tells it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Its digest, or 0.
    pub digest: i64,
    /// Its row, or in a digest its subscriber.
    pub id: i64,
    /// What kind of mail.
    pub kind: String,
    /// Where it goes.
    pub address: String,
    /// Where it stands.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; 0 for a first attempt in a digest.
    pub due_ms: i64,
    /// Who holds it.
    pub worker_id: Option<i64>,
    /// The last reply's code.
    pub code: Option<i64>,
    /// The last reply.
    pub reply: Option<String>,
}

/// Every delivery, oldest first.
pub async fn deliveries(url: &str) -> Vec<Delivery> {
    const SQL: &str = "SELECT CAST(0 AS BIGINT) AS digest, d.id, d.kind, s.address, d.status, d.attempts, d.due_ms, d.worker_id, d.code, d.reply
        FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
        UNION ALL SELECT CAST(v.digest_id AS BIGINT), v.subscriber_id, 'digest', s.address, v.status, v.attempts, COALESCE(v.due_ms, 0),
            v.worker_id, v.code, v.reply
        FROM digest_delivery_states v JOIN subscribers s ON s.id = v.subscriber_id ORDER BY 1, 2";
    on!(url, conn => sqlx::query_as(SQL).fetch_all(conn).await.unwrap())
}

/// One number.
pub async fn number(url: &str, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    on!(url, conn => sqlx::query_scalar(sql).fetch_one(conn).await.unwrap())
}

/// Runs statements.
pub async fn execute(url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    on!(url, conn => sqlx::raw_sql(sql).execute(conn).await.map(drop).unwrap());
}

/// Keeps everybody from recording results, until this goes.
pub struct Lock(#[expect(dead_code, reason = "held")] Box<dyn Any + Send>);

/// Takes that lock.
pub async fn lock(url: &str) -> Lock {
    const SQL: &str = "BEGIN; LOCK TABLE digest_ranges IN EXCLUSIVE MODE";
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await
            .unwrap();
        return Lock(Box::new(connection));
    }
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(SQL).execute(&mut connection).await.unwrap();
    Lock(Box::new(connection))
}

/// Takes the turn of whoever writes sign-ups, until this goes: nobody else writes any.
pub async fn turn(url: &str) -> Lock {
    if url.starts_with("sqlite:") {
        return lock(url).await;
    }
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = "BEGIN; SELECT pg_advisory_xact_lock(7305513, 1)";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    Lock(Box::new(connection))
}

/// Whether nobody keeps a lock of the delivery engine for long.
pub async fn is_unlocked(url: &str) -> bool {
    let sql = if url.starts_with("sqlite:") {
        "PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE; ROLLBACK"
    } else {
        "SET lock_timeout = 2000; BEGIN; SELECT 1 FROM workers FOR UPDATE; SELECT 1 FROM digest_queues FOR UPDATE;
            SELECT 1 FROM digest_ranges FOR UPDATE; SELECT 1 FROM leaders FOR UPDATE; ROLLBACK"
    };
    on!(url, conn => sqlx::raw_sql(sql).execute(conn).await.is_ok())
}

/// Takes everything out of a database, the schema too.
pub async fn emptied(url: &str) {
    if let Some(file) = url.strip_prefix("sqlite:") {
        for ending in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{file}{ending}")).ok();
        }
    } else {
        execute(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    }
}

impl TestApp {
    /// The URL of its database.
    pub fn database(&self) -> String {
        self.app.config.database.url.expose_secret().to_owned()
    }

    /// Every delivery, oldest first.
    pub async fn queue(&self) -> Vec<Delivery> {
        deliveries(&self.database()).await
    }

    /// The built program over the same configuration and database. Its clock is the machine's.
    pub fn nashra<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Program {
        let file = self.config_file();
        let config = ["--config", file.to_str().unwrap()];
        let arguments: Vec<&str> = arguments.into_iter().collect();
        Program::nashra(config.iter().chain(&arguments))
    }

    /// `digest run` as of the test's Monday, with more arguments.
    pub fn digest_run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Program {
        let run = ["digest", "run", "--as-of", "2026-01-05T07:00:00Z"];
        self.nashra(run.into_iter().chain(arguments))
    }
}
