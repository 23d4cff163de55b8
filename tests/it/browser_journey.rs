//! A reader's journey in a real browser: form, mail, button, digest, choices, leaving and coming back; in Arabic and English, on a
//! phone and on a desktop, in light and dark, with and without JavaScript. Pictures of each step and mail are left in
//! `target/pictures`.

use std::sync::Arc;

use nashra::catcher::Caught;
use serde_json::json;

use crate::harness::app::{Options, TestApp};
use crate::harness::browser::Browser;
use crate::harness::database::{TestDb, postgres, sqlite};
use crate::harness::queue::number;

/// One way to make the journey.
#[derive(Clone, Copy)]
struct Reader {
    lang: &'static str,
    width: u32,
    colours: &'static str,
    scripts: bool,
}

const fn reader(lang: &'static str, width: u32, colours: &'static str, scripts: bool) -> Reader {
    Reader {
        lang,
        width,
        colours,
        scripts,
    }
}

/// Each language, on each kind of screen, with and without scripts; the Arabic ones first.
const READERS: [Reader; 8] = [
    reader("ar", 390, "light", false),
    reader("ar", 320, "dark", true),
    reader("ar", 1000, "light", true),
    reader("ar", 1000, "dark", false),
    reader("en", 320, "light", false),
    reader("en", 390, "dark", true),
    reader("en", 1000, "light", true),
    reader("en", 1000, "dark", false),
];

impl Reader {
    fn name(&self) -> String {
        let scripts = if self.scripts { "scripts" } else { "plain" };
        format!("{}-{}-{}-{scripts}", self.lang, self.width, self.colours)
    }

    fn address(&self) -> String {
        format!("{}@example.org", self.name())
    }

    /// On a desktop the form stands on another site, which takes one more step.
    fn comes_from_elsewhere(&self) -> bool {
        self.width == 1000
    }

    fn said<'a>(&self, arabic: &'a str, english: &'a str) -> &'a str {
        if self.lang == "ar" { arabic } else { english }
    }

    /// Pages that belong to no list would follow the browser's own language.
    fn in_language(&self, url: &str) -> String {
        format!("{url}?lang={}", self.lang)
    }

    /// The browser becomes this reader's.
    async fn sits_down(&self, browser: &Browser) {
        browser.size(self.width, 800).await;
        browser.colour_scheme(self.colours).await;
        browser.scripts(self.scripts).await;
    }

    /// The page is in the reader's language and direction, lies well in the window, and says this in its heading.
    async fn sees(&self, browser: &Browser, step: &str, arabic: &str, english: &str) {
        let name = format!("{} {step}", self.name());
        let (dir, title) = (self.said("rtl", "ltr"), self.said(arabic, english));
        let page = "const e = document.documentElement; return [e.lang, e.dir, document.querySelector('h1').innerText]";
        let page = browser.ask(page).await;
        assert_eq!(page[0], self.lang, "{name}");
        assert_eq!(page[1], dir, "{name}");
        let heading = page[2].as_str().unwrap();
        assert!(heading.contains(title), "{name}: {heading}");
        assert_eq!(browser.misfits().await, json!([]), "{name}");
        browser.picture(&name.replace(' ', "-")).await;
    }

    /// What a mail program shows.
    async fn opens(&self, browser: &Browser, app: &TestApp, step: &str, mail: &Caught) {
        let file = app.directory().join(format!("{}.html", self.name()));
        std::fs::write(&file, mail.html().unwrap()).unwrap();
        browser.open(&format!("file://{}", file.display())).await;
        let name = format!("{}-{step}", self.name());
        let wide = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
        assert_eq!(browser.ask(wide).await, json!(0), "{name}");
        browser.picture(&name).await;
    }

    async fn subscribes(&self, app: &TestApp, browser: &Browser) {
        self.sits_down(browser).await;
        let form = self.in_language(&format!("{}/subscribe/weekly", app.url));
        browser.open(&form).await;
        let list = "النشرة الأسبوعية";
        self.sees(browser, "1-form", list, list).await;
        // First a slip, which is explained beside the field, with what was typed kept, and where the keyboard is.
        browser.field("[name=email]", "layla@example").await;
        browser.press("main form button").await;
        self.sees(browser, "2-refused", list, list).await;
        let remark = browser.text("#email-remark").await;
        let incomplete = self.said("ليس اسماً كاملاً", "not complete");
        assert!(remark.contains(incomplete), "{remark}");
        let field = "const e = document.activeElement; return [e.id, e.value, e.getAttribute('aria-describedby')]";
        let kept = json!(["email", "layla@example", "email-remark"]);
        assert_eq!(browser.ask(field).await, kept);
        if self.comes_from_elsewhere() {
            let elsewhere = format!(
                "data:text/html,<form method=post action={form}><input name=email><button>Go"
            );
            browser.open(&elsewhere).await;
            browser.field("[name=email]", &self.address()).await;
            browser.press("button").await;
            self.sees(browser, "3-step", "بقيت خطوة واحدة", "One more step")
                .await;
        } else {
            browser.field("[name=email]", &self.address()).await;
        }
        browser.press("main form button").await;
        let url = browser.page.current_url().await.unwrap();
        assert!(url.path().ends_with("/check-mail"), "{url}");
        let look = "Look in your mailbox";
        self.sees(browser, "4-check-mail", "انظر في بريدك", look)
            .await;
    }

    async fn confirms(&self, app: &TestApp, browser: &Browser) {
        self.sits_down(browser).await;
        self.opens(browser, app, "5-mail", &self.latest(app)).await;
        let link = app.confirmation_link(&self.address());
        browser.open(&self.in_language(&link)).await;
        let confirm = "Confirm your subscription";
        self.sees(browser, "6-confirm", "أكّد اشتراكك", confirm)
            .await;
        browser.press("main form button").await;
        self.sees(browser, "7-confirmed", "تمّ الاشتراك", "You are subscribed")
            .await;
    }

    async fn reads_chooses_and_leaves(&self, app: &TestApp, browser: &Browser) {
        self.sits_down(browser).await;
        let letter = self.latest(app);
        self.opens(browser, app, "8-letter", &letter).await;
        let text = letter.text().unwrap();
        let link =
            |part: &str| self.in_language(text.lines().find(|line| line.contains(part)).unwrap());
        let list = "النشرة الأسبوعية";
        browser.open(&link("/d/")).await;
        self.sees(browser, "9-digest", list, list).await;
        browser.open(&link("/archive/")).await;
        self.sees(browser, "10-archive", list, list).await;

        browser.open(&link("/p/")).await;
        let choices = "What reaches you, and when";
        self.sees(browser, "11-preferences", "ما يصلك ومتى", choices)
            .await;
        browser.click("label:has([value=monthly])").await;
        browser.click("label:has([value=cartoons])").await;
        browser.press("button[value=save]").await;
        let note = browser.text("[role=status]").await;
        let saved = self.said("حُفظت خياراتك", "Your choices are saved");
        assert!(note.contains(saved), "{note}");
        self.sees(browser, "12-saved", "ما يصلك ومتى", choices)
            .await;

        browser.open(&link("/u/")).await;
        self.sees(browser, "13-unsubscribe", "تغادر", "Leave").await;
        browser.press("main form button").await;
        let left = "You are unsubscribed";
        self.sees(browser, "14-unsubscribed", "أُلغي اشتراكك", left)
            .await;
        browser.press("button[name=undo]").await;
        let note = browser.text("[role=status]").await;
        let is_back = self.said("عاد اشتراكك كما كان", "Your subscription is back");
        assert!(note.contains(is_back), "{note}");
        self.sees(browser, "15-back", "ما يصلك ومتى", choices).await;
    }

    /// The newest mail to the reader.
    fn latest(&self, app: &TestApp) -> Arc<Caught> {
        let mails = app.catcher.messages().into_iter().rev();
        let mut own = mails.filter(|mail| mail.recipients == [self.address()]);
        own.next().unwrap()
    }
}

/// Two browsers, with half of the readers each, one after the other.
async fn journey(db: TestDb, readers: &[Reader]) {
    let (Some(one), Some(two)) = tokio::join!(Browser::start(), Browser::start()) else {
        return;
    };
    let options = Options {
        sections: "[sign_up]\nmin_fill = \"0s\"".into(),
        list: "description = \"أهم ما نشرناه في أسبوع، صباح كل اثنين.\"".into(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    let (some, others) = readers.split_at(readers.len() / 2);
    // Everybody is as far as the others before the next mails go out.
    macro_rules! everybody {
        ($step:ident) => {
            let half = async |browser, readers: &[Reader]| {
                for reader in readers {
                    reader.$step(&app, browser).await;
                }
            };
            tokio::join!(half(&one, some), half(&two, others));
        };
    }
    everybody!(subscribes);
    app.deliver_pending().await;
    everybody!(confirms);
    app.articles(5).await;
    let digest = app.publish().await;
    app.deliver_pending().await;
    assert_eq!(app.counts(digest).await.sent, readers.len() as i64);
    everybody!(reads_chooses_and_leaves);
    for browser in [&one, &two] {
        browser.page.clone().close().await.unwrap();
    }
    let count = async |rows: &str| {
        let sql = format!("SELECT COUNT(*) FROM {rows}");
        number(&app.database(), &sql).await as usize
    };
    let back = "subscriptions WHERE status = 'confirmed' AND cadence = 'monthly'";
    let left = "consents WHERE action = 'unsubscribe'";
    let pressed = "spent_challenges";
    let elsewhere = |reader: &&Reader| reader.comes_from_elsewhere();
    assert_eq!(count(back).await, readers.len());
    assert_eq!(count(left).await, readers.len());
    assert_eq!(
        count(pressed).await,
        readers.iter().filter(elsewhere).count(),
        "each page of one more step counted once (D8)"
    );
}

/// Issue 5, points 1 and 10, D16.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_subscribe_read_choose_leave_and_return_in_a_browser() {
    journey(sqlite().await, &READERS).await;
}

/// The pages are the same: one reader of each kind shows that what they do is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_make_their_way_over_postgresql() {
    if let Some(db) = postgres().await {
        journey(db, &[READERS[0], READERS[6]]).await;
    }
}
