//! Readers' own hours: over changes of the clock, missed, by cron and by the service.

use nashra::clock::Clock;
use nashra::service::compose::Composed;
use nashra::store::choices::{self, Window};
use tokio::time::timeout;

use super::{HOUR, MINUTE, daily, mails, reader, span, start, stored, tick};
use crate::harness::LIMIT;
use crate::harness::app::{DAY, MONDAY};
use crate::harness::database::both_databases;
use crate::harness::process::Signal;
use crate::harness::queue::number;

both_databases!(
    /// S18: 02:00 in Berlin does not exist on 29 March 2026; the digest comes at the end of the gap, once.
    s18_an_own_hour_in_a_gap_of_the_clock,
    |db| async move {
        let app = start(db, "").await;
        // Saturday 28 March, 12:00 UTC.
        app.advance(span(1_774_699_200_000 - MONDAY));
        reader(&app, "weekly", "berlin", &daily(2, "Europe/Berlin")).await;
        stored(&app, "weekly", 1, "reports", app.clock.now_ms()).await;
        app.advance(span(13 * HOUR - 1));
        assert!(matches!(tick(&app, "weekly").await, Composed::NotDue), "one millisecond before 03:00, which was 02:00");
        app.advance(span(1));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "berlin"), [vec![1]]);
        stored(&app, "weekly", 2, "reports", app.clock.now_ms()).await;
        app.advance(span(23 * HOUR - MINUTE));
        assert!(matches!(tick(&app, "weekly").await, Composed::NotDue));
        app.advance(span(MINUTE));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "berlin"), [vec![1], vec![2]], "02:00 in summer is 00:00 UTC");
    }
);

both_databases!(
    /// An hour that passed while nothing ran comes once, if it is not too late; else its articles come with the next.
    a_missed_hour_comes_once_or_with_the_next,
    |db| async move {
        let app = start(db, "lateness = \"2h\"").await;
        reader(&app, "weekly", "layla", &daily(8, "UTC")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        app.advance(span(3 * DAY + 2 * HOUR));
        tick(&app, "weekly").await;
        assert!(matches!(tick(&app, "weekly").await, Composed::NotDue), "one for all three days");
        assert_eq!(mails(&app, "layla").len(), 0, "of Monday, and so too late");
        stored(&app, "weekly", 2, "reports", app.clock.now_ms()).await;
        app.advance(span(DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla"), [vec![2, 1]], "an hour late");
        let next = number(&app.database(), "SELECT next_ms FROM subscriptions").await;
        assert_eq!(next, MONDAY + 5 * DAY + HOUR);
    }
);

both_databases!(
    /// The cron command mails the readers whose hour has come as of the moment, once.
    cron_mails_readers_at_their_own_hour,
    |db| async move {
        let app = start(db, "").await;
        app.advance(span(2 * DAY + HOUR));
        reader(&app, "weekly", "layla", &daily(9, "Asia/Beirut")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let run = |time: &'static str| {
            let app = &app;
            async move { app.nashra(["digest", "run", "--as-of", time]).run().await }
        };
        assert_eq!(run("2026-01-08T06:59:59Z").await.code, Some(10), "09:00 in Beirut is 07:00 UTC");
        assert_eq!(run("2026-01-08T07:00:00Z").await.code, Some(0));
        assert_eq!(run("2026-01-08T07:00:30Z").await.code, Some(10));
        assert_eq!(mails(&app, "layla"), [vec![1]]);
        let listed = app.nashra(["digest", "list"]).run().await;
        assert!(listed.stdout.contains("own hours"), "{listed:#?}");
    }
);

both_databases!(
    /// The service wakes for readers' own hours.
    serve_mails_readers_at_their_own_hour,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &daily(8, "UTC")).await;
        let now_ms = Clock::System.now_ms();
        app.clock.advance(span(now_ms - MONDAY));
        stored(&app, "weekly", 1, "reports", now_ms - MINUTE).await;
        // Due in a moment.
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        let window = Window { next_ms: Some(now_ms + 2_000), since_ms: None };
        assert!(choices::set(&mut tx, list, 1, &daily(8, "UTC"), window).await.unwrap());
        tx.commit().await.unwrap();
        let mut running = app.nashra(["serve", "--listen", "127.0.0.1:0"]).spawn();
        assert!(timeout(LIMIT, app.catcher.wait_for(1)).await.is_ok());
        running.signal(Signal::Term);
        assert_eq!(running.finished().await.code, Some(0));
        assert_eq!(mails(&app, "layla"), [vec![1]]);
        let later = "SELECT COUNT(*) FROM subscriptions WHERE next_ms > ";
        assert_eq!(number(&app.database(), &format!("{later}{}", now_ms + 3_000)).await, 1);
    }
);
