//! D7: what exceeds a limit that readers share is held, gets the same answer, and goes on when there is room; and what an operator does.

use std::time::Duration;

use nashra::clock::Clock;
use nashra::service::sign_up::release;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::sign_up_limits::app;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

async fn post(app: &TestApp, address: &str) {
    let form = format!("{}/subscribe/weekly", app.url);
    let answer = http::post_form(&form, &[("email", address)]).await;
    assert_eq!(answer.status, 303, "{address}");
    assert_eq!(answer.header("location"), "/subscribe/weekly/check-mail");
}

/// Sets the test's clock to the machine's, by which the built program goes.
pub fn to_the_present(app: &TestApp) {
    let by_ms = Clock::System.now_ms() - app.clock.now_ms();
    app.advance(Duration::from_millis(by_ms as u64));
}

/// Sends what is due; to whom mails have gone so far, sorted.
async fn mailed(app: &TestApp) -> Vec<String> {
    app.deliver_pending().await;
    let mails = app.catcher.messages();
    let mut all: Vec<String> = mails
        .iter()
        .flat_map(|mail| mail.recipients.clone())
        .collect();
    all.sort();
    all
}

async fn quarantine(app: &TestApp, arguments: &[&str]) -> (i32, String) {
    let all = ["quarantine"]
        .iter()
        .chain(arguments)
        .copied()
        .collect::<Vec<_>>();
    let output = app.nashra(all).run().await;
    (output.code.unwrap(), output.stdout)
}

async fn breaker(app: &TestApp) -> bool {
    let mut tx = app.app.context.database.read().await.unwrap();
    release::breaker_since(&mut tx).await.unwrap().is_some()
}

both_databases!(
    /// The breaker opens when a minute's confirmations are used up, keeps the order, and closes when nothing is held any more.
    the_breaker_opens_holds_and_closes,
    |db| async move {
        let app = app(db, "per_minute = 2", "").await;
        for n in 1..=5 {
            post(&app, &format!("r{n}@example.org")).await;
        }
        assert_eq!(mailed(&app).await, ["r1@example.org", "r2@example.org"]);
        assert!(breaker(&app).await);
        assert_eq!(release::with_room(&app.app.context).await.unwrap(), 0, "no room yet");
        app.advance(MINUTE);
        // Room for two, and three before this one: it takes its place behind them.
        post(&app, "r6@example.org").await;
        assert_eq!(release::with_room(&app.app.context).await.unwrap(), 2);
        assert_eq!(mailed(&app).await.len(), 4);
        assert!(mailed(&app).await.contains(&"r4@example.org".to_owned()));
        assert!(breaker(&app).await);
        app.advance(MINUTE);
        assert_eq!(release::with_room(&app.app.context).await.unwrap(), 2);
        assert!(!breaker(&app).await, "nothing is held");
        assert_eq!(mailed(&app).await.len(), 6);
        app.advance(MINUTE);
        post(&app, "r7@example.org").await;
        assert_eq!(mailed(&app).await.len(), 7);
    }
);

both_databases!(
    /// Domains and lists have their own hours; a provider that everybody uses has none. One domain's crowd holds up nobody else.
    domains_and_lists_have_their_hours,
    |db| async move {
        let app = app(db, "per_domain = 1\nper_list = 4", "").await;
        for address in ["a@example.org", "b@example.org", "a@example.net", "a@gmail.com", "b@gmail.com", "c@gmail.com"] {
            post(&app, address).await;
        }
        let first = ["a@example.net", "a@example.org", "a@gmail.com", "b@gmail.com"];
        assert_eq!(mailed(&app).await, first);
        let (code, shown) = quarantine(&app, &["list", "--json"]).await;
        let rows: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(code, 0);
        assert_eq!(rows[0]["address"], "b@example.org");
        assert_eq!(rows[0]["reasons"], serde_json::json!(["domain"]));
        assert_eq!(rows[1]["reasons"], serde_json::json!(["list"]));
        app.advance(HOUR);
        assert_eq!(release::with_room(&app.app.context).await.unwrap(), 2);
        assert_eq!(mailed(&app).await.len(), 6);
        assert!(!breaker(&app).await);
    }
);

both_databases!(
    /// A person lets go or drops by address, by reason, or all; `list` says why in words; nothing to do is exit code 1, nonsense 2.
    the_operator_decides,
    |db| async move {
        let app = app(db, "per_list = 1", "").await;
        to_the_present(&app);
        for n in 1..=4 {
            post(&app, &format!("r{n}@example.org")).await;
        }
        let (_, shown) = quarantine(&app, &["list"]).await;
        assert!(shown.contains("more sign-ups to this list than fit into an hour"), "{shown}");
        let (_, lists) = {
            let output = app.nashra(["list", "show", "--json"]).run().await;
            (output.code, output.stdout)
        };
        assert!(lists.contains("\"held\": 3"), "{lists}");
        assert_eq!(quarantine(&app, &["release", "R2@example.org"]).await.0, 0);
        app.advance(MINUTE);
        assert_eq!(mailed(&app).await, ["r1@example.org", "r2@example.org"]);
        assert_eq!(quarantine(&app, &["release", "r2@example.org"]).await.0, 1);
        assert_eq!(quarantine(&app, &["drop", "r3@example.org"]).await.0, 0);
        assert!(!app.dump().await.contains("r3@example.org"), "nothing of it is kept");
        assert_eq!(quarantine(&app, &["release", "--reason", "no-proof"]).await.0, 1);
        assert_eq!(quarantine(&app, &["release", "--reason", "nonsense"]).await.0, 2);
        assert_eq!(quarantine(&app, &["release"]).await.0, 2);
        assert_eq!(quarantine(&app, &["release", "--all"]).await.0, 0);
        app.advance(MINUTE);
        assert_eq!(mailed(&app).await, ["r1@example.org", "r2@example.org", "r4@example.org"]);
        // What was dropped can sign up again, like anybody.
        app.advance(HOUR);
        post(&app, "r3@example.org").await;
        assert_eq!(mailed(&app).await.len(), 4);
    }
);

both_databases!(
    /// `digest run` lets go what has room, so that a site on cron alone forgets nobody.
    a_pass_lets_go_what_has_room,
    |db| async move {
        let app = app(db, "per_minute = 1", "").await;
        post(&app, "r1@example.org").await;
        post(&app, "r2@example.org").await;
        assert_eq!(mailed(&app).await, ["r1@example.org"]);
        // The program's own clock is years after the test's: there is room.
        let output = app.nashra(["digest", "run"]).run().await;
        assert!(matches!(output.code, Some(0 | 10)), "{output:?}");
        assert!(mailed(&app).await.contains(&"r2@example.org".to_owned()));
    }
);
