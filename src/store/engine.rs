//! One handle for both databases: [`Database`], its transactions [`Tx`], the macro `on!` that runs the same text on
//! either, and [`Dialect`] for the few texts that must differ.
//!
//! SQLite: WAL, `synchronous=FULL`, one writer connection that begins with `BEGIN IMMEDIATE` (a read transaction that
//! becomes a writer would fail at once, whatever the busy timeout), read-only readers.

use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Postgres, Sqlite, Transaction};

use super::Error;

/// Which database, and how to reach it.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The most connections held open (readers, on SQLite).
    pub max_connections: u32,
    /// How long to wait for a connection, or for another process's write on SQLite.
    pub busy_timeout: Duration,
}

impl Settings {
    /// The usual settings for this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            busy_timeout: Duration::from_secs(10),
        }
    }
}

/// An open database.
#[derive(Clone)]
pub enum Database {
    /// One file.
    Sqlite {
        /// Read-only connections.
        read: SqlitePool,
        /// The one writer.
        write: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A transaction on either database; rolled back when dropped.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression on either database: `on!(tx, conn => sqlx::query(SQL).execute(conn).await?)`.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use on;

/// A statement that cannot be the same on both; each use says why.
pub struct Dialect {
    /// Its text for SQLite.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
}

impl Dialect {
    /// The text for the database of this transaction.
    pub fn text(&self, tx: &Tx) -> &'static str {
        match tx {
            Tx::Sqlite(_) => self.sqlite,
            Tx::Postgres(_) => self.postgres,
        }
    }
}

/// Rows as a JSON array: what both databases can take for one parameter.
pub fn array(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}

impl Database {
    /// Opens the database; a missing SQLite file is created, with its directory.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        if settings.url.starts_with("sqlite:") {
            Self::connect_sqlite(settings).await
        } else if settings.url.starts_with("postgres://")
            || settings.url.starts_with("postgresql://")
        {
            Self::connect_postgres(settings).await
        } else {
            // The text may hold a password: only its beginning is repeated.
            Err(Error::Url(
                settings
                    .url
                    .split("//")
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(20)
                    .collect(),
            ))
        }
    }

    async fn connect_sqlite(settings: &Settings) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(&settings.url)
            .map_err(|_| Error::Url(settings.url.clone()))?;
        let path = options.get_filename().to_path_buf();
        create_directory(&path)?;
        create_private(&path);
        refuse_read_only(&path)?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(settings.busy_timeout);
        let write = whole_connections()
            .max_connections(1)
            .acquire_timeout(settings.busy_timeout)
            .connect_with(writer(options.clone()))
            .await
            .map_err(|error| sqlite_open_error(&path, error))?;
        let read = whole_connections()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.busy_timeout)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(|error| sqlite_open_error(&path, error))?;
        Ok(Self::Sqlite { read, write })
    }

    async fn connect_postgres(settings: &Settings) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(&settings.url)
            .map_err(|error| {
                Error::Unavailable(format!("the database url cannot be read: {error}"))
            })?
            .application_name("nashra");
        let failed = |reason: String| {
            Error::Unavailable(format!(
                "PostgreSQL at {}:{} as {}: {reason}",
                options.get_host(),
                options.get_port(),
                options.get_username()
            ))
        };
        // One connection by itself first: the pool would only say that none came in time.
        let first =
            tokio::time::timeout(settings.busy_timeout, PgConnection::connect_with(&options));
        let first = first
            .await
            .map_err(|_| failed("no answer".to_owned()))?
            .map_err(|error| match error {
                sqlx::Error::Database(database) => failed(database.message().to_owned()),
                error => failed(error.to_string()),
            })?;
        first.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.busy_timeout)
            .connect_lazy_with(options);
        Ok(Self::Postgres(pool))
    }

    /// Begins a transaction that only reads.
    pub async fn read(&self) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that may write; on SQLite it waits for its turn.
    pub async fn write(&self) -> Result<Tx, Error> {
        self.begin("PRAGMA temp_store = DEFAULT; BEGIN IMMEDIATE")
            .await
    }

    /// The same for many rows in statements of a bounded size: on SQLite what it takes to undo one of them stays in memory. In a file,
    /// as it has to be where a statement may be of any size, it is as much to write as the rows.
    pub async fn write_many(&self) -> Result<Tx, Error> {
        self.begin("PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE")
            .await
    }

    async fn begin(&self, sqlite: &'static str) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with(sqlite).await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

impl Tx {
    /// Makes it durable.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// The pages of indexes that a batch touches stay in memory until it is committed, and are folded into the file seldom: SQLite's own
/// measures, 2 MB and each thousand pages, write the same pages again and again. Seldom, but not so much at once that who signs up
/// meanwhile would have to wait for long.
fn writer(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .pragma("cache_size", "-16000")
        .pragma("wal_autocheckpoint", "4000")
        .statement_cache_capacity(200)
}

/// When a disk is full, SQLite ends a transaction by itself; the connection then takes it for open, and could begin no other for
/// ever. Such a connection is replaced.
fn whole_connections() -> SqlitePoolOptions {
    SqlitePoolOptions::new().before_acquire(|connection, _| {
        Box::pin(async move { Ok(!connection.is_in_transaction()) })
    })
}

/// The file holds readers' addresses: it is its owner's alone, and SQLite gives what it puts beside it the same mode. A file that
/// is there keeps the mode that it has; why one cannot be made is said by whoever opens it. What SQLite keeps in memory has no file.
fn create_private(path: &Path) {
    if !path.as_os_str().as_encoded_bytes().starts_with(b"file:") {
        let mut options = std::fs::OpenOptions::new();
        drop(options.write(true).create_new(true).mode(0o600).open(path));
    }
}

fn create_directory(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            let mut directories = std::fs::DirBuilder::new();
            directories.recursive(true).mode(0o700);
            directories.create(parent).map_err(|error| Error::File {
                path: path.display().to_string(),
                reason: format!(
                    "its directory cannot be created ({error}); create it, or change [database] url"
                ),
            })
        }
        _ => Ok(()),
    }
}

/// `SQLite` opens such a file all the same, and fails at the first write without its name.
fn refuse_read_only(path: &Path) -> Result<(), Error> {
    match std::fs::OpenOptions::new().append(true).open(path) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Err(Error::File {
                path: path.display().to_string(),
                reason: READ_ONLY.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

const READ_ONLY: &str = "it is read-only; nashra must be able to write the file and its directory";

fn sqlite_open_error(path: &Path, error: sqlx::Error) -> Error {
    let reason = match &error {
        sqlx::Error::Database(database) => match database.code().and_then(|code| code.parse::<i64>().ok()).map(|code| code & 0xff) {
            Some(8) => READ_ONLY.to_owned(),
            Some(14) => "it cannot be opened; check that it and its directory belong to the account that runs nashra".to_owned(),
            Some(26) => "it is not an SQLite database; move it away, or change [database] url".to_owned(),
            _ => return Error::from(error),
        },
        _ => return Error::from(error),
    };
    Error::File {
        path: path.display().to_string(),
        reason,
    }
}
