//! Brings a database to the schema of this program, all at once or not at all, and refuses one from a newer program.

use sqlx::migrate::Migrator;

use super::engine::on;
use super::{Database, Error, Tx};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// One step of the schema.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Whether this database has it.
    pub applied: bool,
}

fn known() -> i64 {
    SQLITE
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// The steps this program knows, and which of them the database has.
pub async fn status(database: &Database) -> Result<Vec<Step>, Error> {
    let mut tx = database.read().await?;
    let found = version(&mut tx).await?;
    refuse_newer(found)?;
    Ok(SQLITE
        .iter()
        .map(|migration| Step {
            version: migration.version,
            name: migration.description.to_string(),
            applied: migration.version <= found,
        })
        .collect())
}

/// Applies what is missing, in one transaction that other processes wait for; says how many steps were applied.
pub async fn run(database: &Database) -> Result<usize, Error> {
    let before = check(database).await?;
    if before == known() {
        return Ok(0);
    }
    let mut tx = database.write().await?;
    if let Tx::Postgres(tx) = &mut tx {
        // Other processes that start at the same time wait here; released at commit.
        sqlx::query("SELECT pg_advisory_xact_lock(7310583)")
            .execute(&mut **tx)
            .await?;
    }
    let applied = match &mut tx {
        Tx::Sqlite(tx) => migrator(&SQLITE).run_direct(None, &mut **tx, false).await,
        Tx::Postgres(tx) => migrator(&POSTGRES).run_direct(None, &mut **tx, false).await,
    };
    applied.map_err(|error| Error::Migrate(error.to_string()))?;
    tx.commit().await?;
    Ok(SQLITE
        .iter()
        .filter(|migration| migration.version > before)
        .count())
}

/// Whether the database has no schema at all yet.
pub async fn is_new(database: &Database) -> Result<bool, Error> {
    Ok(check(database).await? == 0)
}

/// Fails unless the database has exactly the schema of this program.
pub async fn require(database: &Database) -> Result<(), Error> {
    let found = check(database).await?;
    if found == known() {
        Ok(())
    } else {
        Err(Error::Behind {
            found,
            needed: known(),
        })
    }
}

/// The database's version; refuses one from a newer program.
async fn check(database: &Database) -> Result<i64, Error> {
    let found = version(&mut database.read().await?).await?;
    refuse_newer(found)?;
    Ok(found)
}

/// The whole upgrade is one transaction with its own lock: the library's lock is not needed, and it has none for SQLite.
fn migrator(known: &'static Migrator) -> Migrator {
    let mut migrator = Migrator {
        migrations: known.migrations.clone(),
        ..Migrator::DEFAULT
    };
    migrator.set_locking(false);
    migrator
}

fn refuse_newer(found: i64) -> Result<(), Error> {
    if found > known() {
        Err(Error::Newer {
            found,
            known: known(),
        })
    } else {
        Ok(())
    }
}

async fn version(tx: &mut Tx) -> Result<i64, Error> {
    const SQLITE_TABLE: &str = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    const POSTGRES_TABLE: &str = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations'";
    let table = match tx {
        Tx::Sqlite(_) => SQLITE_TABLE,
        Tx::Postgres(_) => POSTGRES_TABLE,
    };
    let tables: i64 = on!(tx, conn => sqlx::query_scalar(table).fetch_one(conn).await?);
    if tables == 0 {
        return Ok(0);
    }
    let version: Option<i64> = on!(tx, conn => sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(conn).await?);
    Ok(version.unwrap_or(0))
}
