//! Promise 5: whatever stops the program, nothing is lost and duplicates are bounded; a stop in good order makes none.

use std::collections::HashMap;

use tokio::time::timeout;

use crate::harness::LIMIT;
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::{Program, Signal};

const READERS: usize = 300;
/// What one kill may double: the mails on the wire (four connections), and the results that wait for their group to be
/// written: 20 ms at a mail each 20 ms on each connection, and as much again for each write that a slow disk takes.
const DOUBLED_BY_A_KILL: usize = 40;

/// A frozen digest for many readers and a relay that takes its time.
async fn published(db: TestDb) -> (TestApp, i64) {
    let options = Options {
        sections: "[delivery]\nlease_ttl = \"1s\"\nbatch = 20".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    let digest = app.publish().await;
    app.faults("on dot delay 20ms");
    (app, digest)
}

/// The Message-IDs that each recipient got.
fn received(app: &TestApp) -> HashMap<String, Vec<String>> {
    let mut received: HashMap<String, Vec<String>> = HashMap::new();
    for mail in app.catcher.messages() {
        let id = mail.header("Message-ID").unwrap();
        received
            .entry(mail.recipients[0].clone())
            .or_default()
            .push(id);
    }
    received
}

/// Waits for so many mails.
async fn caught(app: &TestApp, mails: usize) {
    let caught = app.catcher.wait_for(mails);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} mails",
        app.catcher.accepted()
    );
}

/// Runs until the queue is empty; the leases of the dead run out meanwhile.
async fn drain(app: &TestApp) {
    loop {
        let output = app.digest_run([]).run().await;
        match output.code {
            Some(0 | 10) => return,
            Some(11) => {}
            other => panic!("{other:?}: {output:#?}"),
        }
    }
}

async fn digest_is_sent(app: &TestApp, digest: i64) {
    let counts = app.counts(digest).await;
    assert_eq!(
        (counts.sent, counts.queued),
        (READERS as i64, 0),
        "{counts:?}"
    );
    let sent = "SELECT COUNT(*) FROM digests WHERE status = 'sent'";
    assert_eq!(
        crate::harness::queue::number(&app.database(), sent).await,
        1
    );
}

both_databases!(
    /// kill -9 again and again in the middle of sending: all get their mail, few get it twice, and then as the same message.
    promise_5_killed_runs_lose_nothing_and_double_little,
    |db| async move {
        let (app, digest) = published(db).await;
        let kills = 3;
        for kill in 1..=kills {
            let mut run = app.digest_run([]).spawn();
            caught(&app, 60 * kill).await;
            run.signal(Signal::Kill);
            assert_eq!(run.finished().await.code, None);
        }
        let held = app.queue().await.iter().filter(|row| row.worker_id.is_some()).count();
        assert!(held > 0, "the dead held leases");
        drain(&app).await;
        let received = received(&app);
        assert_eq!(received.len(), READERS, "nobody is left out");
        for (address, ids) in &received {
            assert!(ids.iter().all(|id| *id == ids[0]), "{address}: {ids:?}");
        }
        let doubled = app.catcher.accepted() as usize - READERS;
        assert!(doubled <= kills * DOUBLED_BY_A_KILL, "{doubled} mails were sent twice");
        digest_is_sent(&app, digest).await;
    }
);

/// Stops a sending program with this signal once 50 mails are out: what was taken is recorded, the rest is free.
async fn stopped(app: &TestApp, program: Program, signal: Signal, code: i32) {
    let before = app.catcher.accepted();
    let mut running = program.spawn();
    caught(app, before as usize + 50).await;
    running.signal(signal);
    let output = running.finished().await;
    assert_eq!(output.code, Some(code), "{signal:?}: {output:#?}");
    let rows = app.queue().await;
    assert!(
        rows.iter().all(|row| row.worker_id.is_none()),
        "leases are given back"
    );
    let sent = rows.iter().filter(|row| row.status == "sent").count();
    assert_eq!(
        sent as u64,
        app.catcher.accepted(),
        "what was on the wire is recorded"
    );
    assert!(sent < READERS, "it stopped in the middle");
    let workers = "SELECT COUNT(*) FROM workers";
    assert_eq!(
        crate::harness::queue::number(&app.database(), workers).await,
        0
    );
}

both_databases!(
    /// Issue 3, point 5: SIGTERM and Ctrl-C drain what is in flight, release the leases, and nobody gets a mail twice.
    promise_5_a_stopped_program_doubles_nothing,
    |db| async move {
        let (app, digest) = published(db).await;
        let serve = || app.nashra(["serve", "--listen", "127.0.0.1:0"]);
        stopped(&app, app.digest_run([]), Signal::Term, 11).await;
        stopped(&app, app.digest_run([]), Signal::Int, 11).await;
        stopped(&app, serve(), Signal::Term, 0).await;
        stopped(&app, serve(), Signal::Int, 0).await;
        drain(&app).await;
        assert_eq!(app.catcher.accepted() as usize, READERS, "each once");
        assert_eq!(received(&app).len(), READERS);
        digest_is_sent(&app, digest).await;
    }
);
