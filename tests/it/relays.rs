//! V23, V26: several relays share the mail by weight, stand in for each other, and are chosen for a list or for confirmations; a
//! relay that refuses us pauses the digest.

use nashra::catcher::{Catcher, CatcherConfig};
use nashra::domain::digest::PausedBy;
use nashra::service::control;

use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;

/// The program with a second relay, `second`.
async fn two_relays(db: TestDb, options: Options) -> (TestApp, Catcher) {
    let second = CatcherConfig::new(([127, 0, 0, 1], 0).into(), || MONDAY);
    let second = Catcher::start(second).await.unwrap();
    let port = second.smtp_addr().port();
    let relay = format!(
        "[[relays]]\nname = \"second\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n"
    );
    let sections = format!("{relay}\n{}", options.sections);
    (
        TestApp::with(
            db,
            Options {
                sections,
                ..options
            },
        )
        .await,
        second,
    )
}

async fn published(app: &TestApp, readers: usize) -> i64 {
    app.many_confirmed(readers).await;
    app.articles(3).await;
    app.publish().await
}

both_databases!(
    /// Of four mails the relay of weight 3 takes three, but for the few that one may be ahead.
    v23_relays_share_by_weight,
    |db| async move {
        let smtp = "weight = 3".to_owned();
        let (app, second) = two_relays(db, Options { smtp, ..Options::default() }).await;
        let digest = published(&app, 400).await;
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 400);
        let (first, second) = (app.catcher.accepted(), second.accepted());
        assert_eq!(first + second, 400);
        assert!((70..=150).contains(&second), "{first} and {second}");
        let shown = app.nashra(["digest", "show", &digest.to_string(), "--json"]).run().await;
        let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!((&shown["relays"]["main"]["sent"], &shown["relays"]["second"]["sent"]), (&first.into(), &second.into()));
    }
);

both_databases!(
    /// Failover: what one relay cannot take the other does, in the same pass.
    v23_a_relay_stands_in_for_another,
    |db| async move {
        let (app, second) = two_relays(db, Options::default()).await;
        let digest = published(&app, 60).await;
        app.faults("on connect reply 421 4.3.2 closing");
        app.deliver_pending().await;
        assert_eq!((app.counts(digest).await.sent, app.catcher.accepted(), second.accepted()), (60, 0, 60));
        assert!(app.queue().await.iter().all(|row| row.attempts == 1), "it cost nobody an attempt");
    }
);

both_databases!(
    /// V23: a list has relays of its own, and confirmations another.
    v23_a_list_and_confirmations_have_their_own_relays,
    |db| async move {
        let options = Options {
            sections: "[confirmation]\nrelays = [\"second\"]".to_owned(),
            list: "relays = [\"main\"]".to_owned(),
            ..Options::default()
        };
        let (app, second) = two_relays(db, options).await;
        let digest = published(&app, 20).await;
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        app.deliver_pending().await;
        assert_eq!((app.counts(digest).await.sent, app.catcher.accepted()), (20, 20));
        let mails = second.messages();
        assert_eq!((mails.len(), mails[0].recipients[0].as_str()), (1, "layla@example.org"));
    }
);

both_databases!(
    /// V26: refusals because of us fail nobody; some in a row pause the digest, which says why, and goes on when a person says so.
    v26_refusals_because_of_us_pause_the_digest,
    |db| async move {
        let options = Options {
            sections: "[delivery]\nsender_faults = 3\nbatch = 50".to_owned(),
            smtp: "connections = 1".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let digest = published(&app, 200).await;
        app.faults("on dot reply 550 5.7.26 this mail is not authenticated");
        app.deliver_pending().await;
        let paused = app.digest(digest).await.paused.unwrap();
        assert_eq!(paused.by, PausedBy::Refusal);
        assert!(paused.reason.contains("mails in a row because of us") && paused.reason.contains("5.7.26"), "{}", paused.reason);
        let counts = app.counts(digest).await;
        assert_eq!((counts.failed, counts.sent, counts.queued), (0, 0, 200));
        assert!((3..50).contains(&counts.waiting), "{counts:?}");
        app.faults("");
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 0, "until a person has looked");
        assert!(control::resume(&app.app.context, digest).await.unwrap());
        app.advance(std::time::Duration::from_hours(1));
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 200);
    }
);
