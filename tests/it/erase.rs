//! Standards X12 and B12: who is erased is gone from every table, and is never mailed again unless the operator decides so.

use nashra::domain::address::EmailAddress;
use nashra::domain::delivery::Outcome;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::deliver::{self, Leased, Records, Verdict};
use nashra::service::erase::{Erased, Whom, erase};
use nashra::service::lease::WorkerLease;
use nashra::service::{Context, control, suppress};

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

const LAYLA: &str = "Layla.Haddad@example.org";

async fn erased(app: &TestApp, address: &str) -> Erased {
    let address = EmailAddress::parse(address).unwrap();
    let whom = Whom::Address(&address);
    erase(&app.app.context, whom, ConsentMethod::Cli)
        .await
        .unwrap()
}

async fn sign_up(app: &TestApp, address: &str) -> http::Answer {
    let form = format!("{}/subscribe/weekly", app.url);
    http::post_form(&form, &[("email", address)]).await
}

both_databases!(
    /// X12: nothing in the database names the reader any more, replies of relays that quote the address included; the digest that
    /// was on its way is not sent to them, and its counts are right.
    x12_an_erased_reader_is_gone,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(2).await;
        app.confirmed(LAYLA).await;
        app.articles(3).await;
        let before = app.catcher.accepted();
        app.faults("on rcpt to Layla* reply 450 4.2.0 <Layla.Haddad@example.org>: not now");
        let first = app.publish().await;
        app.deliver_pending().await;
        assert_eq!(app.counts(first).await.waiting, 1);
        assert!(app.dump().await.contains("not now"), "the test's own premise");
        app.faults("");

        let found = erased(&app, "layla.haddad@EXAMPLE.org").await;
        assert_eq!(found, Erased { subscriber: true, ..Erased::default() });
        let dump = app.dump().await;
        assert!(!dump.to_lowercase().contains("layla"), "{dump}");
        let again = erased(&app, LAYLA).await;
        assert_eq!(again, Erased { before: true, ..Erased::default() });
        assert_eq!(app.dump().await, dump, "idempotent");

        app.advance(std::time::Duration::from_hours(2));
        app.deliver_pending().await;
        let counts = app.counts(first).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (2, 1, 0));
        assert_eq!(app.catcher.accepted(), before + 2, "nothing went to the reader who is gone");
        let id = first.to_string();
        let output = app.nashra(["digest", "deliveries", &id]).run().await;
        assert!(output.stdout.contains("(erased)") && output.stdout.contains("cancelled"), "{output:#?}");
        assert_eq!(app.nashra(["digest", "show", &id]).run().await.code, Some(0));
    }
);

both_databases!(
    /// X12: a digest whose first attempt was still to come is cancelled when it is leased.
    x12_a_frozen_delivery_of_an_erased_reader_is_cancelled,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(3).await;
        app.articles(3).await;
        let digest = app.publish().await;
        let found = erased(&app, "reader1@example.org").await;
        assert!(found.subscriber);
        let counts = app.counts(digest).await;
        assert_eq!((counts.queued, counts.cancelled), (3, 0));
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (2, 1, 0));
        assert!(!control::cancel(&app.app.context, digest).await.unwrap_or(false), "it is over");
    }
);

/// What a relay says of a reader's mail, with the address that it knows the reader by.
fn refused(context: &Context, leased: &Leased) -> Verdict {
    let outcome = Outcome::Retry {
        code: Some(450),
        reply: format!(
            "4.2.0 {}.layla@forward.example: not now",
            leased.subscriber_id
        ),
    };
    deliver::settle(context, leased, outcome, context.clock.now_ms())
}

both_databases!(
    /// X12: a mail was on its way while its reader was erased. That it was refused is recorded; the relay's words, which may quote an
    /// address, are not: neither at the first attempt nor at another.
    x12_what_a_relay_says_after_the_erasure_is_not_kept,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(2).await;
        app.articles(3).await;
        let digest = app.publish().await;
        let context = &app.app.context;
        let worker = WorkerLease::default();
        worker.renew(context).await.unwrap();
        let mut taken = deliver::lease_range(context, worker.id, 0, &[], 10).await.unwrap().unwrap();
        let readers = taken.deliveries.clone();
        erased(&app, &readers[0].address).await;
        for reader in &readers {
            taken.range.settle(reader.subscriber_id, None);
        }
        let attempts = readers.iter().filter_map(|reader| Records::attempt(reader, refused(context, reader)));
        let records = Records { ranges: vec![(taken.key, taken.range, attempts.collect())], ..Records::default() };
        assert!(deliver::record(context, worker.id, &records).await.unwrap());
        assert_eq!(app.counts(digest).await.waiting, 2);
        let dump = app.dump().await;
        assert!(!dump.contains(&format!("{}.layla", readers[0].subscriber_id)), "{dump}");
        assert!(dump.contains(&format!("{}.layla", readers[1].subscriber_id)), "the other one's is kept");

        app.advance(std::time::Duration::from_hours(2));
        let (retries, ended) = deliver::lease_retries(context, worker.id, (&[], &[]), 10).await.unwrap();
        assert_eq!((retries.len(), ended), (1, 1));
        erased(&app, &retries[0].address).await;
        let attempt = Records::attempt(&retries[0], refused(context, &retries[0]));
        let records = Records { retries: attempt.into_iter().collect(), ..Records::default() };
        assert!(deliver::record(context, worker.id, &records).await.unwrap());
        assert_eq!(app.counts(digest).await.waiting, 1);
        assert!(!app.dump().await.contains("layla"));
    }
);

both_databases!(
    /// X12, A15: what a domain said when it asked for less mail is kept for all of its readers, without anybody's address.
    x12_what_is_kept_of_a_domain_names_nobody,
    |db| async move {
        let app = TestApp::start(db).await;
        sign_up(&app, LAYLA).await;
        app.faults("on rcpt to Layla* reply 451 4.7.1 <Layla.Haddad@example.org>: too much mail");
        app.deliver_pending().await;
        let kept = "SELECT COUNT(*) FROM backoffs WHERE reply LIKE '%(address)%too much mail' AND reply NOT LIKE '%@%'";
        assert_eq!(number(&app.database(), kept).await, 1);
    }
);

both_databases!(
    /// B12, D5: the form answers an erased address as any other, and leaves no trace of it; the links of the one who is gone never
    /// become somebody else's; the operator can permit the address again.
    b12_an_erased_address_stays_away,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let id = number(&app.database(), "SELECT MAX(id) FROM subscribers").await;
        let link = app.app.context.unsubscribe_url(list, id);
        erased(&app, LAYLA).await;

        let before = (app.dump().await, app.catcher.accepted());
        let gone = sign_up(&app, LAYLA).await;
        app.deliver_pending().await;
        assert_eq!((app.dump().await, app.catcher.accepted()), before);
        let new = sign_up(&app, "someone@example.org").await;
        assert_eq!((gone.status, gone.text()), (new.status, new.text()));
        assert_eq!(gone.header("location"), new.header("location"));

        let new_id = number(&app.database(), "SELECT id FROM subscribers WHERE identity = 'someone@example.org'").await;
        assert_ne!(new_id, id, "a number is never given twice");
        assert_eq!(http::get(&link).await.status, 404);

        let output = app.nashra(["suppression", "list"]).run().await;
        assert!(output.stdout.contains("and 1 erased"), "{output:#?}");
        let address = EmailAddress::parse(LAYLA).unwrap();
        let remove = async || suppress::remove(&app.app.context, &address).await.unwrap();
        assert_eq!(remove().await, suppress::Was { suppressed: false, erased: true });
        assert_eq!(remove().await, suppress::Was { suppressed: false, erased: false });
        app.confirmed(LAYLA).await;
    }
);

both_databases!(
    /// B12: an address that was suppressed is erased from that list too, and stays away by its hash alone, also after a new key.
    b12_a_suppressed_address_is_kept_as_a_hash,
    |db| async move {
        let app = TestApp::start(db).await;
        let address = EmailAddress::parse(LAYLA).unwrap();
        suppress::add(&app.app.context, &address, "complaint").await.unwrap();
        // X12: an old version kept a relay's words as they were.
        execute(&app.database(), "INSERT INTO backoffs VALUES ('domain:example.org', 1, 1, '4.7.1 <layla.haddad@example.org> wait')").await;
        let found = erased(&app, LAYLA).await;
        assert_eq!(found, Erased { suppressed: true, ..Erased::default() });
        assert!(!app.dump().await.contains("layla"));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM erasures").await, 1);
        let mut context = app.app.context.clone();
        let key = std::fs::read_to_string(app.directory().join("secret.key")).unwrap();
        let rotated = format!("9:{}\n{key}", "ab".repeat(32));
        context.keyring = std::sync::Arc::new(nashra::domain::token::Keyring::parse(&rotated).unwrap());
        let again = erase(&context, Whom::Address(&address), ConsentMethod::Cli).await.unwrap();
        assert!(again.before, "known again by the older key");
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM erasures").await, 1);
    }
);
