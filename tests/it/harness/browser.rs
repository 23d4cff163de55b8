//! A real browser, headless: Chromium by its driver. `TEST_CHROMEDRIVER` names the driver (empty: no browser tests).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use base64ct::{Base64, Encoding as _};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::LIMIT;
use super::process::{Program, Running, on_path};

/// Keeps Chromium from calling home and from asking for rights that a test machine does not give.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    // Nothing leaves this machine, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A browser with one window. It is stopped when this value goes.
pub struct Browser {
    /// The window: go, find, click, type.
    pub page: Client,
    scripts: AtomicBool,
    port: u16,
    _driver: Running,
}

impl Browser {
    /// Starts one, when it is installed.
    pub async fn start() -> Option<Self> {
        let path = std::env::var("TEST_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        if path.is_empty() || !on_path(&path) {
            super::skip("browser", "chromedriver is not installed, or not wanted");
            return None;
        }
        let mut driver = Program::new(path, ["--port=0"]).spawn();
        let line = driver.line("started successfully on port").await;
        let port = line
            .trim_end_matches('.')
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let profile = format!(
            "--user-data-dir={}",
            driver.directory().join("profile").display()
        );
        let flags: Vec<&str> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let mut wanted = Capabilities::new();
        wanted.insert("goog:chromeOptions".to_owned(), json!({ "args": flags }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let page = builder
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Some(Self {
            page,
            scripts: AtomicBool::new(true),
            port,
            _driver: driver,
        })
    }

    /// Shows pages in a window of this size, in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// What the reader's system prefers: `light` or `dark`.
    pub async fn colour_scheme(&self, value: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Turns JavaScript on or off, for the pages opened from now on.
    pub async fn scripts(&self, on: bool) {
        self.scripts.store(on, Ordering::Relaxed);
        self.run_scripts(on).await;
    }

    async fn run_scripts(&self, on: bool) {
        let off = json!({ "value": !on });
        self.devtools("Emulation.setScriptExecutionDisabled", off)
            .await;
    }

    /// Asks the page that is open something, in JavaScript. A page that came without scripts still has none: those it wanted to run
    /// are past.
    pub async fn ask(&self, script: &str) -> Value {
        let on = self.scripts.load(Ordering::Relaxed);
        if !on {
            self.run_scripts(true).await;
        }
        let answer = self.page.execute(script, vec![]).await.unwrap();
        if !on {
            self.run_scripts(false).await;
        }
        answer
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Types this into a field, over what is there.
    pub async fn field(&self, css: &str, value: &str) {
        let field = self.page.find(Locator::Css(css)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Clicks on the first element of this kind.
    pub async fn click(&self, css: &str) {
        let found = self.page.find(Locator::Css(css)).await.unwrap();
        found.click().await.unwrap();
    }

    /// The text of the first element of this kind.
    pub async fn text(&self, css: &str) -> String {
        let found = self.page.find(Locator::Css(css)).await.unwrap();
        found.text().await.unwrap()
    }

    /// Does something that leads to another page of ours, and waits for it, to its end: without scripts the driver does not.
    pub async fn turn(&self, act: impl Future<Output = ()>) {
        let before = self.page.find(Locator::Css("html")).await.unwrap();
        act.await;
        let gone = async { while before.attr("lang").await.is_ok() {} };
        tokio::time::timeout(LIMIT, gone).await.unwrap();
        let end = Locator::Css("footer p:last-child");
        self.page.wait().for_element(end).await.unwrap();
    }

    /// Clicks on a button that leads to another page of ours.
    pub async fn press(&self, css: &str) {
        self.turn(self.click(css)).await;
    }

    /// What is wrong with how the page lies in its window: it scrolls sideways, it is not in the middle, or has targets that are too
    /// small (T12).
    pub async fn misfits(&self) -> Value {
        const SCRIPT: &str = "const e = document.documentElement;
            const box = document.querySelector('main').getBoundingClientRect();
            const targets = document.querySelectorAll('button, .button, select, .choices label, input:not([type=hidden], .choices *, .choice *, .trap *)');
            const small = [...targets].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML);
            const aside = Math.round(box.left - (e.clientWidth - box.right));
            return [...(e.scrollWidth === e.clientWidth ? [] : ['scrolls sideways']), ...(aside === 0 ? [] : ['not in the middle']), ...small]";
        self.ask(SCRIPT).await
    }

    /// Takes a picture of the whole page: `target/pictures/NAME.png`.
    pub async fn picture(&self, name: &str) -> PathBuf {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let height = |part: &str, key: &str| metrics[part][key].as_f64().unwrap();
        // Only where it is needed: a right-to-left page that fits its window would be drawn out of its place.
        let beyond =
            height("cssContentSize", "height") > height("cssLayoutViewport", "clientHeight");
        let all = json!({ "format": "png", "captureBeyondViewport": beyond });
        let answer = self.devtools("Page.captureScreenshot", all).await;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        std::fs::write(
            &path,
            Base64::decode_vec(answer["data"].as_str().unwrap()).unwrap(),
        )
        .unwrap();
        path
    }

    /// A command of Chromium's own protocol, for what WebDriver lacks.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.page
            .issue_cmd(DevTools {
                command,
                parameters,
            })
            .await
            .unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is merely killed leaves its browser behind. Its answer comes when the browser is gone.
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            driver.set_read_timeout(Some(LIMIT)).ok();
            driver
                .write_all(
                    b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
                )
                .ok();
            driver.read_to_end(&mut Vec::new()).ok();
        }
    }
}

#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (
            Method::POST,
            Some(json!({ "cmd": self.command, "params": self.parameters }).to_string()),
        )
    }
}

mod tests {
    use fantoccini::Locator;

    use super::Browser;

    #[tokio::test]
    async fn a_page_is_shown_without_scripts_in_the_size_and_colours_asked_for() {
        let Some(browser) = Browser::start().await else {
            return;
        };
        browser.size(375, 700).await;
        browser.colour_scheme("dark").await;
        let style = "<style>p{display:none} @media (width:375px) and (prefers-color-scheme:dark) {p{display:block}}</style>";
        let page = format!(
            "data:text/html;charset=utf-8,{style}<p>نشرة</p><script>document.title='ran'</script>"
        );
        browser.page.goto(&page).await.unwrap();
        assert_eq!(
            browser
                .page
                .find(Locator::Css("p"))
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
            "نشرة"
        );
        assert_eq!(browser.page.title().await.unwrap(), "ran");
        browser.scripts(false).await;
        browser
            .page
            .goto(&page.replace("نشرة", "بلا"))
            .await
            .unwrap();
        assert_eq!(browser.page.title().await.unwrap(), "");
        assert_eq!(
            browser.ask("return document.title").await,
            "",
            "it may be asked, and runs nothing of its own"
        );
        assert!(browser.picture("harness").await.metadata().unwrap().len() > 1000);
    }
}
