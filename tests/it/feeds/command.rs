//! `nashra feed` as an operator runs it.

use serde_json::Value;

use super::site::{FeedSite, rss};
use super::{reading, row, stored};
use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::{Output, Program};

async fn nashra(app: &TestApp, arguments: &[&str]) -> Output {
    let config = app.config_file();
    let all = [&["--config", config.to_str().unwrap()], arguments].concat();
    Program::nashra(all).run().await
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

both_databases!(
    /// `feed fetch`: one line a feed, what was passed over, exit 1 when a feed failed.
    feed_fetch_stores_and_says_what_came_of_each_feed,
    |db| async move {
        let site = FeedSite::start().await;
        let [good, bad] = ["/good.xml", "/bad.xml"].map(|path| site.url(path));
        let app = reading(db, &[(&good, None), (&bad, None)]).await;
        let items = rss(&[("a", "One", ""), ("b", "Two", "")]);
        site.write("/good.xml", items.replace("https://news.example/b", "news.example"));
        site.write("/bad.xml", rss(&[]));
        let output = nashra(&app, &["feed", "fetch"]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        let lines: Vec<_> = output.stdout.lines().collect();
        assert!(lines[0].starts_with(&format!("{bad}: 0 new")), "{output:?}");
        assert_eq!(lines[1], format!("{good}: 2 new, 0 changed, 0 known"));
        assert_eq!(stored(&app, "weekly").await.len(), 2);

        site.fail("/bad.xml", 500, None);
        let output = nashra(&app, &["feed", "fetch", "--list", "weekly", "--json"]).await;
        assert_eq!(output.code, Some(1), "{output:?}");
        let reports = json(&output);
        assert!(reports[0]["error"].as_str().unwrap().contains("answered 500"), "{reports}");
        assert_eq!((&reports[1]["url"], &reports[1]["unchanged"]), (&Value::from(good), &Value::from(true)));

        let output = nashra(&app, &["feed", "fetch", "--list", "none"]).await;
        assert_ne!(output.code, Some(0));
        assert!(output.stderr.contains("none") && output.stderr.contains("weekly"), "{output:?}");
    }
);

both_databases!(
    /// `feed list`: the last reading of each feed, also of those that failed.
    feed_list_shows_the_last_reading,
    |db| async move {
        let site = FeedSite::start().await;
        let [good, bad] = ["/good.xml", "/bad.xml"].map(|path| site.url(path));
        let app = reading(db, &[(&good, None), (&bad, None)]).await;
        site.write("/good.xml", rss(&[("a", "One", "")]));
        assert_eq!(nashra(&app, &["feed", "fetch"]).await.code, Some(1));
        let output = nashra(&app, &["feed", "list"]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        let line = |url: &str| output.stdout.lines().find(|line| line.contains(url)).unwrap();
        assert!(line(&bad).starts_with("never") && line(&bad).contains("answered 404"), "{output:?}");
        assert!(!line(&good).starts_with("never"), "{output:?}");
        let rows = json(&nashra(&app, &["feed", "list", "--json"]).await);
        assert_eq!((&rows[0]["failures"], &rows[1]["failures"]), (&Value::from(1), &Value::from(0)));
        assert_eq!(rows[1]["etag"].as_str(), row(&app, &good).await.etag.as_deref());
    }
);

both_databases!(
    /// `feed check`: shows a feed and stores nothing; what is no feed is exit 1 with the reason.
    feed_check_shows_a_feed_and_stores_nothing,
    |db| async move {
        let app = reading(db, &[]).await;
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
        let check = async |name: &str| nashra(&app, &["feed", "check", fixtures.join(name).to_str().unwrap()]).await;
        let output = check("cut.xml").await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stdout.starts_with("«City News»: 3 articles\n"), "{output:?}");
        assert!(output.stdout.contains("passed over: line "), "{output:?}");
        assert!(stored(&app, "weekly").await.is_empty());
        for (name, said) in [("page.html", "but an HTML page"), ("dtd-entities.xml", "declares a DTD"), ("none.xml", "none.xml")] {
            let output = check(name).await;
            assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""), "{output:?}");
            assert!(output.stderr.contains(said), "{output:?}");
        }
        let output = nashra(&app, &["feed", "fetch"]).await;
        assert!(output.stdout.contains("add [[lists.feeds]]"), "{output:?}");
    }
);
