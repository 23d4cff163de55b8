//! Who ends everything on the page of choices can take it back, as who leaves one list can.

use std::time::Duration;

use nashra::store;

use crate::harness::app::TestApp;
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http::{self, Answer};

const LAYLA: &str = "layla@example.org";

/// A reader of both lists, who chose English for one of them.
async fn reader_of_two(db: TestDb) -> TestApp {
    let app = TestApp::with_two_lists(db).await;
    app.confirmed(LAYLA).await;
    app.confirm_of("daily", 1).await;
    let chosen = [
        ("do", "save"),
        ("weekly.cadence", "list"),
        ("weekly.language", "en"),
        ("weekly.section", "reports"),
    ];
    assert_eq!(http::post_form(&link(&app), &chosen).await.status, 303);
    app
}

fn link(app: &TestApp) -> String {
    let list = app.app.context.list("weekly").unwrap().id;
    app.app.context.preferences_url(list, 1)
}

async fn confirmed(app: &TestApp) -> [i64; 2] {
    let mut counts = [0; 2];
    let mut tx = app.app.context.database.read().await.unwrap();
    for (count, slug) in counts.iter_mut().zip(["weekly", "daily"]) {
        let list = app.app.context.list(slug).unwrap().id;
        *count = store::subscription::counts(&mut tx, list).await.unwrap().1;
    }
    counts
}

/// The hidden fields of the undo button, as a browser sends them.
fn proofs(page: &Answer) -> Vec<(String, String)> {
    let text = page.text();
    let hidden = text.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = hidden.filter_map(|field| {
        let (name, rest) = field.split_once("\" value=\"")?;
        Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
    });
    fields.filter(|(name, _)| name.contains(".undo")).collect()
}

async fn undo(app: &TestApp, proofs: &[(String, String)]) -> Answer {
    let fields = proofs
        .iter()
        .map(|(name, proof)| (name.as_str(), proof.as_str()));
    let fields: Vec<_> = [("do", "undo")].into_iter().chain(fields).collect();
    http::post_form(&link(app), &fields).await
}

both_databases!(
    /// One button ends both, the next brings both back with their choices, each with a record; pressed twice it does no more.
    all_that_was_ended_comes_back,
    |db| async move {
        let app = reader_of_two(db).await;
        let left = http::post_form(&link(&app), &[("do", "leave-all")]).await;
        assert_eq!((left.status, confirmed(&app).await), (200, [0, 0]));
        // The page speaks the language that the reader chose, though the choice ended with the rest.
        for part in ["All your subscriptions have ended", "value=\"undo\""] {
            assert!(left.text().contains(part), "{}", left.text());
        }
        let proofs = proofs(&left);
        assert_eq!(proofs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["weekly.undo", "daily.undo"]);
        // Neither looking nor ending again hands out another proof.
        for answer in [http::get(&link(&app)).await, http::post_form(&link(&app), &[("do", "leave-all")]).await] {
            assert!(answer.status == 200 && !answer.text().contains("value=\"undo\""), "{}", answer.text());
        }
        app.advance(Duration::from_mins(59));
        for _ in 0..2 {
            let answer = undo(&app, &proofs).await;
            assert_eq!((answer.status, confirmed(&app).await), (303, [1, 1]), "{}", answer.text());
            let page = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
            assert!(page.text().contains("Your subscriptions are back as they were"), "{}", page.text());
        }
        let mut tx = app.app.context.database.read().await.unwrap();
        for slug in ["weekly", "daily"] {
            let list = app.app.context.list(slug).unwrap().id;
            let choices = store::choices::of(&mut tx, list, 1).await.unwrap().unwrap();
            let chosen = (slug == "weekly").then(|| vec!["reports".to_owned()]);
            assert_eq!(choices.sections, chosen, "{slug}");
            let steps = store::consent::of(&mut tx, list, 1).await.unwrap();
            let steps: Vec<_> = steps.iter().map(|step| step.action.as_str()).collect();
            assert!(steps.ends_with(&["unsubscribe", "confirm"]), "{slug}: {steps:?}");
        }
    }
);

both_databases!(
    /// It is the proof of the page of one list: signed, about one list and one leaving, for an hour.
    a_proof_undoes_its_own_leaving_for_an_hour,
    |db| async move {
        let app = reader_of_two(db).await;
        let left = http::post_form(&link(&app), &[("do", "leave-all")]).await;
        let good = proofs(&left);
        let swapped = [("weekly.undo".to_owned(), good[1].1.clone()), ("daily.undo".to_owned(), good[0].1.clone())];
        let forged = [("weekly.undo".to_owned(), "x".to_owned()), ("other.undo".to_owned(), good[0].1.clone())];
        for bad in [&swapped[..], &forged, &[]] {
            let answer = undo(&app, bad).await;
            assert_eq!((answer.status, confirmed(&app).await), (410, [0, 0]), "{}", answer.text());
        }
        // The page of a list takes it as well.
        let list = app.app.context.list("daily").unwrap().id;
        let answer = http::post_form(&app.app.context.unsubscribe_url(list, 1), &[("undo", &good[1].1)]).await;
        assert_eq!((answer.status, confirmed(&app).await), (303, [0, 1]));
        app.advance(Duration::from_hours(1));
        assert_eq!((undo(&app, &good[..1]).await.status, confirmed(&app).await), (410, [0, 1]));
    }
);

both_databases!(
    /// A list left by its link on the page of choices has its undo on the page that the link leads to.
    one_list_that_was_left_comes_back,
    |db| async move {
        let app = reader_of_two(db).await;
        let page = http::get(&link(&app)).await;
        let text = page.text();
        let (_, rest) = text.split_once("<a href=\"/u/").unwrap();
        let url = format!("{}/u/{}", app.url, rest.split_once('"').unwrap().0);
        let left = http::post_form(&url, &[]).await;
        assert_eq!(confirmed(&app).await, [0, 1]);
        let text = left.text();
        let proof = text.split_once("name=\"undo\" value=\"").unwrap().1.split_once('"').unwrap().0;
        assert_eq!(http::post_form(&url, &[("undo", proof)]).await.status, 303);
        assert_eq!(confirmed(&app).await, [1, 1]);
    }
);
