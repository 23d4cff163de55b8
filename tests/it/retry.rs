//! Promise 6 (S2, S6): 4xx is tried again on a persisted schedule, as the same message; 5xx ends at once.

use std::time::Duration;

use nashra::domain::digest::DigestStatus;

use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};

const MINUTE: i64 = 60_000;

/// A published digest for so many readers, to be sent over one connection.
async fn published(db: TestDb, readers: usize, delivery: &str) -> (TestApp, i64) {
    let options = Options {
        sections: format!("[delivery]\n{delivery}"),
        smtp: "connections = 1".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(readers).await;
    app.articles(3).await;
    let digest = app.publish().await;
    (app, digest)
}

fn minutes(number: u64) -> Duration {
    Duration::from_mins(number)
}

both_databases!(
    /// S2, S6, M10: wherever the relay says "later", the mail waits its time and goes out as the same message.
    promise_6_a_4xx_reply_is_tried_again_later_as_the_same_message,
    |db| async move {
        let (app, digest) = published(db, 1, "").await;
        let mut waits = Vec::new();
        for (verb, code) in [("rcpt", 451), ("data", 452), ("dot", 450)] {
            app.faults(&format!("on {verb} times 1 reply {code} 4.7.1 greylisted"));
            app.deliver_pending().await;
            let row = app.queue().await.remove(0);
            assert_eq!((row.status.as_str(), row.worker_id, row.code), ("queued", None, Some(code)), "{verb}");
            assert!(row.reply.unwrap().contains("greylisted"), "{verb}");
            assert_eq!(row.attempts, waits.len() as i64 + 1);
            waits.push((row.due_ms - app.clock.now_ms()) / MINUTE);
            app.advance(Duration::from_millis((row.due_ms - app.clock.now_ms() - 1) as u64));
            let connections = app.catcher.connections();
            app.deliver_pending().await;
            assert_eq!(app.catcher.connections(), connections, "not before its time");
            app.advance(Duration::from_millis(1));
        }
        for (wait, delay) in waits.iter().zip([15, 30, 60]) {
            assert!((delay * 8 / 10..=delay * 12 / 10).contains(wait), "{waits:?}");
        }
        assert_eq!(app.catcher.accepted(), 0);
        app.deliver_pending().await;
        let row = app.queue().await.remove(0);
        assert_eq!((row.status.as_str(), row.attempts, row.code), ("sent", 4, Some(250)));
        let mail = app.catcher.messages().remove(0);
        assert_eq!(mail.header("Date").unwrap(), "Mon, 05 Jan 2026 07:00:00 +0000", "M10: of the first try");
        let tag = app.app.context.keyring.message_id_tag(&[row.digest, row.id]);
        assert!(mail.header("Message-ID").unwrap().contains(&tag));
        assert_eq!(app.counts(digest).await.sent, 1);
    }
);

both_databases!(
    /// Promise 6: the schedule is in the database, so a cron run that ends hands the retry to the next one.
    promise_6_the_schedule_spans_runs_of_the_program,
    |db| async move {
        let options = Options { sections: "[delivery]\nretry = [\"1s\"]".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        app.many_confirmed(3).await;
        app.articles(3).await;
        app.faults("on rcpt times 1 reply 451 4.7.1 greylisted");
        let first = app.digest_run([]).run().await;
        assert_eq!(first.code, Some(11), "{first:?}");
        let waiting = app.queue().await.into_iter().filter(|row| row.status == "queued").collect::<Vec<_>>();
        assert_eq!((waiting.len(), waiting[0].attempts, waiting[0].worker_id), (1, 1, None));
        loop {
            let next = app.digest_run([]).run().await;
            match next.code {
                Some(11) => {}
                Some(0) => break,
                other => panic!("{other:?}: {next:?}"),
            }
        }
        assert_eq!(app.catcher.accepted(), 3, "each once");
        assert!(app.queue().await.iter().all(|row| row.status == "sent"));
    }
);

both_databases!(
    /// Promise 6: a 5xx reply ends one delivery at once, and the connection goes on with the next.
    promise_6_a_5xx_reply_ends_at_once_and_keeps_the_connection,
    |db| async move {
        let (app, digest) = published(db, 5, "").await;
        app.faults("on rcpt to reader1@* reply 550 5.1.1 no such mailbox\non dot to reader3@* reply 554 5.2.1 not here");
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.failed, counts.queued), (3, 2, 0));
        assert_eq!(app.catcher.connections(), 1);
        let rows = app.queue().await;
        let refused = rows.iter().find(|row| row.address.starts_with("reader1@")).unwrap();
        assert_eq!((refused.code, refused.attempts), (Some(550), 1));
        assert!(refused.reply.as_deref().unwrap().contains("5.1.1 no such mailbox"));
        app.advance(minutes(60 * 24));
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 3, "never tried again");
    }
);

both_databases!(
    /// S3, V21: a relay that closes with 421 in the middle costs a connection and no mail.
    promise_6_a_421_in_the_middle_goes_on_over_a_new_connection,
    |db| async move {
        let (app, digest) = published(db, 6, "").await;
        app.faults("on mail after 2 times 1 reply 421 4.3.2 closing\non rcpt after 4 times 1 reply 421 4.3.2 closing");
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.queued, counts.failed), (6, 0, 0));
        assert_eq!(app.catcher.connections(), 3);
        assert!(app.queue().await.iter().all(|row| row.attempts == 1), "no fault of the mail");
    }
);

both_databases!(
    /// A relay that closes on the first mail of a connection is answered with patience, not with a storm.
    promise_6_a_421_on_a_fresh_connection_waits_its_time,
    |db| async move {
        let (app, _) = published(db, 2, "").await;
        app.faults("on mail reply 421 4.3.2 closing");
        app.deliver_pending().await;
        let rows = app.queue().await;
        assert!(rows.iter().all(|row| row.status == "queued" && row.attempts == 1), "{rows:?}");
        assert!(rows.iter().all(|row| row.due_ms >= MONDAY + 12 * MINUTE), "{rows:?}");
    }
);

both_databases!(
    /// S6: after `give_up` a delivery fails, its last reply is kept, and the digest ends.
    promise_6_a_delivery_is_given_up_after_its_time,
    |db| async move {
        let (app, digest) = published(db, 1, "give_up = \"20m\"").await;
        app.faults("on rcpt reply 451 4.2.0 later");
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.queued, 1);
        app.advance(minutes(18));
        app.deliver_pending().await;
        let row = app.queue().await.remove(0);
        assert_eq!((row.status.as_str(), row.attempts, row.code), ("failed", 2, Some(451)));
        let reply = row.reply.unwrap();
        assert!(reply.starts_with("given up: ") && reply.contains("4.2.0 later"), "{reply}");
        assert_eq!(app.counts(digest).await.failed, 1);
    }
);

both_databases!(
    /// S6: a provider, or a domain of none, that always closes and asks for less mail does not keep a digest for ever.
    promise_6_a_digest_is_given_up_where_nothing_is_ever_taken,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed_at("gmail.com", 3).await;
        app.many_confirmed_at("example.net", 3).await;
        app.many_confirmed(3).await;
        app.articles(3).await;
        let digest = app.publish().await;
        let closes = |to: &str| format!("on rcpt to *@{to} reply 421 4.7.28 unusual rate, closing\n");
        app.faults(&(closes("gmail.com") + &closes("example.net")));
        app.deliver_pending().await;
        app.advance(Duration::from_hours(5 * 24));
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.queued), (3, 6), "on the last day it is still tried");
        app.advance(minutes(24 * 60));
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.failed), (3, 6));
        let failed = app.queue().await.into_iter().filter(|row| row.status == "failed");
        assert!(failed.into_iter().all(|row| row.reply.unwrap().contains("older than [delivery] give_up")));
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
    }
);

both_databases!(
    /// S6, V19: what waited longer than `give_up` for a limit of our own was refused by nobody, and is sent.
    promise_6_what_waits_for_our_own_limits_is_not_given_up,
    |db| async move {
        let sections = "[delivery]\ngive_up = \"1h\"\n[pacing]\nper_day = 2".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.many_confirmed(4).await;
        app.articles(3).await;
        let digest = app.publish().await;
        for sent in [2, 4] {
            app.deliver_pending().await;
            assert_eq!(app.counts(digest).await.sent, sent);
            app.advance(minutes(24 * 60));
        }
    }
);

both_databases!(
    /// `stale_after`: a digest that is too old is not sent at all, while a confirmation of the same age is.
    promise_6_a_stale_digest_is_not_sent,
    |db| async move {
        let (app, digest) = published(db, 1, "stale_after = \"1h\"").await;
        let form = format!("{}/subscribe/weekly", app.url);
        crate::harness::http::post_form(&form, &[("email", "layla@example.org")]).await;
        app.advance(minutes(61));
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.failed, counts.sent), (1, 0));
        let stale = app.queue().await.into_iter().find(|row| row.kind == "digest").unwrap();
        assert!(stale.reply.unwrap().contains("stale_after"));
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipients, ["layla@example.org"]);
    }
);

both_databases!(
    /// Promise 6: a relay that refuses us as sender fails nobody; its readers get their mail when it takes us again.
    promise_6_a_refused_sender_costs_no_reader_anything,
    |db| async move {
        let (app, _) = published(db, 2, "").await;
        app.faults("on mail reply 550 5.1.8 no such sender");
        app.deliver_pending().await;
        let untouched = |row: &crate::harness::queue::Delivery| row.status == "queued" && row.attempts == 0 && row.worker_id.is_none();
        assert!(app.queue().await.iter().all(untouched));
        app.faults("");
        app.deliver_pending().await;
        assert!(app.queue().await.iter().all(|row| row.status == "sent"));
    }
);
