//! S9, V19, V20: limits hold for all processes together and across restarts, a provider that asks for less mail gets less, and
//! nobody else waits for it.

use std::sync::Arc;
use std::time::Duration;

use nashra::catcher::{Catcher, CatcherConfig};
use nashra::service::lease::WorkerLease;
use nashra::worker::{Sender, Until};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::LIMIT;
use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::process::Signal;
use crate::harness::queue::{Delivery, number};

const DAY: Duration = Duration::from_hours(24);
const BACKOFFS: &str = "SELECT COUNT(*) FROM backoffs";

/// A frozen digest for so many readers at each domain.
async fn published(db: TestDb, readers: &[(&str, usize)], sections: &str, smtp: &str) -> TestApp {
    let options = Options {
        sections: sections.to_owned(),
        smtp: smtp.to_owned(),
        catcher: Some(|config| config.max_messages = 5_000),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    for (domain, number) in readers {
        app.many_confirmed_at(domain, *number).await;
    }
    app.articles(3).await;
    app.publish().await;
    app
}

/// A pass, which waits for nothing that is far away; how many mails the catcher has then.
async fn pass(app: &TestApp) -> u64 {
    let passed = timeout(LIMIT, app.deliver_pending()).await;
    assert!(passed.is_ok(), "the pass does not end");
    app.catcher.accepted()
}

/// Two senders at once, as two processes are.
async fn two_passes(app: &TestApp) -> u64 {
    tokio::join!(pass(app), pass(app));
    app.catcher.accepted()
}

async fn caught(catcher: &Catcher, mails: u64) {
    let caught = catcher.wait_for(mails as usize);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} of {mails} mails",
        catcher.accepted()
    );
}

async fn at(app: &TestApp, domain: &str) -> Vec<Delivery> {
    let rows = app.queue().await.into_iter();
    rows.filter(|row| row.address.ends_with(domain)).collect()
}

fn sent(rows: &[Delivery]) -> usize {
    rows.iter().filter(|row| row.status == "sent").count()
}

both_databases!(
    /// S9: a day's limit, of everything and of a relay, is not exceeded by two senders nor after a restart, and begins anew.
    s9_a_daily_limit_holds_for_all_senders_and_across_restarts,
    |db| async move {
        for (sections, smtp) in [("[pacing]\nper_day = 10", ""), ("", "per_day = 10")] {
            let app = published(db.another().await, &[("example.org", 25)], sections, smtp).await;
            assert_eq!(two_passes(&app).await, 10, "{sections}{smtp}");
            assert_eq!(pass(&app).await, 10, "after a restart");
            // A pass waits for what goes within a minute.
            app.advance(Duration::from_hours(17) - Duration::from_mins(2));
            assert_eq!(pass(&app).await, 10, "before midnight, UTC");
            app.advance(Duration::from_mins(2));
            assert_eq!(two_passes(&app).await, 20);
            app.advance(DAY);
            assert_eq!(pass(&app).await, 25);
            assert!(app.queue().await.iter().all(|row| row.status == "sent" && row.attempts == 1), "waiting costs no attempt");
        }
    }
);

both_databases!(
    /// S9: a provider's limit holds up its own mails alone.
    s9_a_limited_provider_holds_up_no_other,
    |db| async move {
        let provider = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\", \"googlemail.com\"]\nper_day = 3";
        let readers = [("gmail.com", 5), ("example.org", 30), ("googlemail.com", 3)];
        let app = published(db, &readers, provider, "").await;
        assert_eq!(two_passes(&app).await, 33);
        assert_eq!(sent(&at(&app, "@example.org").await), 30);
        assert_eq!(pass(&app).await, 33);
        for mails in [36, 38] {
            app.advance(DAY);
            assert_eq!(pass(&app).await, mails);
        }
    }
);

both_databases!(
    /// S9: a rate lets mail go evenly by the clock.
    s9_a_rate_lets_one_mail_go_at_a_time,
    |db| async move {
        let app = published(db, &[("example.org", 20)], "[pacing]\nper_minute = 60", "").await;
        let stop = CancellationToken::new();
        let routes = || Arc::new(app.app.routes(None).unwrap());
        let sender = || Sender::new(app.app.context.clone(), routes(), Until::Stopped);
        let running = [sender(), sender()].map(|sender| tokio::spawn(sender.run(stop.clone())));
        for mails in 1..=5 {
            caught(&app.catcher, mails).await;
            app.advance(Duration::from_secs(1));
        }
        caught(&app.catcher, 6).await;
        stop.cancel();
        for sender in running {
            sender.await.unwrap().unwrap();
        }
        assert_eq!(app.catcher.accepted(), 6, "one a second");
    }
);

both_databases!(
    /// V19: a new relay carries so many on its first day, so many on its second, and then all.
    v19_a_new_relay_is_warmed_up,
    |db| async move {
        let warm_up = "warm_up = [5, 8]\nwarm_up_from = \"2026-01-05\"";
        let app = published(db, &[("example.org", 60)], "", warm_up).await;
        for mails in [5, 13, 60] {
            assert_eq!(two_passes(&app).await, mails);
            app.advance(DAY);
        }
    }
);

both_databases!(
    /// V19, V23: nobody waits for the share of a relay whose day is used up, and a list that has no other waits without holding
    /// up a pass.
    v19_a_relay_that_is_used_up_holds_up_no_other,
    |db| async move {
        for (list, mails) in [("", 200), ("relays = [\"second\"]", 5)] {
            let second = Catcher::start(CatcherConfig::new(([127, 0, 0, 1], 0).into(), || MONDAY)).await.unwrap();
            let port = second.smtp_addr().port();
            let relay = format!("[[relays]]\nname = \"second\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nper_day = 5");
            let options = Options { sections: relay, list: list.to_owned(), ..Options::default() };
            let app = TestApp::with(db.another().await, options).await;
            app.many_confirmed(200).await;
            app.articles(3).await;
            app.publish().await;
            assert_eq!(pass(&app).await + second.accepted(), mails, "{list}");
            assert_eq!(second.accepted(), 5, "{list}");
        }
    }
);

both_databases!(
    /// V20: Gmail's 4.7.28 costs one delivery one attempt, rests Google for ten minutes in every process, and no other.
    v20_a_provider_that_asks_to_slow_down_rests_alone,
    |db| async move {
        let app = published(db, &[("gmail.com", 120), ("example.org", 50)], "", "").await;
        app.faults("on rcpt to *@gmail.com times 1 reply 450 4.7.28 an unusual rate of mail");
        pass(&app).await;
        assert_eq!(sent(&at(&app, "@example.org").await), 50);
        let google = at(&app, "@gmail.com").await;
        let refused: Vec<_> = google.iter().filter(|row| row.status == "queued" && row.attempts > 0).collect();
        assert_eq!((refused.len(), refused[0].attempts, refused[0].code), (1, 1, Some(450)));
        assert!(google.iter().all(|row| row.worker_id.is_none()));
        let before = app.catcher.accepted();
        // On each connection at most two were under way when it said so.
        assert!(sent(&google) <= 8, "{}", sent(&google));

        app.advance(Duration::from_mins(8));
        assert_eq!(two_passes(&app).await, before, "also for processes that start meanwhile");
        app.advance(Duration::from_mins(2));
        pass(&app).await;
        assert_eq!(sent(&at(&app, "@gmail.com").await), 119, "all but the refused one, whose time has not come");
        app.advance(Duration::from_mins(10));
        assert_eq!(pass(&app).await, 170);
        assert_eq!(number(&app.database(), BACKOFFS).await, 0, "a hundred mails later it is forgotten");
    }
);

both_databases!(
    /// V20, S3: when it closes the connection with its words, no mail is to blame at all; asked again, it rests longer.
    v20_a_provider_that_closes_rests_and_longer_each_time,
    |db| async move {
        let app = published(db, &[("gmail.com", 5), ("example.org", 20)], "", "").await;
        app.faults("on rcpt to *@gmail.com reply 421 4.7.28 an unusual rate of mail");
        for minutes in [10, 10, 10, 10, 16, 32, 60, 60] {
            assert_eq!(pass(&app).await, 20);
            let google = at(&app, "@gmail.com").await;
            assert!(google.iter().all(|row| row.status == "queued" && row.attempts == 0 && row.worker_id.is_none()), "{google:?}");
            let until_ms = number(&app.database(), "SELECT until_ms FROM backoffs WHERE name = 'provider:google'").await;
            assert_eq!((until_ms - app.clock.now_ms()) / 60_000, minutes);
            app.advance(Duration::from_mins(minutes as u64));
        }
        app.faults("");
        assert_eq!(pass(&app).await, 25);
    }
);

both_databases!(
    /// V20: a domain that no provider names rests by itself.
    v20_a_domain_of_no_provider_rests_alone,
    |db| async move {
        let readers = [("slow.example", 110), ("example.org", 20)];
        let app = published(db, &readers, "", "connections = 1").await;
        app.faults("on rcpt to *@slow.example times 1 reply 451 4.7.1 too much mail from you");
        pass(&app).await;
        let slow = at(&app, "@slow.example").await;
        assert_eq!(sent(&at(&app, "@example.org").await), 20);
        assert_eq!(slow.iter().filter(|row| row.status == "queued").map(|row| row.attempts).sum::<i64>(), 1);
        let before = app.catcher.accepted();
        app.advance(Duration::from_secs(59));
        assert_eq!(pass(&app).await, before);
        app.advance(Duration::from_secs(1));
        assert_eq!(pass(&app).await, 129);
        app.advance(Duration::from_mins(20));
        assert_eq!(pass(&app).await, 130);
        assert_eq!(number(&app.database(), BACKOFFS).await, 0);
    }
);

both_databases!(
    /// V20: what was on the wire when a domain asked for less mail does not end its pause; after that it gets one mail at a time
    /// over all connections, and rests longer when it asks again.
    v20_a_domain_rests_on_every_connection_and_goes_on_with_one_mail,
    |db| async move {
        const SLOW: &str = "on rcpt to *@big.example times 1 reply 451 4.7.1 too much mail from you\non dot delay 100ms";
        let readers = [("big.example", 150), ("example.org", 20)];
        let app = published(db, &readers, "", "connections = 4").await;
        let tried = |rows: Vec<Delivery>| rows.iter().filter(|row| row.attempts > 0).count();
        app.faults(SLOW);
        pass(&app).await;
        assert_eq!(sent(&at(&app, "@example.org").await), 20);
        let before = tried(at(&app, "@big.example").await);
        // On each connection at most two were under way when it said so.
        assert!(before <= 8, "{before} were tried");
        app.advance(Duration::from_secs(59));
        pass(&app).await;
        assert_eq!(tried(at(&app, "@big.example").await), before, "it rests");

        app.advance(Duration::from_secs(1));
        app.faults(SLOW);
        pass(&app).await;
        assert_eq!(tried(at(&app, "@big.example").await), before + 1, "one at a time");
        let until_ms = number(&app.database(), "SELECT until_ms FROM backoffs WHERE name = 'domain:big.example'").await;
        assert_eq!(until_ms - app.clock.now_ms(), 120_000, "twice as long");

        app.advance(Duration::from_mins(2));
        app.faults("");
        pass(&app).await;
        assert_eq!(number(&app.database(), BACKOFFS).await, 0, "a hundred mails later it is forgotten");
        app.advance(Duration::from_mins(20));
        assert_eq!(pass(&app).await, 170);
    }
);

both_databases!(
    /// S9: a provider gets so many mails over one connection, also where one is announced with the one before it.
    s9_a_connection_carries_so_many_mails_of_a_provider,
    |db| async move {
        let provider = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\"]\nmessages_per_connection = 5";
        let app = published(db, &[("gmail.com", 20)], provider, "connections = 1").await;
        assert_eq!(pass(&app).await, 20);
        assert_eq!(app.catcher.connections(), 4);
    }
);

both_databases!(
    /// V19: a confirmation waits for no limit.
    v19_a_confirmation_overtakes_limits,
    |db| async move {
        let app = published(db, &[("example.org", 20)], "[pacing]\nper_day = 3", "").await;
        assert_eq!(pass(&app).await, 3);
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        assert_eq!(pass(&app).await, 4);
        assert_eq!(app.catcher.messages()[3].recipients, ["layla@example.org"]);
    }
);

both_databases!(
    /// V19, S9: a confirmation counts against its provider's limits too, and waits for none of them.
    v19_a_confirmation_counts_against_its_providers_limits,
    |db| async move {
        let provider = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\"]\nper_day = 2";
        let app = published(db, &[("gmail.com", 20)], provider, "").await;
        assert_eq!(pass(&app).await, 2);
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@gmail.com")]).await;
        assert_eq!(pass(&app).await, 3);
        let used = "SELECT used FROM budgets WHERE name = 'provider:google/day'";
        assert_eq!(number(&app.database(), used).await, 3);
        app.faults("on rcpt reply 451 4.7.28 an unusual rate of mail");
        http::post_form(&form, &[("email", "samir@gmail.com")]).await;
        pass(&app).await;
        app.faults("");
        http::post_form(&form, &[("email", "huda@gmail.com")]).await;
        assert_eq!(pass(&app).await, 4, "nor for its rest");
    }
);

both_databases!(
    /// S9: a day's limit counts what went, not what a pass asked for: many short passes do not use it up.
    s9_a_pass_gives_back_what_it_did_not_send,
    |db| async move {
        const USED: &str = "SELECT used FROM budgets WHERE name = 'all/day'";
        let app = published(db, &[("example.org", 3)], "[pacing]\nper_day = 1000", "").await;
        assert_eq!(pass(&app).await, 3);
        assert_eq!(number(&app.database(), USED).await, 3);
        let form = format!("{}/subscribe/weekly", app.url);
        for mails in 4..=6 {
            http::post_form(&form, &[("email", &format!("layla{mails}@example.org"))]).await;
            assert_eq!(pass(&app).await, mails);
            assert_eq!(number(&app.database(), USED).await, mails as i64);
        }
    }
);

both_databases!(
    /// S9: of a cap of one, for all or for a provider, a second worker has no share: it sends nothing there and holds nothing, and
    /// takes it over when the first is gone.
    s9_a_worker_without_a_share_of_a_cap_sends_and_holds_nothing,
    |db| async move {
        const PROVIDER: &str = "[[pacing.providers]]\nname = \"google\"\ndomains = [\"gmail.com\"]\nconnections = 1";
        for (sections, others) in [("[pacing]\nconnections = 1", 0), (PROVIDER, 10)] {
            let app = published(db.another().await, &[("gmail.com", 10), ("example.org", 10)], sections, "").await;
            let mut first = WorkerLease::default();
            first.id = i64::MIN;
            first.renew(&app.app.context).await.unwrap();
            assert_eq!(pass(&app).await, others, "{sections}");
            assert!(app.queue().await.iter().all(|row| row.worker_id.is_none()));
            first.leave(&app.app.context).await.unwrap();
            let mut last = WorkerLease::default();
            last.id = i64::MAX;
            last.renew(&app.app.context).await.unwrap();
            assert_eq!(pass(&app).await, 20, "{sections}");
        }
    }
);

both_databases!(
    /// V20, S6: a confirmation on which the connection is closed with a wish for less mail waits for its next try; others do not
    /// wait for it, and it uses up no day.
    v20_a_confirmation_that_is_put_off_holds_up_no_other,
    |db| async move {
        let app = TestApp::with(db, Options { sections: "[pacing]\nper_day = 1000".to_owned(), ..Options::default() }).await;
        app.faults("on rcpt to layla@slow.example reply 421 4.7.28 an unusual rate of mail");
        let form = format!("{}/subscribe/weekly", app.url);
        for address in ["layla@slow.example", "samir@slow.example", "nour@example.org"] {
            http::post_form(&form, &[("email", address)]).await;
        }
        assert_eq!(pass(&app).await, 2);
        let layla = at(&app, "layla@slow.example").await.remove(0);
        assert_eq!((layla.status.as_str(), layla.attempts, layla.code, layla.worker_id), ("queued", 1, Some(421), None));
        assert_eq!(number(&app.database(), "SELECT used FROM budgets WHERE name = 'all/day'").await, 3);
        app.faults("");
        app.advance(Duration::from_mins(20));
        assert_eq!(pass(&app).await, 3);
    }
);

both_databases!(
    /// A confirmation overtakes a digest that is being sent to a slow relay.
    a_confirmation_overtakes_a_digest_in_progress,
    |db| async move {
        const READERS: u64 = 2_000;
        let app = published(db, &[("example.org", READERS as usize)], "", "").await;
        app.faults("on dot delay 20ms");
        let mut worker = app.nashra(["serve", "--role", "worker"]).spawn();
        caught(&app.catcher, 50).await;
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        let confirmation = || {
            let mails = app.catcher.messages();
            let found = mails.iter().find(|mail| mail.recipients == ["layla@example.org"]);
            found.map(|mail| mail.id)
        };
        let arrived = timeout(LIMIT, async {
            let mut mails = app.catcher.accepted();
            while confirmation().is_none() && mails <= READERS {
                mails += 1;
                app.catcher.wait_for(mails as usize).await;
            }
        });
        assert!(arrived.await.is_ok(), "{} mails", app.catcher.accepted());
        let place = confirmation().unwrap();
        assert!(place <= READERS, "it came as number {place}, after the whole digest");
        worker.signal(Signal::Term);
        assert_eq!(worker.finished().await.code, Some(0));
    }
);
