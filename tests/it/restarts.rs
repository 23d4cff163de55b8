//! Promise 5: PostgreSQL crashes and starts again in the middle of a digest. The worker keeps its results until they are written.

use crate::harness::app::TestApp;
use crate::harness::cluster::Cluster;
use crate::harness::copies::stopped;
use crate::harness::database;

const READERS: usize = 600;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_5_a_database_that_crashes_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let db = database::at(cluster.url()).await;
    let (app, digest) = TestApp::published(db, READERS, "batch = 20", "20ms").await;
    let worker = app.worker();
    for crash in 1..=3 {
        app.caught(crash * 150).await;
        cluster.crash();
    }
    app.caught(READERS).await;
    let output = stopped(worker).await;
    // What it says depends on what it was doing; sometimes the server is back before anything has to be tried again.
    let met = [
        "it is tried again",
        "terminating connection",
        "error communicating with database",
    ];
    assert!(
        met.iter().any(|words| output.stderr.contains(words)),
        "it met a crash: {output:#?}"
    );
    assert_eq!(app.all_sent(digest, READERS).await, 0, "each once");
}
