//! Promise 5: the relay is killed in the middle of a digest and comes back. The digest waits for it, and says so.

use serde_json::Value;

use crate::harness::app::TestApp;
use crate::harness::copies::stopped;
use crate::harness::database::both_databases;
use crate::harness::front::Front;

const READERS: usize = 300;
const CONNECTIONS: usize = 4;

both_databases!(
    /// What was on the wire had no answer, and is tried once more as `unknown` says (S12); nothing else is sent again.
    promise_5_a_digest_waits_for_a_killed_relay_and_goes_on,
    |db| async move {
        let delivery = "batch = 20\nunknown = \"retry\"\nretry = [\"1s\"]\ngive_up = \"3000d\"";
        let (app, digest) = TestApp::published(db, READERS, delivery, "20ms").await;
        let mut relay = Front::to(app.catcher.smtp_addr()).await;
        let port = relay.port().to_string();
        let worker = app.nashra(["serve", "--role", "worker"]).env("NASHRA__SMTP__PORT", &port);
        let mut worker = worker.spawn();
        app.caught(READERS / 3).await;

        relay.shut().await;
        worker.line("digest paused").await;
        let shown = app.nashra(["digest", "show", &digest.to_string(), "--json"]).run().await;
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!(shown["paused"]["by"], "relay", "{shown}");
        let reason = shown["paused"]["reason"].as_str().unwrap();
        assert!(reason.contains("the relay 127.0.0.1"), "{reason}");

        relay.open().await;
        worker.line("digests go on").await;
        app.reached(READERS).await;
        stopped(worker).await;
        app.drain().await;
        let doubled = app.all_sent(digest, READERS).await;
        assert!(doubled <= CONNECTIONS, "{doubled} copies");
    }
);
