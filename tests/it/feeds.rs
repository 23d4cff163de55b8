//! Articles come in: stored once, placed where they belong, whatever some of the feeds do (issue 3, point 3).

mod alerts;
mod backoff;
mod command;
mod failures;
mod hosts;
mod moves;
pub mod site;

use std::sync::Arc;

use nashra::domain::article::Article;
use nashra::domain::list::List;
use nashra::domain::placing::UrlPattern;
use nashra::service::gather::{self, FeedReport, Occasion};
use nashra::store;
use nashra::store::feed::FeedRow;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use site::{Asked, FeedSite, rss};

/// The program whose list `weekly` reads these feeds: address and, if the feed has one, section.
async fn reading(db: TestDb, feeds: &[(&str, Option<&str>)]) -> TestApp {
    reading_with(db, feeds, "").await
}

/// The same, with more keys of `[feeds]`.
async fn reading_with(db: TestDb, feeds: &[(&str, Option<&str>)], more: &str) -> TestApp {
    let options = Options {
        list: feeds_of(feeds),
        feeds: more.to_owned(),
        ..Options::default()
    };
    TestApp::with(db, options).await
}

fn feeds_of(feeds: &[(&str, Option<&str>)]) -> String {
    let feeds = feeds.iter().map(|(url, section)| {
        let section = section
            .map(|key| format!(", section = \"{key}\""))
            .unwrap_or_default();
        format!("{{ url = \"{url}\"{section} }}")
    });
    format!("feeds = [{}]", feeds.collect::<Vec<_>>().join(", "))
}

/// Reads the feeds of all lists.
async fn gather(app: &TestApp) -> Vec<FeedReport> {
    gather_for(app, &app.app.context.lists).await
}

async fn gather_for(app: &TestApp, lists: &[Arc<List>]) -> Vec<FeedReport> {
    gather_on(app, lists, Occasion::Digest).await
}

/// The same, as the service does every interval.
async fn gather_now_and_then(app: &TestApp) -> Vec<FeedReport> {
    gather_on(app, &app.app.context.lists, Occasion::Interval).await
}

async fn gather_on(app: &TestApp, lists: &[Arc<List>], occasion: Occasion) -> Vec<FeedReport> {
    let fetcher = app.app.fetcher().unwrap();
    gather::gather(&app.app.context, &fetcher, lists, occasion)
        .await
        .unwrap()
}

/// New, changed and known articles of all feeds together.
fn counts(reports: &[FeedReport]) -> [usize; 3] {
    reports.iter().fold([0; 3], |[new, changed, same], report| {
        assert_eq!(report.error, None, "{}", report.url);
        [
            new + report.new,
            changed + report.changed,
            same + report.same,
        ]
    })
}

/// A list's articles in the order of their titles.
async fn stored(app: &TestApp, list: &str) -> Vec<Article> {
    let list = app.app.context.list(list).unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let mut articles = store::article::newest(&mut tx, list, 100).await.unwrap();
    articles.sort_by(|a, b| a.title.cmp(&b.title));
    articles
}

/// What is remembered of a feed.
async fn row(app: &TestApp, url: &str) -> FeedRow {
    let mut tx = app.app.context.database.read().await.unwrap();
    store::feed::by_url(&mut tx, url).await.unwrap().unwrap()
}

both_databases!(
    /// The same GUID is the same article: never stored twice, updated when its words change.
    an_article_is_stored_once_and_updated_when_it_changes,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &[(&site.url("/feed.xml"), None)]).await;
        site.write("/feed.xml", rss(&[("a", "One", ""), ("b", "Two", "")]));
        assert_eq!(counts(&gather(&app).await), [2, 0, 0]);
        // The same articles under a new entity tag: all is read again, nothing is new.
        site.write("/feed.xml", rss(&[("b", "Two", ""), ("a", "One", "")]) + " ");
        assert_eq!(counts(&gather(&app).await), [0, 0, 2]);

        let before = stored(&app, "weekly").await;
        site.write("/feed.xml", rss(&[("a", "One, corrected", ""), ("b", "Two", "")]));
        assert_eq!(counts(&gather(&app).await), [0, 1, 1]);
        let after = stored(&app, "weekly").await;
        assert_eq!(after.iter().map(|a| &*a.title).collect::<Vec<_>>(), ["One, corrected", "Two"]);
        assert_eq!(after[0].summary_text, "ملخّص One, corrected");
        assert_eq!(after[0].id, before[0].id);

        // A GUID is the site's own word: in other letters it is another article.
        site.write("/feed.xml", rss(&[("A", "Other", "")]));
        assert_eq!(counts(&gather(&app).await), [1, 0, 0]);
        assert_eq!(stored(&app, "weekly").await.len(), 3);
    }
);

both_databases!(
    /// One article from two feeds, for two lists: one row, two places.
    an_article_of_two_feeds_is_stored_once_and_stands_in_both_lists,
    |db| async move {
        let site = FeedSite::start().await;
        let [ours, theirs] = ["/ours.xml", "/theirs.xml"].map(|path| site.url(path));
        let lists = format!(
            "[[lists]]\nslug = \"city\"\nname = \"City\"\nlocale = \"en\"\nsections = [{{ key = \"news\", name = \"News\" }}]\n{}",
            feeds_of(&[(&theirs, None), (&ours, None)])
        );
        let list = feeds_of(&[(&ours, Some("health"))]);
        let app = TestApp::with(db, Options { list, lists, ..Options::default() }).await;
        site.write("/ours.xml", rss(&[("a", "Both", "")]));
        site.write("/theirs.xml", rss(&[("a", "Both", ""), ("b", "Theirs", "")]));
        assert_eq!(counts(&gather(&app).await), [2, 0, 1]);
        let (weekly, city) = (stored(&app, "weekly").await, stored(&app, "city").await);
        assert_eq!(weekly.iter().map(|a| (&*a.title, &*a.section)).collect::<Vec<_>>(), [("Both", "health")]);
        assert_eq!(
            city.iter().map(|a| (&*a.title, &*a.section)).collect::<Vec<_>>(),
            [("Both", "news"), ("Theirs", "news")]
        );
        assert_eq!(weekly[0].id, city[0].id);
        let asked = site.asked();
        assert_eq!(asked.len(), 2, "each feed is read once for all lists: {asked:?}");
    }
);

both_databases!(
    /// A feed's own section, else the article's categories, else the first section.
    categories_and_a_feeds_section_lead_to_sections,
    |db| async move {
        let site = FeedSite::start().await;
        let [all, cartoons] = ["/all.xml", "/cartoons.xml"].map(|path| site.url(path));
        let app = reading(db, &[(&all, None), (&cartoons, Some("cartoons"))]).await;
        let items = [("1", "1 by name", "صحة"), ("2", "2 by key", " Health "), ("3", "3 by nothing", "رياضة"), ("4", "4 moves", "")];
        site.write("/all.xml", rss(&items));
        site.write("/cartoons.xml", rss(&[("5", "5 by its feed", "صحة")]));
        gather(&app).await;
        let sections = async || {
            let articles = stored(&app, "weekly").await;
            articles.into_iter().map(|article| article.section).collect::<Vec<_>>()
        };
        assert_eq!(sections().await, ["health", "health", "reports", "reports", "cartoons"]);
        site.write("/all.xml", rss(&[("4", "4 moves", "صحة")]));
        gather(&app).await;
        assert_eq!(sections().await[3], "health");
    }
);

both_databases!(
    /// A feed of two lists goes to both, whichever of them it is read for, and is not read again in full for the other.
    a_feed_of_two_lists_goes_to_both_whichever_is_gathered,
    |db| async move {
        let site = FeedSite::start().await;
        let feed = [(&*site.url("/feed.xml"), None)];
        let city = "[[lists]]\nslug = \"city\"\nname = \"City\"\nlocale = \"en\"\nsections = [{ key = \"news\", name = \"News\" }]\n";
        let options = Options { list: feeds_of(&feed), lists: city.to_owned() + &feeds_of(&feed), ..Options::default() };
        let app = TestApp::with(db, options).await;
        site.write("/feed.xml", rss(&[("a", "One", "صحة")]));
        let one = |slug: &str| [Arc::clone(app.app.context.list(slug).unwrap())];
        assert_eq!(counts(&gather_for(&app, &one("weekly")).await), [1, 0, 0]);
        assert_eq!(stored(&app, "city").await[0].section, "news");
        assert_eq!(stored(&app, "weekly").await[0].section, "health");
        assert!(gather_for(&app, &one("city")).await[0].unchanged);
    }
);

both_databases!(
    /// X4: a feed that did not change is not sent again, unless its articles now belong elsewhere.
    conditions_are_sent_while_the_sections_stay,
    |db| async move {
        let site = FeedSite::start().await;
        let url = site.url("/feed.xml");
        let app = reading(db, &[(&url, None)]).await;
        site.write("/feed.xml", rss(&[("a", "One", "رياضة")]));
        let asked = |conditional| vec![Asked { path: "/feed.xml".to_owned(), conditional }];
        assert_eq!(counts(&gather(&app).await), [1, 0, 0]);
        assert_eq!(site.asked(), asked(false));
        let again = gather(&app).await;
        assert!(again[0].unchanged);
        assert_eq!((counts(&again), site.asked()), ([0, 0, 0], asked(true)));

        let mut list = List::clone(app.app.context.list("weekly").unwrap());
        list.sections[1].categories.push("رياضة".to_owned());
        let lists = [Arc::new(list)];
        assert_eq!(counts(&gather_for(&app, &lists).await), [0, 0, 1]);
        assert_eq!(site.asked(), asked(false));
        assert_eq!(stored(&app, "weekly").await[0].section, "health");
        assert!(gather_for(&app, &lists).await[0].unchanged);
        assert_eq!(site.asked(), asked(true));

        // A pattern of addresses goes before a category.
        let mut list = List::clone(&lists[0]);
        list.sections[2].urls.push(UrlPattern::parse("/*").unwrap());
        assert_eq!(counts(&gather_for(&app, &[Arc::new(list)]).await), [0, 0, 1]);
        assert_eq!(site.asked(), asked(false));
        assert_eq!(stored(&app, "weekly").await[0].section, "cartoons");
        gather_for(&app, &lists).await;
        assert_eq!((site.asked(), &*stored(&app, "weekly").await[0].section), (asked(false), "health"));

        // The name of a section counts among its categories.
        let mut list = List::clone(&lists[0]);
        "رياضة".clone_into(&mut list.sections[2].name);
        list.sections[1].categories.clear();
        gather_for(&app, &[Arc::new(list)]).await;
        assert_eq!(site.asked(), asked(false));
        assert_eq!(stored(&app, "weekly").await[0].section, "cartoons");
    }
);

both_databases!(
    /// X2, M16: what a hostile feed says is harmless before it is stored, and no database chokes on it.
    a_hostile_feed_is_stored_harmless,
    |db| async move {
        let site = FeedSite::start().await;
        let app = reading(db, &[(&site.url("/feed.json"), None)]).await;
        // PostgreSQL packs what repeats itself; this does not.
        let long = (1..400_u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let long = long.collect::<Vec<_>>().concat();
        let feed = serde_json::json!({
            "version": "https://jsonfeed.org/version/1.1", "title": "T\0",
            "items": [
                { "id": "nul\0", "url": "https://news.example/1", "title": "A\0\u{202e}B\n<script>", "date_published": "2026-01-05T05:00:00Z",
                  "content_html": "<script>x</script><p onclick=x>Lead <a href='javascript:x'>and</a> <em style=x>more</em>\0</p><img src='data:x'>" },
                { "id": long, "url": "https://news.example/2", "title": "C" },
                { "url": format!("https://news.example/?q={}", "!".repeat(1_900)), "title": "D" },
                { "url": format!("https://news.example/{long}"), "title": "E" },
            ]
        });
        site.write("/feed.json", feed.to_string());
        let reports = gather(&app).await;
        assert_eq!(counts(&reports), [3, 0, 0]);
        assert_eq!(reports[0].skipped, ["E: it has no http(s) link of at most 2000 characters"]);
        let articles = stored(&app, "weekly").await;
        assert_eq!(articles[0].title, "AB <script>", "plain text, escaped where it is shown");
        assert_eq!(articles[0].summary_html.as_str().trim(), "Lead and <em>more</em>");
        assert_eq!(articles[0].image, None);
        site.write("/feed.json", feed.to_string() + " ");
        assert_eq!(counts(&gather(&app).await), [0, 0, 3], "known by the same long id");
    }
);
