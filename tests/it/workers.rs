//! Promise 5: several processes share one digest. Each delivery is made by one of them, and when one is gone the others go on.

use crate::harness::app::TestApp;
use crate::harness::copies::stopped;
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::{Running, Signal};
use crate::harness::queue::{is_unlocked, number};

const READERS: usize = 1_000;
/// A mail on each of the four connections, and results of at most 80 ms that are not written yet, at 20 ms a mail.
const DOUBLED_BY_A_KILL: usize = 4 + 4 * 4;

/// Two workers in the middle of one digest, each with a part of it.
async fn two_workers(db: TestDb, delivery: &str) -> (TestApp, i64, [Running; 2]) {
    const HOLDERS: &str = "SELECT COUNT(DISTINCT worker_id) FROM digest_ranges";
    let (app, digest) = TestApp::published(db, READERS, delivery, "20ms").await;
    let workers = [app.worker(), app.worker()];
    while number(&app.database(), HOLDERS).await < 2 {
        app.caught(app.catcher.accepted() as usize + 1).await;
    }
    (app, digest, workers)
}

both_databases!(
    /// Two workers share a digest: no delivery is made by both.
    promise_5_two_workers_double_nothing,
    |db| async move {
        let (app, digest, workers) = Box::pin(two_workers(db, "lease_ttl = \"30s\"\nbatch = 20")).await;
        app.caught(READERS).await;
        for worker in workers {
            stopped(worker).await;
        }
        assert_eq!(app.all_sent(digest, READERS).await, 0, "each once");
    }
);

both_databases!(
    /// One of two is killed: the other takes over what it held.
    promise_5_a_worker_takes_over_from_a_killed_one,
    |db| async move {
        // With ranges of a second's mail, both always hold something.
        let (app, digest, [mut killed, mut other]) = Box::pin(two_workers(db, "lease_ttl = \"2s\"")).await;
        killed.signal(Signal::Kill);
        killed.finished().await;
        other.line("took over what a worker that is gone had held").await;
        app.reached(READERS).await;
        stopped(other).await;
        app.drain().await;
        let doubled = app.all_sent(digest, READERS).await;
        assert!(doubled <= DOUBLED_BY_A_KILL, "{doubled} copies");
    }
);

/// Stops a worker where it has no lock of the database: nobody could take over from it there, and nobody has to.
async fn stand_still(app: &TestApp, worker: &mut Running) {
    loop {
        worker.signal(Signal::Stop);
        if is_unlocked(&app.database()).await {
            return;
        }
        worker.signal(Signal::Cont);
    }
}

both_databases!(
    /// One of two stands still for so long that it is given up, and then goes on: what it held is another's by now.
    promise_5_a_worker_that_was_given_up_lets_go,
    |db| async move {
        let (app, digest, [mut still, mut other]) = Box::pin(two_workers(db, "lease_ttl = \"2s\"")).await;
        // By then it has much in hand.
        app.caught(READERS / 3).await;
        stand_still(&app, &mut still).await;
        other.line("took over what a worker that is gone had held").await;
        still.signal(Signal::Cont);
        still.line("the lease was lost").await;
        app.reached(READERS).await;
        stopped(still).await;
        stopped(other).await;
        app.drain().await;
        let doubled = app.all_sent(digest, READERS).await;
        assert!(doubled <= DOUBLED_BY_A_KILL, "{doubled} copies");
    }
);
