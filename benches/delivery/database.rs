//! A site ready to send: a configuration, a database with so many confirmed readers, articles that make a message of a size.

use std::path::Path;
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::Result;
use crate::process::{self, Cost};

/// A Monday, 07:00 UTC: the list's hour.
pub const MONDAY: i64 = 1_767_596_400_000;

/// How large a message is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// About 20 KB.
    Small,
    /// About 60 KB.
    Large,
}

impl Size {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "20 KB",
            Self::Large => "60 KB",
        }
    }

    /// Articles, and how often each repeats its sentence.
    fn articles(self) -> (i64, usize) {
        match self {
            Self::Small => (3, 1),
            Self::Large => (14, 3),
        }
    }
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// The server of `BENCH_POSTGRES_URL`.
    Postgres,
}

/// A site in a directory of its own.
pub struct Site {
    directory: TempDir,
    /// The database's URL.
    pub url: String,
}

impl Site {
    /// Makes one; `None` when there is no PostgreSQL.
    pub async fn prepare(
        kind: Kind,
        port: u16,
        connections: usize,
        readers: usize,
        size: Size,
    ) -> Result<Option<Self>> {
        let directory = tempfile::tempdir()?;
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}/bench.db", directory.path().display()),
            Kind::Postgres => match new_database().await? {
                Some(url) => url,
                None => return Ok(None),
            },
        };
        let site = Self { directory, url };
        site.configure(port, connections)?;
        site.nashra(&["migrate"], &[0])?;
        // The rows of the lists are made by the first command that works.
        site.nashra(
            &["digest", "run", "--as-of", "2020-01-01T00:00:00Z"],
            &[0, 10, 11],
        )?;
        site.fill(readers, size).await?;
        Ok(Some(site))
    }

    /// Writes the configuration for a relay on this port.
    pub fn configure(&self, port: u16, connections: usize) -> Result<()> {
        let text = format!(
            r#"
[site]
name = "المرفأ"
[database]
url = "{url}"
[secrets]
key_file = "{path}/secret.key"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
messages_per_connection = 1000000
[mail]
from = "news@marfa.example"
[[lists]]
slug = "weekly"
name = "النشرة الأسبوعية"
locale = "ar"
zone = "UTC"
sections = [{{ key = "reports", name = "تقارير", limit = 50 }}]
"#,
            url = self.url,
            path = self.path().display(),
        );
        Ok(std::fs::write(self.path().join("nashra.toml"), text)?)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The text of the configuration.
    pub fn configuration(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.path().join("nashra.toml"))?)
    }

    /// Runs the program.
    pub fn nashra(&self, arguments: &[&str], codes: &[i32]) -> Result<Cost> {
        process::run(&mut self.command(arguments), codes)
    }

    /// The program over this site.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(
            std::env::var("NASHRA_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_nashra").to_owned()),
        );
        command
            .arg("--config")
            .arg(self.path().join("nashra.toml"))
            .args(arguments)
            .current_dir(self.path());
        command
    }

    /// Composes, freezes and sends the digest of the Monday.
    pub fn send(&self) -> Result<Cost> {
        self.nashra(&["digest", "run", "--as-of", "2026-01-05T07:00:00Z"], &[0])
    }

    async fn fill(&self, readers: usize, size: Size) -> Result<()> {
        let (articles, repeat) = size.articles();
        let words = "عادت المراكب الخشبية إلى الرصيف الشرقي، وافتتحت البلدية ممشى بطول كيلومترين وسوقاً للصيادين. ".repeat(repeat);
        let sqlite = self.url.starts_with("sqlite:");
        let counted = |most: i64| {
            if sqlite {
                format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"
                )
            } else {
                format!("WITH n(i) AS (SELECT generate_series(1, {most}))")
            }
        };
        let numbers = counted(readers as i64);
        let few = counted(articles);
        let statements = [
            format!("INSERT INTO subscribers (id, identity, address, created_ms) {numbers} SELECT i, 'reader' || i || '@example.org', 'reader' || i || '@example.org', 0 FROM n"),
            "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms) SELECT l.id, s.id, 'confirmed', 'ليلى', 0, 0 FROM lists l, subscribers s".to_owned(),
            format!("INSERT INTO articles (id, identity, url, title, summary_html, summary_text, source, published_ms, stored_ms, updated_ms) {few}
                SELECT i, CAST(i AS TEXT), 'https://marfa.example/' || i, 'الميناء القديم يفتح أرصفته للزوار بعد ترميم استغرق ' || i || ' سنوات', '{words}', '{words}',
                'وكالات', {MONDAY} - i * 3600000, {MONDAY}, {MONDAY} FROM n"),
            "INSERT INTO placements (list_id, article_id, section) SELECT l.id, a.id, 'reports' FROM lists l, articles a".to_owned(),
        ];
        for sql in statements {
            self.execute(&sql).await?;
        }
        if self.url.starts_with("postgres") {
            self.execute("VACUUM ANALYZE").await?;
        }
        Ok(())
    }

    /// Runs a statement past the program.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.url.starts_with("sqlite:") {
            sqlx::raw_sql(sql)
                .execute(&mut SqliteConnection::connect(&self.url).await?)
                .await?;
        } else {
            sqlx::raw_sql(sql)
                .execute(&mut PgConnection::connect(&self.url).await?)
                .await?;
        }
        Ok(())
    }

    /// Asks for one number past the program.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(if self.url.starts_with("sqlite:") {
            sqlx::query_scalar(sql)
                .fetch_one(&mut SqliteConnection::connect(&self.url).await?)
                .await?
        } else {
            sqlx::query_scalar(sql)
                .fetch_one(&mut PgConnection::connect(&self.url).await?)
                .await?
        })
    }
}

async fn new_database() -> Result<Option<String>> {
    let Ok(server) = std::env::var("BENCH_POSTGRES_URL") else {
        return Ok(None);
    };
    let name = format!("bench_{}", nashra::domain::token::random_i64());
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create)
        .execute(&mut PgConnection::connect(&server).await?)
        .await?;
    let base = server
        .rsplit_once('/')
        .map_or(server.as_str(), |(base, _)| base);
    Ok(Some(format!("{base}/{name}")))
}
