//! `[delivery] keep`: finished deliveries are kept one by one for a time, and as counts for ever.

use std::time::Duration;

use nashra::service::{control, prune};
use serde_json::Value;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::queue::number;

const DAY: Duration = Duration::from_hours(24);
const TABLES: [&str; 4] = [
    "digest_deliveries",
    "digest_attempts",
    "digest_ranges",
    "digest_queues",
];

/// A digest of which four are sent, one failed, one unknown and one cancelled; and a confirmation.
async fn sent(db: TestDb) -> (TestApp, i64) {
    let options = Options {
        sections: "[delivery]\nkeep = \"40d\"\n[privacy]\nip_retention = \"90d\"\npending_ip_retention = \"90d\"".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(6).await;
    app.confirmed("layla@example.org").await;
    app.articles(3).await;
    let digest = app.publish().await;
    let context = &app.app.context;
    let list = context.list("weekly").unwrap().id;
    let id = "SELECT id FROM subscribers WHERE address = 'reader5@example.org'";
    let link = context.unsubscribe_url(list, number(&app.database(), id).await);
    assert_eq!(http::post_form(&link, &[]).await.status, 200);
    app.faults(
        "on rcpt to reader1@* reply 550 5.1.1 no such mailbox\non dot to reader2@* times 1 drop",
    );
    app.deliver_pending().await;
    app.faults("");
    (app, digest)
}

async fn asked(app: &TestApp, arguments: &[&str]) -> Value {
    let all = ["digest"].iter().chain(arguments).copied();
    let output = app.nashra(all.chain(["--json"])).run().await;
    assert_eq!(output.code, Some(0), "{arguments:?}: {output:#?}");
    serde_json::from_str(&output.stdout).unwrap()
}

/// How many rows tell of single deliveries of digests.
async fn rows(app: &TestApp) -> i64 {
    let mut rows = 0;
    for table in TABLES {
        rows += number(&app.database(), &format!("SELECT COUNT(*) FROM {table}")).await;
    }
    rows
}

both_databases!(
    /// Not before its time; then the rows go, and everything that is told of the digest stays.
    finished_deliveries_are_pruned_and_their_counts_stay,
    |db| async move {
        let (app, digest) = sent(db).await;
        let context = &app.app.context;
        let number = digest.to_string();
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.failed, counts.unknown, counts.cancelled), (4, 1, 1, 1));
        let before = asked(&app, &["show", &number]).await;
        assert_eq!(asked(&app, &["deliveries", &number]).await.as_array().unwrap().len(), 7);

        app.advance(40 * DAY);
        let (limits, kept) = ("SELECT COUNT(*) FROM throttles", rows(&app).await);
        let over = crate::harness::queue::number(&app.database(), limits).await;
        assert_eq!(prune::prune(context).await.unwrap(), over as u64, "used-up limits alone");
        assert_eq!(rows(&app).await, kept, "exactly that old");
        app.advance(Duration::from_secs(1));
        let gone = rows(&app).await + 1;
        assert_eq!(prune::prune(context).await.unwrap(), gone as u64, "with the confirmation");
        assert_eq!(rows(&app).await, 0);
        assert_eq!(prune::prune(context).await.unwrap(), 0);

        assert_eq!(app.counts(digest).await, counts);
        let after = asked(&app, &["show", &number]).await;
        for fact in ["state", "subject", "deliveries", "recipients", "started", "finished", "edition", "rate"] {
            assert_eq!(after[fact], before[fact], "{fact}");
        }
        assert_eq!(asked(&app, &["deliveries", &number]).await, Value::Array(vec![]));
        let words = app.nashra(["digest", "deliveries", &number]).run().await;
        assert_eq!(words.stdout, format!("no such delivery in digest {number}\n"));
        let retried = app.nashra(["digest", "retry", &number, "--status", "unknown"]).run().await;
        assert_eq!(retried.code, Some(1), "nothing is left to be sent");
        assert!(retried.stderr.contains("they were deleted after [delivery] keep"), "{}", retried.stderr);
        assert_eq!(asked(&app, &["show", &number]).await["state"], "sent");
    }
);

both_databases!(
    /// What is not over is not pruned, however old; a cancelled digest is, and stays cancelled in its counts.
    what_is_not_over_is_not_pruned,
    |db| async move {
        let (app, old) = sent(db).await;
        let context = &app.app.context;
        app.advance(7 * DAY);
        app.articles(8).await;
        let digest = app.publish().await;
        app.advance(60 * DAY);
        prune::prune(context).await.unwrap();
        assert_eq!(app.counts(old).await.sent, 4);
        assert_eq!(app.counts(digest).await.queued, 6);
        assert_eq!(app.queue().await.iter().filter(|row| row.digest == digest).count(), 6);

        assert!(control::cancel(context, digest).await.unwrap());
        app.advance(41 * DAY);
        prune::prune(context).await.unwrap();
        let counts = app.counts(digest).await;
        assert_eq!((counts.cancelled, counts.queued, rows(&app).await), (6, 0, 0));
    }
);
