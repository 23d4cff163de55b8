//! V26: what is the sender's fault, or nobody's, is never held against the readers: the digest pauses and says why, or another
//! relay takes over.

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::relays::with_two;

const READERS: usize = 40;

/// A digest that was sent as far as its relay let it: the program, and the digest.
async fn sent(db: TestDb, options: Options, faults: &str) -> (TestApp, i64) {
    let app = TestApp::with(db, options).await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    let digest = app.publish().await;
    app.faults(faults);
    app.deliver_pending().await;
    (app, digest)
}

/// Why a digest waits for a person.
async fn refusal(app: &TestApp, digest: i64) -> String {
    let paused = app.digest(digest).await.paused.unwrap();
    assert_eq!(paused.by.as_str(), "refusal", "{paused:?}");
    paused.reason
}

both_databases!(
    /// S17, V26: a digest larger than its relay takes fails for nobody.
    v26_a_digest_that_is_too_big_for_its_relay_is_paused,
    |db| async move {
        let options = Options {
            catcher: Some(|config| config.max_message_bytes = 4_000),
            ..Options::default()
        };
        let (app, digest) = sent(db, options, "").await;
        let reason = refusal(&app, digest).await;
        assert!(reason.contains("takes at most 4000"), "{reason}");
        let counts = app.counts(digest).await;
        assert_eq!((counts.failed, counts.queued), (0, READERS as i64), "{counts:?}");
    }
);

both_databases!(
    /// S17, V23: another relay carries what one cannot.
    s17_what_one_relay_cannot_carry_goes_over_another,
    |db| async move {
        let options = Options {
            catcher: Some(|config| config.max_message_bytes = 4_000),
            ..Options::default()
        };
        let (app, second) = with_two(db, options).await;
        app.many_confirmed(READERS).await;
        app.articles(3).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        assert_eq!((app.catcher.accepted(), second.accepted()), (0, READERS as u64));
        assert_eq!(app.counts(digest).await.sent, READERS as i64);
        assert_eq!(app.digest(digest).await.paused, None);
    }
);

both_databases!(
    /// S12: a relay that answers no final dot makes a few deliveries `unknown`, not the whole list.
    s12_a_relay_that_never_answers_a_message_pauses_the_digest,
    |db| async move {
        let options = Options {
            sections: "[delivery]\nsender_faults = 5".to_owned(),
            smtp: "connections = 1".to_owned(),
            ..Options::default()
        };
        let (app, digest) = sent(db, options, "on dot lose").await;
        let reason = refusal(&app, digest).await;
        assert!(reason.contains("no answer to 5 mails in a row"), "{reason}");
        let counts = app.counts(digest).await;
        assert_eq!((counts.unknown, counts.queued), (5, READERS as i64 - 5), "{counts:?}");
    }
);

both_databases!(
    /// Promise 10, A15: relays repeat addresses; the log does not.
    promise_10_addresses_in_a_relays_words_stay_out_of_the_log,
    |db| async move {
        for said in ["554 5.7.1 <layla@example.net>: Recipient address rejected", "421 4.3.2 <layla@example.net>: closing"] {
            let app = TestApp::with(db.another().await, Options::default()).await;
            app.many_confirmed(READERS).await;
            app.articles(3).await;
            app.publish().await;
            app.faults(&format!("on rcpt reply {said}"));
            let output = app.digest_run(["--max-time", "3s"]).run().await;
            assert!(output.stderr.contains("(address)"), "{said}: {output:#?}");
            assert!(!output.stderr.contains('@'), "{said}: {output:#?}");
        }
    }
);
