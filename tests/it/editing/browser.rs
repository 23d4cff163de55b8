//! The editors' page in a real browser: without scripts, with the keyboard alone, on a phone and on a desktop, in both directions and
//! colours, under the eyes of axe. Pictures are left in `target/pictures`.

use serde_json::json;

use super::page::link;
use super::{before_the_hour, decide, goes_out, reviewed, row};
use crate::accessibility::complaints;
use crate::harness::browser::Browser;
use crate::harness::database::sqlite;
use crate::harness::node;
use crate::keyboard::Keyboard;

/// Issue 5, point 1, for editors: nothing serious for axe, nothing sideways, every field named and at least 44 px high.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_fit_for_every_editor() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(axe) = node::text("node_modules/axe-core/axe.min.js") else {
        return;
    };
    let app = before_the_hour(sqlite().await, reviewed()).await;
    let link = link(&app, "amal@desk.example").await;
    let (pinned, dropped) = (row(&app, 6).await, row(&app, 2).await);
    decide(&app, |edits| {
        edits.pin(pinned);
        edits.leave_out(dropped);
        edits.call(
            pinned,
            "عنوان أطول بكثير مما اعتدناه، ويمتدّ على سطرين في كل شاشة نعرفها",
            "",
        );
        edits.introduce("أهلاً بكم في هذا العدد.\n\nاخترنا لكم ما يستحق القراءة.");
    })
    .await;
    let here = async |name: &str| {
        let found = complaints(&browser, &axe).await;
        assert!(found.is_empty(), "{name}: {found:#?}");
        assert_eq!(browser.misfits().await, json!([]), "{name}");
        browser.picture(&format!("draft-{name}")).await;
    };
    let look = async |url: &str, name: &str| {
        browser.open(url).await;
        here(name).await;
    };
    let mails = app.catcher.messages();
    let mail = mails
        .iter()
        .find(|mail| mail.recipients == ["amal@desk.example"]);
    let file = app.directory().join("mail.html");
    std::fs::write(&file, mail.unwrap().html().unwrap()).unwrap();
    for (width, colours) in [(320, "dark"), (700, "light")] {
        browser.size(width, 700).await;
        browser.colour_scheme(colours).await;
        browser.open(&format!("file://{}", file.display())).await;
        let found = complaints(&browser, &axe).await;
        assert!(found.is_empty(), "{width}: {found:#?}");
        browser
            .picture(&format!("draft-mail-{width}-{colours}"))
            .await;
    }
    let small = "return [...document.querySelectorAll('main :is(input:not([type=hidden]), select, textarea, button, .button)')]
        .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)";
    let unnamed = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(e => !e.labels.length).length";
    for (lang, width, colours) in [
        ("ar", 390, "light"),
        ("ar", 1000, "dark"),
        ("en", 390, "dark"),
        ("en", 1000, "light"),
    ] {
        browser.size(width, 900).await;
        browser.colour_scheme(colours).await;
        let name = |page: &str| format!("{page}-{lang}-{width}-{colours}");
        look(&format!("{link}?lang={lang}&note=saved"), &name("open")).await;
        assert_eq!(browser.ask(small).await, json!([]), "{lang} {width}");
        assert_eq!(browser.ask(unnamed).await, json!(0), "{lang} {width}");
        let preview = format!("{link}/preview?lang={lang}");
        look(&preview, &name("preview")).await;
    }
    // Another editor was faster; then something is too long.
    browser.size(390, 900).await;
    browser.open(&format!("{link}?lang=ar")).await;
    decide(&app, |edits| {
        edits.introduce("كلمة عمر.");
        edits.pin(dropped);
    })
    .await;
    browser.field("#introduction", "كلمة أمل.").await;
    browser.press("button[value=save]").await;
    here("stale").await;
    let too_long = format!("#title-{pinned}");
    browser.field(&too_long, &"عنوان طويل ".repeat(40)).await;
    browser.press("button[value=save]").await;
    here("too-long").await;
    let focus = "return document.activeElement.id";
    assert_eq!(browser.ask(focus).await, json!(too_long[1..]));
    let digest = goes_out(&app).await;
    let correction = nashra::domain::correction::Correction {
        article_id: pinned,
        title: Some("عشرة جرحى في المرفأ".to_owned()),
        summary: None,
        dropped: false,
        note: "كتبنا اثني عشر جريحاً، والصواب عشرة.".to_owned(),
        created_ms: 0,
    };
    let context = &app.app.context;
    nashra::service::correct::correct(context, digest, correction)
        .await
        .unwrap();
    let page = context.digest_url(&app.digest(digest).await.public_id);
    look(&page, "corrected").await;
    for (lang, colours) in [("ar", "light"), ("en", "dark")] {
        browser.colour_scheme(colours).await;
        look(
            &format!("{link}?lang={lang}"),
            &format!("made-{lang}-{colours}"),
        )
        .await;
    }
    browser.page.clone().close().await.unwrap();
}

/// Without scripts and without a mouse: a title, a place, a position, and it is saved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_needs_neither_scripts_nor_a_mouse() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = before_the_hour(sqlite().await, reviewed()).await;
    let link = link(&app, "amal@desk.example").await;
    let (second, third) = (row(&app, 2).await, row(&app, 3).await);
    browser.size(390, 844).await;
    browser.scripts(false).await;
    browser.open(&format!("{link}?lang=en")).await;
    let keyboard = Keyboard(&browser);
    keyboard.reaches("#introduction").await;
    keyboard.types("Good morning.").await;
    keyboard.reaches(&format!("#place-{second}")).await;
    keyboard.key("End").await;
    keyboard.reaches(&format!("#at-{third}")).await;
    keyboard.types("1").await;
    keyboard.reaches("button[value=save]").await;
    keyboard.turns("Enter").await;
    let said = "return document.querySelector('[role=status]').innerText";
    assert_eq!(browser.ask(said).await, json!("Your changes are saved."));
    let list = app.app.context.list("weekly").unwrap();
    let draft = nashra::service::editing::draft(&app.app.context, list)
        .await
        .unwrap();
    let edits = draft.edits.editing;
    assert_eq!(edits.introduction.as_deref(), Some("Good morning."));
    assert!(edits.dropped.contains(&second));
    assert_eq!(
        edits.order["reports"][..3],
        [row(&app, 1).await, third, second]
    );
    browser.page.clone().close().await.unwrap();
}
