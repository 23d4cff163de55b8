//! Every reader's page under the eyes of axe, at 320 pixels, in both languages and both colours (issue 5, point 1): nothing serious,
//! nothing that scrolls sideways. And every mail, also on a desktop.

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::form_embed::two_lists;
use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::sqlite;
use crate::harness::{http, letters, node};

/// What axe finds, in words.
pub async fn complaints(browser: &Browser, axe: &str) -> Vec<String> {
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
        if self.lang == "ar" {
            let slanted = "return [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).fontStyle !== 'normal').length";
            let slanted = page.execute(slanted, vec![]).await.unwrap();
            assert_eq!(slanted, json!(0), "{name}: italics in Arabic");
        }
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
    let asking = TestApp::with(
        sqlite().await,
        Options {
            sections: "[sign_up]\nproof_of_work = \"doubtful\"".into(),
            ..Options::default()
        },
    )
    .await;
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

        let elsewhere = format!(
            "data:text/html,<form method=post action={}/subscribe/weekly?lang={lang}><input name=email value=l@example.org><button>Go",
            asking.url
        );
        browser.open(&elsewhere).await;
        browser.press("button").await;
        look.here("step").await;

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
        let preferences = app.preferences_link("weekly", &address).await;
        look.at(&preferences, "preferences").await;
        browser.click("label:has([value=weekly])").await;
        browser.press("button[value=save]").await;
        look.here("preferences-saved").await;
        look.at(&preferences, "preferences-own").await;
        browser.field("#email", "layla@gmial.com").await;
        browser.press("button[value=move]").await;
        look.here("preferences-question").await;
        assert_eq!(look.focus().await, "email");
        let late = format!("late{n}@example.org");
        assert_eq!(
            http::post_form(&form, &[("email", &late)]).await.status,
            303
        );
        app.deliver_pending().await;
        app.advance(std::time::Duration::from_hours(73));
        look.at(&app.confirmation_link(&late), "expired").await;
        let never = app.link_of(&late, "/never/");
        look.at(&never, "never").await;
        look.press().await;
        look.here("never-done").await;
        let leave = app.unsubscribe_link("weekly", &address).await;
        look.at(&leave, "unsubscribe").await;
        look.press().await;
        look.here("unsubscribed").await;
        browser.press("button[name=undo]").await;
        look.here("back").await;
        browser.press("button[value=erase]").await;
        look.here("erase").await;
        look.press().await;
        look.here("erased").await;
    }
    browser.page.clone().close().await.unwrap();
}

/// Issue 5, point 1; looks: each kind of mail, light and dark, on a phone and on a desktop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_serious_in_any_mail() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(axe) = node::text("node_modules/axe-core/axe.min.js") else {
        return;
    };
    for (lang, phone, desktop) in [("ar", "dark", "light"), ("en", "light", "dark")] {
        let app = TestApp::with(sqlite().await, letters::options()).await;
        let mut mails = Vec::new();
        letters::each(&app, "layla@example.org", lang, async |kind, mail| {
            mails.push((kind, mail.html().unwrap()));
        })
        .await;
        for (width, colours) in [(320, phone), (700, desktop)] {
            browser.size(width, 600).await;
            browser.colour_scheme(colours).await;
            for (kind, html) in &mails {
                let file = app.directory().join("mail.html");
                std::fs::write(&file, html).unwrap();
                browser.open(&format!("file://{}", file.display())).await;
                // Who subscribed gets mail in the list's language, unless another was chosen.
                let of_list = ["welcome", "notice", "digest"].contains(kind);
                let lang = if of_list { "ar" } else { lang };
                let look = Look {
                    browser: &browser,
                    axe: &axe,
                    lang,
                    colours,
                };
                look.here(&format!("mail-{kind}-{width}")).await;
            }
        }
    }
    browser.page.clone().close().await.unwrap();
}
