//! What can go wrong with the database, said so that an operator knows what to do.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL names no database that we know.
    #[error("database url `{0}`: expected `sqlite:PATH` or `postgres://HOST/NAME`")]
    Url(String),
    /// It cannot be opened, or it went away.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Two transactions stood in each other's way and this one was undone: the same again may succeed at once.
    #[error("the database undid a transaction that stood in another's way: {0}")]
    Conflict(String),
    /// `SQLite` could not write or read its file.
    #[error("the database's disk is full or fails ({0}): make room, and see that the disk is well")]
    Disk(String),
    /// Its directory or file does not permit what we need.
    #[error("the database file {path} cannot be used: {reason}")]
    File {
        /// The file's path.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Written by a newer program.
    #[error(
        "the database has schema {found}, made by a newer nashra; this one knows up to {known}. \
         Install the newer nashra again, or restore the backup from before the upgrade"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// Not migrated yet.
    #[error("the database has schema {found}, this nashra needs {needed}: run `nashra migrate`")]
    Behind {
        /// The version found, 0 for none.
        found: i64,
        /// The version needed.
        needed: i64,
    },
    /// A migration failed; the database is as it was before.
    #[error("the database could not be migrated (nothing was changed): {0}")]
    Migrate(String),
    /// A row holds something that we never wrote.
    #[error("the database holds an unexpected value: {0}")]
    Corrupt(String),
    /// Anything else the database said.
    #[error("database error: {0}")]
    Other(#[source] sqlx::Error),
}

impl Error {
    /// Whether waiting may help: the server went away, another process holds the file, or another transaction came first.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict(_))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                // SQLite 5 BUSY and 6 LOCKED (with extended codes in the upper bits); PostgreSQL classes
                // 08 connection, 53 resources, 57P01..03 shutdown and start-up; deadlock and serialisation; lock, fail-over.
                // 10 IOERR and 13 FULL.
                let sqlite = code.parse::<i64>().ok().filter(|_| code.len() < 5);
                let sqlite = sqlite.map(|number| number & 0xff);
                if matches!(sqlite, Some(10 | 13)) {
                    Self::Disk(database.message().to_owned())
                } else if matches!(&*code, "40P01" | "40001") {
                    Self::Conflict(database.message().to_owned())
                } else if matches!(sqlite, Some(5 | 6))
                    || code.starts_with("08")
                    || code.starts_with("53")
                    || code.starts_with("57P0")
                    || matches!(&*code, "55P03" | "25006")
                {
                    Self::Unavailable(database.message().to_owned())
                } else {
                    Self::Other(error)
                }
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Other(error),
        }
    }
}
