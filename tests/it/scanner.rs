//! Issue 5, point 10: programs that open every link of every mail (virus scanners, previews, mail proxies) change nothing (D1, H8).

use std::collections::BTreeSet;

use nashra::catcher::Caught;
use regex::Regex;
use reqwest::Method;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::{http, letters};

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

/// Links that a mail of this kind must have, so that none is missed because it is written in a new way.
fn wanted(kind: &str) -> &'static [&'static str] {
    match kind {
        "confirmation" | "reminder" | "move" => &["/confirm/", "/never/"],
        "welcome" => &["/u/", "/p/"],
        "notice" => &["/u/", "/never/"],
        _ => &["/u/", "/p/", "/d/", "/archive/weekly"],
    }
}

both_databases!(
    /// Each kind of mail is opened by a scanner while its links mean something; then all of them once more, when all is done.
    d1_h8_opening_every_link_of_every_mail_changes_nothing,
    |db| async move {
        let app = TestApp::with(db, letters::options()).await;
        let mut all = BTreeSet::new();
        letters::each(&app, "layla@example.org", "ar", async |kind, mail| {
            let links = links(&app, &mail);
            for path in wanted(kind) {
                assert!(links.iter().any(|link| link.contains(path)), "{kind} has no {path}: {links:?}");
            }
            let before = app.dump().await;
            for link in &links {
                scan(link).await;
            }
            assert_eq!(app.dump().await, before, "{kind}");
            all.extend(links);
        })
        .await;
        let before = app.dump().await;
        for link in &all {
            scan(link).await;
        }
        assert_eq!(app.dump().await, before);
    }
);
