//! A reader's journey in a real browser: form, mail, button, digest, leaving; in Arabic and English, on a phone and on a desktop,
//! in light and dark, and once without JavaScript. Pictures of each step are left in `target/pictures`.

use fantoccini::Locator;
use serde_json::json;

use crate::harness::LIMIT;
use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::{TestDb, postgres, sqlite};

/// One way to make the journey.
struct Reader {
    name: &'static str,
    lang: &'static str,
    address: &'static str,
    width: u32,
    colours: &'static str,
    scripts: bool,
}

const READERS: [Reader; 4] = [
    Reader {
        name: "ar-phone-light",
        lang: "ar",
        address: "layla@example.org",
        width: 390,
        colours: "light",
        scripts: false,
    },
    Reader {
        name: "en-phone-dark",
        lang: "en",
        address: "omar@example.org",
        width: 390,
        colours: "dark",
        scripts: true,
    },
    Reader {
        name: "ar-desktop-dark",
        lang: "ar",
        address: "salma@example.org",
        width: 1000,
        colours: "dark",
        scripts: true,
    },
    Reader {
        name: "en-desktop-light",
        lang: "en",
        address: "nour@example.org",
        width: 1000,
        colours: "light",
        scripts: true,
    },
];

impl Reader {
    fn said<'a>(&self, arabic: &'a str, english: &'a str) -> &'a str {
        if self.lang == "ar" { arabic } else { english }
    }

    /// The page is in the reader's language and direction, fits the window, and says this in its heading.
    async fn sees(&self, browser: &Browser, step: &str, arabic: &str, english: &str) {
        let page = &browser.page;
        let html = page.find(Locator::Css("html")).await.unwrap();
        let dir = self.said("rtl", "ltr");
        assert_eq!(
            html.attr("lang").await.unwrap().as_deref(),
            Some(self.lang),
            "{step}"
        );
        assert_eq!(
            html.attr("dir").await.unwrap().as_deref(),
            Some(dir),
            "{step}"
        );
        let heading = page
            .find(Locator::Css("h1"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            heading.contains(self.said(arabic, english)),
            "{step}: {heading}"
        );
        if self.scripts {
            let sizes = "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]";
            let sizes = page.execute(sizes, vec![]).await.unwrap();
            assert_eq!(sizes[0], sizes[1], "{step}: {} scrolls sideways", self.name);
            let sides = "const box = document.querySelector('main').getBoundingClientRect(); return Math.round(box.left - (innerWidth - box.right))";
            assert_eq!(
                page.execute(sides, vec![]).await.unwrap(),
                json!(0),
                "{step}: not in the middle"
            );
            let small = "return [...document.querySelectorAll('button, .button, input:not([type=hidden])')].filter(e => e.getBoundingClientRect().height < 44).length";
            assert_eq!(
                page.execute(small, vec![]).await.unwrap(),
                json!(0),
                "{step}: a target below 44 px (T12)"
            );
        }
        browser.picture(&format!("{}-{step}", self.name)).await;
    }

    /// Presses the page's first button and waits for the next page, to its end: without scripts the driver does not.
    async fn press(&self, browser: &Browser) {
        let page = &browser.page;
        let before = page.find(Locator::Css("html")).await.unwrap();
        let button = page.find(Locator::Css("main form button")).await.unwrap();
        button.click().await.unwrap();
        let gone = async { while before.attr("lang").await.is_ok() {} };
        tokio::time::timeout(LIMIT, gone).await.unwrap();
        let end = Locator::Css("footer p:last-child");
        page.wait().for_element(end).await.unwrap();
    }

    async fn field(&self, browser: &Browser, value: &str) {
        let field = browser.page.find(Locator::Id("email")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Pages that belong to no list would follow the browser's own language.
    fn in_language(&self, url: &str) -> String {
        format!("{url}?lang={}", self.lang)
    }

    async fn subscribes(&self, app: &TestApp, browser: &Browser) {
        let page = &browser.page;
        page.goto(&self.in_language(&app.url)).await.unwrap();
        self.sees(browser, "1-lists", "نشراتنا البريدية", "Our newsletters")
            .await;
        page.goto(&self.in_language(&format!("{}/subscribe/weekly", app.url)))
            .await
            .unwrap();
        self.sees(browser, "2-form", "النشرة الأسبوعية", "النشرة الأسبوعية")
            .await;
        // First a slip, which is explained beside the field, with what was typed kept.
        self.field(browser, "layla@example").await;
        self.press(browser).await;
        self.sees(browser, "3-refused", "النشرة الأسبوعية", "النشرة الأسبوعية")
            .await;
        let remark = page
            .find(Locator::Id("email-remark"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            remark.contains(self.said("ليس اسماً كاملاً", "not complete")),
            "{remark}"
        );
        let field = page.find(Locator::Id("email")).await.unwrap();
        assert_eq!(
            field.prop("value").await.unwrap().as_deref(),
            Some("layla@example")
        );
        self.field(browser, self.address).await;
        self.press(browser).await;
        assert!(
            page.current_url()
                .await
                .unwrap()
                .path()
                .ends_with("/check-mail")
        );
        self.sees(
            browser,
            "4-check-mail",
            "انظر في بريدك",
            "Look in your mailbox",
        )
        .await;

        app.deliver_pending().await;
        page.goto(&self.in_language(&app.confirmation_link(self.address)))
            .await
            .unwrap();
        self.sees(
            browser,
            "5-confirm",
            "أكّد اشتراكك",
            "Confirm your subscription",
        )
        .await;
        self.press(browser).await;
        self.sees(browser, "6-confirmed", "تمّ الاشتراك", "You are subscribed")
            .await;
    }

    async fn reads_and_leaves(&self, app: &TestApp, browser: &Browser) {
        let page = &browser.page;
        let mails = app.catcher.messages();
        let letter = mails
            .iter()
            .rev()
            .find(|mail| mail.recipients == [self.address])
            .unwrap();
        let text = letter.text().unwrap();
        let link =
            |part: &str| self.in_language(text.lines().find(|line| line.contains(part)).unwrap());
        page.goto(&link("/d/")).await.unwrap();
        self.sees(browser, "7-digest", "النشرة الأسبوعية", "النشرة الأسبوعية")
            .await;
        assert_eq!(
            page.find_all(Locator::Css("article, figure"))
                .await
                .unwrap()
                .len(),
            5
        );
        page.goto(&link("/archive/")).await.unwrap();
        self.sees(browser, "8-archive", "النشرة الأسبوعية", "النشرة الأسبوعية")
            .await;
        page.goto(&link("/u/")).await.unwrap();
        self.sees(browser, "9-unsubscribe", "تغادر", "Leave").await;
        self.press(browser).await;
        self.sees(
            browser,
            "10-unsubscribed",
            "أُلغي اشتراكك",
            "You are unsubscribed",
        )
        .await;
        page.goto(&self.in_language(&format!("{}/confirm/x", app.url)))
            .await
            .unwrap();
        self.sees(
            browser,
            "11-bad-link",
            "هذا الرابط غير صالح",
            "This link is not valid",
        )
        .await;
    }
}

async fn journey(db: TestDb) {
    let options = Options {
        list: "description = \"أهم ما نشرناه في أسبوع، صباح كل اثنين.\"".into(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    let mut browsers = Vec::new();
    for reader in &READERS {
        let Some(browser) = Browser::start().await else {
            return;
        };
        browser.size(reader.width, 800).await;
        browser.colour_scheme(reader.colours).await;
        if !reader.scripts {
            browser.no_scripts().await;
        }
        reader.subscribes(&app, &browser).await;
        browsers.push(browser);
    }
    app.articles(5).await;
    let digest = app.publish().await;
    app.deliver_pending().await;
    assert_eq!(app.counts(digest).await.sent, 4);
    for (reader, browser) in READERS.iter().zip(&browsers) {
        reader.reads_and_leaves(&app, browser).await;
    }
    for browser in browsers {
        browser.page.clone().close().await.unwrap();
    }
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let counts = nashra::store::subscription::counts(&mut tx, list)
        .await
        .unwrap();
    assert_eq!(counts, (0, 0, 4));
}

/// Issue 3, points 1 and 2, D16. One test after the other: four browsers are enough at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_subscribe_read_and_leave_in_a_browser() {
    journey(sqlite().await).await;
    if let Some(db) = postgres().await {
        journey(db).await;
    }
}
