//! The reader's way with a keyboard alone, in a real browser (issue 5, points 1 and 10): every stop is seen, and what is wrong is where
//! the keyboard is.

use serde_json::{Value, json};

use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::sqlite;
use crate::harness::queue::number;

const LAYLA: &str = "layla@example.org";

/// What the focused element is, whether a reader sees that it has the focus, and the text that describes it.
const STOP: &str = "const e = document.activeElement; const ring = e.closest('.choices label') || e;
    const box = ring.getBoundingClientRect(); const style = getComputedStyle(ring);
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 1 && box.bottom > 0 && box.top < innerHeight;
    const about = (e.getAttribute('aria-describedby') || '').split(' ').map(id => document.getElementById(id)?.innerText || '').join(' ').trim();
    return { html: e.outerHTML, seen, about, invalid: e.getAttribute('aria-invalid') };";

/// A keyboard at a browser's window.
pub struct Keyboard<'a>(pub &'a Browser);

impl Keyboard<'_> {
    /// Presses a key, as a person does: it goes wherever the focus is.
    pub async fn key(&self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            " " => ("Space", 32, " "),
            "End" => ("End", 35, ""),
            "ArrowDown" => ("ArrowDown", 40, ""),
            other => panic!("{other}"),
        };
        let event = |kind: &str| json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "text": text });
        for kind in ["keyDown", "keyUp"] {
            let mut event = event(kind);
            if kind == "keyUp" || text.is_empty() {
                event.as_object_mut().unwrap().remove("text");
            }
            self.0.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Types into what has the focus.
    pub async fn types(&self, text: &str) {
        let text = json!({ "text": text });
        self.0.devtools("Input.insertText", text).await;
    }

    /// A key that leads to another page.
    pub async fn turns(&self, key: &str) {
        self.0.turn(self.key(key)).await;
    }

    async fn stop(&self) -> Value {
        self.0.ask(STOP).await
    }

    /// Presses Tab until this element has the focus, and sees each stop on the way.
    pub async fn reaches(&self, css: &str) {
        let there = format!("return document.activeElement.matches('{css}')");
        let mut stops = Vec::new();
        while self.0.ask(&there).await != true {
            assert!(stops.len() < 60, "{css} is not among {stops:#?}");
            self.key("Tab").await;
            let stop = self.stop().await;
            assert_eq!(stop["seen"], true, "{stop:#}");
            stops.push(stop["html"].to_string());
        }
    }

    /// The field at fault has the focus, is said to be wrong, and is described by these words.
    async fn is_told(&self, words: &str) {
        let stop = self.stop().await;
        assert_eq!(stop["invalid"], "true", "{stop:#}");
        assert!(stop["about"].as_str().unwrap().contains(words), "{stop:#}");
    }
}

async fn walk(browser: &Browser, lang: &str, scripts: bool) {
    let said = |arabic: &'static str, english: &'static str| {
        if lang == "ar" { arabic } else { english }
    };
    let app = TestApp::with(sqlite().await, Options::default()).await;
    let keys = Keyboard(browser);
    browser.size(390, 700).await;
    browser.scripts(scripts).await;
    let open = async |url: String| browser.open(&format!("{url}?lang={lang}")).await;

    open(format!("{}/subscribe/weekly", app.url)).await;
    keys.reaches("#email").await;
    keys.types("layla@example").await;
    keys.turns("Enter").await;
    keys.is_told(said("ليس اسماً كاملاً", "not complete")).await;
    keys.key("End").await;
    keys.types(".org").await;
    keys.reaches("#name").await;
    keys.reaches("main form button").await;
    keys.turns(" ").await;
    let look = said("انظر في بريدك", "Look in your mailbox");
    assert_eq!(browser.text("h1").await, look);

    app.deliver_pending().await;
    open(app.confirmation_link(LAYLA)).await;
    keys.reaches("main form button").await;
    keys.turns("Enter").await;
    let done = said("تمّ الاشتراك", "You are subscribed");
    assert_eq!(browser.text("h1").await, done);

    open(app.preferences_link("weekly", LAYLA).await).await;
    keys.reaches("[value=list]").await;
    keys.key("ArrowDown").await;
    keys.key("ArrowDown").await;
    keys.reaches("#weekly-weekday").await;
    keys.key("ArrowDown").await;
    keys.reaches("[value=cartoons]").await;
    keys.key(" ").await;
    keys.reaches("button[value=save]").await;
    keys.turns("Enter").await;
    let saved = said("حُفظت خياراتك", "Your choices are saved");
    assert!(browser.text("[role=status]").await.contains(saved));
    let kept = "SELECT COUNT(*) FROM subscriptions WHERE cadence = 'weekly' AND day = 2 AND sections = '[\"health\",\"reports\"]'";
    assert_eq!(number(&app.database(), kept).await, 1);
    keys.reaches("#email").await;
    keys.types("layla@gmial.com").await;
    keys.reaches("button[value=move]").await;
    keys.turns(" ").await;
    keys.is_told("layla@gmail.com").await;

    open(app.unsubscribe_link("weekly", LAYLA).await).await;
    keys.reaches("main form button").await;
    keys.turns("Enter").await;
    keys.reaches("button[name=undo]").await;
    keys.turns(" ").await;
    let back = said("عاد اشتراكك", "Your subscription is back");
    assert!(browser.text("[role=status]").await.contains(back));
}

/// Issue 5, point 1. Radio buttons and lists of choices are moved in by arrow keys, as everywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_can_be_done_with_a_keyboard() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    walk(&browser, "ar", true).await;
    walk(&browser, "en", false).await;
    browser.page.clone().close().await.unwrap();
}
