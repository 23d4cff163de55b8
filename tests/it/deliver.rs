//! Promise 3: the recipients of a digest are frozen once and looked at again before each mail. S12: a lost reply after the
//! final dot is `unknown`, and what becomes of it.

use std::collections::BTreeSet;
use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::service::{compose, publish, suppress};
use nashra::store;
use tokio::task::JoinSet;

use crate::harness::app::{DAY, MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;

const HOUR: Duration = Duration::from_hours(1);

/// How many mails each address got.
fn mails_to(app: &TestApp, address: &str) -> usize {
    let mails = app.catcher.messages();
    mails
        .iter()
        .filter(|mail| mail.recipients == [address])
        .count()
}

/// A published digest of three articles for so many readers.
async fn published(db: TestDb, readers: usize, sections: &str) -> (TestApp, i64) {
    let options = Options {
        sections: sections.to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(readers).await;
    app.articles(3).await;
    let digest = app.publish().await;
    (app, digest)
}

both_databases!(
    /// Promise 3: who confirms after the freeze waits for the next digest.
    promise_3_a_reader_after_the_freeze_gets_the_next_digest,
    |db| async move {
        let (app, digest) = published(db, 2, "").await;
        app.confirmed("late@example.org").await;
        assert!(publish::publish(&app.app.context).await.unwrap().is_empty(), "frozen once");
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.queued), (2, 0));
        assert_eq!(mails_to(&app, "late@example.org"), 1, "the confirmation and no digest");
    }
);

both_databases!(
    /// Promises 3 and 7: of many who start a digest at once one does, and each reader is frozen once.
    promise_3_many_who_publish_at_once_freeze_once,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(25).await;
        app.articles(3).await;
        let composed = (0..6).map(|_| {
            let context = app.app.context.clone();
            async move {
                let list = context.list("weekly").unwrap();
                compose::compose(&context, list, MONDAY, false).await.unwrap()
            }
        });
        let composed = composed.collect::<JoinSet<_>>().join_all().await;
        let ready = composed.iter().filter(|composed| matches!(composed, compose::Composed::Ready(_)));
        assert_eq!(ready.count(), 1);
        let started = (0..6).map(|_| {
            let context = app.app.context.clone();
            async move { publish::publish(&context).await.unwrap() }
        });
        let started = started.collect::<JoinSet<_>>().join_all().await.concat();
        assert_eq!(started.len(), 1, "{started:?}");
        assert_eq!(started[0].1, 25);
        let addresses: BTreeSet<_> = app.queue().await.into_iter().map(|row| row.address).collect();
        assert_eq!((app.queue().await.len(), addresses.len()), (25, 25));
    }
);

both_databases!(
    /// Promise 3: the subscription and the suppression list are looked at again when a delivery is leased.
    promise_3_who_left_or_was_suppressed_after_the_freeze_gets_nothing,
    |db| async move {
        let (app, digest) = published(db, 4, "").await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let rows = app.queue().await;
        let subscriber = |address: &str| {
            let sql = format!("SELECT id FROM subscribers WHERE address = '{address}'");
            let url = app.database();
            async move { crate::harness::queue::number(&url, &sql).await }
        };
        // By the link of the mail, by the operator, and by another process that knows nothing of this queue.
        let link = context.unsubscribe_url(list, subscriber("reader0@example.org").await);
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        let address = EmailAddress::parse("READER1@example.org").unwrap();
        suppress::add(context, &address, "complaint").await.unwrap();
        let other = subscriber("reader2@example.org").await;
        let mut tx = context.database.write().await.unwrap();
        assert!(store::subscription::unsubscribe(&mut tx, list, other, MONDAY).await.unwrap());
        tx.commit().await.unwrap();

        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (1, 3, 0));
        let recipients: Vec<_> = app.catcher.messages().iter().flat_map(|mail| mail.recipients.clone()).collect();
        assert_eq!(recipients, ["reader3@example.org"]);
        assert_eq!(rows.len(), 4);
        let sent = store::digest::by_id(&mut context.database.read().await.unwrap(), digest).await.unwrap().unwrap();
        assert!(sent.finished_ms.is_some(), "a digest whose last deliveries are cancelled ends too");
    }
);

both_databases!(
    /// S12, policy `leave`: taken and its answer lost is `unknown`, and is never sent again.
    s12_a_digest_with_a_lost_answer_is_left_unknown,
    |db| async move {
        let (app, digest) = published(db, 1, "").await;
        app.faults("on dot times 1 drop");
        app.deliver_pending().await;
        let row = app.queue().await.remove(0);
        assert_eq!((row.status.as_str(), row.attempts, row.worker_id), ("unknown", 1, None));
        assert!(row.reply.unwrap().contains("the final dot"));
        app.advance(HOUR * 48);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1, "it may have arrived: not sent again");
        assert_eq!(app.counts(digest).await.unknown, 1);
    }
);

both_databases!(
    /// S12, policy `retry`: sent once more as the same message, and never a third time.
    s12_a_digest_with_a_lost_answer_is_sent_once_more_when_the_policy_says_so,
    |db| async move {
        let (app, _) = published(db, 2, "[delivery]\nunknown = \"retry\"").await;
        app.faults("on dot times 1 drop\non dot to reader1@example.org drop");
        for _ in 0..4 {
            app.deliver_pending().await;
            app.advance(HOUR * 6);
        }
        let rows = app.queue().await;
        let of = |address: &str| rows.iter().find(|row| row.address == address).unwrap();
        let again = of("reader1@example.org");
        assert_eq!((again.status.as_str(), again.attempts), ("unknown", 2), "hangs up each time");
        assert_eq!(of("reader0@example.org").status, "sent");
        let mails = app.catcher.messages();
        let twice: Vec<_> = mails.iter().filter(|mail| mail.recipients == ["reader1@example.org"]).collect();
        assert_eq!(twice.len(), 2);
        for header in ["Message-ID", "Date"] {
            assert!(twice[0].header(header).is_some());
            assert_eq!(twice[0].header(header), twice[1].header(header), "M10");
        }
    }
);

both_databases!(
    /// S12: a confirmation with a lost answer is sent once more whatever the policy, and its link works.
    s12_a_confirmation_with_a_lost_answer_is_sent_once_more,
    |db| async move {
        let app = TestApp::start(db).await;
        app.faults("on dot times 1 drop");
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        app.deliver_pending().await;
        assert_eq!(app.queue().await[0].status, "queued");
        app.advance(HOUR);
        app.deliver_pending().await;
        assert_eq!((app.queue().await[0].status.as_str(), mails_to(&app, "layla@example.org")), ("sent", 2));
        let link = app.confirmation_link("layla@example.org");
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        app.advance(Duration::from_millis(DAY as u64));
        app.deliver_pending().await;
        assert_eq!(mails_to(&app, "layla@example.org"), 2);
    }
);

both_databases!(
    /// S12: what is not SMTP after the dot tells nothing of the mail's fate; the next mail goes out over a new connection.
    s12_garbage_after_the_dot_is_unknown,
    |db| async move {
        let (app, digest) = published(db, 3, "").await;
        app.faults("on dot to reader1@example.org times 1 raw what?\\r\\n");
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.unknown, counts.queued), (2, 1, 0));
        let row = app.queue().await.into_iter().find(|row| row.status == "unknown").unwrap();
        assert_eq!(row.address, "reader1@example.org");
        assert!(row.reply.unwrap().contains("not SMTP"));
    }
);

both_databases!(
    /// Issue 3, point 9: mails of a list that left the configuration are cancelled, and hold up nobody else's.
    mails_of_a_list_that_left_the_configuration_are_cancelled,
    |db| async move {
        let (app, digest) = published(db, 2, "").await;
        let config = std::fs::read_to_string(app.config_file()).unwrap();
        std::fs::write(app.config_file(), config.replace("slug = \"weekly\"", "slug = \"other\"")).unwrap();
        let output = app.digest_run([]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let counts = app.counts(digest).await;
        assert_eq!((counts.cancelled, counts.queued), (2, 0));
        assert_eq!(app.catcher.accepted(), 0);
    }
);
