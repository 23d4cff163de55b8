//! S18 and promise 8: an article is in one digest, none is lost, a period is decided once, and each decision is recorded.

use std::time::Duration;

use nashra::domain::digest::SkipReason;
use nashra::service::compose::{self, Composed};
use nashra::service::publish;
use nashra::store;
use nashra::store::digest::Digest;

use crate::harness::app::{DAY, MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases};

const HOUR: i64 = DAY / 24;

fn days(days: i64) -> Duration {
    Duration::from_millis((days * DAY) as u64)
}

async fn start(db: TestDb, list: &str) -> TestApp {
    let options = Options {
        list: list.to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(1).await;
    app
}

/// An article that is stored now and says that it is of this time.
async fn stored(app: &TestApp, n: i64, published_ms: i64) {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    let article = article(n, published_ms);
    put_article(&mut tx, (list, "reports"), article, app.clock.now_ms()).await;
    tx.commit().await.unwrap();
}

async fn composed(app: &TestApp) -> Composed {
    let list = app.app.context.list("weekly").unwrap();
    compose::compose(&app.app.context, list, app.clock.now_ms(), false)
        .await
        .unwrap()
}

/// The digest of this moment, which goes out.
async fn ready(app: &TestApp) -> Digest {
    let digest = match composed(app).await {
        Composed::Ready(digest) => *digest,
        other => panic!("{other:?}"),
    };
    publish::publish(&app.app.context).await.unwrap();
    digest
}

/// The numbers of the articles that a digest shows, in its order.
fn shown(digest: &Digest) -> Vec<i64> {
    let edition = serde_json::to_string(&digest.edition).unwrap();
    let mut urls: Vec<i64> = edition
        .split("https://news.example/articles/")
        .skip(1)
        .map(|rest| {
            rest.split(|c: char| !c.is_ascii_digit())
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

async fn records(app: &TestApp) -> Vec<(String, Option<String>)> {
    let mut tx = app.app.context.database.read().await.unwrap();
    let digests = store::digest::newest(&mut tx, None, 10).await.unwrap();
    digests
        .into_iter()
        .map(|digest| (digest.status.as_str().to_owned(), digest.reason))
        .collect()
}

both_databases!(
    /// `min_articles`: a thin week is skipped with a record, and its articles come in the next digest.
    s18_a_skipped_period_is_recorded_and_its_articles_come_in_the_next,
    |db| async move {
        let app = start(db, "min_articles = 3").await;
        stored(&app, 1, MONDAY - HOUR).await;
        stored(&app, 2, MONDAY - 2 * HOUR).await;
        assert!(matches!(composed(&app).await, Composed::Skipped { period_ms: MONDAY, reason: SkipReason::NothingNew, .. }));
        assert!(matches!(composed(&app).await, Composed::NotDue), "promise 7: decided");
        assert_eq!(records(&app).await, [("skipped".to_owned(), Some("nothing_new".to_owned()))]);
        app.advance(days(7));
        stored(&app, 3, MONDAY + DAY).await;
        let digest = ready(&app).await;
        assert_eq!(shown(&digest), [1, 2, 3]);
    }
);

both_databases!(
    /// S18: an article is in one digest of a list, even when it changes afterwards.
    s18_an_article_never_comes_twice,
    |db| async move {
        let app = start(db, "").await;
        app.articles(3).await;
        assert_eq!(shown(&ready(&app).await), [1, 2, 3]);
        app.advance(days(7));
        // The same articles with newer dates, as a feed that touches them: known, and decided.
        for n in 1..=3 {
            stored(&app, n, MONDAY + 6 * DAY).await;
        }
        stored(&app, 4, MONDAY + 6 * DAY).await;
        assert_eq!(shown(&ready(&app).await), [4]);
        app.advance(days(7));
        assert!(matches!(composed(&app).await, Composed::Skipped { reason: SkipReason::NothingNew, .. }));
    }
);

both_databases!(
    /// S18: an article that was gathered after its digest went out comes in the next one.
    s18_a_late_article_is_not_lost,
    |db| async move {
        let app = start(db, "").await;
        app.articles(1).await;
        assert_eq!(shown(&ready(&app).await), [1]);
        app.advance(days(1));
        stored(&app, 2, MONDAY - 2 * HOUR).await;
        stored(&app, 3, MONDAY - 60 * DAY).await;
        app.advance(days(6));
        let digest = ready(&app).await;
        assert_eq!(shown(&digest), [2], "late by a day, and not the archive of a feed that was just added");
    }
);

both_databases!(
    /// S18: an article dated in the future waits for its time.
    s18_an_article_of_tomorrow_waits,
    |db| async move {
        let app = start(db, "").await;
        app.articles(1).await;
        stored(&app, 2, MONDAY + DAY).await;
        assert_eq!(shown(&ready(&app).await), [1]);
        app.advance(days(7));
        assert_eq!(shown(&ready(&app).await), [2]);
    }
);

both_databases!(
    /// Issue 3, point 6: after downtime the missed period goes out once within `lateness`, with all that was missed.
    s18_a_missed_period_goes_out_once,
    |db| async move {
        let app = start(db, "lateness = \"2d\"").await;
        app.articles(1).await;
        ready(&app).await;
        stored(&app, 2, MONDAY + DAY).await;
        stored(&app, 3, MONDAY + 10 * DAY).await;
        // Down for two Mondays and a day more.
        app.advance(days(15));
        let digest = ready(&app).await;
        assert_eq!((digest.period_ms, shown(&digest)), (MONDAY + 14 * DAY, vec![2, 3]));
        assert!(matches!(composed(&app).await, Composed::NotDue));
        assert_eq!(records(&app).await.len(), 2, "the Monday before is not made up for");
    }
);

both_databases!(
    /// Issue 3, point 6: later than `lateness` the period is recorded as skipped, and its articles are not lost.
    s18_a_period_that_is_too_late_is_recorded,
    |db| async move {
        let app = start(db, "lateness = \"1d\"").await;
        app.articles(1).await;
        ready(&app).await;
        stored(&app, 2, MONDAY + DAY).await;
        app.advance(days(9));
        assert!(matches!(composed(&app).await, Composed::Skipped { reason: SkipReason::TooLate, .. }));
        let output = app.nashra(["digest", "list"]).run().await;
        assert!(output.stdout.contains("skipped (too_late)"), "{output:#?}");
        app.advance(days(5));
        let digest = ready(&app).await;
        assert_eq!((digest.period_ms, shown(&digest)), (MONDAY + 14 * DAY, vec![2]));
    }
);

both_databases!(
    /// Promise 8: a list without readers records that, and its articles wait for the first one.
    s18_no_recipients_is_recorded,
    |db| async move {
        let app = TestApp::start(db).await;
        app.articles(1).await;
        assert!(matches!(composed(&app).await, Composed::Skipped { reason: SkipReason::NoRecipients, .. }));
        app.many_confirmed(1).await;
        app.advance(days(7));
        assert_eq!(shown(&ready(&app).await), [1]);
    }
);
