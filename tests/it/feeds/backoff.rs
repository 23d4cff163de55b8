//! Feeds that fail again and again are asked less and less, except for a digest.

use std::time::Duration;

use super::site::{FeedSite, rss};
use super::{counts, gather, gather_now_and_then, reading, row};
use crate::harness::app::{DAY, MONDAY};
use crate::harness::database::both_databases;

const HALF_AN_HOUR: i64 = 30 * 60 * 1_000;

both_databases!(
    /// Looked at every half hour for four days, a feed that fails is asked a dozen times; the wait doubles up to a day.
    a_feed_that_fails_is_asked_less_and_less,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.fail("/feed.xml", 500, None);
        let mut asked_ms = Vec::new();
        for look in 0..4 * 48 {
            let report = gather_now_and_then(&app).await.remove(0);
            if site.asked().is_empty() {
                let error = report.error.unwrap();
                let why = format!("it failed {} times in a row; the next try is after 2026-01-", asked_ms.len());
                assert!(error.contains(&why), "{error}");
            } else {
                asked_ms.push(look * HALF_AN_HOUR);
            }
            app.advance(Duration::from_millis(HALF_AN_HOUR as u64));
        }
        let waits: Vec<_> = asked_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(waits[..5].iter().map(|wait| wait / HALF_AN_HOUR).collect::<Vec<_>>(), [1, 1, 1, 2, 4], "{waits:?}");
        assert!(waits.is_sorted() && waits.iter().all(|wait| *wait <= DAY), "{waits:?}");
        assert!((10..=13).contains(&asked_ms.len()), "{}", asked_ms.len());

        // One good reading, and all is as before.
        site.write("/feed.xml", rss(&[("a", "One", "")]));
        app.advance(Duration::from_millis(DAY as u64));
        assert_eq!(counts(&gather_now_and_then(&app).await), [1, 0, 0]);
        let good = row(&app, &url).await;
        assert_eq!((good.failures, good.backoff_ms, good.failing_ms), (0, None, None));
        site.fail("/feed.xml", 500, None);
        for _ in 0..3 {
            gather_now_and_then(&app).await;
        }
        assert_eq!(site.asked().len(), 4);
    }
);

both_databases!(
    /// A digest asks all the same, so that it misses nothing that came meanwhile; but never before the time that a server named.
    a_digest_asks_feeds_in_back_off_and_keeps_retry_after,
    |db| async move {
        let site = FeedSite::start().await;
        let [url, busy] = ["/feed.xml", "/busy.xml"].map(|path| site.url(path));
        let busy = busy.replace("127.0.0.1", "localhost");
        let app = reading(db, &[(&url, None), (&busy, None)]).await;
        app.confirmed("layla@example.org").await;
        site.fail("/feed.xml", 500, None);
        site.fail("/busy.xml", 503, Some(3_600));
        // The command goes by the machine's clock: by the test's, the server's pause would be long over.
        let now_ms = nashra::clock::Clock::System.now_ms();
        app.advance(Duration::from_millis((now_ms - MONDAY) as u64));
        for _ in 0..5 {
            gather_now_and_then(&app).await;
        }
        let paths = site.paths();
        assert_eq!(paths.iter().filter(|path| *path == "/feed.xml").count(), 3, "{paths:?}");
        let failing = row(&app, &url).await;
        assert!(failing.backoff_ms.is_some_and(|until| until > now_ms && until <= now_ms + HALF_AN_HOUR));
        let output = app.nashra(["feed", "list"]).run().await;
        let line = output.stdout.lines().find(|line| line.contains(&url)).unwrap();
        assert!(line.starts_with("never") && line.contains(" UTC  3 ") && line.contains("next try after"), "{output:?}");

        site.write("/feed.xml", rss(&[("a", "الميناء يفتح أبوابه", "")]));
        site.write("/busy.xml", rss(&[("b", "Two", "")]));
        let output = app.digest_run([]).run().await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(site.paths(), ["/feed.xml"]);
        assert!(app.catcher.messages().last().unwrap().html().unwrap().contains("الميناء يفتح أبوابه"));
        app.advance(Duration::from_hours(1));
        assert_eq!(counts(&gather(&app).await)[0], 1, "the other is read when its server wants it");
    }
);
