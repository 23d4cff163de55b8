//! Promise 5: a stop in good order loses nothing and doubles nothing.

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::{Program, Signal};
use crate::harness::queue::number;

const READERS: usize = 300;

/// Stops a sending program with this signal once 50 mails are out: what was taken is recorded, the rest is free.
async fn stopped(app: &TestApp, program: Program, signal: Signal, code: i32) {
    let before = app.catcher.accepted();
    let mut running = program.spawn();
    app.caught(before as usize + 50).await;
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
    assert_eq!(number(&app.database(), workers).await, 0);
}

both_databases!(
    /// Issue 3, point 5: SIGTERM and Ctrl-C drain what is in flight, release the leases, and nobody gets a mail twice.
    promise_5_a_stopped_program_doubles_nothing,
    |db| async move {
        let (app, digest) = TestApp::published(db, READERS, "batch = 20", "20ms").await;
        let serve = || app.nashra(["serve", "--listen", "127.0.0.1:0"]);
        stopped(&app, app.digest_run([]), Signal::Term, 11).await;
        stopped(&app, app.digest_run([]), Signal::Int, 11).await;
        stopped(&app, serve(), Signal::Term, 0).await;
        stopped(&app, serve(), Signal::Int, 0).await;
        app.drain().await;
        assert_eq!(app.all_sent(digest, READERS).await, 0, "each once");
    }
);
