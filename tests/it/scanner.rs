//! Issue 5, point 10: programs that open every link of every mail (virus scanners, previews, mail proxies) change nothing (D1, H8).

use std::collections::BTreeSet;
use std::time::Duration;

use nashra::catcher::Caught;
use nashra::service::remind;
use regex::Regex;
use reqwest::Method;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;

/// Every address of ours in a mail: links of the HTML part, of the text part, and of the headers.
fn links(app: &TestApp, mail: &Caught) -> BTreeSet<String> {
    let href = Regex::new(r#"(?:href|src|action)="([^"]+)""#).unwrap();
    let html = mail.html().unwrap();
    let mut found: BTreeSet<String> = href
        .captures_iter(&html)
        .map(|found| found[1].replace("&amp;", "&").replace("&#38;", "&"))
        .collect();
    let text = mail.text().unwrap();
    found.extend(text.split_whitespace().map(str::to_owned));
    for (name, value) in mail.headers() {
        if name.to_lowercase().starts_with("list-") {
            let parts = value.split([',', '<', '>']);
            found.extend(parts.map(|part| part.trim().to_owned()));
        }
    }
    found.retain(|link| link.starts_with(&app.url));
    found
}

/// What scanners do to a link, as far as is known: they never post.
async fn scan(link: &str) {
    let head = http::send(http::request(Method::HEAD, link)).await;
    assert!(head.status < 500 && head.body.is_empty(), "{link}");
    for _ in 0..10 {
        assert!(http::get(link).await.status < 500, "{link}");
    }
    for (name, value) in [
        ("purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
    ] {
        let request = http::request(Method::GET, link).header(name, value);
        assert!(http::send(request).await.status < 500, "{link}");
    }
    for query in [
        "again=1",
        "List-Unsubscribe=One-Click",
        "utm_source=x&lang=en",
        "%00=%ff",
        "confirm=yes&_method=POST",
    ] {
        assert!(
            http::get(&format!("{link}?{query}")).await.status < 500,
            "{link}?{query}"
        );
    }
}

both_databases!(
    /// Confirmation, reminder, welcome, notice, digest and change of address: each is opened by a scanner while its links mean something.
    d1_h8_opening_every_link_of_every_mail_changes_nothing,
    |db| async move {
        let options = Options { list: "welcome = \"link\"\nindex = true".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let mut kinds = BTreeSet::new();
        let mut scanned = async |kind: &str, wanted: &[&str]| {
            let mail = app.catcher.messages().pop().unwrap();
            let before = app.dump().await;
            let links = links(&app, &mail);
            for path in wanted {
                assert!(links.iter().any(|link| link.contains(path)), "{kind} has no {path}: {links:?}");
            }
            for link in &links {
                scan(link).await;
            }
            assert_eq!(app.dump().await, before, "{kind}");
            kinds.insert(kind.to_owned());
        };
        assert_eq!(http::post_form(&form, &[("email", "layla@example.org")]).await.status, 303);
        app.deliver_pending().await;
        scanned("confirmation", &["/confirm/", "/never/"]).await;

        app.advance(Duration::from_hours(48));
        assert_eq!(remind::remind(&app.app.context).await.unwrap(), 1);
        app.deliver_pending().await;
        scanned("reminder", &["/confirm/", "/never/"]).await;

        assert_eq!(http::post_form(&app.confirmation_link("layla@example.org"), &[]).await.status, 200);
        app.deliver_pending().await;
        scanned("welcome", &["/u/", "/p/"]).await;

        app.advance(Duration::from_hours(24));
        assert_eq!(http::post_form(&form, &[("email", "layla@example.org")]).await.status, 303);
        app.deliver_pending().await;
        scanned("notice", &["/u/", "/never/"]).await;

        app.advance(Duration::from_hours(4 * 24));
        app.articles(3).await;
        app.publish().await;
        app.deliver_pending().await;
        scanned("digest", &["/u/", "/d/", "/archive/weekly"]).await;

        let link = app.app.context.preferences_url(app.app.context.list("weekly").unwrap().id, 1);
        assert_eq!(http::post_form(&link, &[("do", "move"), ("email", "layla@example.net")]).await.status, 303);
        app.deliver_pending().await;
        scanned("change of address", &["/confirm/", "/never/"]).await;
        assert_eq!(kinds.len(), 6);
    }
);
