//! Issue 3, point 6: `nashra digest run` as cron calls it. Exit codes, quietness, its options, and promise 7: ten at once.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::{Output, Running};
use crate::harness::queue::{emptied, number};

/// Every table that a run may write to.
const TABLES: [&str; 13] = [
    "lists",
    "feeds",
    "articles",
    "placements",
    "subscribers",
    "subscriptions",
    "consents",
    "digests",
    "digest_articles",
    "workers",
    "deliveries",
    "drafts",
    "editor_mails",
];

/// Readers and articles, nothing composed yet.
async fn due(db: TestDb, readers: usize) -> TestApp {
    let app = TestApp::start(db).await;
    app.many_confirmed(readers).await;
    app.articles(3).await;
    app
}

fn quiet(output: &Output, code: i32) {
    let said = (output.stdout.as_str(), output.stderr.as_str(), output.code);
    assert_eq!(said, ("", "", Some(code)), "cron mails whatever is printed");
}

both_databases!(
    /// The exit codes of a good week: done, then nothing due. Nothing is printed for cron to mail.
    cron_a_run_is_done_and_the_next_has_nothing_due,
    |db| async move {
        let app = due(db, 3).await;
        quiet(&app.nashra(["digest", "run", "--as-of", "2026-01-01T07:00:00Z"]).run().await, 10);
        quiet(&app.digest_run([]).run().await, 0);
        quiet(&app.digest_run([]).run().await, 10);
        assert_eq!(app.catcher.accepted(), 3);
        let sent = "SELECT COUNT(*) FROM digests WHERE status = 'sent'";
        assert_eq!(number(&app.database(), sent).await, 1);
    }
);

#[tokio::test]
async fn cron_mistakes_have_exit_codes_and_sentences() {
    let app = TestApp::start(crate::harness::database::sqlite().await).await;
    for (arguments, code, sentence) in [
        (
            &["--as-of", "soon"][..],
            2,
            "is not a time; write 2026-01-05T07:00:00Z",
        ),
        (
            &["--max-time", "later"],
            2,
            "is not a span of time; write 90s",
        ),
        (&["--backwards"], 2, "--backwards"),
        (
            &["--list", "nobody"],
            2,
            "there is no list `nobody`; there are weekly",
        ),
        (
            &["--sink", "nashra.toml/mails"],
            1,
            "nashra.toml/mails cannot be created",
        ),
    ] {
        let run = ["digest", "run"].iter().chain(arguments).copied();
        let output = app.nashra(run).dir(app.directory()).run().await;
        assert_eq!(output.code, Some(code), "{arguments:?}: {output:#?}");
        assert!(
            output.stderr.contains(sentence),
            "{arguments:?}: {}",
            output.stderr
        );
    }
    let output = app
        .digest_run([])
        .env("NASHRA__DELIVERY__BATCH", "0")
        .run()
        .await;
    assert_eq!(output.code, Some(2), "{output:#?}");
    assert!(
        output
            .stderr
            .contains("NASHRA__DELIVERY__BATCH: must be a whole number"),
        "{}",
        output.stderr
    );
}

both_databases!(
    /// `--dry-run` says what would be composed and writes no row anywhere.
    cron_a_dry_run_writes_nothing,
    |db| async move {
        let app = due(db, 2).await;
        let url = app.database();
        let mut rows = Vec::new();
        for table in TABLES {
            rows.push(number(&url, &format!("SELECT COUNT(*) FROM {table}")).await);
        }
        let output = app.digest_run(["--dry-run"]).run().await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        assert!(output.stdout.contains("weekly: digest of 2026-01-05 07:00 UTC: 3 articles"), "{}", output.stdout);
        let json = app.digest_run(["--dry-run", "--json"]).run().await;
        let report: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(report["lists"][0]["result"], "composed");
        for (table, before) in TABLES.iter().zip(rows) {
            assert_eq!(number(&url, &format!("SELECT COUNT(*) FROM {table}")).await, before, "{table}");
        }
        assert_eq!(app.catcher.connections(), 0);
        quiet(&app.digest_run([]).run().await, 0);
        let after = app.digest_run(["--dry-run"]).run().await;
        assert_eq!((after.code, after.stdout.as_str()), (Some(10), "weekly: not due\n"));
    }
);

both_databases!(
    /// `--sink DIR` writes a file for each mail, and the deliveries count as sent.
    cron_a_sink_gets_files_and_the_relay_nothing,
    |db| async move {
        let app = due(db, 3).await;
        let sink = app.directory().join("out/mails");
        quiet(&app.digest_run(["--sink", sink.to_str().unwrap()]).run().await, 0);
        let mut names: Vec<_> = std::fs::read_dir(&sink).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["reader0@example.org.eml", "reader1@example.org.eml", "reader2@example.org.eml"]);
        let mail = std::fs::read_to_string(sink.join(&names[1])).unwrap();
        assert!(mail.contains("reader1@example.org") && mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        let rows = app.queue().await;
        assert!(rows.iter().all(|row| row.status == "sent"));
        assert_eq!(app.catcher.connections(), 0);
    }
);

both_databases!(
    /// `--max-time` ends a run in good order; the rest stays in the queue for the next.
    cron_a_run_ends_at_its_time_and_the_next_goes_on,
    |db| async move {
        let app = due(db, 60).await;
        app.faults("on dot delay 200ms");
        let output = app.digest_run(["--max-time", "1s", "--json"]).run().await;
        assert_eq!(output.code, Some(11), "{output:#?}");
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        let (sent, left) = (report["sent"].as_u64().unwrap(), report["left"].as_u64().unwrap());
        assert!(sent > 0 && left > 0 && sent + left == 60, "{report}");
        assert!(report["next_due"].is_string() && report["fault"].is_null());
        assert!(app.queue().await.iter().all(|row| row.worker_id.is_none()), "leases are given back");
        app.faults("");
        quiet(&app.digest_run([]).run().await, 0);
        assert_eq!(app.catcher.accepted(), 60, "each once");
    }
);

both_databases!(
    /// `--list` composes one list and leaves the other for its own run.
    cron_one_list_of_two,
    |db| async move {
        let other = "[[lists]]\nslug = \"other\"\nname = \"Other\"\nlocale = \"en\"\nzone = \"UTC\"\nsections = [{ key = \"news\", name = \"News\" }]";
        let app = TestApp::with(db, Options { lists: other.to_owned(), ..Options::default() }).await;
        app.many_confirmed(1).await;
        app.articles(3).await;
        let output = app.digest_run(["--list", "other", "--json"]).run().await;
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(output.code, Some(0));
        assert_eq!((report["lists"].as_array().unwrap().len(), &report["lists"][0]["list"]), (1, &"other".into()));
        assert_eq!((&report["lists"][0]["result"], &report["lists"][0]["reason"]), (&"skipped".into(), &"nothing_new".into()));
        assert_eq!(app.catcher.accepted(), 0);
        quiet(&app.digest_run([]).run().await, 0);
        assert_eq!(app.catcher.accepted(), 1);
    }
);

/// Ten runs at once; each ends well.
async fn ten_at_once(app: &TestApp) {
    let running: Vec<Running> = (0..10).map(|_| app.digest_run([]).spawn()).collect();
    for run in running {
        let output = run.finished().await;
        assert!(matches!(output.code, Some(0 | 10 | 11)), "{output:#?}");
        assert_eq!(output.stderr, "");
    }
}

both_databases!(
    /// Promise 7: ten runs at once make one digest and send it once to each reader.
    promise_7_ten_runs_at_once_send_each_digest_once,
    |db| async move {
        let app = due(db, 40).await;
        ten_at_once(&app).await;
        let rows = app.queue().await;
        assert!(rows.iter().all(|row| row.status == "sent"), "every run waits for nobody, the last one ends it");
        let mails = app.catcher.messages();
        let reached: BTreeSet<_> = mails.iter().map(|mail| mail.recipients.clone()).collect();
        assert_eq!((rows.len(), mails.len(), reached.len()), (40, 40, 40));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM digests WHERE status = 'sent'").await, 1);
    }
);

both_databases!(
    /// Promise 7 on the first day: ten first starts at once on a database without a schema.
    promise_7_ten_first_runs_at_once_make_one_schema,
    |db| async move {
        let app = TestApp::start(db).await;
        emptied(&app.database()).await;
        std::fs::remove_file(app.directory().join("secret.key")).unwrap();
        ten_at_once(&app).await;
        let url = app.database();
        assert_eq!(number(&url, "SELECT COUNT(*) FROM lists").await, 1);
        assert_eq!(number(&url, "SELECT COUNT(*) FROM digests").await, 1, "skipped: nothing new");
        let steps = std::fs::read_dir("migrations/sqlite").unwrap().count();
        assert_eq!(number(&url, "SELECT COUNT(*) FROM _sqlx_migrations WHERE success").await, steps as i64);
    }
);
