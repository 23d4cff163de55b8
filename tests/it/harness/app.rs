//! The program in process: a configuration text, a test's database, a catcher for its mail, its pages on a real port.

use std::sync::Arc;
use std::time::Duration;

use nashra::app::App;
use nashra::catcher::{Catcher, CatcherConfig, Script};
use nashra::clock::Clock;
use nashra::domain::article::{NewArticle, SafeHtml};
use nashra::service::compose::{self, Composed};
use nashra::service::{deliver, publish};
use nashra::store::article::Placement;
use nashra::store::digest::Digest;
use nashra::store::{self, Tx};
use nashra::web::{self, Web};
use nashra::worker::{Progress, Sender, Until};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::configuration::configuration;
use super::database::TestDb;

/// A Monday, 07:00 UTC: the list's hour.
pub const MONDAY: i64 = 1_767_596_400_000;
/// A day in milliseconds.
pub const DAY: i64 = 24 * 60 * 60 * 1_000;

/// A second list, `daily`, for [`Options::lists`].
pub const DAILY: &str = r#"
[[lists]]
slug = "daily"
name = "النشرة اليومية"
locale = "ar"
schedule = "0 6 * * *"
zone = "Asia/Beirut"
sections = [{ key = "news", name = "أخبار" }]
"#;

/// The program under test, its world, and its clock.
pub struct TestApp {
    /// The program.
    pub app: App,
    /// Where its mail goes.
    pub catcher: Catcher,
    /// Its clock stands still until it is moved; it begins on [`MONDAY`].
    pub clock: Clock,
    /// Where its pages are.
    pub url: String,
    stop: CancellationToken,
    database: TestDb,
    directory: TempDir,
}

/// Lines to add to the configuration, and to the list in it.
#[derive(Default, Clone)]
pub struct Options {
    /// Whole sections of the file.
    pub sections: String,
    /// Keys of `[smtp]`.
    pub smtp: String,
    /// Keys of `[feeds]`.
    pub feeds: String,
    /// Keys of the list `weekly`.
    pub list: String,
    /// Whole further `[[lists]]`.
    pub lists: String,
    /// What the catcher offers; everything when absent.
    pub catcher: Option<fn(&mut CatcherConfig)>,
}

impl TestApp {
    /// The program with one Arabic list `weekly` of three sections.
    pub async fn start(database: TestDb) -> Self {
        Self::with(database, Options::default()).await
    }

    /// The program with the lists `weekly` and `daily`.
    pub async fn with_two_lists(database: TestDb) -> Self {
        let lists = DAILY.to_owned();
        Self::with(
            database,
            Options {
                lists,
                ..Options::default()
            },
        )
        .await
    }

    /// The program with more in its configuration.
    pub async fn with(database: TestDb, options: Options) -> Self {
        let directory = TempDir::new().unwrap();
        let mut config = CatcherConfig::new(([127, 0, 0, 1], 0).into(), || MONDAY);
        if let Some(change) = options.catcher {
            change(&mut config);
        }
        let catcher = Catcher::start(config).await.unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let text = configuration(
            &database.url,
            &url,
            catcher.smtp_addr().port(),
            directory.path(),
            &options,
        );
        let clock = Clock::manual(MONDAY);
        let config = nashra::config::parse(&text, std::iter::empty())
            .unwrap_or_else(|errors| panic!("{errors}"));
        let app = App::open(config, clock.clone()).await.unwrap();
        let stop = CancellationToken::new();
        let pages = Web::new(
            app.context.clone(),
            app.trusted_proxies(),
            app.request_timeout(),
        );
        let stopped = stop.clone();
        tokio::spawn(web::serve(listener, pages, async move {
            stopped.cancelled().await;
        }));
        Self {
            app,
            catcher,
            clock,
            url,
            stop,
            database,
            directory,
        }
    }

    /// The same configuration as a file, for the built program.
    pub fn config_file(&self) -> std::path::PathBuf {
        self.directory.path().join("nashra.toml")
    }

    /// Everything that the database holds now.
    pub async fn dump(&self) -> String {
        super::dump::dump(&self.database.url).await
    }

    /// A directory of this test's own.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Plays faults from now on (see `nashra::catcher::script`).
    pub fn faults(&self, script: &str) {
        self.catcher.set_script(script.parse::<Script>().unwrap());
    }

    /// Sends what is due until the queue has nothing more to give now, over SMTP to the catcher.
    pub async fn deliver_pending(&self) -> Arc<Progress> {
        let routes = Arc::new(self.app.routes(None).unwrap());
        let sender = Sender::new(self.app.context.clone(), routes, Until::Drained);
        let progress = sender.progress();
        sender.run(CancellationToken::new()).await.unwrap();
        progress
    }

    /// A confirmed reader of `weekly`, by the form, the mail and the button. The catcher's count goes up by one.
    pub async fn confirmed(&self, address: &str) {
        let form = format!("{}/subscribe/weekly", self.url);
        let posted = super::http::post_form(&form, &[("email", address)]).await;
        assert_eq!(posted.status, 303, "{}", posted.text());
        self.deliver_pending().await;
        let link = self.confirmation_link(address);
        assert_eq!(super::http::post_form(&link, &[]).await.status, 200);
    }

    /// A subscriber becomes a confirmed reader of another list straight in the database.
    pub async fn confirm_of(&self, slug: &str, subscriber: i64) {
        let list = self.app.context.list(slug).unwrap().id;
        let mut tx = self.app.context.database.write().await.unwrap();
        store::subscription::set_pending(&mut tx, list, subscriber, None, MONDAY)
            .await
            .unwrap();
        store::subscription::confirm(&mut tx, list, subscriber, MONDAY)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Readers of `weekly` straight into the database, for tests that need many.
    pub async fn many_confirmed(&self, number: usize) {
        self.many_confirmed_at("example.org", number).await;
    }

    /// The same, with their mailboxes at this domain.
    pub async fn many_confirmed_at(&self, domain: &str, number: usize) {
        self.many_confirmed_of("weekly", domain, number).await;
    }

    /// The same, of another list.
    pub async fn many_confirmed_of(&self, slug: &str, domain: &str, number: usize) {
        let list = self.app.context.list(slug).unwrap().id;
        let mut tx = self.app.context.database.write().await.unwrap();
        for n in 0..number {
            let address = format!("reader{n}@{domain}");
            let address = nashra::domain::address::EmailAddress::parse(&address).unwrap();
            let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
                .await
                .unwrap();
            store::subscription::set_pending(&mut tx, list, id, None, MONDAY)
                .await
                .unwrap();
            store::subscription::confirm(&mut tx, list, id, MONDAY)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// The link of the latest confirmation mail to an address.
    pub fn confirmation_link(&self, address: &str) -> String {
        self.link_of(address, "/confirm/")
    }

    /// The link with this in it of the latest mail to an address.
    pub fn link_of(&self, address: &str, part: &str) -> String {
        let mails = self.catcher.messages();
        let link = |text: String| {
            let mut words = text.split_whitespace();
            words.find(|word| word.contains(part)).map(str::to_owned)
        };
        mails
            .iter()
            .rev()
            .filter(|mail| mail.recipients == [address])
            .find_map(|mail| link(mail.text().unwrap()))
            .unwrap()
    }

    /// Where a reader chooses what comes from a list.
    pub async fn preferences_link(&self, slug: &str, address: &str) -> String {
        let (list, id) = self.subscription(slug, address).await;
        self.app.context.preferences_url(list, id)
    }

    /// Where a reader leaves a list.
    pub async fn unsubscribe_link(&self, slug: &str, address: &str) -> String {
        let (list, id) = self.subscription(slug, address).await;
        self.app.context.unsubscribe_url(list, id)
    }

    /// The rows of a list and of a reader.
    async fn subscription(&self, slug: &str, address: &str) -> (i64, i64) {
        let list = self.app.context.list(slug).unwrap().id;
        let address = nashra::domain::address::EmailAddress::parse(address).unwrap();
        let mut tx = self.app.context.database.write().await.unwrap();
        let id = store::subscriber::ensure(&mut tx, &address, 0).await;
        (list, id.unwrap())
    }

    /// Articles `1..=number` in section `reports` of `weekly`, published in the hours before the clock's time.
    pub async fn articles(&self, number: i64) {
        self.articles_of("weekly", number).await;
    }

    /// The same, of another list.
    pub async fn articles_of(&self, slug: &str, number: i64) {
        let list = self.app.context.list(slug).unwrap().id;
        let now_ms = self.clock.now_ms();
        let mut tx = self.app.context.database.write().await.unwrap();
        for n in 1..=number {
            let article = article(n, now_ms - n * 60 * 60 * 1_000);
            put_article(&mut tx, (list, "reports"), article, now_ms).await;
        }
        tx.commit().await.unwrap();
    }

    /// Composes the due digest of `weekly` and freezes its recipients; its row.
    pub async fn publish(&self) -> i64 {
        self.publish_of("weekly").await
    }

    /// The same, of another list.
    pub async fn publish_of(&self, slug: &str) -> i64 {
        let list = self.app.context.list(slug).unwrap();
        let composed = compose::compose(&self.app.context, list, self.clock.now_ms(), false)
            .await
            .unwrap();
        let Composed::Ready(digest) = composed else {
            panic!("no digest: {composed:?}")
        };
        publish::publish(&self.app.context).await.unwrap();
        digest.id
    }

    /// A digest's row.
    pub async fn digest(&self, digest: i64) -> Digest {
        let mut tx = self.app.context.database.read().await.unwrap();
        store::digest::by_id(&mut tx, digest)
            .await
            .unwrap()
            .unwrap()
    }

    /// The deliveries of a digest by state.
    pub async fn counts(&self, digest: i64) -> deliver::Counts {
        let mut tx = self.app.context.database.read().await.unwrap();
        store::digest_delivery::counts(&mut tx, digest)
            .await
            .unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Article number `n`.
pub fn article(n: i64, published_ms: i64) -> NewArticle {
    NewArticle {
        guid: Some(format!("article-{n}")),
        url: format!("https://news.example/articles/{n}"),
        title: format!("خبر رقم {n} من Beirut"),
        summary_html: SafeHtml::from_sanitised(format!("ملخّص <em>الخبر</em> {n}")),
        summary_text: format!("ملخّص الخبر {n}"),
        source: Some("وكالات".into()),
        author: None,
        categories: Vec::new(),
        image: None,
        published_ms: Some(published_ms),
        views: None,
    }
}

/// Stores an article in a section of a list.
pub async fn put_article(
    tx: &mut Tx,
    (list_id, section): (i64, &str),
    article: NewArticle,
    now_ms: i64,
) {
    let stored = store::article::upsert(tx, &[article], now_ms)
        .await
        .unwrap();
    let placement = Placement {
        list_id,
        article_id: stored[0].0,
        section,
        rule: None,
    };
    store::article::place(tx, &[placement]).await.unwrap();
}
