//! Issue 5, point 7: the archive beyond its first page, its feeds, what links to it show elsewhere, and how it is cached.

use std::time::Duration;

use nashra::domain::digest::{Audience, DigestStatus, Edition, LeftOut};
use nashra::store;
use nashra::store::digest::NewDigest;
use regex::Regex;
use reqwest::Method;

use crate::archive::{public_id, secured};
use crate::harness::app::{DAY, MONDAY, Options, TestApp, put_article};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::execute;

const WEEK: Duration = Duration::from_hours(7 * 24);

/// Digests that were sent, one a day, the newest on [`MONDAY`]; their public ids, newest first.
async fn sent(app: &TestApp, number: i64) -> Vec<String> {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..number {
        let public_id = format!("digest-number-{n:08}");
        let digest = NewDigest {
            public_id: &public_id,
            list_id: list,
            audience: Audience::List,
            period_ms: MONDAY - n * DAY,
            status: DigestStatus::Sent,
            reason: None,
            since_ms: 0,
            until_ms: 0,
            subject: "عدد",
            edition: &Edition::default(),
            composed_ms: MONDAY - n * DAY,
            looked: &std::collections::BTreeSet::new(),
            left_out: LeftOut::default(),
        };
        store::digest::insert(&mut tx, &digest).await.unwrap();
        ids.push(public_id);
    }
    tx.commit().await.unwrap();
    ids
}

/// The digests that a page or a feed links, in order.
fn linked(text: &str) -> Vec<String> {
    let link = Regex::new(r"/d/(digest-number-\d{8})").unwrap();
    let mut found: Vec<String> = link
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect();
    found.dedup();
    found
}

both_databases!(
    /// Issue 5, point 7: pages and feeds of a hundred, each with the way to older ones; nothing twice, nothing lost.
    older_digests_are_a_link_away,
    |db| async move {
        let app = TestApp::start(db).await;
        let all = sent(&app, 230).await;
        let archive = format!("{}/archive/weekly", app.url);
        let older = |page: &str| Regex::new(r#"rel="next" href="([^"]+)""#).unwrap().captures(page).map(|found| found[1].to_owned());
        let (mut found, mut next) = (Vec::new(), Some("/archive/weekly".to_owned()));
        while let Some(path) = next {
            let page = http::get(&format!("{}{path}", app.url)).await;
            let canonical = format!(r#"<link rel="canonical" href="{}{path}">"#, app.url);
            assert!(page.text().contains(&canonical), "{path}");
            found.extend(linked(page.text()));
            next = older(page.text());
        }
        assert_eq!(found, all);

        let (mut found, mut next) = (Vec::new(), Some(format!("{archive}/feed.json")));
        while let Some(url) = next {
            let feed = http::get(&url).await.json();
            assert_eq!(feed["feed_url"], url);
            found.extend(linked(&feed["items"].to_string()));
            next = feed["next_url"].as_str().map(str::to_owned);
        }
        assert_eq!(found, all);

        let feed = feed_rs::parser::parse(&http::get(&format!("{archive}/feed.xml")).await.body[..]).unwrap();
        assert_eq!(feed.entries.len(), 100);
        let next = feed.links.iter().find(|link| link.rel.as_deref() == Some("next")).unwrap();
        assert_eq!(linked(http::get(&next.href).await.text()), all[100..200]);
        for odd in ["x", "", "99999999999999999999", "-1", "%00"] {
            assert_eq!(http::get(&format!("{archive}?before={odd}")).await.status, 200, "{odd}");
        }
    }
);

both_databases!(
    /// Issue 5, point 7: the JSON feed is one (jsonfeed.org 1.1), the Atom feed names the same digests, for ever.
    two_feeds_tell_the_same,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.articles(3).await;
        let id = public_id(&app, app.publish().await).await;
        let archive = format!("{}/archive/weekly", app.url);
        for page in [&archive, &format!("{}/d/{id}", app.url)] {
            let page = http::get(page).await;
            for (kind, file) in [("atom+xml", "feed.xml"), ("feed+json", "feed.json")] {
                let link = format!(r#"<link rel="alternate" type="application/{kind}" href="/archive/weekly/{file}""#);
                assert!(page.text().contains(&link), "{link}");
            }
        }
        let answer = http::get(&format!("{archive}/feed.json")).await;
        assert_eq!(answer.header("content-type"), "application/feed+json; charset=utf-8");
        let json = answer.json();
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!((&json["language"], &json["home_page_url"]), (&"ar".into(), &archive.as_str().into()));
        let item = &json["items"][0];
        assert_eq!(item["url"], format!("{}/d/{id}", app.url));
        assert_eq!(item["id"], format!("tag:marfa.example,2026:weekly/{id}"));
        assert_eq!(item["title"], "خبر رقم 1 من Beirut");
        assert_eq!(item["content_text"].as_str().unwrap().lines().count(), 3);
        assert_eq!(item["date_published"], "2026-01-05T07:00:00Z");
        let atom = http::get(&format!("{archive}/feed.xml")).await;
        let feed = feed_rs::parser::parse(&atom.body[..]).unwrap();
        assert_eq!((feed.id.as_str(), feed.entries[0].id.as_str()), ("tag:marfa.example,2026:weekly", item["id"].as_str().unwrap()));
        for rel in ["self", "alternate"] {
            assert!(feed.links.iter().any(|link| link.rel.as_deref() == Some(rel)), "{rel}");
        }
        for personal in ["layla", "/u/", "/p/", "/never/"] {
            assert!(!atom.text().contains(personal) && !answer.text().contains(personal), "{personal}");
        }
    }
);

both_databases!(
    /// Issue 5, point 7: what a link shows elsewhere, and `index` for search engines; T14 without it.
    previews_and_search_engines,
    |db| async move {
        let app = TestApp::with(db, Options { list: "index = true".into(), ..Options::default() }).await;
        app.confirmed("layla@example.org").await;
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        let mut article = crate::harness::app::article(1, MONDAY - DAY);
        article.image = Some(nashra::domain::article::Image {
            url: "https://news.example/1.png?a=1&b=2".into(),
            alt: "الميناء".into(),
        });
        put_article(&mut tx, (list, "reports"), article, MONDAY).await;
        tx.commit().await.unwrap();
        let url = format!("{}/d/{}", app.url, public_id(&app, app.publish().await).await);
        let page = http::get(&format!("{url}?lang=en")).await;
        for (name, value) in [
            ("og:type", "article"),
            ("og:title", "خبر رقم 1 من Beirut"),
            ("og:url", url.as_str()),
            ("og:image", "https://news.example/1.png?a=1&#38;b=2"),
            ("og:image:alt", "الميناء"),
            ("og:site_name", "المرفأ"),
            ("og:locale", "en_GB"),
        ] {
            let meta = format!(r#"<meta property="{name}" content="{value}">"#);
            assert!(page.text().contains(&meta), "{meta}: {}", page.text());
        }
        assert!(page.text().contains(r#"<meta name="twitter:card" content="summary_large_image">"#));
        assert!(page.text().contains(&format!(r#"<link rel="canonical" href="{url}">"#)));
        let archive = format!("{}/archive/weekly", app.url);
        for url in [&url, &archive, &format!("{archive}/feed.xml")] {
            let page = http::get(url).await;
            assert!(page.headers.get("x-robots-tag").is_none() && !page.text().contains("noindex"), "{url}");
        }
    }
);

both_databases!(
    /// T14: unless `index` says so, search engines list neither the archive nor a digest.
    t14_nothing_is_indexed_unless_the_list_wants_it,
    |db| async move {
        let app = TestApp::start(db).await;
        sent(&app, 1).await;
        for path in ["/archive/weekly", "/d/digest-number-00000000"] {
            let page = http::get(&format!("{}{path}", app.url)).await;
            assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex"), "{path}");
            assert!(page.text().contains(r#"<meta name="robots" content="noindex">"#), "{path}");
        }
    }
);

both_databases!(
    /// Issue 5, point 7: validators, 304, HEAD; a new digest changes the archive's.
    what_is_public_can_be_cached,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.advance(Duration::from_hours(1));
        app.articles(2).await;
        let id = public_id(&app, app.publish().await).await;
        let paths = ["/archive/weekly", "/archive/weekly/feed.xml", "/archive/weekly/feed.json", "/static/nashra.css"];
        let mut urls: Vec<String> = paths.iter().map(|path| format!("{}{path}", app.url)).collect();
        urls.push(format!("{}/d/{id}", app.url));
        let mut tags = Vec::new();
        for url in &urls {
            let first = http::get(url).await;
            let (etag, modified) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
            assert!(etag.len() > 10 && first.header("cache-control").starts_with("public, max-age="), "{url}");
            let is_asset = url.contains("/static/");
            let expected = if is_asset { "Mon, 05 Jan 2026 07:00:00 GMT" } else { "Mon, 05 Jan 2026 08:00:00 GMT" };
            assert_eq!(modified, expected, "{url}");
            for (name, value) in [("if-none-match", etag.clone()), ("if-none-match", format!("W/{etag}")), ("if-modified-since", modified)] {
                let again = http::send(http::request(Method::GET, url).header(name, value)).await;
                assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, etag.as_str()), "{url}: {name}");
                secured(url, &again);
            }
            let other = http::request(Method::GET, url).header("if-none-match", "\"other\"");
            assert_eq!(http::send(other).await.status, 200);
            let head = http::send(http::request(Method::HEAD, url)).await;
            assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, etag.as_str()), "{url}");
            tags.push(etag);
        }
        // Another language is another page, at another address.
        let english = http::get(&format!("{}?lang=en", urls[0])).await;
        assert_ne!(english.header("etag"), tags[0]);
        app.advance(WEEK);
        app.articles(5).await;
        app.publish().await;
        for (url, old) in urls.iter().zip(&tags).take(3) {
            let again = http::send(http::request(Method::GET, url).header("if-none-match", old)).await;
            assert_eq!((again.status, again.header("last-modified")), (200, "Mon, 12 Jan 2026 08:00:00 GMT"), "{url}");
        }
    }
);

both_databases!(
    /// Only what every reader of the list gets is in the archive: no digest for readers' own hours, and none that was cancelled.
    own_and_cancelled_digests_are_not_listed,
    |db| async move {
        let app = TestApp::start(db).await;
        sent(&app, 3).await;
        let database = app.database();
        execute(&database, "UPDATE digests SET audience = 'own' WHERE public_id LIKE '%0'").await;
        execute(&database, "UPDATE digests SET status = 'cancelled' WHERE public_id LIKE '%1'").await;
        for path in ["", "/feed.xml", "/feed.json"] {
            let page = http::get(&format!("{}/archive/weekly{path}", app.url)).await;
            assert_eq!(linked(page.text()), ["digest-number-00000002"], "{path}");
        }
        assert_eq!(http::get(&format!("{}/d/digest-number-00000001", app.url)).await.status, 404);
    }
);
