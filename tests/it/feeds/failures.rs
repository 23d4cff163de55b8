//! Feeds that fail: reported, passed over, remembered; the digest goes out with the rest.

use std::sync::atomic::Ordering;
use std::time::Duration;

use nashra::service::compose::{self, Composed, WaitsFor};

use super::site::{FeedSite, rss};
use super::{counts, gather, reading, row, stored};
use crate::harness::app::MONDAY;
use crate::harness::database::both_databases;

/// The octets of a fixture.
fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    std::fs::read(folder.join(name)).unwrap()
}

both_databases!(
    /// Issue 3, points 3 and "Bad input": every way to fail costs one feed, never the digest.
    failing_feeds_are_passed_over_and_the_digest_goes_out_with_the_rest,
    |db| async move {
        let site = FeedSite::start().await;
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let broken = ["dtd-entities.xml", "page.html", "empty.xml", "other.json"];
        for name in broken {
            site.write(&format!("/{name}"), fixture(name));
        }
        site.write("/cut.xml", fixture("cut.xml"));
        site.write("/good.xml", rss(&[("a", "الميناء يفتح أبوابه", "")]));
        site.fail("/500.xml", 500, None);
        site.fail("/410.xml", 410, None);
        let mut feeds: Vec<String> = broken.iter().map(|name| site.url(&format!("/{name}"))).collect();
        feeds.extend(["/404.xml", "/500.xml", "/410.xml"].map(|path| site.url(path)));
        feeds.extend([format!("http://{free}/"), "http://no-such-site.invalid/".to_owned(), "missing/feed.xml".to_owned()]);
        let failing = feeds.len();
        feeds.extend(["/cut.xml", "/good.xml"].map(|path| site.url(path)));
        let feeds: Vec<_> = feeds.iter().map(|url| (url.as_str(), None)).collect();
        let app = reading(db, &feeds).await;
        app.confirmed("layla@example.org").await;

        let reports = gather(&app).await;
        assert_eq!(reports.len(), feeds.len(), "a report for each");
        let (failed, read): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| report.error.is_some());
        assert_eq!(failed.len(), failing, "{read:?}");
        for report in failed {
            let error = report.error.unwrap();
            assert!(error.contains(&report.url), "{error}");
            let row = row(&app, &report.url).await;
            assert_eq!((row.failures, row.error), (1, Some(error)));
        }
        assert_eq!(read[0].skipped.len(), 1, "what breaks off is said: {read:?}");
        assert_eq!(counts(&read), [4, 0, 0]);

        let digest = app.publish().await;
        let progress = app.deliver_pending().await;
        assert_eq!(progress.sent.load(Ordering::Relaxed), 1);
        assert_eq!(app.counts(digest).await.sent, 1);
        let mails = app.catcher.messages();
        assert!(mails.last().unwrap().html().unwrap().contains("الميناء يفتح أبوابه"));
    }
);

both_databases!(
    /// Failures are counted until the feed is read again; what it gave before stays.
    failures_are_counted_until_the_feed_is_read_again,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.write("/feed.xml", rss(&[("a", "One", "")]));
        gather(&app).await;
        let good = row(&app, &url).await;
        assert_eq!((good.failures, good.fetched_ms, good.tried_ms), (0, Some(MONDAY), Some(MONDAY)));
        assert!(good.etag.is_some());

        site.fail("/feed.xml", 503, None);
        for failures in 1..=2 {
            app.advance(Duration::from_mins(1));
            assert!(gather(&app).await[0].error.is_some());
            let bad = row(&app, &url).await;
            assert_eq!((bad.failures, bad.fetched_ms), (failures, Some(MONDAY)));
            assert_eq!(bad.tried_ms, Some(MONDAY + failures * 60_000));
            assert!(bad.error.unwrap().contains("503"));
            assert_eq!(bad.etag, good.etag, "the last good answer is still the one we have");
        }
        assert_eq!(stored(&app, "weekly").await.len(), 1);

        site.write("/feed.xml", rss(&[("a", "One", ""), ("b", "Two", "")]));
        assert_eq!(counts(&gather(&app).await), [1, 0, 1]);
        let again = row(&app, &url).await;
        assert_eq!((again.failures, &again.error), (0, &None));
        assert_eq!(again.fetched_ms, Some(MONDAY + 120_000));
    }
);

both_databases!(
    /// X4: a server that asks to be left alone is, also by the next process; but not for ever.
    retry_after_is_honoured,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.fail("/feed.xml", 429, Some(120));
        assert!(gather(&app).await[0].error.as_ref().unwrap().contains("120"));
        assert_eq!((site.asked().len(), row(&app, &url).await.retry_ms), (1, Some(MONDAY + 120_000)));

        site.write("/feed.xml", rss(&[("a", "One", "")]));
        app.advance(Duration::from_secs(119));
        let error = gather(&app).await[0].error.clone().unwrap();
        assert!(error.ends_with("asked not to be read before 2026-01-05T07:02:00Z"), "{error}");
        assert_eq!((site.asked().len(), row(&app, &url).await.failures), (0, 1));
        app.advance(Duration::from_secs(1));
        assert_eq!(counts(&gather(&app).await), [1, 0, 0]);
        assert_eq!(row(&app, &url).await.retry_ms, None);

        site.fail("/feed.xml", 503, Some(u64::MAX));
        gather(&app).await;
        let now_ms = MONDAY + 120_000;
        assert_eq!(row(&app, &url).await.retry_ms, Some(now_ms + 24 * 60 * 60 * 1_000));
    }
);

both_databases!(
    /// Promise 8: a digest that has nothing new because a feed failed waits for it, and leaves no false record.
    a_digest_waits_for_a_feed_that_failed,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        app.confirmed("layla@example.org").await;
        site.fail("/feed.xml", 500, None);
        gather(&app).await;
        let list = app.app.context.list("weekly").unwrap();
        let composed = compose::compose(&app.app.context, list, MONDAY, false).await.unwrap();
        assert!(matches!(composed, Composed::Waiting { period_ms: MONDAY, for_what: WaitsFor::Feed }), "{composed:?}");

        site.write("/feed.xml", rss(&[("a", "One", "")]));
        gather(&app).await;
        app.publish().await;
    }
);

both_databases!(
    /// A body that is no feed, or breaks off, costs nothing: what was stored stays, and the server is asked as before.
    a_bad_body_keeps_the_articles_and_the_validators,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.write("/feed.xml", rss(&[("a", "One", ""), ("b", "Two", "")]));
        site.copy("/feed.xml", "/kept.xml");
        gather(&app).await;
        let good = row(&app, &url).await;
        assert!(good.etag.is_some());
        site.asked();

        let broken = b"<rss><channel><item><ti".to_vec();
        let bodies = [Vec::new(), fixture("page.html"), fixture("other.json"), fixture("empty.xml"), broken];
        for body in bodies {
            site.write("/feed.xml", &body);
            let said = gather(&app).await[0].error.clone();
            let row = row(&app, &url).await;
            assert_eq!((&row.etag, row.fetched_ms), (&good.etag, good.fetched_ms), "{said:?}");
            assert!(said.is_some() && row.error == said, "{said:?}");
            assert!(site.asked()[0].conditional);
            assert_eq!(stored(&app, "weekly").await.len(), 2);
        }
        // Cut off after its first items: those are taken, the rest is asked for until it comes.
        let whole = rss(&[("c", "Three", ""), ("d", "Four", "")]);
        site.write("/feed.xml", &whole[..whole.len() - 60]);
        let cut = gather(&app).await;
        assert_eq!((cut[0].new, cut[0].skipped.len()), (1, 1), "{cut:?}");
        assert_eq!(row(&app, &url).await.etag, good.etag);
        assert!(!gather(&app).await[0].unchanged, "a cut feed was not read");

        site.copy("/kept.xml", "/feed.xml");
        assert!(gather(&app).await[0].unchanged, "known by the tag of the last whole reading");
        let row = row(&app, &url).await;
        assert_eq!((row.failures, row.error), (0, None));
        assert_eq!(stored(&app, "weekly").await.len(), 3);
    }
);
