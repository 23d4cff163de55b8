//! The preferences page in a real browser: on a phone in Arabic without JavaScript, and on a desktop in English with it. Pictures
//! are left in `target/pictures`.

use serde_json::json;

use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::{TestDb, sqlite};

const LAYLA: &str = "layla@example.org";

async fn start(db: TestDb) -> (TestApp, String) {
    let app = TestApp::with(db, Options::default()).await;
    app.confirmed(LAYLA).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let link = app.app.context.preferences_url(list, 1);
    (app, link)
}

/// The page fits its window and every field has a name.
async fn fits(browser: &Browser, step: &str) {
    assert_eq!(browser.misfits().await, json!([]), "{step}");
    let unnamed = "return [...document.querySelectorAll('input:not([type=hidden]), select')].filter(e => !e.labels.length).length";
    assert_eq!(
        browser.ask(unnamed).await,
        json!(0),
        "{step}: a field without a label"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_choose_in_a_browser() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let (app, link) = start(sqlite().await).await;
    browser.size(1000, 800).await;
    browser.colour_scheme("light").await;
    let english = format!("{link}?lang=en");
    browser.page.goto(&english).await.unwrap();
    fits(&browser, "preferences").await;
    browser.picture("preferences-en-desktop-light").await;
    // The script, which the page's policy allows, proposes the browser's zone. Only what a rhythm needs is shown.
    let zone = "return [document.getElementById('zone').value === Intl.DateTimeFormat().resolvedOptions().timeZone,
        document.getElementById('weekly-hour').checkVisibility()]";
    let zone = browser.page.execute(zone, vec![]).await.unwrap();
    assert_eq!(zone, json!([true, false]));
    for (width, colours, lang) in [
        (390, "light", "ar"),
        (390, "dark", "ar"),
        (320, "light", "en"),
    ] {
        browser.size(width, 800).await;
        browser.colour_scheme(colours).await;
        browser
            .page
            .goto(&format!("{link}?lang={lang}"))
            .await
            .unwrap();
        fits(&browser, "preferences").await;
        browser
            .picture(&format!("preferences-{lang}-{width}-{colours}"))
            .await;
    }

    browser.scripts(false).await;
    browser.size(390, 800).await;
    let in_arabic = format!("{link}?lang=ar");
    browser.page.goto(&in_arabic).await.unwrap();
    browser.click("label:has([value=weekly])").await;
    browser.click("label:has([value=cartoons])").await;
    browser.picture("preferences-ar-phone-weekly").await;
    browser.press("button[value=save]").await;
    assert!(browser.text("[role=status]").await.contains("حُفظت خياراتك"));
    browser.picture("preferences-ar-phone-saved").await;
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let choices = nashra::store::choices::of(&mut tx, list, 1).await.unwrap();
    let choices = choices.unwrap();
    assert_eq!(
        choices.sections,
        Some(vec!["health".to_owned(), "reports".to_owned()])
    );
    assert_eq!(choices.rhythm.unwrap().day(), 1);

    let leave = app.app.context.unsubscribe_url(list, 1);
    let leave = format!("{leave}?lang=ar");
    browser.page.goto(&leave).await.unwrap();
    browser.picture("unsubscribe-ar-phone").await;
    browser.press("main form button").await;
    browser.picture("unsubscribed-ar-phone").await;
    browser.press("button[name=undo]").await;
    assert!(browser.text("[role=status]").await.contains("عاد اشتراكك"));
    browser.press("button[value=erase]").await;
    browser.picture("erase-ar-phone").await;
    browser.press("button[value=erase-now]").await;
    assert_eq!(browser.text("h1").await, "مُحي كل شيء");
}
