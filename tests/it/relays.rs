//! V23, V26: several relays share the mail, one takes over from another, each list and the confirmations have their own, and a
//! digest is paused before it burns through the list.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nashra::catcher::{Catcher, CatcherConfig, Credentials, Script};
use nashra::service::control;
use nashra::worker::{Sender, Until};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::LIMIT;
use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::process::Signal;

/// The program with two relays: `main`, and `second` with a catcher of its own.
pub(crate) async fn with_two(db: TestDb, options: Options) -> (TestApp, Catcher) {
    let config = CatcherConfig::new(([127, 0, 0, 1], 0).into(), || MONDAY);
    let second = Catcher::start(config).await.unwrap();
    let port = second.smtp_addr().port();
    let relay = format!(
        "[[relays]]\nname = \"second\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\""
    );
    let options = Options {
        sections: format!("{}\n{relay}", options.sections),
        ..options
    };
    (TestApp::with(db, options).await, second)
}

async fn published(app: &TestApp, readers: usize) -> i64 {
    app.many_confirmed(readers).await;
    app.articles(3).await;
    app.publish().await
}

fn script(second: &Catcher, text: &str) {
    second.set_script(text.parse::<Script>().unwrap());
}

async fn caught(catcher: &Catcher, mails: usize) {
    let caught = catcher.wait_for(mails);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} of {mails} mails",
        catcher.accepted()
    );
}

/// Each of so many readers got one mail, by whichever relay.
fn each_once(app: &TestApp, second: &Catcher, readers: usize) {
    let mails = [app.catcher.messages(), second.messages()].concat();
    let to: BTreeSet<_> = mails.iter().map(|mail| mail.recipients.clone()).collect();
    assert_eq!((to.len(), mails.len()), (readers, readers));
}

both_databases!(
    /// V23: three to one, as near as the relays may be ahead of each other (50 mails) and what is on the wire.
    v23_two_relays_share_the_mail_by_weight,
    |db| async move {
        let options = Options { smtp: "weight = 3".to_owned(), ..Options::default() };
        let (app, second) = with_two(db, options).await;
        let digest = published(&app, 800).await;
        app.deliver_pending().await;
        each_once(&app, &second, 800);
        let (first, other) = (app.catcher.accepted(), second.accepted());
        assert!((180..=245).contains(&other), "{first} and {other}");
        let output = app.nashra(["digest", "show", &digest.to_string(), "--json"]).run().await;
        let show: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let sent = |relay: &str| show["relays"][relay]["sent"].as_u64().unwrap();
        assert_eq!((sent("main"), sent("second")), (first, other), "counted by relay");
    }
);

both_databases!(
    /// V23: a relay that is down carries nothing and costs nothing; the other takes everything.
    v23_a_relay_that_is_down_is_passed_over,
    |db| async move {
        for down in ["on connect reply 554 5.3.2 not today", "on connect lose", "on mail reply 550 5.7.1 not you"] {
            let (app, second) = with_two(db.another().await, Options::default()).await;
            let digest = published(&app, 100).await;
            script(&second, down);
            app.deliver_pending().await;
            assert_eq!((app.catcher.accepted(), second.accepted()), (100, 0), "{down}");
            each_once(&app, &second, 100);
            assert!(app.queue().await.iter().all(|row| row.attempts == 1), "{down}");
            assert_eq!(app.digest(digest).await.paused, None, "{down}");
        }
    }
);

both_databases!(
    /// V23: a relay that comes back takes over from one that goes, and nobody gets a mail twice.
    v23_a_relay_comes_back_and_takes_over,
    |db| async move {
        let (app, second) = with_two(db, Options::default()).await;
        published(&app, 400).await;
        script(&second, "on connect reply 421 4.3.2 down");
        app.faults("on dot delay 20ms");
        let mut worker = app.nashra(["serve", "--role", "worker"]).spawn();
        caught(&app.catcher, 50).await;
        app.faults("on connect reply 421 4.3.2 down\non mail reply 421 4.3.2 down");
        script(&second, "");
        caught(&second, 1).await;
        let first = app.catcher.accepted() as usize;
        caught(&second, 400 - first).await;
        worker.signal(Signal::Term);
        assert_eq!(worker.finished().await.code, Some(0));
        each_once(&app, &second, 400);
        assert!(app.queue().await.iter().all(|row| row.status == "sent" && row.attempts == 1));
    }
);

both_databases!(
    /// V23, S3: nobody waits for a relay that takes connections and never greets, or takes mails and never answers: what it has not
    /// in hand goes over the other.
    v23_a_relay_that_hangs_holds_up_no_other,
    |db| async move {
        for hangs in ["on connect hang", "on mail hang"] {
            let options = Options { smtp: "connections = 2".to_owned(), ..Options::default() };
            let (app, second) = with_two(db.another().await, options).await;
            published(&app, 400).await;
            script(&second, hangs);
            let stop = CancellationToken::new();
            let routes = Arc::new(app.app.routes(None).unwrap());
            let connections: usize = routes.iter().filter(|route| route.name == "second").map(|route| route.connections).sum();
            let sender = Sender::new(app.app.context.clone(), routes, Until::Stopped);
            tokio::spawn(sender.run(stop.clone()));
            caught(&app.catcher, 400 - connections).await;
            stop.cancel();
        }
    }
);

both_databases!(
    /// V23: a host from which no relay can be reached says so once, and leaves the digest to hosts that have one; it does not hold
    /// up their work again and again.
    v23_a_host_without_a_relay_marks_a_digest_once,
    |db| async move {
        let (app, second) = with_two(db, Options { list: "relays = [\"second\"]".to_owned(), ..Options::default() }).await;
        let digest = published(&app, 20).await;
        script(&second, "on connect reply 554 5.3.2 not today");
        let stop = CancellationToken::new();
        let routes = Arc::new(app.app.routes(None).unwrap());
        let sender = Sender::new(app.app.context.clone(), routes, Until::Stopped);
        let sending = tokio::spawn(sender.run(stop.clone()));
        let marked = timeout(LIMIT, async {
            while app.digest(digest).await.paused.is_none() {}
        });
        assert!(marked.await.is_ok(), "it says so");
        // Another host has a relay.
        control::relay_is_back(&app.app.context).await.unwrap();
        let tries = second.connections() + 2;
        let left_alone = timeout(LIMIT, async {
            while second.connections() < tries {
                assert_eq!(app.digest(digest).await.paused, None);
            }
        });
        assert!(left_alone.await.is_ok(), "it is not tried again");
        assert!(app.queue().await.iter().all(|row| row.worker_id.is_none()));
        script(&second, "");
        caught(&second, 20).await;
        stop.cancel();
        sending.await.unwrap().unwrap();
    }
);

both_databases!(
    /// V23: a list's mail goes by its own relays only; while these are down it waits, and a pass ends and says so.
    v23_a_list_has_its_own_relays,
    |db| async move {
        let options = Options { list: "relays = [\"second\"]".to_owned(), ..Options::default() };
        let (app, second) = with_two(db, options).await;
        let digest = published(&app, 20).await;
        script(&second, "on connect reply 554 5.3.2 not today");
        http::post_form(&format!("{}/subscribe/weekly", app.url), &[("email", "layla@example.org")]).await;
        assert!(timeout(LIMIT, app.deliver_pending()).await.is_ok(), "a pass waits for nothing that does not come");
        let paused = app.digest(digest).await.paused.unwrap();
        assert_eq!(paused.by.as_str(), "relay");
        assert!(paused.reason.contains("5.3.2 not today"), "{}", paused.reason);
        assert!(app.queue().await.iter().all(|row| row.status == "queued" && row.attempts == 0 && row.worker_id.is_none()));

        script(&second, "");
        app.advance(Duration::from_mins(1));
        app.deliver_pending().await;
        assert_eq!((app.catcher.accepted(), second.accepted()), (0, 21));
        each_once(&app, &second, 21);
    }
);

both_databases!(
    /// V23: a list whose relay is slow keeps nothing from one that has a relay of its own.
    v23_a_list_on_a_slow_relay_holds_up_no_other,
    |db| async move {
        const OTHER: &str = "[[lists]]\nslug = \"other\"\nname = \"أخرى\"\nlocale = \"ar\"\nschedule = \"0 7 * * 1\"\nzone = \"UTC\"\n\
            relays = [\"second\"]\nsections = [{ key = \"reports\", name = \"تقارير\", limit = 5 }]";
        let options = Options {
            smtp: "connections = 1".to_owned(),
            list: "relays = [\"main\"]".to_owned(),
            lists: OTHER.to_owned(),
            ..Options::default()
        };
        let (app, second) = with_two(db, options).await;
        app.faults("on dot hang");
        published(&app, 300).await;
        app.many_confirmed_of("other", "example.com", 100).await;
        app.articles_of("other", 3).await;
        app.publish_of("other").await;
        let stop = CancellationToken::new();
        let routes = Arc::new(app.app.routes(None).unwrap());
        let sender = Sender::new(app.app.context.clone(), routes, Until::Stopped);
        tokio::spawn(sender.run(stop.clone()));
        caught(&second, 100).await;
        stop.cancel();
    }
);

both_databases!(
    /// V23: confirmations go over their own relay, digests over the list's.
    v23_confirmations_have_their_own_relay,
    |db| async move {
        let options = Options {
            sections: "[confirmation]\nrelays = [\"second\"]".to_owned(),
            list: "relays = [\"main\"]".to_owned(),
            ..Options::default()
        };
        let (app, second) = with_two(db, options).await;
        published(&app, 5).await;
        http::post_form(&format!("{}/subscribe/weekly", app.url), &[("email", "layla@example.org")]).await;
        app.deliver_pending().await;
        assert_eq!((app.catcher.accepted(), second.accepted()), (5, 1));
        let mail = second.messages().remove(0);
        assert_eq!(mail.recipients, ["layla@example.org"]);
        assert!(mail.text().unwrap().contains("/confirm/"));
    }
);

both_databases!(
    /// V26: refused mail after mail because of us, a digest is paused before it burns through the list; no reader is to blame,
    /// and a person who resumes it finishes it.
    v26_a_digest_that_is_refused_because_of_us_is_paused,
    |db| async move {
        let options = Options {
            sections: "[delivery]\nsender_faults = 5".to_owned(),
            smtp: "connections = 4".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let digest = published(&app, 300).await;
        app.faults("on dot reply 550 5.7.26 this mail is unauthenticated");
        app.deliver_pending().await;
        let paused = app.digest(digest).await.paused.unwrap();
        assert_eq!(paused.by.as_str(), "refusal");
        assert!(paused.reason.starts_with("relay main refused 5 mails in a row because of us: 5.7.26"), "{}", paused.reason);
        let rows = app.queue().await;
        assert!(rows.iter().all(|row| row.status == "queued" && row.worker_id.is_none()), "nobody failed");
        let tried = rows.iter().filter(|row| row.attempts > 0).count();
        // On each connection one message was under way, and the next announced with it.
        assert!((5..=5 + 2 * 4).contains(&tried), "{tried} mails were tried");

        app.faults("");
        app.advance(Duration::from_hours(1));
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 0, "until a person says so");
        assert!(control::resume(&app.app.context, digest).await.unwrap());
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 300);
        assert_eq!(app.catcher.accepted(), 300);
    }
);

both_databases!(
    /// V26: a relay that refuses some readers' mail because of us now and then pauses nothing.
    v26_refusals_that_are_not_in_a_row_pause_nothing,
    |db| async move {
        let options = Options {
            sections: "[delivery]\nsender_faults = 3".to_owned(),
            smtp: "connections = 1".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let digest = published(&app, 30).await;
        app.faults("on dot every 3 times 9 reply 550 5.7.1 looks like spam");
        app.deliver_pending().await;
        assert_eq!(app.digest(digest).await.paused, None);
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.waiting, counts.failed), (21, 9, 0));
    }
);

both_databases!(
    /// S11: a relay that refuses the password is at fault, and the digest says why it waits.
    s11_a_refused_password_holds_the_digest_and_says_why,
    |db| async move {
        let options = Options {
            smtp: "username = \"nashra\"\npassword = \"xyzzy\"".to_owned(),
            catcher: Some(|config| config.auth = Some(Credentials::new("nashra", "open sesame"))),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let digest = published(&app, 3).await;
        let output = app.digest_run([]).run().await;
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert!(output.stderr.contains("refused the user name or password"), "{}", output.stderr);
        assert!(!output.stderr.contains("xyzzy"), "promise 10: {}", output.stderr);
        let paused = app.digest(digest).await.paused.unwrap();
        assert_eq!(paused.by.as_str(), "relay");
        assert!(paused.reason.contains("refused the user name or password"), "{}", paused.reason);
        assert!(app.queue().await.iter().all(|row| row.status == "queued" && row.attempts == 0 && row.worker_id.is_none()));
        let mended = app.digest_run([]).env("NASHRA__SMTP__PASSWORD", "open sesame").run().await;
        assert_eq!((mended.code, mended.stderr.as_str()), (Some(0), ""));
        assert_eq!(app.catcher.accepted(), 3);
    }
);
