//! Every reader's page under the eyes of axe, at 320 pixels, in both languages and both colours (issue 5, point 1): nothing serious,
//! nothing that scrolls sideways, nothing large, nothing from elsewhere.

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::form_embed::two_lists;
use crate::harness::app::TestApp;
use crate::harness::browser::Browser;
use crate::harness::database::{both_databases, sqlite};
use crate::harness::http;
use crate::harness::node;

/// What axe finds, in words.
async fn complaints(browser: &Browser, axe: &str) -> Vec<String> {
    let page = &browser.page;
    page.execute(axe, vec![]).await.unwrap();
    let run = "const done = arguments[arguments.length - 1]; axe.run().then(found => done(found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html).join(' ')])), error => done([['critical', String(error), '']]))";
    let Value::Array(found) = page.execute_async(run, vec![]).await.unwrap() else {
        panic!("axe found no list");
    };
    let serious = found
        .iter()
        .filter(|violation| violation[0] == "serious" || violation[0] == "critical");
    serious.map(Value::to_string).collect()
}

struct Look<'a> {
    browser: &'a Browser,
    axe: &'a str,
    lang: &'a str,
    colours: &'a str,
}

impl Look<'_> {
    async fn at(&self, url: &str, name: &str) {
        let joint = if url.contains('?') { '&' } else { '?' };
        self.browser
            .page
            .goto(&format!("{url}{joint}lang={}", self.lang))
            .await
            .unwrap();
        self.here(name).await;
    }

    async fn here(&self, name: &str) {
        let page = &self.browser.page;
        let name = format!("{name} {} {}", self.lang, self.colours);
        let lang = page
            .find(Locator::Css("html"))
            .await
            .unwrap()
            .attr("lang")
            .await
            .unwrap();
        assert_eq!(lang.as_deref(), Some(self.lang), "{name}");
        let found = complaints(self.browser, self.axe).await;
        assert!(found.is_empty(), "{name}: {found:#?}");
        let wide = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
        assert_eq!(
            page.execute(wide, vec![]).await.unwrap(),
            json!(0),
            "{name} scrolls sideways"
        );
        self.browser
            .picture(&format!("axe-{}", name.replace(' ', "-")))
            .await;
    }

    async fn press(&self) {
        self.browser.press("main form [type=submit]").await;
    }

    async fn focus(&self) -> Value {
        let script = "return document.activeElement.name || document.activeElement.tagName";
        self.browser.page.execute(script, vec![]).await.unwrap()
    }
}

/// Issue 5, point 1; D16; standards 4.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_serious_on_any_page() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(axe) = node::text("node_modules/axe-core/axe.min.js") else {
        return;
    };
    let app = TestApp::with(sqlite().await, two_lists()).await;
    browser.size(320, 700).await;
    // The checker can fail.
    browser
        .page
        .goto("data:text/html,<html><input><img src=x></html>")
        .await
        .unwrap();
    assert!(!complaints(&browser, &axe).await.is_empty());
    app.articles(5).await;
    app.confirmed("layla@example.org").await;
    app.publish().await;
    app.deliver_pending().await;
    let mails = app.catcher.messages();
    let letter = mails.last().unwrap().text().unwrap();
    let letter = letter
        .lines()
        .find(|line| line.contains("/d/"))
        .unwrap()
        .to_owned();
    for (n, (lang, colours)) in [
        ("ar", "light"),
        ("en", "dark"),
        ("ar", "dark"),
        ("en", "light"),
    ]
    .into_iter()
    .enumerate()
    {
        browser.colour_scheme(colours).await;
        let look = Look {
            browser: &browser,
            axe: &axe,
            lang,
            colours,
        };
        let url = |path: &str| format!("{}{path}", app.url);
        look.at(&app.url, "lists").await;
        look.press().await;
        look.here("lists-refused").await;
        assert_eq!(
            look.focus().await,
            "lists",
            "the first field at fault has the focus"
        );
        look.at(&url("/subscribe/weekly?email=layla@gmial.com"), "form")
            .await;
        look.press().await;
        look.here("form-question").await;
        assert_eq!(
            look.focus().await,
            "email",
            "the field at fault has the focus"
        );
        look.at(&url("/subscribe/weekly/embed?lists=weekly,daily"), "embed")
            .await;
        look.at(&url("/subscribe/weekly/check-mail"), "check-mail")
            .await;
        look.at(
            &url("/subscribe/weekly/check-mail?lists=daily"),
            "check-mail-several",
        )
        .await;
        look.at(&letter, "digest").await;
        look.at(&url("/archive/weekly"), "archive").await;
        look.at(&url("/archive/daily"), "archive-empty").await;
        look.at(&url("/nowhere"), "not-found").await;

        let address = format!("reader{n}@example.org");
        let form = url("/subscribe/weekly");
        assert_eq!(
            http::post_form(&form, &[("email", &address)]).await.status,
            303
        );
        app.deliver_pending().await;
        let link = app.confirmation_link(&address);
        look.at(&link, "confirm").await;
        look.press().await;
        look.here("confirmed").await;
        look.at(&link, "already-confirmed").await;
        let late = format!("late{n}@example.org");
        assert_eq!(
            http::post_form(&form, &[("email", &late)]).await.status,
            303
        );
        app.deliver_pending().await;
        app.advance(std::time::Duration::from_hours(73));
        look.at(&app.confirmation_link(&late), "expired").await;
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        let parsed = nashra::domain::address::EmailAddress::parse(&address).unwrap();
        let id = nashra::store::subscriber::ensure(&mut tx, &parsed, 0)
            .await
            .unwrap();
        drop(tx);
        look.at(&app.app.context.unsubscribe_url(list, id), "unsubscribe")
            .await;
        look.press().await;
        look.here("unsubscribed").await;
    }
    browser.page.clone().close().await.unwrap();
}

both_databases!(
    /// Issue 5, point 1: every page with its style sheet stays under 30 KB, and takes nothing from elsewhere (X8).
    every_page_is_small_and_takes_nothing_from_elsewhere,
    |db| async move {
        let app = TestApp::with(db, two_lists()).await;
        app.articles(12).await;
        app.confirmed("layla@example.org").await;
        app.publish().await;
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let letter = mails.last().unwrap().text().unwrap();
        let digest = letter.lines().find_map(|line| line.split_once("/d/")).unwrap().1.to_owned();
        let sheet = http::get(&format!("{}/static/nashra.css", app.url)).await;
        assert!(!sheet.text().contains("url(") && !sheet.text().contains("@import"));
        let resource = regex::Regex::new(r#"<(?:link rel="stylesheet" href|script src|img src|iframe src)="([^"]+)""#).unwrap();
        for lang in ["ar", "en"] {
            for path in ["/", "/subscribe/weekly", "/subscribe/weekly/embed?lists=weekly,daily", "/subscribe/weekly/check-mail",
                "/archive/weekly", "/nowhere", "/confirm/x", &format!("/d/{digest}")] {
                let joint = if path.contains('?') { '&' } else { '?' };
                let page = http::get(&format!("{}{path}{joint}lang={lang}", app.url)).await;
                let size = page.body.len() + sheet.body.len();
                assert!(size < 30 * 1024, "{path}: {size} octets");
                for found in resource.captures_iter(page.text()) {
                    assert!(found[1].starts_with("/static/"), "{path}: {}", &found[1]);
                }
            }
        }
    }
);
