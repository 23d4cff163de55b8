//! Promise 2 and D5: nobody is told who is subscribed, and what is mailed instead (D7, D14).

use std::sync::Arc;
use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::domain::sign_up::HoldReason;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::sign_up::{SignUp, sign_up};
use nashra::service::suppress;
use nashra::store::consent::Origin;

use secrecy::ExposeSecret as _;

use crate::form::{JSON, URLENCODED, body, post};
use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};
use crate::harness::queue::execute;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// One address in each state; none has had a mail in the last 31 days.
async fn everybody(app: &TestApp) -> [(&'static str, &'static str); 7] {
    let form = format!("{}/subscribe/weekly", app.url);
    http::post_form(&form, &[("email", "pending@example.org")]).await;
    app.confirmed("confirmed@example.org").await;
    app.confirmed("left@example.org").await;
    leave(app, "left@example.org").await;
    app.confirmed("suppressed@example.org").await;
    let address = EmailAddress::parse("suppressed@example.org").unwrap();
    suppress::add(&app.app.context, &address, "complaint")
        .await
        .unwrap();
    erase_and_hold(app).await;
    app.deliver_pending().await;
    app.advance(31 * 24 * HOUR);
    app.catcher.clear();
    [
        ("new", "new@example.org"),
        ("pending", "pending@example.org"),
        ("confirmed", "confirmed@example.org"),
        ("left", "left@example.org"),
        ("suppressed", "suppressed@example.org"),
        ("erased", "erased@example.org"),
        ("held", "held@example.org"),
    ]
}

/// Of an address that was erased only a keyed hash is left; a sign-up is held when a shared limit is used up.
async fn erase_and_hold(app: &TestApp) {
    let context = &app.app.context;
    let hash = context
        .keyring
        .erasure_hashes("erased@example.org")
        .remove(0);
    let sql = format!("INSERT INTO erasures (identity_hash, created_ms) VALUES ('{hash}', 0)");
    execute(app.app.config.database.url.expose_secret(), &sql).await;
    let held = SignUp {
        address: EmailAddress::parse("held@example.org").unwrap(),
        lists: vec![Arc::clone(context.list("weekly").unwrap())],
        name: None,
        method: ConsentMethod::Form,
        origin: Origin::default(),
        wording: None,
        spends: Vec::new(),
        doubts: vec![HoldReason::NoProof],
    };
    sign_up(context, held).await.unwrap();
}

async fn leave(app: &TestApp, address: &str) {
    let parsed = EmailAddress::parse(address).unwrap();
    let mut tx = app.app.context.database.write().await.unwrap();
    let id = nashra::store::subscriber::ensure(&mut tx, &parsed, 0)
        .await
        .unwrap();
    drop(tx);
    let list = app.app.context.list("weekly").unwrap().id;
    let link = app.app.context.unsubscribe_url(list, id);
    assert_eq!(http::post_form(&link, &[]).await.status, 200);
}

/// All that a client sees but the date.
fn seen(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    format!(
        "{}\n{}\n\n{}",
        answer.status,
        headers.join("\n"),
        answer.text()
    )
}

both_databases!(
    /// Promise 2, D5: status, headers and body are the same to the octet, as a page and as JSON.
    the_answer_is_the_same_for_every_state_of_an_address,
    |db| async move {
        let app = TestApp::start(db).await;
        let states = everybody(&app).await;
        let form = format!("{}/subscribe/weekly", app.url);
        for (kind, accept) in [(URLENCODED, "text/html"), (URLENCODED, JSON), (JSON, JSON)] {
            let mut answers = Vec::new();
            for (state, address) in states {
                let answer = post(&form, kind, accept, body(kind, &[("email", address)])).await;
                answers.push((state, seen(&answer)));
            }
            for (state, answer) in &answers {
                assert_eq!(answer, &answers[0].1, "{state} {kind}");
                assert!(!answer.contains("@example.org") && !answer.contains("set-cookie"), "{answer}");
            }
        }
        // The next page knows no address either.
        let next = http::get(&format!("{form}/check-mail")).await;
        assert!(!next.text().contains('@'), "{}", next.text());
    }
);

both_databases!(
    /// D5, D14: a confirmation for who is not subscribed, a notice for who is, nothing for who must not be mailed.
    what_is_mailed_depends_on_the_state,
    |db| async move {
        let app = TestApp::start(db).await;
        let states = everybody(&app).await;
        let form = format!("{}/subscribe/weekly", app.url);
        for (state, address) in states {
            assert_eq!(http::post_form(&form, &[("email", address)]).await.status, 303);
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            app.catcher.clear();
            let subject = mails.first().map(|mail| mail.subject()).unwrap_or_default();
            let expected = match state {
                "new" | "pending" | "left" | "held" => "أكّد اشتراكك",
                "confirmed" => "أنت مشترك",
                _ => "",
            };
            assert_eq!(mails.len(), usize::from(!["suppressed", "erased"].contains(&state)), "{state}");
            assert!(subject.starts_with(expected), "{state}: {subject}");
            if expected == "أكّد اشتراكك" {
                assert_eq!(mails[0].recipients, [address]);
                let text = mails[0].text().unwrap();
                let link = text.split_whitespace().find(|word| word.contains("/confirm/")).unwrap();
                assert_eq!(http::post_form(link, &[]).await.status, 200, "{state}");
            }
        }
        // Everyone but the suppressed is confirmed now.
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.read().await.unwrap();
        let counts = nashra::store::subscription::counts(&mut tx, list).await.unwrap();
        assert_eq!(counts, (0, 6, 0));
        drop(tx);
        assert!(!app.dump().await.contains("erased@example.org"), "an erased address leaves no trace again");
    }
);

both_databases!(
    /// D7: one mail in ten minutes and three in a day to one address, whatever is posted; however spelled (A11).
    an_address_is_not_flooded,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        // Minutes after the step before, and how many mails have gone out by then.
        let steps: [(u32, u64); 9] = [(0, 1), (0, 1), (9, 1), (2, 2), (1, 2), (10, 3), (60, 3), (60 * 20, 3), (60 * 4, 4)];
        for (step, (minutes, mails)) in steps.into_iter().enumerate() {
            app.advance(MINUTE * minutes);
            let typed = ["layla@example.org", "LAYLA@Example.ORG", " layla@example.org "][step % 3];
            assert_eq!(http::post_form(&form, &[("email", typed)]).await.status, 303);
            app.deliver_pending().await;
            assert_eq!(app.catcher.accepted(), mails, "step {step}");
        }
        // Each of the links works: a reader may press the one of any of the mails.
        let link = app.confirmation_link("layla@example.org");
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
    }
);

both_databases!(
    /// D7: the limits hold for notices too, so that a subscriber is not flooded either.
    a_subscriber_is_not_flooded_with_notices,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let form = format!("{}/subscribe/weekly", app.url);
        for (minutes, mails) in [(1, 1), (10, 2), (10, 3), (10, 3), (10, 3)] {
            app.advance(MINUTE * minutes);
            assert_eq!(http::post_form(&form, &[("email", "layla@example.org")]).await.status, 303);
            app.deliver_pending().await;
            assert_eq!(app.catcher.accepted(), mails);
        }
    }
);

both_databases!(
    /// Twenty identical sign-ups at once: one subscriber, one subscription, one mail, twenty times the same answer.
    identical_sign_ups_at_once_make_one_subscriber_and_one_mail,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        for address in ["layla@example.org", "omar@example.org"] {
            let before = app.catcher.accepted();
            let posts = (0..20).map(|_| {
                let form = form.clone();
                tokio::spawn(async move { seen(&http::post_form(&form, &[("email", address)]).await) })
            });
            let posts: Vec<_> = posts.collect();
            let mut answers = Vec::new();
            for post in posts {
                answers.push(post.await.unwrap());
            }
            assert!(answers.iter().all(|answer| answer == &answers[0] && answer.starts_with("303")), "{answers:#?}");
            app.deliver_pending().await;
            assert_eq!(app.catcher.accepted() - before, 1);
            // subscribers, and the lines of the ledger, one for each post.
            let dump = app.dump().await;
            let subscribers = dump.split("subscribers\n").nth(1).unwrap();
            let subscribers = subscribers.split("\nsubscriptions\n").next().unwrap();
            assert_eq!(subscribers.matches(address).count(), 2, "identity and address of one row: {subscribers}");
        }
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.read().await.unwrap();
        let counts = nashra::store::subscription::counts(&mut tx, list).await.unwrap();
        assert_eq!(counts, (2, 0, 0));
    }
);
