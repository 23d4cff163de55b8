//! V19–V21, S9: limits and back-offs hold for all processes and across restarts, and a group that waits holds up no other.

use std::sync::atomic::Ordering;
use std::time::Duration;

use nashra::store;

use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;

const DAY: Duration = Duration::from_hours(24);

/// A frozen digest for readers at these domains, so many at each; one connection.
async fn published(
    db: TestDb,
    readers: &[(&str, usize)],
    sections: &str,
    smtp: &str,
) -> (TestApp, i64) {
    let options = Options {
        sections: sections.to_owned(),
        smtp: format!("connections = 1\n{smtp}"),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    for (domain, number) in readers {
        for n in 0..*number {
            let address = format!("reader{n}@{domain}");
            let address = nashra::domain::address::EmailAddress::parse(&address).unwrap();
            let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
                .await
                .unwrap();
            store::subscription::set_pending(&mut tx, list, id, None, MONDAY)
                .await
                .unwrap();
            store::subscription::confirm(&mut tx, list, id, MONDAY)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    app.articles(3).await;
    let digest = app.publish().await;
    (app, digest)
}

/// How many mails went to a domain.
fn mails_to(app: &TestApp, domain: &str) -> usize {
    let mails = app.catcher.messages();
    mails
        .iter()
        .filter(|mail| mail.recipients[0].ends_with(domain))
        .count()
}

both_databases!(
    /// S9: a daily cap of all mail lets so many go on a day, however many passes are made, and the rest the next day.
    s9_a_daily_cap_holds_across_passes,
    |db| async move {
        let (app, digest) = published(db, &[("example.org", 12)], "[pacing]\nper_day = 5", "").await;
        for _ in 0..3 {
            app.deliver_pending().await;
            assert_eq!(app.counts(digest).await.sent, 5);
        }
        assert!(app.queue().await.iter().all(|row| row.worker_id.is_none()), "nothing is held that cannot go");
        app.advance(DAY);
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 10);
        app.advance(DAY);
        app.deliver_pending().await;
        assert_eq!((app.counts(digest).await.sent, app.catcher.accepted()), (12, 12));
    }
);

both_databases!(
    /// S9: two processes at once share one cap, and a later one does not begin anew.
    s9_processes_share_a_cap,
    |db| async move {
        let sections = "[pacing]\nper_day = 10\n[[pacing.providers]]\nname = \"none\"\ndomains = [\"none.example\"]";
        let (app, digest) = published(db, &[("example.org", 30)], sections, "").await;
        let today = || nashra::clock::Clock::System.now_ms() / 86_400_000;
        let before = today();
        let (first, second) = (app.digest_run([]).spawn(), app.digest_run([]).spawn());
        let (first, second) = (first.finished().await, second.finished().await);
        assert_eq!((first.code, second.code), (Some(11), Some(11)), "{first:#?} {second:#?}");
        let third = app.digest_run([]).run().await;
        assert_eq!(third.code, Some(11), "{third:#?}");
        let sent = app.counts(digest).await.sent;
        // A handful that one process took and did not use is lost to the day; more than the cap never goes.
        let days = today() - before + 1;
        assert!(sent > 0 && sent <= 10 * days, "{sent}");
        assert_eq!(app.catcher.accepted() as i64, sent);
    }
);

both_databases!(
    /// S9: a mailbox provider's cap is its own; the other groups go on.
    s9_a_limited_provider_holds_up_no_other,
    |db| async move {
        let sections = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\"]\nper_day = 2\nconnections = 1\nmessages_per_connection = 1";
        let (app, digest) = published(db, &[("gmail.com", 6), ("example.org", 6)], sections, "").await;
        app.deliver_pending().await;
        assert_eq!((mails_to(&app, "@gmail.com"), mails_to(&app, "@example.org")), (2, 6));
        app.advance(DAY);
        app.deliver_pending().await;
        assert_eq!((mails_to(&app, "@gmail.com"), app.counts(digest).await.queued), (4, 2));
    }
);

both_databases!(
    /// V20: a provider that says 4.7.28 rests for ten minutes and alone; its mails cost no attempt, and it recovers.
    v20_a_provider_that_asks_to_slow_down_rests_alone,
    |db| async move {
        let sections = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\"]\nconnections = 2";
        let (app, digest) = published(db, &[("gmail.com", 15), ("example.org", 5)], sections, "").await;
        app.faults("on rcpt to *@gmail.com reply 421 4.7.28 unusual rate of mail");
        app.deliver_pending().await;
        assert_eq!((mails_to(&app, "@gmail.com"), mails_to(&app, "@example.org")), (0, 5));
        let rows = app.queue().await;
        let waiting: Vec<_> = rows.iter().filter(|row| row.status == "queued").collect();
        assert_eq!(waiting.len(), 15);
        assert!(waiting.iter().all(|row| row.attempts == 0 && row.worker_id.is_none()), "{waiting:?}");
        app.faults("");
        app.advance(Duration::from_mins(8));
        app.deliver_pending().await;
        assert_eq!(mails_to(&app, "@gmail.com"), 0, "not before ten minutes have passed");
        app.advance(Duration::from_mins(3));
        app.deliver_pending().await;
        assert_eq!((mails_to(&app, "@gmail.com"), app.counts(digest).await.queued), (15, 0));
        let backoffs = "SELECT COUNT(*) FROM backoffs";
        assert_eq!(crate::harness::queue::number(&app.database(), backoffs).await, 0, "recovered");
    }
);

both_databases!(
    /// V20: so does a domain that belongs to no provider; only the mail that was refused was tried.
    v20_a_domain_that_asks_to_slow_down_rests_alone,
    |db| async move {
        let (app, digest) = published(db, &[("slow.example", 5), ("example.org", 5)], "", "").await;
        app.faults("on rcpt to *@slow.example reply 451 4.7.1 too much mail from you");
        app.deliver_pending().await;
        assert_eq!((mails_to(&app, "@slow.example"), mails_to(&app, "@example.org")), (0, 5));
        let rows = app.queue().await;
        let tried = rows.iter().filter(|row| row.status == "queued" && row.attempts > 0).count();
        assert_eq!((app.counts(digest).await.queued, tried), (5, 1));
        app.faults("");
        app.advance(Duration::from_hours(1));
        app.deliver_pending().await;
        assert_eq!(mails_to(&app, "@slow.example"), 5);
    }
);

both_databases!(
    /// V19: a new relay warms up by its daily caps, and then has none.
    v19_a_relay_warms_up,
    |db| async move {
        let smtp = "warm_up = [2, 3]\nwarm_up_from = \"2026-01-05\"";
        let (app, digest) = published(db, &[("example.org", 20)], "", smtp).await;
        for sent in [2, 5, 20] {
            app.deliver_pending().await;
            assert_eq!(app.counts(digest).await.sent, sent);
            app.advance(DAY);
        }
    }
);

both_databases!(
    /// Confirmations overtake every limit; the digest makes room for them.
    confirmations_wait_for_no_limit,
    |db| async move {
        let (app, digest) = published(db, &[("example.org", 6)], "[pacing]\nper_day = 2", "").await;
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 2);
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        let progress = app.deliver_pending().await;
        assert_eq!(progress.sent.load(Ordering::Relaxed), 1);
        assert!(app.confirmation_link("layla@example.org").contains("/confirm/"));
        assert_eq!(app.counts(digest).await.sent, 2);
    }
);
