//! Promise 5: the disk of an SQLite database is full in the middle of a digest. The program says so and stops sending; with
//! room again, it goes on, or the next run does.

use crate::harness::app::TestApp;
use crate::harness::copies::stopped;
use crate::harness::database;
use crate::harness::queue::execute;

const READERS: usize = 600;
/// A mail on each of the four connections, and results of at most 80 ms that were not written yet, at 20 ms a mail.
const DOUBLED: usize = 4 + 4 * 4;

/// What the program says.
const SAID: &str =
    "results cannot be recorded; it is tried again error=the database's disk is full";

/// A digest, and how many KiB its database's files may have.
async fn published() -> (TestApp, i64, u64) {
    let db = database::sqlite().await;
    let file = db.url.strip_prefix("sqlite:").unwrap().to_owned();
    let (app, digest) = TestApp::published(db, READERS, "lease_ttl = \"5s\"", "20ms").await;
    execute(&app.database(), "PRAGMA wal_checkpoint(TRUNCATE)").await;
    // What is written goes to its log, which may become as long as the file is now.
    let kib = std::fs::metadata(&file).unwrap().len() / 1024;
    (app, digest, kib)
}

/// It stopped in the middle.
fn stopped_sending(app: &TestApp) {
    let caught = app.catcher.accepted() as usize;
    assert!((1..READERS).contains(&caught), "{caught} mails");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_5_a_run_that_fills_the_disk_loses_nothing_and_doubles_little() {
    let (app, digest, kib) = published().await;
    let output = app.digest_run([]).largest_file(kib).run().await;
    assert_eq!(output.code, Some(1), "{output:#?}");
    assert!(output.stderr.contains(SAID), "{output:#?}");
    stopped_sending(&app);

    app.drain().await;
    let doubled = app.all_sent(digest, READERS).await;
    assert!(doubled <= DOUBLED, "{doubled} copies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_5_a_service_goes_on_when_there_is_room_again() {
    let (app, digest, kib) = published().await;
    let worker = app.nashra(["serve", "--role", "worker"]).largest_file(kib);
    let mut worker = worker.spawn();
    worker.line(SAID).await;
    stopped_sending(&app);

    worker.make_room();
    app.reached(READERS).await;
    stopped(worker).await;
    assert_eq!(app.all_sent(digest, READERS).await, 0, "each once");
}
