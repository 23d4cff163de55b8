//! Leaving by the page: less often instead, a pause, and taking it back (issue 5, points 5 and 6).

use std::time::Duration;

use nashra::domain::choices::Choices;
use nashra::domain::rhythm::{Cadence, Rhythm};
use nashra::store;
use nashra::store::choices::Window;
use reqwest::Method;

use crate::form::{MULTIPART, URLENCODED, body};
use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

const LAYLA: &str = "layla@example.org";

fn link(app: &TestApp) -> String {
    let list = app.app.context.list("weekly").unwrap().id;
    app.app.context.unsubscribe_url(list, 1)
}

async fn choices(app: &TestApp) -> Choices {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    store::choices::of(&mut tx, list, 1).await.unwrap().unwrap()
}

async fn counts(app: &TestApp) -> (i64, i64, i64) {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    store::subscription::counts(&mut tx, list).await.unwrap()
}

/// Leaves by the page's button; the proof in the answer.
async fn leave(app: &TestApp) -> String {
    let answer = http::post_form(&link(app), &[]).await;
    let text = answer.text();
    let (_, rest) = text
        .split_once("name=\"undo\" value=\"")
        .expect("an undo button");
    rest.split_once('"').unwrap().0.to_owned()
}

both_databases!(
    /// Who is about to leave is offered what comes less often than now, and a pause; neither leaves.
    less_often_and_a_pause_are_offered_instead,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let page = http::get(&link(&app)).await;
        let text = page.text();
        assert!(text.contains("value=\"monthly\"") && text.contains("value=\"pause\"") && text.contains("/p/"), "{text}");
        assert!(!text.contains("value=\"weekly\"") && !text.contains("value=\"daily\""), "not more often: {text}");
        // Leaving stays the first button: the one that the Enter key presses.
        assert!(text.find("<button type=\"submit\">").unwrap() < text.find("name=\"instead\"").unwrap());
        let answer = http::post_form(&link(&app), &[("instead", "monthly")]).await;
        assert_eq!(answer.status, 303);
        assert!(answer.header("location").starts_with("/p/"));
        let rhythm = Rhythm::new(Cadence::Monthly, 1, 7, "UTC").unwrap();
        assert_eq!(choices(&app).await.rhythm, Some(rhythm));
        assert_eq!(http::post_form(&link(&app), &[("instead", "pause")]).await.status, 303);
        assert_eq!(choices(&app).await.paused_until_ms, Some(MONDAY + 30 * DAY));
        assert_eq!(counts(&app).await, (0, 1, 0));
        // What is not on offer is refused and leaves nothing.
        let before = app.dump().await;
        assert_eq!(http::post_form(&link(&app), &[("instead", "weekly")]).await.status, 303);
        assert_eq!(http::post_form(&link(&app), &[("instead", "hourly")]).await.status, 400);
        assert_eq!(app.dump().await, before);
        // Who has left is not brought back by these.
        leave(&app).await;
        let left = app.dump().await;
        assert_eq!(http::post_form(&link(&app), &[("instead", "pause")]).await.status, 303);
        assert_eq!(app.dump().await, left);
    }
);

both_databases!(
    /// Undo brings the subscription back with its choices, once, with a record; the link alone never does.
    undo_works_once_and_brings_the_choices_back,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let chosen = Choices {
            language: Some("en".into()),
            sections: Some(vec!["reports".into()]),
            ..Choices::default()
        };
        let mut tx = app.app.context.database.write().await.unwrap();
        let window = Window { next_ms: None, since_ms: Some(5) };
        store::choices::set(&mut tx, list, 1, &chosen, window).await.unwrap();
        tx.commit().await.unwrap();

        let proof = leave(&app).await;
        assert_eq!(counts(&app).await, (0, 0, 1));
        // Neither looking again nor leaving again hands out another proof.
        for answer in [http::get(&link(&app)).await, http::post_form(&link(&app), &[]).await] {
            assert!(answer.text().contains("أُلغي اشتراكك") && !answer.text().contains("name=\"undo\""));
        }
        let token = link(&app).rsplit_once('/').unwrap().1.to_owned();
        for forged in ["", "x", &token, &proof[1..]] {
            let answer = http::post_form(&link(&app), &[("undo", forged)]).await;
            assert_eq!(answer.status, 410, "{forged}");
        }
        assert_eq!(counts(&app).await, (0, 0, 1));
        app.advance(Duration::from_mins(59));
        let answer = http::post_form(&link(&app), &[("undo", &proof)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
        assert!(page.text().contains("Your subscription is back"), "{}", page.text());
        assert_eq!(counts(&app).await, (0, 1, 0));
        assert_eq!(choices(&app).await, chosen);
        let mut tx = app.app.context.database.read().await.unwrap();
        let steps = store::consent::of(&mut tx, list, 1).await.unwrap();
        let steps: Vec<_> = steps.iter().map(|step| step.action.as_str()).collect();
        assert_eq!(steps, ["subscribe", "confirm", "unsubscribe", "confirm"]);
        drop(tx);
        // The same proof is not good for a later leaving.
        app.advance(Duration::from_secs(1));
        leave(&app).await;
        assert_eq!(http::post_form(&link(&app), &[("undo", &proof)]).await.status, 410);
        assert_eq!(counts(&app).await, (0, 0, 1));
    }
);

both_databases!(
    /// An hour later, for another reader, or for a suppressed address the proof is worth nothing.
    undo_ends_after_an_hour,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        app.confirmed("omar@example.org").await;
        let list = app.app.context.list("weekly").unwrap().id;
        let other = app.app.context.unsubscribe_url(list, 2);
        http::post_form(&other, &[]).await;
        let proof = leave(&app).await;
        assert_eq!(http::post_form(&other, &[("undo", &proof)]).await.status, 410);
        let mut tx = app.app.context.database.write().await.unwrap();
        store::suppression::add(&mut tx, LAYLA, "complaint", MONDAY).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(http::post_form(&link(&app), &[("undo", &proof)]).await.status, 410);
        let mut tx = app.app.context.database.write().await.unwrap();
        store::suppression::remove(&mut tx, LAYLA).await.unwrap();
        tx.commit().await.unwrap();
        app.advance(Duration::from_hours(1));
        assert_eq!(http::post_form(&link(&app), &[("undo", &proof)]).await.status, 410);
        assert_eq!(counts(&app).await, (0, 0, 2));
    }
);

both_databases!(
    /// A reader who was not confirmed is not confirmed by leaving and taking it back (D1).
    undo_confirms_nobody,
    |db| async move {
        let app = TestApp::start(db).await;
        http::post_form(&format!("{}/subscribe/weekly", app.url), &[("email", LAYLA)]).await;
        assert_eq!(counts(&app).await, (1, 0, 0));
        let page = http::get(&link(&app)).await;
        assert!(!page.text().contains("name=\"instead\""), "{}", page.text());
        let answer = http::post_form(&link(&app), &[]).await;
        assert!(answer.status == 200 && !answer.text().contains("name=\"undo\""));
        assert_eq!(counts(&app).await, (0, 0, 1));
    }
);

both_databases!(
    /// D14: who leaves and signs up again begins anew, with the next digest.
    choices_do_not_outlive_a_new_sign_up,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        http::post_form(&link(&app), &[("instead", "monthly")]).await;
        leave(&app).await;
        app.advance(Duration::from_hours(48));
        app.confirmed(LAYLA).await;
        assert_eq!(counts(&app).await, (0, 1, 0));
        assert_eq!(choices(&app).await, Choices::default());
    }
);

/// A one-click request: which method, which cookie and origin, which body.
async fn one_click(url: &str, method: &Method, kind: &str, from: &str) -> Answer {
    const FIELD: (&str, &str) = ("List-Unsubscribe", "One-Click");
    let mut request = http::request(method.clone(), url);
    request = match from {
        "cookie" => request
            .header("cookie", "session=1")
            .header("authorization", "Basic eDp5"),
        "foreign origin" => request
            .header("origin", "https://mail.example")
            .header("sec-fetch-site", "cross-site"),
        _ => request,
    };
    request = match kind {
        "urlencoded" => request
            .header("content-type", URLENCODED)
            .body(body(URLENCODED, &[FIELD])),
        "multipart" => request
            .header("content-type", MULTIPART)
            .body(body(MULTIPART, &[FIELD])),
        "no content type" => request.body(body(URLENCODED, &[FIELD])),
        _ => request,
    };
    http::send(request).await
}

both_databases!(
    /// H5–H8, issue 5 point 10: every combination of method, body, sender and state.
    the_one_click_matrix,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed(LAYLA).await;
        let link = link(&app);
        let garbled = format!("{}_{}", &link[..link.len() - 9], &link[link.len() - 8..]);
        let list = app.app.context.list("weekly").unwrap().id;
        for method in [Method::POST, Method::GET, Method::HEAD] {
            for kind in ["urlencoded", "multipart", "empty body", "no content type"] {
                for from in ["none", "cookie", "foreign origin"] {
                    for state in ["active", "left"] {
                        for end in ["", "/"] {
                            let mut tx = app.app.context.database.write().await.unwrap();
                            if state == "active" {
                                store::subscription::set_pending(&mut tx, list, 1, None, MONDAY).await.unwrap();
                                store::subscription::confirm(&mut tx, list, 1, MONDAY).await.unwrap();
                            } else {
                                store::subscription::unsubscribe(&mut tx, list, 1, MONDAY).await.unwrap();
                            }
                            tx.commit().await.unwrap();
                            let case = format!("{method} {kind}, {from}, {state}, {end}");
                            let before = app.dump().await;
                            let answer = one_click(&format!("{link}{end}"), &method, kind, from).await;
                            assert_eq!(answer.status, 200, "{case}");
                            assert!(answer.header("set-cookie").is_empty() && answer.header("location").is_empty(), "{case}");
                            if method != Method::POST || state == "left" {
                                assert_eq!(app.dump().await, before, "{case}");
                            } else {
                                assert_eq!(counts(&app).await, (0, 0, 1), "{case}");
                            }
                        }
                    }
                    let before = app.dump().await;
                    let answer = one_click(&garbled, &method, kind, from).await;
                    assert_eq!(answer.status, 404, "{method} {kind} {from}");
                    assert!(answer.header("set-cookie").is_empty() && !String::from_utf8_lossy(&answer.body).contains("layla"));
                    assert_eq!(app.dump().await, before);
                }
            }
        }
    }
);
