//! Feeds that move for good, and feeds that are gone for good (RFC 9110 §15.4, §15.5.11).

use nashra::feed::{FetchLimits, Fetcher};
use nashra::service::compose::{self, Composed};
use nashra::service::gather::{Occasion, gather as read_feeds};

use super::site::{FeedSite, rss};
use super::{counts, gather, gather_now_and_then, reading, row, stored};
use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::queue::execute;

async fn moved_to(app: &TestApp, url: &str) -> Option<String> {
    row(app, url).await.moved_to
}

both_databases!(
    /// A permanent redirect is remembered, asked directly and told; one for now is followed each time.
    permanent_redirects_are_remembered_and_told,
    |db| async move {
        let site = FeedSite::start().await;
        let [old, part, now] = ["/old.xml", "/part.xml", "/now.xml"].map(|path| site.url(path));
        let app = reading(db, &[(&old, None), (&part, None), (&now, None)]).await;
        site.redirect("/old.xml", 301, "/older.xml");
        site.redirect("/older.xml", 308, &site.url("/new.xml"));
        site.redirect("/part.xml", 301, "/mid.xml");
        site.redirect("/mid.xml", 302, "/new.xml");
        site.redirect("/now.xml", 307, "/new.xml");
        site.write("/new.xml", rss(&[("a", "One", "")]));
        counts(&gather(&app).await);
        assert_eq!(moved_to(&app, &old).await, Some(site.url("/new.xml")));
        assert_eq!(moved_to(&app, &part).await, Some(site.url("/mid.xml")), "only as far as it is permanent");
        assert_eq!(moved_to(&app, &now).await, None);

        site.asked();
        assert!(gather(&app).await.iter().all(|report| report.unchanged));
        let mut asked = site.asked();
        asked.sort_by(|a, b| a.path.cmp(&b.path));
        let paths: Vec<_> = asked.iter().map(|asked| &*asked.path).collect();
        assert_eq!(paths, ["/mid.xml", "/new.xml", "/new.xml", "/new.xml", "/now.xml"]);
        assert!(asked.iter().all(|asked| asked.conditional));
        assert_eq!(moved_to(&app, &old).await, Some(site.url("/new.xml")), "a 304 keeps it");

        let output = app.nashra(["feed", "list"]).run().await;
        let line = output.stdout.lines().find(|line| line.contains(&old)).unwrap();
        let note = format!("moved for good to {}: write that address into the configuration", site.url("/new.xml"));
        assert!(line.ends_with(&note), "{output:?}");
        assert!(!output.stdout.lines().find(|line| line.contains(&now)).unwrap().contains("moved"), "{output:?}");

        // It moves on, and in the end back.
        site.redirect("/new.xml", 301, "/newer.xml");
        site.write("/newer.xml", rss(&[("a", "One", "")]));
        gather(&app).await;
        assert_eq!(moved_to(&app, &old).await, Some(site.url("/newer.xml")));
        site.write("/old.xml", rss(&[("a", "One", "")]));
        site.redirect("/newer.xml", 301, "/old.xml");
        gather(&app).await;
        assert_eq!(moved_to(&app, &old).await, None, "its own address needs no memory");
    }
);

both_databases!(
    /// When the remembered address fails for its own part, the configured one is asked, without the other's validators.
    a_moved_feed_that_fails_is_asked_for_at_its_own_address,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/old.xml");
        let app = reading(db, &[(&url, None)]).await;
        for bad in [404, 410, 200] {
            site.redirect("/old.xml", 301, "/new.xml");
            site.write("/new.xml", rss(&[("a", "One", "")]));
            counts(&gather(&app).await);
            assert_eq!(moved_to(&app, &url).await, Some(site.url("/new.xml")));

            // Busy or in trouble, it is still the right address.
            for passing in [503, 500, 429] {
                site.fail("/new.xml", passing, None);
                site.asked();
                assert!(gather(&app).await[0].error.is_some());
                assert_eq!(site.paths(), ["/new.xml"], "{passing}");
                assert!(moved_to(&app, &url).await.is_some());
            }
            if bad == 200 {
                site.write("/new.xml", "<!doctype html><title>For sale</title>");
            } else {
                site.fail("/new.xml", bad, None);
            }
            site.write("/old.xml", rss(&[("b", "Two", "")]));
            let reports = gather(&app).await;
            assert_eq!(reports[0].error, None);
            let asked: Vec<_> = site.asked().into_iter().map(|asked| (asked.path, asked.conditional)).collect();
            assert_eq!(asked, [("/new.xml".to_owned(), true), ("/old.xml".to_owned(), false)], "{bad}");
            let row = row(&app, &url).await;
            assert_eq!((row.moved_to, row.gone_ms, row.failures), (None, None, 0));
        }
        assert_eq!(stored(&app, "weekly").await.len(), 2);

        // When neither answers, the memory stays: the old site may be given up, and say so, while the new one is away for a moment.
        site.redirect("/old.xml", 301, "/new.xml");
        site.write("/new.xml", rss(&[("a", "One", "")]));
        gather(&app).await;
        site.fail("/old.xml", 410, None);
        site.fail("/new.xml", 404, None);
        assert!(gather(&app).await[0].error.as_ref().unwrap().contains("/new.xml"));
        let kept = row(&app, &url).await;
        assert_eq!((kept.moved_to, kept.gone_ms), (Some(site.url("/new.xml")), None));
    }
);

both_databases!(
    /// Gone is what the feed's own address says, or leads to for good; where it leads for now only is not the feed's.
    gone_behind_a_temporary_redirect_is_a_failure_like_others,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/old.xml");
        let app = reading(db, &[(&url, None)]).await;
        for (status, gone) in [(302, false), (301, true)] {
            site.redirect("/old.xml", status, "/file.xml");
            site.fail("/file.xml", 410, None);
            assert!(gather(&app).await[0].error.is_some());
            assert_eq!(row(&app, &url).await.gone_ms.is_some(), gone, "{status}");
        }
    }
);

both_databases!(
    /// X3: a remembered address is checked like any other before it is asked.
    x3_a_remembered_address_is_guarded,
    |db| async move {
        let site = FeedSite::start().await;
        site.write("/inside.xml", rss(&[("a", "Secret", "")]));
        let url = "http://no-such-site.invalid/feed.xml";
        let app = reading(db, &[(url, None)]).await;
        let inside = site.url("/inside.xml");
        execute(&app.database(), &format!("INSERT INTO feeds (url, placed_in, moved_to) VALUES ('{url}', '', '{inside}')")).await;
        let guarded = Fetcher::new(FetchLimits::default()).unwrap();
        let context = &app.app.context;
        let reports = read_feeds(context, &guarded, &context.lists, Occasion::Digest).await.unwrap();
        assert!(reports[0].error.is_some());
        assert_eq!(site.paths(), [""; 0]);
    }
);

both_databases!(
    /// 410 stops: the feed is asked again only by a person, or under another address; no digest waits for it.
    a_feed_that_is_gone_is_left_alone_until_somebody_asks,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        app.confirmed("layla@example.org").await;
        site.fail("/feed.xml", 410, None);
        gather(&app).await;
        assert_eq!(row(&app, &url).await.gone_ms, Some(MONDAY));
        let list = app.app.context.list("weekly").unwrap();
        let composed = compose::compose(&app.app.context, list, MONDAY, false).await.unwrap();
        assert!(matches!(composed, Composed::Skipped { .. }), "{composed:?}");

        site.asked();
        site.write("/feed.xml", rss(&[("a", "One", "")]));
        for _ in 0..3 {
            app.clock.advance(std::time::Duration::from_millis(DAY as u64));
            for reports in [gather(&app).await, gather_now_and_then(&app).await] {
                let error = reports[0].error.as_ref().unwrap();
                assert!(error.contains("since 2026-01-05T07:00:00Z") && error.contains("nashra feed fetch"), "{error}");
            }
        }
        assert_eq!(site.paths(), [""; 0]);
        let output = app.nashra(["feed", "list"]).run().await;
        assert!(output.stdout.contains("gone since 2026-01-05 07:00 UTC, not read any more: remove it"), "{output:?}");

        let output = app.nashra(["feed", "fetch"]).run().await;
        assert!(output.stdout.contains("1 new"), "{output:?}");
        let row = row(&app, &url).await;
        assert_eq!((row.gone_ms, row.failures, row.error), (None, 0, None));
        site.asked();
        assert!(gather(&app).await[0].unchanged);
        assert_eq!(site.paths(), ["/feed.xml"]);
    }
);
