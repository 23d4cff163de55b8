//! Politeness: how much is asked of one host at a time, and after it asked for less.

use std::time::Duration;

use nashra::feed::{FetchLimits, Fetcher};
use nashra::service::gather::{FeedReport, Occasion, gather as read_feeds};

use super::site::{FeedSite, rss};
use super::{counts, gather, reading, row};
use crate::harness::app::MONDAY;
use crate::harness::app::TestApp;
use crate::harness::database::{TestDb, both_databases};

/// Feeds `/1.xml` to `/number.xml` of the site, and how they are reached.
async fn many(db: TestDb, site: &FeedSite, number: usize, local: usize) -> TestApp {
    for n in 1..=number.max(local) {
        site.write(&format!("/{n}.xml"), rss(&[(&format!("a{n}"), "One", "")]));
    }
    let mut urls: Vec<String> = (1..=number)
        .map(|n| site.url(&format!("/{n}.xml")))
        .collect();
    urls.extend((1..=local).map(|n| site.url_of_localhost(&format!("/{n}.xml"))));
    let feeds: Vec<_> = urls.iter().map(|url| (url.as_str(), None)).collect();
    reading(db, &feeds).await
}

fn said(reports: &[FeedReport], part: &str) -> usize {
    let errors = reports.iter().filter_map(|report| report.error.as_ref());
    errors.filter(|error| error.contains(part)).count()
}

both_databases!(
    /// At most two at a time of one host, and others beside it; the host is that of the remembered redirect.
    two_feeds_of_a_host_are_read_at_a_time,
    |db| async move {
        let site = FeedSite::start().await;
        let app = many(db, &site, 9, 9).await;
        for n in 1..=9 {
            site.delay(&format!("/{n}.xml"), Duration::from_millis(60));
        }
        counts(&gather(&app).await);
        assert_eq!(site.asked().len(), 18);
        assert_eq!(["127.0.0.1", "localhost"].map(|host| site.most_at_once(host)), [2, 2]);

        // Two of another name that lead here for good count as of this host.
        let other = FeedSite::start().await;
        for n in 1..=4 {
            other.redirect(&format!("/{n}.xml"), 301, &site.url_of_localhost(&format!("/{n}.xml")));
        }
        let urls: Vec<_> = (1..=4).map(|n| other.url(&format!("/{n}.xml"))).collect();
        let mut list = nashra::domain::list::List::clone(app.app.context.list("weekly").unwrap());
        for (feed, url) in list.feeds.iter_mut().zip(urls) {
            feed.url = url;
        }
        let lists = [std::sync::Arc::new(list)];
        counts(&super::gather_for(&app, &lists).await);
        other.asked();
        counts(&super::gather_for(&app, &lists).await);
        assert_eq!(other.asked(), []);
        counts(&super::gather_for(&app, &lists).await);
        assert_eq!(site.most_at_once("127.0.0.1"), 2);
        assert!(site.most_at_once("localhost") <= 4, "the first time the way was not known");
    }
);

both_databases!(
    /// The limit of all hosts together is the configuration's.
    all_feeds_together_have_a_limit,
    |db| async move {
        let site = FeedSite::start().await;
        let app = many(db, &site, 5, 5).await;
        for n in 1..=5 {
            site.delay(&format!("/{n}.xml"), Duration::from_millis(60));
        }
        let mut context = app.app.context.clone();
        assert_eq!(context.feeds.parallel, 8);
        context.feeds.parallel = 1;
        let fetcher = app.app.fetcher().unwrap();
        counts(&read_feeds(&context, &fetcher, &context.lists, Occasion::Digest).await.unwrap());
        assert_eq!(["127.0.0.1", "localhost"].map(|host| site.most_at_once(host)), [1, 1]);
    }
);

both_databases!(
    /// X4: `Retry-After` of one feed holds back the others of its host, counts as no failure of theirs, and starves none of them.
    retry_after_holds_back_the_other_feeds_of_the_host,
    |db| async move {
        let site = FeedSite::start().await;
        let app = many(db, &site, 5, 3).await;
        site.fail("/1.xml", 429, Some(120));
        site.delay("/2.xml", Duration::from_millis(400));
        // The same pages under the other name are another host: its first feed is the one that asks.
        site.copy("/2.xml", "/3.xml");
        let reports = gather(&app).await;
        let here = reports.iter().filter(|report| report.url.contains("127.0.0.1"));
        let here: Vec<_> = here.cloned().collect();
        assert_eq!((said(&here, "asks to come back later"), said(&here, "its host asked")), (1, 3), "{here:?}");
        assert!(here[1].error.is_none(), "what runs already is read: {here:?}");
        let held = row(&app, &site.url("/5.xml")).await;
        assert_eq!((held.failures, held.retry_ms, held.failing_ms), (0, Some(MONDAY + 120_000), None));

        site.asked();
        app.advance(Duration::from_secs(119));
        let again = gather(&app).await;
        assert_eq!(said(&again, "asked not to be read before 2026-01-05T07:02:00Z"), 6, "{again:?}");
        let paths = site.paths();
        assert!(!paths.iter().any(|path| ["/1.xml", "/4.xml", "/5.xml"].contains(&&**path)), "{paths:?}");

        // The one that always says so comes last.
        app.advance(Duration::from_secs(1));
        let late = gather(&app).await;
        assert_eq!(said(&late, "asks to come back later"), 2, "{late:?}");
        assert_eq!(said(&late, ""), 2, "the others are read: {late:?}");
    }
);

both_databases!(
    /// A host that lets two feeds wait until they are given up is not waited for a hundred times.
    a_slow_host_does_not_hold_up_the_run,
    |db| async move {
        let site = FeedSite::start().await;
        let app = many(db, &site, 20, 0).await;
        for n in 1..=20 {
            site.delay(&format!("/{n}.xml"), Duration::from_mins(1));
        }
        let limits = FetchLimits { total: Duration::from_millis(300), allow_private: true, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).unwrap();
        let context = &app.app.context;
        let reports = read_feeds(context, &fetcher, &context.lists, Occasion::Digest).await.unwrap();
        let asked = site.asked().len();
        assert!((2..=4).contains(&asked), "{asked}");
        assert_eq!(said(&reports, "took longer than"), asked, "{reports:?}");
        assert_eq!(said(&reports, "its host let other feeds wait too long"), 20 - asked, "{reports:?}");
        let held = row(&app, &site.url("/9.xml")).await;
        assert_eq!((held.failures, held.failing_ms, held.retry_ms), (0, None, None), "it was not asked");
    }
);

both_databases!(
    /// Feeds that hang keep the others of their host from one run at most.
    feeds_that_hang_starve_no_other,
    |db| async move {
        let site = FeedSite::start().await;
        let app = many(db, &site, 8, 0).await;
        for n in 1..=3 {
            site.delay(&format!("/{n}.xml"), Duration::from_mins(1));
        }
        let limits = FetchLimits { total: Duration::from_millis(300), allow_private: true, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).unwrap();
        let context = &app.app.context;
        let first = read_feeds(context, &fetcher, &context.lists, Occasion::Digest).await.unwrap();
        assert!(said(&first, "its host let other feeds wait too long") > 0, "{first:?}");
        let second = read_feeds(context, &fetcher, &context.lists, Occasion::Digest).await.unwrap();
        let read = second.iter().filter(|report| report.error.is_none());
        assert_eq!(read.count(), 5, "{second:?}");
    }
);
