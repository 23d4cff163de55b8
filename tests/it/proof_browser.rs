//! D8, D9 in a real browser: the proof of work is done while the form is filled in; without scripts, or when it comes too late, the next
//! page says how to go on; and nobody meets the trap.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::{TestDb, postgres, sqlite};
use crate::harness::queue::number;

const ALWAYS: &str = "[sign_up]\nproof_of_work = \"always\"\ndifficulty = 5000\nmin_fill = \"0s\"";

async fn app(db: TestDb) -> TestApp {
    let options = Options {
        sections: ALWAYS.to_owned(),
        ..Options::default()
    };
    TestApp::with(db, options).await
}

async fn press(browser: &Browser) {
    let button = Locator::Css("form [type=submit]");
    let button = browser.page.wait().for_element(button).await.unwrap();
    button.click().await.unwrap();
}

async fn type_address(browser: &Browser, app: &TestApp, address: &str) {
    let form = format!("{}/subscribe/weekly", app.url);
    browser.page.goto(&form).await.unwrap();
    let field = browser.page.find(Locator::Css("[name=email]")).await;
    field.unwrap().send_keys(address).await.unwrap();
}

async fn taken(browser: &Browser, app: &TestApp) {
    let next = format!("{}/subscribe/weekly/check-mail", app.url);
    let next = url::Url::parse(&next).unwrap();
    browser.page.wait().for_url(&next).await.unwrap();
}

async fn held(app: &TestApp) -> i64 {
    number(&app.database(), "SELECT COUNT(*) FROM quarantine").await
}

async fn works(db: TestDb) {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = app(db).await;
    type_address(&browser, &app, "layla@example.org").await;
    press(&browser).await;
    taken(&browser, &app).await;
    app.deliver_pending().await;
    assert_eq!((app.catcher.accepted(), held(&app).await), (1, 0));

    // The proof is too old when the form is sent: the next page does the work again.
    type_address(&browser, &app, "omar@example.org").await;
    let field = "return document.querySelector('[name=altcha]').value";
    while browser.page.execute(field, vec![]).await.unwrap() == json!("") {
        tokio::task::yield_now().await;
    }
    app.advance(Duration::from_mins(20));
    press(&browser).await;
    let step = Locator::Css("input[type=hidden][name=email]");
    browser.page.wait().for_element(step).await.unwrap();
    browser.picture("proof-step").await;
    press(&browser).await;
    taken(&browser, &app).await;
    app.deliver_pending().await;
    assert_eq!((app.catcher.accepted(), held(&app).await), (2, 0));

    // Without scripts a person looks at it, and the page says so.
    browser.scripts(false).await;
    type_address(&browser, &app, "nour@example.org").await;
    press(&browser).await;
    let said = browser.page.wait().for_element(Locator::Css("noscript p"));
    let said = said.await.unwrap().text().await.unwrap();
    assert!(said.contains("a person looks at your request"), "{said}");
    press(&browser).await;
    taken(&browser, &app).await;
    app.deliver_pending().await;
    assert_eq!((app.catcher.accepted(), held(&app).await), (2, 1));
    browser.page.clone().close().await.unwrap();
}

/// D9, issue 5, point 3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_is_done_in_the_form() {
    works(sqlite().await).await;
    if let Some(db) = postgres().await {
        works(db).await;
    }
}

/// D8: a person who sees, who uses the keyboard, or who listens does not meet the trap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trap_catches_no_person() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = app(sqlite().await).await;
    type_address(&browser, &app, "layla@example.org").await;
    let shown = "const trap = document.querySelector('[name=website]'); const box = trap.getBoundingClientRect();
        return [document.elementFromPoint(box.x, box.y) === trap, getComputedStyle(trap.closest('.trap')).clipPath]";
    let shown = browser.page.execute(shown, vec![]).await.unwrap();
    assert_eq!(shown, json!([false, "inset(50%)"]));

    let mut reached = Vec::new();
    for _ in 0..12 {
        let active = browser.page.active_element().await.unwrap();
        reached.push(active.attr("name").await.unwrap().unwrap_or_default());
        active.send_keys(&Key::Tab.to_string()).await.unwrap();
    }
    assert!(
        reached.contains(&"email".to_owned()) && !reached.contains(&"website".to_owned()),
        "{reached:?}"
    );

    browser.devtools("Accessibility.enable", json!({})).await;
    let tree = browser
        .devtools("Accessibility.getFullAXTree", json!({}))
        .await;
    let nodes = tree["nodes"].as_array().unwrap().iter();
    let read: Vec<&str> = nodes
        .filter(|node| node["ignored"] == Value::Bool(false))
        .filter_map(|node| node["name"]["value"].as_str())
        .collect();
    assert!(read.contains(&"Your e-mail address"), "{read:?}");
    assert!(
        !read
            .iter()
            .any(|name| name.contains("Leave this field empty")),
        "{read:?}"
    );
    browser.page.clone().close().await.unwrap();
}
