//! Issue 3, point 7 and bad input of the database: each trouble is a clear sentence and exit code 1, nothing is half done,
//! and no password is printed (promise 10).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use url::Url;

use crate::harness::LIMIT;
use crate::harness::app::{Options, TestApp, article, put_article};
use crate::harness::database::{both_databases, postgres, sqlite};
use crate::harness::process::{Output, Program, Running, Signal};
use crate::harness::queue::{emptied, execute, number};

const APPLIED: &str = "SELECT COUNT(*) FROM _sqlx_migrations";

/// A run of a command over another database than the test's own.
async fn over(app: &TestApp, url: &str, command: &[&str]) -> Output {
    let program = app.nashra(command.iter().copied()).dir(app.directory());
    let program = program.env("NASHRA__DATABASE__BUSY_TIMEOUT", "1s");
    program.env("NASHRA__DATABASE__URL", url).run().await
}

/// The command failed with a sentence that holds all of these.
fn failed(output: &Output, parts: &[&str]) {
    assert_eq!(output.code, Some(1), "{output:#?}");
    for part in parts {
        assert!(
            output.stderr.contains(part),
            "`{part}` in {}",
            output.stderr
        );
    }
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}

#[tokio::test]
async fn sqlite_a_missing_directory_is_made() {
    let app = TestApp::start(sqlite().await).await;
    let output = over(&app, "sqlite:new/place/nashra.db", &["list", "show"]).await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    assert!(app.directory().join("new/place/nashra.db").is_file());
}

#[tokio::test]
async fn sqlite_a_path_that_cannot_be_is_said() {
    let app = TestApp::start(sqlite().await).await;
    let directory = app.directory();
    std::fs::write(directory.join("file"), "a file").unwrap();
    std::fs::write(
        directory.join("text.db"),
        "Dear reader, this is no database.\n".repeat(200),
    )
    .unwrap();
    std::fs::create_dir(directory.join("folder.db")).unwrap();
    for command in [
        &["digest", "run"][..],
        &["migrate"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let output = over(&app, "sqlite:file/nashra.db", command).await;
        failed(
            &output,
            &[
                "the database file file/nashra.db cannot be used",
                "its directory cannot be created",
                "change [database] url",
            ],
        );
        let output = over(&app, "sqlite:text.db", command).await;
        failed(
            &output,
            &[
                "the database file text.db cannot be used",
                "it is not an SQLite database",
                "move it away",
            ],
        );
        let output = over(&app, "sqlite:folder.db", command).await;
        failed(
            &output,
            &[
                "the database file folder.db cannot be used",
                "it cannot be opened",
            ],
        );
    }
    let text = std::fs::read_to_string(directory.join("text.db")).unwrap();
    assert!(
        text.starts_with("Dear reader"),
        "what is not ours is left alone"
    );
}

/// The account that may write anything may write a read-only file too: then the case cannot be had.
fn may_write_anything(file: &std::path::Path) -> bool {
    std::fs::OpenOptions::new().append(true).open(file).is_ok()
}

#[tokio::test]
async fn sqlite_a_read_only_file_is_said() {
    let app = TestApp::start(sqlite().await).await;
    let directory = app.directory().join("locked");
    std::fs::create_dir(&directory).unwrap();
    let file = directory.join("nashra.db");
    let own = app.database();
    std::fs::copy(own.strip_prefix("sqlite:").unwrap(), &file).unwrap();
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    let mut program = app.nashra(["digest", "run"]);
    if may_write_anything(&file) {
        // The superuser, without the right to pass over the permissions of files.
        let config = app.config_file();
        let nashra = [
            env!("CARGO_BIN_EXE_nashra"),
            "--config",
            config.to_str().unwrap(),
            "digest",
            "run",
        ];
        program = Program::new(
            "setpriv",
            ["--bounding-set=-dac_override"].iter().chain(&nashra),
        );
    }
    let program = program
        .dir(app.directory())
        .env("NASHRA__DATABASE__URL", "sqlite:locked/nashra.db");
    let output = program.run().await;
    failed(
        &output,
        &[
            "the database file locked/nashra.db cannot be used",
            "it is read-only",
        ],
    );
}

#[tokio::test]
async fn sqlite_a_file_that_another_process_holds_is_said_and_nothing_is_half_done() {
    let app = TestApp::start(sqlite().await).await;
    app.many_confirmed(2).await;
    app.articles(3).await;
    let url = app.database();
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE")
        .execute(&mut other)
        .await
        .unwrap();
    let output = over(
        &app,
        &url,
        &["digest", "run", "--as-of", "2026-01-05T07:00:00Z"],
    )
    .await;
    failed(&output, &["the database cannot be reached", "locked"]);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(number(&url, "SELECT COUNT(*) FROM digests").await, 0);
    assert_eq!(app.catcher.connections(), 0);
    let output = over(
        &app,
        &url,
        &["digest", "run", "--as-of", "2026-01-05T07:00:00Z"],
    )
    .await;
    assert_eq!(
        (output.code, app.catcher.accepted()),
        (Some(0), 2),
        "{output:#?}"
    );
}

#[tokio::test]
async fn postgres_a_wrong_door_is_said_without_the_password() {
    let app = TestApp::start(sqlite().await).await;
    let Some(db) = postgres().await else { return };
    let good = Url::parse(&db.url).unwrap();
    let changed = |change: fn(&mut Url)| {
        let mut url = good.clone();
        url.set_password(Some("open-sesame")).unwrap();
        change(&mut url);
        url.to_string()
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nobody = changed(|url| url.set_username("nobody_of_this_name").unwrap());
    let nowhere = changed(|url| url.set_path("no_such_database"));
    let port =
        changed(|_| {}).replace(&format!(":{}/", good.port().unwrap()), &format!(":{free}/"));
    for (url, parts) in [
        (nobody, ["PostgreSQL at 127.0.0.1", "nobody_of_this_name"]),
        (nowhere, ["PostgreSQL at 127.0.0.1", "no_such_database"]),
        (port, ["PostgreSQL at 127.0.0.1", &free.to_string()]),
    ] {
        for command in [&["digest", "run"][..], &["migrate", "--status"]] {
            let output = over(&app, &url, command).await;
            failed(&output, &["the database cannot be reached"]);
            failed(&output, &parts);
            assert!(
                !format!("{output:?}").contains("open-sesame"),
                "promise 10: {output:?}"
            );
        }
    }
    // A scheme that is a mistake of the configuration.
    let output = over(
        &app,
        "mysql://nashra:open-sesame@127.0.0.1/nashra",
        &["list", "show"],
    )
    .await;
    assert_eq!(output.code, Some(2), "{output:#?}");
    assert!(
        output
            .stderr
            .contains("must begin with sqlite: or postgres://")
    );
    assert!(!output.stderr.contains("open-sesame"));
}

/// A role that must give a password, on a server that trusts 127.0.0.1, cannot be had: the refusal is the server's own.
#[tokio::test]
async fn postgres_a_refused_log_in_is_said_without_the_password() {
    let app = TestApp::start(sqlite().await).await;
    let Some(db) = postgres().await else { return };
    execute(
        &db.url,
        "DROP ROLE IF EXISTS nashra_no_login; CREATE ROLE nashra_no_login NOLOGIN",
    )
    .await;
    let mut url = Url::parse(&db.url).unwrap();
    url.set_username("nashra_no_login").unwrap();
    url.set_password(Some("open-sesame")).unwrap();
    let output = over(&app, url.as_str(), &["digest", "run"]).await;
    execute(&db.url, "DROP ROLE nashra_no_login").await;
    failed(&output, &["as nashra_no_login", "not permitted to log in"]);
    assert!(!format!("{output:?}").contains("open-sesame"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_that_goes_away_in_the_middle_of_a_run_loses_nothing() {
    const CUT: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'nashra'";
    const READERS: usize = 200;
    let Some(db) = postgres().await else { return };
    let sections = "[delivery]\nbatch = 20\nlease_ttl = \"2s\"".to_owned();
    let app = TestApp::with(
        db,
        Options {
            sections,
            ..Options::default()
        },
    )
    .await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    let url = app.database();
    app.faults("on dot delay 20ms");
    for serve in [false, true] {
        let before = app.catcher.accepted() as usize;
        app.publish().await;
        let mut program = if serve {
            app.nashra(["serve", "--listen", "127.0.0.1:0"]).spawn()
        } else {
            app.digest_run([]).spawn()
        };
        for cut in 1..=5 {
            let caught = app.catcher.wait_for(before + cut * 20);
            tokio::time::timeout(LIMIT, caught).await.unwrap();
            assert!(number(&url, CUT).await > 0);
        }
        if serve {
            let caught = app.catcher.wait_for(before + READERS);
            tokio::time::timeout(LIMIT, caught).await.unwrap();
            program.signal(Signal::Term);
        }
        let output = program.finished().await;
        assert_eq!(
            output.code,
            Some(0),
            "it outlives a server that comes back: {output:#?}"
        );
        assert!(app.queue().await.iter().all(|row| row.status == "sent"));
        let mails = app.catcher.messages();
        let reached: BTreeSet<_> = mails[before..]
            .iter()
            .map(|mail| mail.recipients.clone())
            .collect();
        assert_eq!(
            (reached.len(), mails.len() - before),
            (READERS, READERS),
            "results wait until they can be written"
        );
        app.advance(Duration::from_hours(7 * 24));
        article_of_the_week(&app).await;
    }
}

/// Something for the next digest.
async fn article_of_the_week(app: &TestApp) {
    let list = app.app.context.list("weekly").unwrap().id;
    let now_ms = app.clock.now_ms();
    let mut tx = app.app.context.database.write().await.unwrap();
    put_article(&mut tx, (list, "reports"), article(100, now_ms - 1), now_ms).await;
    tx.commit().await.unwrap();
}

both_databases!(
    /// Issue 3, point 7: a database of a newer program is refused by every command, and not changed.
    a_database_of_a_newer_program_is_refused,
    |db| async move {
        let app = TestApp::start(db).await;
        let url = app.database();
        let values = if url.starts_with("sqlite:") { "'later', 0, TRUE, x'00', 1" } else { "'later', now(), TRUE, '\\x00', 1" };
        execute(&url, &format!("INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
            VALUES (9000, {values})")).await;
        for command in [&["digest", "run"][..], &["migrate"], &["migrate", "--status"], &["list", "show"], &["serve", "--listen", "127.0.0.1:0"]] {
            let output = over(&app, &url, command).await;
            failed(&output, &["the database has schema 9000, made by a newer nashra", "Install the newer nashra again"]);
        }
        assert_eq!(number(&url, APPLIED).await, migrations() + 1);
    }
);

/// How many there are.
fn migrations() -> i64 {
    std::fs::read_dir("migrations/sqlite").unwrap().count() as i64
}

both_databases!(
    /// Issue 3, point 7: `migrate --status` changes nothing; `migrate` may be called again.
    migrate_shows_and_brings_the_schema,
    |db| async move {
        let app = TestApp::start(db).await;
        let url = app.database();
        emptied(&url).await;
        let steps = |output: &Output| serde_json::from_str::<Value>(&output.stdout).unwrap();
        let status = over(&app, &url, &["migrate", "--status"]).await;
        assert!(status.code == Some(0) && status.stdout.contains("missing"), "{status:#?}");
        let status = over(&app, &url, &["migrate", "--status", "--json"]).await;
        assert_eq!((&steps(&status)[0]["version"], &steps(&status)[0]["applied"]), (&1.into(), &false.into()));
        assert_eq!(over(&app, &url, &["migrate"]).await.stdout, format!("migrations applied: {}\n", migrations()));
        assert_eq!(over(&app, &url, &["migrate"]).await.stdout, "the database is up to date\n");
        let status = over(&app, &url, &["migrate", "--status"]).await;
        assert!(status.stdout.contains("applied") && !status.stdout.contains("missing"), "{status:#?}");
        assert_eq!(number(&url, APPLIED).await, migrations());
    }
);

both_databases!(
    /// Issue 3, point 7: of five that migrate one empty database at once, one does and the others wait for it.
    migrate_five_at_once,
    |db| async move {
        let app = TestApp::start(db).await;
        let url = app.database();
        emptied(&url).await;
        let running: Vec<Running> = (0..5).map(|_| app.nashra(["migrate", "--json"]).spawn()).collect();
        for run in running {
            let output = run.finished().await;
            assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
            let steps: Value = serde_json::from_str(&output.stdout).unwrap();
            assert_eq!(steps[0]["applied"], true);
        }
        assert_eq!(number(&url, APPLIED).await, migrations());
    }
);
