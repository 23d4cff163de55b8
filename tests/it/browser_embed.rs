//! The form on another site's page, in a real browser (issue 5, points 1 and 10): with the script it stays there, without leave or
//! without scripts it brings the reader to our page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Path;
use axum::response::Html;
use axum::routing::get;
use fantoccini::Locator;
use tokio::net::TcpListener;

use crate::form_embed::two_lists;
use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::{TestDb, postgres, sqlite};
use crate::harness::http;

type Pages = Arc<Mutex<HashMap<String, String>>>;

/// Another site: its address, and its pages by name.
async fn other_site() -> (String, Pages) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let pages = Pages::default();
    let kept = Arc::clone(&pages);
    let page = move |Path(name): Path<String>| async move {
        Html(kept.lock().unwrap().get(&name).cloned().unwrap_or_default())
    };
    let router = Router::new().route("/{name}", get(page));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, pages)
}

/// The text that the embed page gives to be copied.
async fn copied(app: &TestApp, list: &str, kind: &str) -> String {
    let page = http::get(&format!(
        "{}/subscribe/{list}/embed?source=sidebar",
        app.url
    ))
    .await;
    let start = page
        .text()
        .find(&format!("<textarea id=\"{kind}\""))
        .unwrap();
    let text = page.text()[start..].split_once('>').unwrap().1;
    let text = text.split_once("</textarea>").unwrap().0;
    let text = text
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#38;", "&");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><title>another site</title><h1>Another site</h1>{text}<p>end</p></html>"
    )
}

async fn type_and_press(browser: &Browser, address: &str) {
    let field = browser
        .page
        .find(Locator::Css("[name=email]"))
        .await
        .unwrap();
    field.clear().await.unwrap();
    field.send_keys(address).await.unwrap();
    let button = browser
        .page
        .find(Locator::Css("form [type=submit]"))
        .await
        .unwrap();
    button.click().await.unwrap();
}

async fn text(browser: &Browser, css: &str) -> String {
    let found = browser
        .page
        .wait()
        .for_element(Locator::Css(css))
        .await
        .unwrap();
    found.text().await.unwrap()
}

async fn embedded(db: TestDb) {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let (site, pages) = other_site().await;
    let options = Options {
        list: format!("origins = [\"{site}\"]"),
        ..two_lists()
    };
    let app = TestApp::with(db, options).await;
    for (name, list, kind) in [
        ("scripted", "weekly", "scripted"),
        ("denied", "daily", "scripted"),
        ("plain", "weekly", "plain"),
    ] {
        let page = copied(&app, list, kind).await;
        pages.lock().unwrap().insert(name.to_owned(), page);
    }
    let page = &browser.page;
    browser.size(320, 700).await;

    // With the script: what is wrong is said beside the field, and the suggestion is one press away.
    page.goto(&format!("{site}/scripted")).await.unwrap();
    type_and_press(&browser, "layla@gmial.com").await;
    let remark = text(&browser, ".nashra-remark").await;
    assert!(
        remark.contains("هل تقصد") && remark.contains("layla@gmail.com"),
        "{remark}"
    );
    let state = "const f = document.querySelector('[name=email]'); return [document.activeElement === f, f.getAttribute('aria-invalid'), document.getElementById(f.getAttribute('aria-describedby')).className]";
    let state = page.execute(state, vec![]).await.unwrap();
    assert_eq!(state, serde_json::json!([true, "true", "nashra-remark"]));
    browser.picture("embed-question").await;
    page.find(Locator::Css(".nashra-remark button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert_eq!(
        text(&browser, "[role=status] strong").await,
        "انظر في بريدك"
    );
    assert_eq!(
        page.current_url().await.unwrap().as_str(),
        format!("{site}/scripted")
    );
    browser.picture("embed-done").await;

    // The address as it was typed, by pressing the same button once more.
    page.goto(&format!("{site}/scripted")).await.unwrap();
    type_and_press(&browser, "omar@gmial.com").await;
    text(&browser, ".nashra-remark").await;
    page.find(Locator::Css("form [type=submit]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    text(&browser, "[role=status] strong").await;

    // Without leave to read the answer the form is sent as it is.
    page.goto(&format!("{site}/denied")).await.unwrap();
    type_and_press(&browser, "nour@example.org").await;
    page.wait()
        .for_url(
            &url::Url::parse(&format!("{}/subscribe/daily/check-mail?lang=en", app.url)).unwrap(),
        )
        .await
        .unwrap();

    // Without scripts it is a form like any other.
    browser.scripts(false).await;
    page.goto(&format!("{site}/plain")).await.unwrap();
    type_and_press(&browser, "salma@example.org").await;
    page.wait()
        .for_url(
            &url::Url::parse(&format!("{}/subscribe/weekly/check-mail?lang=ar", app.url)).unwrap(),
        )
        .await
        .unwrap();

    app.deliver_pending().await;
    let mut recipients: Vec<String> = app
        .catcher
        .messages()
        .iter()
        .flat_map(|mail| mail.recipients.clone())
        .collect();
    recipients.sort();
    assert_eq!(
        recipients,
        [
            "layla@gmail.com",
            "nour@example.org",
            "omar@gmial.com",
            "salma@example.org"
        ]
    );
    assert_eq!(
        app.dump().await.matches("sidebar").count(),
        4,
        "the label of the source is kept with each consent"
    );
    page.clone().close().await.unwrap();
}

/// Issue 5, points 1 and 10, D15, D16.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_works_on_another_site_with_and_without_its_script() {
    embedded(sqlite().await).await;
    if let Some(db) = postgres().await {
        embedded(db).await;
    }
}
