//! Promise 5 for decisions about a digest: what `digest pause` and `digest retry` wait for, and what they do not wait for.

use nashra::domain::delivery::DeliveryStatus;
use nashra::domain::digest::{DigestStatus, PausedBy};
use nashra::service::{control, publish};
use nashra::store;
use tokio::task::JoinHandle;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::Signal;
use crate::harness::queue::{execute, number};

/// Sees a task wait for another transaction. SQLite has one writer: there, any task that writes does.
async fn waits<T>(app: &TestApp, task: &mut JoinHandle<T>) {
    const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let url = app.database();
    let seen = async { while !url.starts_with("sqlite:") && number(&url, WAITING).await == 0 {} };
    tokio::select! {
        _ = task => panic!("it did not wait"),
        () = seen => {}
    }
}

both_databases!(
    /// A lease that is being taken when a digest is paused is seen by who paused it, and nothing is leased afterwards.
    promise_5_a_pause_waits_for_a_lease_that_is_being_taken,
    |db| async move {
        let (app, digest) = TestApp::published(db, 30, "", "1ms").await;
        let context = app.app.context.clone();
        let mut lease = context.database.write().await.unwrap();
        let range = store::digest_range::lease_next(&mut lease, 1, 0, &[], 10).await.unwrap();
        assert_eq!(range.unwrap().recipients.len(), 10);
        let pausing = context.clone();
        let mut pause = tokio::spawn(async move { control::pause(&pausing, digest, PausedBy::Operator, "").await });
        waits(&app, &mut pause).await;
        lease.commit().await.unwrap();
        assert!(pause.await.unwrap().unwrap());
        assert!(!control::let_go(&context, digest).await.unwrap());
        let mut lease = context.database.write().await.unwrap();
        assert!(store::digest_range::lease_next(&mut lease, 2, 0, &[], 10).await.unwrap().is_none());
    }
);

both_databases!(
    /// A digest is not ended while something of it is being queued again.
    promise_5_a_digest_does_not_end_while_it_is_retried,
    |db| async move {
        let (app, digest) = TestApp::published(db, 3, "", "1ms").await;
        app.faults("on rcpt to reader1@* reply 550 5.1.1 no such mailbox");
        app.deliver_pending().await;
        execute(&app.database(), "UPDATE digests SET status = 'sending', finished_ms = NULL").await;
        let context = app.app.context.clone();
        let mut retry = context.database.write().await.unwrap();
        store::digest_control::standing(&mut retry, digest).await.unwrap();
        let queued = store::digest_attempt::requeue(&mut retry, digest, DeliveryStatus::Failed, 0).await.unwrap();
        assert_eq!(queued, 1);
        let ending = context.clone();
        let mut end = tokio::spawn(async move { publish::finish(&ending).await });
        waits(&app, &mut end).await;
        retry.commit().await.unwrap();
        end.await.unwrap().unwrap();
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sending);
    }
);

both_databases!(
    /// What a worker held that was killed leaves no more: `digest pause` notices, and gives it back to the queue.
    promise_5_a_pause_does_not_wait_for_a_killed_worker,
    |db| async move {
        let (app, digest) = TestApp::published(db, 300, "lease_ttl = \"1s\"\nbatch = 20", "20ms").await;
        let mut worker = app.worker();
        app.caught(30).await;
        worker.signal(Signal::Kill);
        worker.finished().await;
        assert!(app.leases().await > 0, "it died with something in hand");
        let pause = app.nashra(["digest", "pause", &digest.to_string()]).run().await;
        assert_eq!(pause.code, Some(0), "{pause:#?}");
        assert!(pause.stderr.contains("waiting for every worker to let go"), "{pause:#?}");
        assert_eq!(app.leases().await, 0);
    }
);
