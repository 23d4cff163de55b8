//! What everybody can see: past digests as pages and as a feed (T14), and the headers of every page (X8, D4).

use nashra::service::compose::{self, Composed};
use nashra::store;

use crate::harness::app::{DAY, MONDAY, Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};
use std::time::Duration;

const WEEK: Duration = Duration::from_hours(7 * 24);

async fn public_id(app: &TestApp, digest: i64) -> String {
    let mut tx = app.app.context.database.read().await.unwrap();
    store::digest::by_id(&mut tx, digest)
        .await
        .unwrap()
        .unwrap()
        .public_id
}

both_databases!(
    /// Issue 3, point 4: the archive and its Atom feed hold each digest that went out, newest first.
    the_archive_and_its_feed_hold_what_was_sent,
    |db| async move {
        let app = TestApp::start(db).await;
        let empty = http::get(&format!("{}/archive/weekly", app.url)).await;
        assert!(empty.text().contains("لم يصدر أي عدد بعد"));
        let feed = http::get(&format!("{}/archive/weekly/feed.xml", app.url)).await;
        assert!(feed_rs::parser::parse(&feed.body[..]).unwrap().entries.is_empty());

        app.confirmed("layla@example.org").await;
        let mut pages = Vec::new();
        for articles in [3, 5] {
            app.articles(articles).await;
            let digest = app.publish().await;
            pages.push(public_id(&app, digest).await);
            app.deliver_pending().await;
            app.advance(WEEK);
        }
        let page = http::get(&format!("{}/archive/weekly", app.url)).await;
        let places: Vec<_> = pages.iter().map(|id| page.text().find(&format!("\"/d/{id}\"")).unwrap()).collect();
        assert!(places[1] < places[0], "newest first");
        assert!(page.text().contains("3 مواد") && page.text().contains("مادتان"), "{}", page.text());

        let feed = http::get(&format!("{}/archive/weekly/feed.xml", app.url)).await;
        assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
        let feed = feed_rs::parser::parse(&feed.body[..]).unwrap();
        assert_eq!(feed.language.as_deref(), Some("ar"));
        let links: Vec<_> = feed.entries.iter().map(|entry| entry.links[0].href.clone()).collect();
        assert_eq!(links, [format!("{}/d/{}", app.url, pages[1]), format!("{}/d/{}", app.url, pages[0])]);
        assert_eq!(feed.updated.unwrap().timestamp_millis(), MONDAY + 7 * DAY);
        assert!(feed.entries.iter().all(|entry| !entry.title.as_ref().unwrap().content.is_empty()));
        for link in links {
            assert_eq!(http::get(&link).await.status, 200);
        }
    }
);

both_databases!(
    /// T14: the page of a digest is the same for everybody and knows nobody.
    a_digest_page_holds_nothing_personal,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", "layla@example.org"), ("name", "ليلى حداد")]).await;
        app.deliver_pending().await;
        http::post_form(&app.confirmation_link("layla@example.org"), &[]).await;
        app.articles(3).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let letter = mails.last().unwrap().html().unwrap();
        assert!(letter.contains("ليلى حداد") && letter.contains("layla@example.org"));
        let url = format!("{}/d/{}", app.url, public_id(&app, digest).await);
        assert!(letter.contains(&url), "the letter links its page");
        let page = http::get(&url).await;
        assert_eq!(page.status, 200);
        for personal in ["ليلى", "layla", "/u/", "/confirm/"] {
            assert!(!page.text().contains(personal), "{personal}");
        }
        for n in 1..=3 {
            assert!(page.text().contains(&format!("https://news.example/articles/{n}")));
        }
        assert!(page.text().contains(r#"<meta name="robots" content="noindex">"#));
        assert_eq!(page.header("x-robots-tag"), "noindex");
        assert_eq!(page.body, http::get(&url).await.body);
    }
);

both_databases!(
    /// A digest that nobody was sent has no page: not yet published, skipped, or never there.
    only_what_was_sent_has_a_page,
    |db| async move {
        let app = TestApp::start(db).await;
        let list = app.app.context.list("weekly").unwrap();
        let page = async |id: &str| http::get(&format!("{}/d/{id}", app.url)).await.status;
        let newest = async || {
            let mut tx = app.app.context.database.read().await.unwrap();
            store::digest::newest(&mut tx, None, 1).await.unwrap().remove(0)
        };
        let skipped = compose::compose(&app.app.context, list, app.clock.now_ms(), false).await.unwrap();
        assert!(matches!(skipped, Composed::Skipped { .. }), "{skipped:?}");
        assert_eq!(page(&newest().await.public_id).await, 404);

        app.advance(WEEK);
        app.confirmed("layla@example.org").await;
        app.articles(2).await;
        let ready = compose::compose(&app.app.context, list, app.clock.now_ms(), false).await.unwrap();
        assert!(matches!(ready, Composed::Ready(_)), "{ready:?}");
        let public_id = newest().await.public_id;
        assert_eq!(page(&public_id).await, 404);
        assert!(http::get(&format!("{}/archive/weekly", app.url)).await.text().contains("لم يصدر أي عدد بعد"));
        nashra::service::publish::publish(&app.app.context).await.unwrap();
        assert_eq!(page(&public_id).await, 200);
        for unknown in ["1", "AAAAAAAAAAAAAAAAAAAAAA", "%00", "' OR 1=1 --", "..%2f..%2fetc%2fpasswd"] {
            assert_eq!(page(unknown).await, 404, "{unknown}");
        }
        for unknown in ["nothing", "nothing/feed.xml", "weekly/x"] {
            assert_eq!(http::get(&format!("{}/archive/{unknown}", app.url)).await.status, 404);
        }
    }
);

both_databases!(
    /// A list without a public archive: its digests only for who has their address, and for no search engine.
    without_an_archive_a_digest_is_not_indexed,
    |db| async move {
        let options = Options { list: "archive = false".into(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        app.confirmed("layla@example.org").await;
        app.articles(2).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        for path in ["/archive/weekly", "/archive/weekly/feed.xml"] {
            assert_eq!(http::get(&format!("{}{path}", app.url)).await.status, 404);
        }
        let page = http::get(&format!("{}/d/{}", app.url, public_id(&app, digest).await)).await;
        assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex"));
        assert!(!page.text().contains("/archive/"));
        for path in ["/", "/subscribe/weekly"] {
            assert!(!http::get(&format!("{}{path}", app.url)).await.text().contains("/archive/"), "{path}");
        }
        let mails = app.catcher.messages();
        assert!(mails.last().unwrap().header("List-Archive").is_none());
    }
);

fn secured(url: &str, page: &Answer) {
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(
            policy.split("; ").any(|found| found == part),
            "{url}: {policy}"
        );
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("script-src"),
        "{url}: {policy}"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{url}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{url}");
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{url}");
    assert!(
        page.headers.get("set-cookie").is_none() && page.headers.get("server").is_none(),
        "{url}"
    );
}

both_databases!(
    /// X8, D4: the headers of every page, whatever its status; nothing from elsewhere, no script, no inline style.
    every_page_is_secured,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let confirmed = app.confirmation_link("layla@example.org");
        app.articles(2).await;
        let digest = public_id(&app, app.publish().await).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let unsubscribe = app.app.context.unsubscribe_url(list, 1);
        let paths = ["/", "/subscribe/weekly", "/subscribe/weekly/check-mail", "/subscribe/nothing", "/subscribe/%FF", "/confirm/x", "/u/x",
            "/archive/weekly", "/nothing"];
        let mut urls: Vec<String> = paths.iter().map(|path| format!("{}{path}", app.url)).collect();
        urls.extend([confirmed, unsubscribe, format!("{}/d/{digest}", app.url)]);
        for url in &urls {
            let page = http::get(url).await;
            secured(url, &page);
            let html = page.text();
            assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"ar\" dir=\"rtl\">"), "{url}: {html}");
            assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("<style"), "{url}");
            assert!(html.contains(r#"<link rel="stylesheet" href="/static/nashra.css">"#), "{url}");
            let public = url.contains("/archive/") || url.contains("/d/");
            assert_eq!(page.header("cache-control") == "no-store", !public, "{url}");
        }
        for path in ["/static/nashra.css", "/archive/weekly/feed.xml", "/healthz"] {
            let url = format!("{}{path}", app.url);
            let answer = http::get(&url).await;
            assert_eq!(answer.status, 200);
            secured(&url, &answer);
        }
        let posted = http::post_form(&format!("{}/subscribe/weekly", app.url), &[("email", "omar@example.org")]).await;
        secured("303", &posted);
        // Promise 9: a stranger's Host makes no links.
        let spoofed = http::request(reqwest::Method::GET, &urls[0]).header("host", "evil.example");
        assert!(!http::send(spoofed).await.text().contains("evil.example"));
    }
);
