//! Promise 5 while a change of the configuration reaches one process after the other: a worker that has not read it yet takes
//! nothing from those that have.

use std::sync::Arc;

use nashra::app::App;
use nashra::domain::address::EmailAddress;
use nashra::domain::delivery::DeliveryKind;
use nashra::store;
use nashra::worker::{Sender, Until};
use tokio_util::sync::CancellationToken;

use crate::harness::app::{MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::queue::{execute, number};

const DAILY: &str = r#"
[[lists]]
slug = "daily"
name = "Daily"
locale = "en"
schedule = "0 7 * * *"
zone = "UTC"
sections = [{ key = "reports", name = "Reports", limit = 5 }]
"#;
const HARBOUR: &str = r#"
[[pacing.providers]]
name = "harbour"
domains = ["example.net"]
"#;

/// Another process on the same database, with more in its configuration.
async fn newer(app: &TestApp, more: &str) -> App {
    let text = std::fs::read_to_string(app.config_file()).unwrap() + more;
    let config = nashra::config::parse(&text, std::iter::empty()).unwrap();
    App::open(config, app.clock.clone()).await.unwrap()
}

async fn sends(app: &App) {
    let routes = Arc::new(app.routes(None).unwrap());
    let sender = Sender::new(app.context.clone(), routes, Until::Drained);
    sender.run(CancellationToken::new()).await.unwrap();
}

/// Somebody signs up for the list `daily`.
async fn signs_up(app: &App, address: &str) {
    let list = app.context.list("daily").unwrap().id;
    let address = EmailAddress::parse(address).unwrap();
    let mut tx = app.context.database.write().await.unwrap();
    let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
        .await
        .unwrap();
    store::subscription::set_pending(&mut tx, list, id, None, MONDAY)
        .await
        .unwrap();
    let kind = DeliveryKind::Confirmation;
    store::delivery::enqueue(&mut tx, kind, list, id, MONDAY, MONDAY)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

both_databases!(
    /// A sign-up for a list that a worker does not know yet waits for one that does; when the list is gone, it is cancelled.
    promise_5_a_new_lists_confirmation_is_left_to_a_worker_that_knows_it,
    |db| async move {
        let app = TestApp::start(db).await;
        let newer = newer(&app, DAILY).await;
        signs_up(&newer, "layla@example.org").await;
        app.deliver_pending().await;
        let row = app.queue().await.remove(0);
        assert_eq!((row.status.as_str(), row.attempts, row.worker_id), ("queued", 0, None));
        sends(&newer).await;
        assert_eq!(app.queue().await.remove(0).status, "sent");

        signs_up(&newer, "samir@example.org").await;
        execute(&app.database(), "UPDATE lists SET removed_ms = 1 WHERE slug = 'daily'").await;
        app.deliver_pending().await;
        let row = app.queue().await.remove(1);
        assert_eq!((row.status.as_str(), row.reply.as_deref()), ("cancelled", Some("the list left the configuration")));
    }
);

both_databases!(
    /// A form's mail whose first list left the configuration goes for the others.
    a_form_whose_first_list_is_gone_is_mailed_for_the_others,
    |db| async move {
        let app = TestApp::start(db).await;
        let newer = newer(&app, DAILY).await;
        signs_up(&newer, "layla@example.org").await;
        let weekly = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        store::subscription::set_pending(&mut tx, weekly, 1, None, MONDAY).await.unwrap();
        tx.commit().await.unwrap();
        execute(&app.database(), &format!("UPDATE deliveries SET also = '[{weekly}]'")).await;
        execute(&app.database(), "UPDATE lists SET removed_ms = 1 WHERE slug = 'daily'").await;
        app.deliver_pending().await;
        assert_eq!(app.queue().await.remove(0).status, "sent");
        let text = app.catcher.messages()[0].text().unwrap();
        assert!(text.contains("النشرة الأسبوعية") && !text.contains("Daily"), "{text}");
    }
);

both_databases!(
    /// A digest of such a list, too: its first attempts and its retries.
    promise_5_a_new_lists_digest_is_left_to_a_worker_that_knows_it,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(3).await;
        app.articles(1).await;
        let digest = app.publish().await;
        let daily = newer(&app, DAILY).await.context.list("daily").unwrap().id;
        let weekly = app.app.context.list("weekly").unwrap().id;
        let is_of = async |list: i64| execute(&app.database(), &format!("UPDATE digests SET list_id = {list}")).await;
        is_of(daily).await;
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.queued, 3, "first attempts");
        is_of(weekly).await;
        app.faults("on rcpt to reader1@* reply 451 4.2.1 later");
        app.deliver_pending().await;
        app.faults("");
        app.advance(std::time::Duration::from_hours(1));
        is_of(daily).await;
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.queued), (2, 1), "retries");
    }
);

both_databases!(
    /// Readers whose provider a worker does not know get their digest all the same.
    promise_5_a_new_provider_is_served_by_every_worker,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed_at("example.net", 3).await;
        app.many_confirmed(3).await;
        app.articles(1).await;
        newer(&app, HARBOUR).await;
        let digest = app.publish().await;
        let of_none = "SELECT COUNT(*) FROM digest_deliveries WHERE provider_id = 0";
        assert_eq!(number(&app.database(), of_none).await, 3);
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, 6);
    }
);

both_databases!(
    /// A preview leaves no record: not of what its configuration says of lists and providers either.
    a_preview_does_not_write_what_its_configuration_says,
    |db| async move {
        let app = TestApp::start(db).await;
        app.articles(1).await;
        let file = app.config_file();
        let text = std::fs::read_to_string(&file).unwrap() + DAILY + HARBOUR;
        std::fs::write(&file, text).unwrap();
        let before = app.dump().await;
        let preview = ["digest", "preview", "--as-of", "2026-01-05T07:00:00Z", "--list", "weekly"];
        let output = app.nashra(preview).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(app.dump().await, before);
    }
);
