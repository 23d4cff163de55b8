//! D7, D12: what is held is looked at when it is due, whatever else is held; posting again refreshes nothing; notices count too.

use std::time::Duration;

use nashra::domain::sign_up::HoldReason;
use nashra::service::purge;
use nashra::service::sign_up::{Outcome, release, sign_up};

use crate::harness::app::{MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};
use crate::sign_up_limits::{app, asked};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

async fn post(app: &TestApp, address: &str, name: &str) {
    let form = format!("{}/subscribe/weekly", app.url);
    let answer = http::post_form(&form, &[("email", address), ("name", name)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn with_room(app: &TestApp) -> u64 {
    release::with_room(&app.app.context).await.unwrap()
}

both_databases!(
    /// A row that cannot be read stops nobody behind it; one that had no room is looked at when its hour is over, not before.
    what_is_held_is_looked_at_when_it_is_due,
    |db| async move {
        let app = app(db, "per_domain = 1", "").await;
        for address in ["a@example.org", "bad@example.org", "c@example.org", "d@example.org"] {
            post(&app, address, "").await;
        }
        execute(&app.database(), "UPDATE subscribers SET address = 'nonsense' WHERE address = 'bad@example.org'").await;
        let due = format!("SELECT COUNT(*) FROM quarantine WHERE due_ms <= {}", MONDAY + 3_600_000);
        assert_eq!(number(&app.database(), &due).await, 3, "an hour from the first");
        app.advance(HOUR);
        assert_eq!(with_room(&app).await, 1);
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().pop().unwrap().recipients, ["c@example.org"]);
        let later = format!("SELECT due_ms - {MONDAY} FROM quarantine WHERE due_ms IS NOT NULL");
        assert_eq!(number(&app.database(), &later).await, 7_200_000, "the other waits for the next hour");
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine WHERE due_ms IS NULL").await, 1, "a person's business");
        app.advance(HOUR);
        assert_eq!(with_room(&app).await, 1);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine").await, 1);
    }
);

both_databases!(
    /// What was doubtful stays so, whatever is posted after it, and keeps no breaker open.
    a_doubt_is_not_washed_away,
    |db| async move {
        let app = app(db, "per_minute = 1", "").await;
        let context = &app.app.context;
        let mut doubtful = asked(&app, "role@example.org");
        doubtful.doubts = vec![HoldReason::Role];
        assert_eq!(sign_up(context, doubtful).await.unwrap(), Outcome::Taken);
        post(&app, "first@example.org", "").await;
        app.advance(Duration::from_secs(1));
        post(&app, "role@example.org", "").await;
        let held = "quarantine WHERE reasons LIKE '%\"role\"%' AND reasons LIKE '%\"budget\"%' AND due_ms IS NULL";
        assert_eq!(number(&app.database(), &format!("SELECT COUNT(*) FROM {held} AND held_ms = {MONDAY}")).await, 1);
        app.advance(MINUTE);
        assert_eq!(with_room(&app).await, 0);
        let mut tx = context.database.read().await.unwrap();
        assert!(release::breaker_since(&mut tx).await.unwrap().is_none(), "nothing waits for the budget");
    }
);

both_databases!(
    /// D12: whoever posts an address again and again keeps it no longer, and changes no name, unless a mail really goes.
    posting_again_refreshes_nothing,
    |db| async move {
        let app = app(db, "", "").await;
        post(&app, "layla@example.org", "ليلى").await;
        app.deliver_pending().await;
        let row = format!("SELECT COUNT(*) FROM subscriptions WHERE name = 'ليلى' AND changed_ms = {MONDAY}");
        for _ in 0..9 {
            app.advance(MINUTE);
            post(&app, "layla@example.org", "غيرها").await;
        }
        assert_eq!(number(&app.database(), &row).await, 1);
        app.advance(MINUTE);
        post(&app, "layla@example.org", "ليلى حداد").await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 2);
        let row = format!("SELECT COUNT(*) FROM subscriptions WHERE name = 'ليلى حداد' AND changed_ms = {}", app.clock.now_ms());
        assert_eq!(number(&app.database(), &row).await, 1, "a mail went");

        // One that is held is purged when its time is over, however often it is posted.
        let context = &app.app.context;
        for day in 0..30 {
            let mut held = asked(&app, "info@example.org");
            held.doubts = vec![HoldReason::Role];
            sign_up(context, held).await.unwrap();
            assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine").await, 1, "{day}");
            app.advance(24 * HOUR);
        }
        purge::purge(context).await.unwrap();
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine").await, 0);
    }
);

both_databases!(
    /// D7: a notice counts in the limits that all share, and is not sent when they are used up.
    notices_count_in_the_common_limits,
    |db| async move {
        let app = app(db, "per_minute = 1", "").await;
        app.confirmed("layla@example.org").await;
        app.advance(HOUR);
        post(&app, "layla@example.org", "").await;
        post(&app, "new@example.org", "").await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 2, "the notice took the place");
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine").await, 1);
        app.advance(HOUR);
        assert_eq!(with_room(&app).await, 1);
        post(&app, "layla@example.org", "").await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 3, "no room for a notice");
    }
);

both_databases!(
    /// D7: what waits for the hour of its domain keeps no breaker open when its minute is over.
    the_wait_of_a_domain_keeps_no_breaker_open,
    |db| async move {
        let app = app(db, "per_minute = 1\nper_domain = 1", "").await;
        let context = &app.app.context;
        post(&app, "first@example.org", "").await;
        post(&app, "second@example.org", "").await;
        post(&app, "other@example.net", "").await;
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine WHERE reasons LIKE '%budget%'").await, 2);
        with_room(&app).await;
        let is_open = async || release::breaker_since(&mut context.database.read().await.unwrap()).await.unwrap().is_some();
        assert!(is_open().await, "another waits for the minute");
        app.advance(MINUTE);
        assert_eq!(with_room(&app).await, 1);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM quarantine").await, 1);
        assert!(!is_open().await);
    }
);
