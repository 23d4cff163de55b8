//! `Idempotency-Key`: what is sent again is answered again and not done again, by whichever process and however many at once.

use std::time::Duration;

use nashra::app::App;
use nashra::clock::Clock;
use nashra::service::prune;
use nashra::store::article::Placement;
use nashra::web::{self, Web};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{OTHER, TOKEN, article, count, posting, start};
use crate::harness::app::{MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{Answer, send};
use crate::harness::queue::number;

async fn post(url: &str, token: &str, key: &str, body: &Value) -> Answer {
    send(
        posting(url, &body.to_string())
            .bearer_auth(token)
            .header("idempotency-key", key),
    )
    .await
}

/// A second process, as far as the database can tell: its address.
async fn second(app: &TestApp) -> String {
    let text = std::fs::read_to_string(app.config_file()).unwrap();
    let config = nashra::config::parse(&text, std::iter::empty())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let other = App::open(config, Clock::manual(MONDAY)).await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let pages = Web::new(other.context.clone(), Vec::new(), other.request_timeout());
    tokio::spawn(web::serve(listener, pages, std::future::pending()));
    url
}

both_databases!(
    /// The same answer to the letter, from any process, also when the article has changed since; another body is refused.
    a_key_gives_its_answer_again_for_a_day,
    |db| async move {
        let app = start(db).await;
        let other = second(&app).await;
        let first = post(&app.url, TOKEN, "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &article(1)).await;
        assert_eq!(first.status, 200, "{}", first.text());
        assert!(!first.headers.contains_key("idempotency-replayed"));
        let mut newer = article(1);
        newer["title"] = json!("عنوان آخر");
        assert_eq!(post(&app.url, TOKEN, "newer", &newer).await.json()["articles"][0]["result"], "changed");
        // With and without quotation marks it is the same key.
        for (url, key) in [(&app.url, "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""), (&other, "8e03978e-40d5-43dd-bc93-6894a57f9324")] {
            let again = post(url, TOKEN, key, &article(1)).await;
            assert_eq!((again.status, again.text(), again.header("idempotency-replayed")), (200, first.text(), "true"));
        }
        for url in [&app.url, &other] {
            let reused = post(url, TOKEN, "newer", &article(2)).await;
            assert_eq!((reused.status, reused.json()["code"].as_str()), (422, Some("idempotency-key-reused")));
        }
        let title = "SELECT COUNT(*) FROM articles WHERE title = 'عنوان آخر'";
        assert_eq!((count(&app).await, number(&app.database(), title).await), (1, 1));
        // Another program's keys are its own.
        assert_eq!(post(&app.url, OTHER, "newer", &article(2)).await.json()["articles"][0]["result"], "new");

        app.advance(Duration::from_hours(24));
        assert_eq!(post(&app.url, TOKEN, "newer", &article(3)).await.json()["articles"][0]["result"], "new");
        let rows = "SELECT COUNT(*) FROM api_answers";
        assert_eq!(number(&app.database(), rows).await, 3);
        prune::prune(&app.app.context).await.unwrap();
        assert_eq!(number(&app.database(), rows).await, 1);
    }
);

both_databases!(
    /// Identical requests at once, to two processes: stored once, one answer for all that get one, 409 for the rest.
    identical_requests_at_once_are_done_once,
    |db| async move {
        let app = start(db).await;
        let urls = [app.url.clone(), second(&app).await];
        let body: Value = (0..20).map(article).collect();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..24 {
            let (url, body) = (urls[n % 2].clone(), body.clone());
            tasks.spawn(async move { post(&url, TOKEN, "at-once", &body).await });
        }
        let answers = tasks.join_all().await;
        let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(!good.is_empty());
        assert!(good.iter().all(|answer| answer.text() == good[0].text()));
        let fresh = good.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed"));
        assert_eq!(fresh.count(), 1);
        for answer in refused {
            assert_eq!((answer.status, answer.header("retry-after")), (409, "1"), "{}", answer.text());
            assert_eq!(answer.json()["code"], "idempotency-key-running");
        }
        assert_eq!(count(&app).await, 20);
        assert!(good[0].json()["articles"].as_array().unwrap().iter().all(|told| told["result"] == "new"));
        assert_eq!(post(&app.url, TOKEN, "at-once", &body).await.text(), good[0].text());
    }
);

both_databases!(
    /// While the first request waits for the database, the second is told so at once; the first is done all the same.
    a_key_whose_request_still_runs_is_a_conflict,
    |db| async move {
        let app = start(db).await;
        assert_eq!(post(&app.url, TOKEN, "before", &article(1)).await.status, 200);
        // The article's row (on SQLite: the database) is held by somebody else.
        let mut changed = article(1);
        changed["title"] = json!("عنوان آخر");
        let mut held = app.app.context.database.write().await.unwrap();
        let list = app.app.context.list("weekly").unwrap().id;
        let id = number(&app.database(), "SELECT id FROM articles").await;
        let placement = Placement { list_id: list, article_id: id, section: "health", rule: None };
        nashra::store::article::place(&mut held, &[placement]).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let (url, body) = (app.url.clone(), changed.clone());
            tasks.spawn(async move { post(&url, TOKEN, "slow", &body).await });
        }
        // Whichever came second: the first cannot be done yet.
        let second = tasks.join_next().await.unwrap().unwrap();
        assert_eq!((second.status, second.json()["code"].as_str()), (409, Some("idempotency-key-running")));
        held.commit().await.unwrap();
        let first = tasks.join_next().await.unwrap().unwrap();
        assert_eq!((first.status, first.json()["articles"][0]["result"].as_str()), (200, Some("changed")));
        assert_eq!(post(&app.url, TOKEN, "slow", &changed).await.status, 200);
        assert_eq!(count(&app).await, 1);
    }
);

both_databases!(
    /// Nothing was done, so nothing is kept: put right, the request may keep its key.
    a_refused_request_leaves_its_key_free,
    |db| async move {
        let app = start(db).await;
        let mut bad = article(1);
        bad["list"] = json!("none");
        assert_eq!(post(&app.url, TOKEN, "k", &bad).await.status, 422);
        assert_eq!(post(&app.url, TOKEN, "k", &article(1)).await.status, 200);
        for key in ["", "\"\"", "a b", "a\"b", &"x".repeat(256)] {
            let answer = post(&app.url, TOKEN, key, &article(1)).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("bad-idempotency-key")), "{key}");
        }
    }
);
