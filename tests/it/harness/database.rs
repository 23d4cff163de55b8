//! A migrated database for each test, copied from a template and gone afterwards.
//!
//! SQLite: a file in a temporary directory. PostgreSQL: a database on the server that `TEST_POSTGRES_URL` names, which
//! `script/test` starts. The templates are named by a hash of the migrations, so that they outlive one run and never go stale.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;

/// Tests a promise on both databases: `both_databases!(name, |db| async move { … })` makes the tests `name::sqlite` and
/// `name::postgres`, whose `db` is a [`TestDb`].
macro_rules! both_databases {
    ($(#[$meta:meta])* $name:ident, |$db:ident $(: $type:ty)?| async move $body:block) => {
        $(#[$meta])*
        async fn $name($db: $crate::harness::database::TestDb) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::harness::database::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = $crate::harness::database::postgres().await {
                    super::$name(db).await;
                }
            }
        }
    };
}
pub(crate) use both_databases;

/// A database of one test's own. It is removed when this value goes, whoever is still connected.
pub struct TestDb {
    /// What the configuration calls `database.url`.
    pub url: String,
    _directory: Option<TempDir>,
    _server: Option<OnServer>,
}

impl TestDb {
    /// Another one of the same kind.
    pub async fn another(&self) -> Self {
        if self.url.starts_with("sqlite:") {
            sqlite().await
        } else {
            postgres().await.unwrap()
        }
    }
}

struct OnServer {
    admin: String,
    name: String,
}

impl Drop for OnServer {
    fn drop(&mut self) {
        let (admin, statement) = (
            self.admin.clone(),
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
        // Dropping is not async, and this may run on a thread of the test's runtime: another thread waits for the server.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                execute(&mut PgConnection::connect(&admin).await.unwrap(), statement).await;
            });
        });
        // A panic while panicking would hide the test's own failure.
        assert!(
            dropped.join().is_ok() || std::thread::panicking(),
            "the database {} was not dropped",
            self.name
        );
    }
}

/// Brings an empty database to the program's schema, and lets go of it.
async fn migrated(url: &str) {
    let database = nashra::store::Database::connect(&nashra::store::Settings::new(url))
        .await
        .unwrap();
    nashra::store::migrate::run(&database).await.unwrap();
    database.close().await;
}

/// A database that is there and empty; whoever made it removes it.
pub async fn at(url: String) -> TestDb {
    migrated(&url).await;
    TestDb {
        url,
        _directory: None,
        _server: None,
    }
}

/// A SQLite database file.
pub async fn sqlite() -> TestDb {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(sqlite_template).await;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("nashra.db");
    std::fs::copy(template, &file).unwrap();
    TestDb {
        url: format!("sqlite:{}", file.display()),
        _directory: Some(directory),
        _server: None,
    }
}

async fn sqlite_template() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = place.join(format!("template_{}.db", migrations("sqlite")));
    if !template.exists() {
        // Made aside and renamed: another run of the tests sees all of it or nothing.
        let aside = TempDir::new_in(place).unwrap();
        let file = aside.path().join("nashra.db");
        std::fs::File::create(&file).unwrap();
        migrated(&format!("sqlite:{}", file.display())).await;
        std::fs::rename(&file, &template).unwrap();
    }
    template
}

/// A database on the PostgreSQL server, when there is one.
pub async fn postgres() -> Option<TestDb> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(admin) = super::variable("TEST_POSTGRES_URL") else {
        super::skip("PostgreSQL", "TEST_POSTGRES_URL is not set");
        return None;
    };
    let template = TEMPLATE.get_or_init(|| postgres_template(&admin)).await;
    let name = format!(
        "nashra_test_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let mut server = PgConnection::connect(&admin).await.unwrap();
    execute(
        &mut server,
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    execute(
        &mut server,
        format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"),
    )
    .await;
    Some(TestDb {
        url: on_server(&admin, &name),
        _directory: None,
        _server: Some(OnServer { admin, name }),
    })
}

async fn postgres_template(admin: &str) -> String {
    let name = format!("nashra_template_{}", migrations("postgres"));
    let mut server = PgConnection::connect(admin).await.unwrap();
    // Held until the connection closes: of several runs at once, one makes the template.
    execute(&mut server, "SELECT pg_advisory_lock(871235)".to_owned()).await;
    let known = sqlx::query_scalar::<_, bool>(
        "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)",
    );
    if !known.bind(&name).fetch_one(&mut server).await.unwrap() {
        let aside = format!("{name}_new");
        execute(
            &mut server,
            format!("DROP DATABASE IF EXISTS {aside} WITH (FORCE)"),
        )
        .await;
        execute(
            &mut server,
            format!("CREATE DATABASE {aside} TEMPLATE template0 ENCODING 'UTF8'"),
        )
        .await;
        migrated(&on_server(admin, &aside)).await;
        // Nobody may connect to it, not even the server's own vacuum: a template in use cannot be copied.
        execute(
            &mut server,
            format!("ALTER DATABASE {aside} ALLOW_CONNECTIONS false"),
        )
        .await;
        execute(
            &mut server,
            format!("ALTER DATABASE {aside} RENAME TO {name}"),
        )
        .await;
    }
    name
}

fn on_server(admin: &str, name: &str) -> String {
    let mut url = Url::parse(admin).unwrap();
    url.set_path(name);
    url.into()
}

async fn execute(server: &mut PgConnection, statement: String) {
    if let Err(error) = sqlx::query(AssertSqlSafe(statement.clone()))
        .execute(server)
        .await
    {
        panic!("{statement}: {error}");
    }
}

/// A hash of one database's migrations.
fn migrations(database: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(database);
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        (file.file_name(), std::fs::read(&file).unwrap()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
