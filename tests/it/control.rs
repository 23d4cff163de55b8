//! A person decides about a digest from another process than the one that sends it: pause, resume, cancel, retry.

use nashra::service::{control, deliver};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::LIMIT;
use crate::harness::app::{DAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::process::{Running, Signal};
use crate::harness::queue::execute;
use crate::quarantine::to_the_present;
use crate::relays::with_two;

const READERS: usize = 300;
/// The first reader's answer is lost, the second is to be tried again.
const ONE_UNKNOWN_ONE_WAITING: &str =
    "on dot to reader1@* times 1 drop\non rcpt to reader2@* reply 451 4.2.1 later";

/// A frozen digest for so many readers, and a relay that takes its time.
async fn published(db: TestDb, readers: usize) -> (TestApp, String) {
    let options = Options {
        // The digest is as old as the test's clock: a retry is not to be given up for that.
        sections: "[delivery]\nbatch = 20\ngive_up = \"3650d\"".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(readers).await;
    app.articles(3).await;
    let digest = app.publish().await;
    app.faults("on dot delay 20ms");
    (app, digest.to_string())
}

/// The built program's `digest COMMAND …`, whose answer must be JSON.
async fn asked(app: &TestApp, arguments: &[&str]) -> Value {
    let all = ["digest"]
        .iter()
        .chain(arguments)
        .chain(&["--json"])
        .copied();
    let output = app.nashra(all).run().await;
    assert_eq!(output.code, Some(0), "{arguments:?}: {output:#?}");
    serde_json::from_str(&output.stdout).unwrap()
}

/// The built program's `digest COMMAND …` fails and says so.
async fn refused(app: &TestApp, arguments: &[&str], sentence: &str) {
    let all = ["digest"].iter().chain(arguments).copied();
    let output = app.nashra(all).run().await;
    assert_eq!(output.code, Some(1), "{arguments:?}: {output:#?}");
    assert!(
        output.stderr.contains(sentence),
        "{arguments:?}: {}",
        output.stderr
    );
}

async fn caught(app: &TestApp, mails: u64) {
    let caught = app.catcher.wait_for(mails as usize);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} of {mails} mails",
        app.catcher.accepted()
    );
}

/// A worker that is in the middle of the digest.
async fn sending(app: &TestApp) -> Running {
    let worker = app.nashra(["serve", "--role", "worker"]).spawn();
    caught(app, 30).await;
    worker
}

/// A confirmation that is posted now arrives: the worker goes on, and has had the time to send more of the digest.
async fn a_confirmation_arrives(app: &TestApp, address: &str) {
    let before = app.catcher.accepted();
    let form = format!("{}/subscribe/weekly", app.url);
    assert_eq!(
        http::post_form(&form, &[("email", address)]).await.status,
        303
    );
    caught(app, before + 1).await;
    assert_eq!(
        app.catcher.accepted(),
        before + 1,
        "the confirmation and nothing else"
    );
}

async fn stopped(mut worker: Running) {
    worker.signal(Signal::Term);
    let output = worker.finished().await;
    assert_eq!(output.code, Some(0), "{output:#?}");
}

/// Each reader got the digest once, and the catcher these mails besides.
fn each_once(app: &TestApp, readers: usize, besides: usize) {
    let mails = app.catcher.messages();
    let mut to: Vec<_> = mails
        .iter()
        .map(|mail| mail.recipients[0].as_str())
        .collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!(
        (to.len(), mails.len()),
        (readers + besides, readers + besides)
    );
}

both_databases!(
    /// After `digest pause` has returned nothing leaves, whoever was sending; `digest resume` goes on where it was.
    a_digest_is_paused_and_resumed_from_another_process,
    |db| async move {
        let (app, digest) = published(db, READERS).await;
        let worker = sending(&app).await;
        let paused = asked(&app, &["pause", &digest, "--reason", "wrong headline"]).await;
        let sent = app.catcher.accepted();
        let counts = &paused["deliveries"];
        assert_eq!((&counts["sent"], &counts["queued"]), (&sent.into(), &(READERS as u64 - sent).into()));
        assert!(sent < READERS as u64, "it stopped in the middle");
        assert!(app.queue().await.iter().all(|row| row.worker_id.is_none()), "leases are free");
        a_confirmation_arrives(&app, "layla@example.org").await;

        let show = asked(&app, &["show", &digest]).await;
        let state = (&show["state"], &show["paused"]["by"], &show["paused"]["reason"]);
        assert_eq!(state, (&"sending".into(), &"operator".into(), &"wrong headline".into()));
        let again = asked(&app, &["pause", &digest]).await;
        assert_eq!(again["deliveries"], *counts, "paused already: as it is");
        let reason = async || asked(&app, &["show", &digest]).await["paused"]["reason"].clone();
        assert_eq!(reason().await, "wrong headline", "no new reason is given");
        asked(&app, &["pause", &digest, "--reason", "wrong picture too"]).await;
        assert_eq!(reason().await, "wrong picture too");

        asked(&app, &["resume", &digest]).await;
        caught(&app, READERS as u64 + 1).await;
        stopped(worker).await;
        each_once(&app, READERS, 1);
        let show = asked(&app, &["show", &digest]).await;
        assert_eq!((&show["state"], &show["paused"]), (&"sent".into(), &Value::Null));
        assert_eq!(show["deliveries"]["sent"], READERS);
    }
);

both_databases!(
    /// A pass whose digest is paused ends with work left, and the next one after `resume` does the rest.
    a_paused_digest_is_left_by_a_pass,
    |db| async move {
        let (app, digest) = published(db, READERS).await;
        let run = app.digest_run([]).spawn();
        caught(&app, 30).await;
        asked(&app, &["pause", &digest]).await;
        assert_eq!(run.finished().await.code, Some(11));
        let sent = app.catcher.accepted();
        assert_eq!(app.digest_run([]).run().await.code, Some(11), "still paused: work is left");
        assert_eq!(app.catcher.accepted(), sent);
        asked(&app, &["resume", &digest]).await;
        assert_eq!(app.digest_run([]).run().await.code, Some(0));
        each_once(&app, READERS, 0);
    }
);

both_databases!(
    /// After `digest cancel` has returned nothing leaves for ever, and the counts add up.
    a_digest_is_cancelled_from_another_process,
    |db| async move {
        let (app, digest) = published(db, READERS).await;
        // One delivery that waits for its next try goes too.
        app.faults("on rcpt to reader3@* reply 451 4.2.1 later\non dot delay 20ms");
        let worker = sending(&app).await;
        let cancelled = asked(&app, &["cancel", &digest]).await;
        let sent = app.catcher.accepted();
        let counts = &cancelled["deliveries"];
        assert_eq!((&counts["sent"], &counts["cancelled"]), (&sent.into(), &(READERS as u64 - sent).into()));
        assert_eq!((&counts["queued"], &counts["waiting"]), (&0.into(), &0.into()));
        a_confirmation_arrives(&app, "layla@example.org").await;
        stopped(worker).await;
        let rows = app.queue().await;
        let of = |status: &str| rows.iter().filter(|row| row.kind == "digest" && row.status == status).count();
        assert_eq!((of("sent") as u64, of("sent") + of("cancelled")), (sent, READERS));
        assert!(rows.iter().all(|row| row.worker_id.is_none()));

        let list = asked(&app, &["list"]).await;
        let states: Vec<_> = list.as_array().unwrap().iter().filter(|row| row["digest"].as_i64() == digest.parse().ok()).map(|row| &row["state"]).collect();
        assert_eq!(states, ["cancelled"]);
        refused(&app, &["resume", &digest], "is not paused; it is cancelled").await;
        refused(&app, &["cancel", &digest], "is cancelled: only one that is ready or sending can be cancelled").await;
        refused(&app, &["pause", &digest], "is cancelled: only one that is ready or sending can be paused").await;
    }
);

both_databases!(
    /// What cannot be done is said in a sentence, and changes nothing.
    wrong_decisions_about_a_digest_are_refused,
    |db| async move {
        let (app, digest) = published(db, 2).await;
        refused(&app, &["resume", &digest], "is not paused; it is sending").await;
        assert_eq!(app.digest_run([]).run().await.code, Some(0));
        let before = app.dump().await;
        refused(&app, &["pause", &digest], "is sent: only one that is ready or sending can be paused").await;
        refused(&app, &["cancel", &digest], "is sent: only one that is ready or sending can be cancelled").await;
        refused(&app, &["resume", &digest], "is not paused; it is sent").await;
        for command in ["pause", "resume", "cancel", "show", "deliveries"] {
            refused(&app, &[command, "4711"], "there is no digest 4711; `nashra digest list` shows them").await;
        }
        refused(&app, &["retry", "4711", "--status", "unknown"], "there is no digest 4711").await;
        assert_eq!(asked(&app, &["retry", &digest, "--status", "failed"]).await["queued"], 0);
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// S12, M10: what ended as unknown or failed is sent once more when a person says so, as the same message.
    s12_unknown_and_failed_deliveries_are_retried_by_hand,
    |db| async move {
        let (app, digest) = published(db, 3).await;
        app.faults("on dot to reader1@* times 1 drop\non rcpt to reader2@* times 1 reply 550 5.1.1 no such mailbox");
        assert_eq!(app.digest_run([]).run().await.code, Some(0));
        for (status, address, code) in [("unknown", "reader1@example.org", Value::Null), ("failed", "reader2@example.org", 550.into())] {
            let found = asked(&app, &["deliveries", &digest, "--status", status]).await;
            let rows = found.as_array().unwrap();
            assert_eq!((rows.len(), &rows[0]["address"], &rows[0]["code"]), (1, &address.into(), &code));
            assert_eq!(asked(&app, &["retry", &digest, "--status", status]).await["queued"], 1);
            assert_eq!(asked(&app, &["show", &digest]).await["state"], "sending");
            assert_eq!(app.digest_run([]).run().await.code, Some(0));
            assert_eq!(asked(&app, &["deliveries", &digest, "--status", status]).await, Value::Array(vec![]));
        }
        assert_eq!(app.digest_run([]).run().await.code, Some(10), "once");
        let show = asked(&app, &["show", &digest]).await;
        assert_eq!((&show["state"], &show["deliveries"]["sent"]), (&"sent".into(), &3.into()));
        let mails = app.catcher.messages();
        let twice: Vec<_> = mails.iter().filter(|mail| mail.recipients == ["reader1@example.org"]).collect();
        assert_eq!((mails.len(), twice.len()), (4, 2));
        for header in ["Message-ID", "Date"] {
            assert!(twice[0].header(header).is_some());
            assert_eq!(twice[0].header(header), twice[1].header(header), "{header}");
        }
    }
);

both_databases!(
    /// S12: nothing of a cancelled digest, or of one past `stale_after`, would be sent: `retry` says so, and what is known stays.
    s12_what_would_not_be_sent_is_not_retried,
    |db| async move {
        for (delivery, why) in [("", "is cancelled: only deliveries of one"), ("stale_after = \"1d\"", "is older than [delivery] stale_after")] {
            let options = Options { sections: format!("[delivery]\n{delivery}"), ..Options::default() };
            let app = TestApp::with(db.another().await, options).await;
            app.many_confirmed(3).await;
            app.articles(3).await;
            let digest = app.publish().await;
            app.faults(ONE_UNKNOWN_ONE_WAITING);
            app.deliver_pending().await;
            assert!(!delivery.is_empty() || control::cancel(&app.app.context, digest).await.unwrap());
            let before = app.dump().await;
            refused(&app, &["retry", &digest.to_string(), "--status", "unknown"], why).await;
            assert_eq!(app.dump().await, before);
        }
    }
);

both_databases!(
    /// Promise 8: a retry that a worker has in hand when its digest is cancelled is cancelled everywhere it is told.
    promise_8_a_retry_in_hand_of_a_cancelled_digest_is_cancelled,
    |db| async move {
        let (app, digest) = published(db, 3).await;
        app.faults(ONE_UNKNOWN_ONE_WAITING);
        app.deliver_pending().await;
        app.advance(std::time::Duration::from_millis(DAY as u64));
        let context = &app.app.context;
        let (leased, _) = deliver::lease_retries(context, 1, (&[], &[]), 10).await.unwrap();
        assert_eq!(leased.len(), 1);
        let id = digest.parse().unwrap();
        assert!(control::cancel(context, id).await.unwrap());
        let counts = app.counts(id).await;
        assert_eq!((counts.cancelled, counts.queued, counts.waiting), (1, 0, 0));
        let found = asked(&app, &["deliveries", &digest, "--status", "cancelled"]).await;
        assert_eq!((found.as_array().unwrap().len(), &found[0]["address"]), (1, &"reader2@example.org".into()));
    }
);

both_databases!(
    /// Issue 4, points 4 and 6: what a command leaves undone it says, and how to go on; what nothing was sent in is in no rate.
    a_paused_digest_is_not_forgotten_and_slows_no_rate,
    |db| async move {
        let (app, _second) = with_two(db, Options::default()).await;
        app.many_confirmed(3).await;
        app.articles(3).await;
        let digest = app.publish().await.to_string();
        to_the_present(&app);
        let url = app.database();
        // An hour ago one was sent in ten seconds; then it was held.
        let now_ms = app.clock.now_ms();
        let started_ms = now_ms - 3_610_000;
        execute(&url, &format!("UPDATE digests SET started_ms = {started_ms};
            INSERT INTO digest_ranges (digest_id, provider_id, first_id, last_id, done_id, sent, relays)
            SELECT digest_id, provider_id, 1, 1, 1, 1, '{{\"main\":1}}' FROM digest_queues")).await;
        asked(&app, &["pause", &digest, "--reason", "wrong headline"]).await;
        execute(&url, &format!("UPDATE digests SET paused_ms = {started_ms} + 10000")).await;
        let rate = async || {
            let show = asked(&app, &["show", &digest]).await;
            let rate = show["rate"].as_f64().unwrap();
            // Until the digest goes on, its time stands still; then it is what this test takes.
            assert!(rate > 0.005 && rate <= 0.1 + 1e-9, "{rate}");
            show
        };
        let show = rate().await;
        assert_eq!(show["relays"]["second"]["sent"], 0, "one that did nothing is named: {show}");

        let run = app.nashra(["digest", "run"]).run().await;
        for part in ["it is paused", "wrong headline", &format!("nashra digest resume {digest}")] {
            assert!(run.stderr.contains(part), "{part}: {run:#?}");
        }
        asked(&app, &["resume", &digest]).await;
        rate().await;

        execute(&url, "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, relay)
            SELECT digest_id, 1, provider_id, 'unknown', 1, 1, 0, 'second' FROM digest_queues").await;
        let show = asked(&app, &["show", &digest]).await;
        assert_eq!((&show["relays"]["second"]["unknown"], &show["relays"]["second"]["failed"]), (&1.into(), &0.into()));
        let retry = app.nashra(["digest", "retry", &digest, "--status", "unknown"]).run().await;
        assert!(retry.stdout.contains("1 deliveries") && retry.stdout.contains("the next `nashra digest run`"), "{retry:#?}");
    }
);

both_databases!(
    /// "Nothing new" names the time it looked at.
    a_skipped_period_says_what_it_looked_at,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(1).await;
        let run = app.digest_run(["--dry-run"]).run().await;
        let window = "nothing_new, in articles published after 2025-12-29 07:00 UTC and up to 2026-01-05 07:00 UTC";
        assert!(run.stdout.contains(window), "{run:#?}");
    }
);
