//! GDPR Art. 15 and 17 after a change of address: the old address is the same person's, told with the new one and erased with it.

use std::time::Duration;

use nashra::service::export;
use serde_json::Value;

use crate::harness::app::TestApp;
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::queue::{execute, number};

const OLD: &str = "layla@example.org";
const NEW: &str = "nour@example.net";

/// A reader (subscriber 1) who moved from [`OLD`] to [`NEW`] (subscriber 2).
async fn moved(db: TestDb) -> TestApp {
    let app = TestApp::start(db).await;
    app.confirmed(OLD).await;
    change(&app, 1, NEW).await;
    app
}

async fn change(app: &TestApp, from: i64, to: &str) {
    app.advance(Duration::from_hours(48));
    let list = app.app.context.list("weekly").unwrap().id;
    let link = app.app.context.preferences_url(list, from);
    let asked = http::post_form(&link, &[("do", "move"), ("email", to)]).await;
    assert_eq!(asked.status, 303);
    app.deliver_pending().await;
    let button = app.confirmation_link(to);
    assert_eq!(http::post_form(&button, &[]).await.status, 200);
}

async fn erase(app: &TestApp, address: &str) -> Value {
    let output = app
        .nashra(["subscriber", "erase", address, "--yes", "--json"])
        .run()
        .await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    serde_json::from_str(&output.stdout).unwrap()
}

both_databases!(
    /// X12: who moved twice is erased at all three addresses, by the page of the last.
    x12_former_addresses_are_erased_with_the_last,
    |db| async move {
        let app = moved(db).await;
        change(&app, 2, "third@example.com").await;
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.preferences_url(list, 3);
        assert_eq!(http::post_form(&link, &[("do", "erase-now")]).await.status, 200);
        let dump = app.dump().await;
        for address in [OLD, NEW, "third@example.com"] {
            assert!(!dump.contains(address), "{address}: {dump}");
        }
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM erasures").await, 3);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM moves").await, 0);
        // B12: none of them is mailed again.
        app.catcher.clear();
        for address in [OLD, NEW] {
            let form = format!("{}/subscribe/weekly", app.url);
            assert_eq!(http::post_form(&form, &[("email", address)]).await.status, 303);
        }
        app.deliver_pending().await;
        assert!(app.catcher.messages().is_empty());
    }
);

both_databases!(
    /// Whoever holds the old mailbox has no say over the new one: erasing the old address leaves the new one, and the command says so.
    erasing_the_old_address_leaves_the_new_one,
    |db| async move {
        let app = moved(db).await;
        let found = erase(&app, OLD).await;
        assert_eq!((&found["subscriber"], &found["moved"], &found["former"]), (&true.into(), &true.into(), &0.into()));
        assert!(!app.dump().await.contains(OLD));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM subscriptions WHERE subscriber_id = 2 AND status = 'confirmed'").await, 1);
        assert_eq!(erase(&app, NEW).await["former"], 0);
    }
);

both_databases!(
    /// An old address that was confirmed anew since is a reader of its own again: it may be somebody else's mailbox by now.
    a_former_address_that_reads_again_is_its_own,
    |db| async move {
        let app = moved(db).await;
        app.advance(Duration::from_hours(48));
        app.confirmed(OLD).await;
        let told = export::export(&app.app.context, 2).await.unwrap().unwrap();
        assert_eq!(told["subscriber"]["former"], Value::Array(Vec::new()));
        assert_eq!(erase(&app, NEW).await["former"], 0);
        let dump = app.dump().await;
        assert!(dump.contains(OLD) && !dump.contains(NEW), "{dump}");
    }
);

both_databases!(
    /// Links in old mails do not say that nothing comes any more, and neither does the operator's command: it comes elsewhere.
    links_in_old_mails_say_that_the_subscription_moved,
    |db| async move {
        let app = moved(db).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let link = context.unsubscribe_url(list, 1);
        let in_english = format!("{link}?lang=en");
        for page in [http::get(&in_english).await, http::post_form(&in_english, &[]).await] {
            assert!(page.status == 200 && page.text().contains("This subscription moved to another address"), "{}", page.text());
            assert!(!page.text().contains("Subscribe again") && !page.text().contains(NEW), "{}", page.text());
        }
        assert!(http::get(&link).await.text().contains("انتقل هذا الاشتراك إلى عنوان آخر"));
        let one_click = http::post_form(&link, &[("List-Unsubscribe", "One-Click")]).await;
        assert!(one_click.status == 200 && one_click.text() == "unsubscribed\n", "{}", one_click.text());
        let choices = http::get(&format!("{}?lang=en", context.preferences_url(list, 1))).await;
        assert!(choices.text().contains("The subscriptions of this address moved to another one."), "{}", choices.text());
        let why = app.nashra(["subscriber", "why", OLD]).run().await;
        assert!(why.stdout.contains("weekly: moved on") && why.stdout.contains(NEW), "{why:#?}");
        // Whoever confirms the old address anew and leaves has left.
        app.advance(Duration::from_hours(48));
        app.confirmed(OLD).await;
        app.advance(Duration::from_hours(48));
        let left = http::post_form(&in_english, &[]).await;
        assert!(left.text().contains("You are unsubscribed"), "{}", left.text());
        let why = app.nashra(["subscriber", "why", OLD]).run().await;
        assert!(why.stdout.contains("weekly: left on"), "{why:#?}");
    }
);

both_databases!(
    /// Who moved back is a reader at the first address again: whoever holds the mailbox between has no say over it, and is told
    /// nothing of it.
    an_address_that_was_moved_back_to_is_no_former_one,
    |db| async move {
        let app = moved(db).await;
        change(&app, 2, OLD).await;
        let told = export::export(&app.app.context, 2).await.unwrap().unwrap();
        assert_eq!(told["subscriber"]["former"], Value::Array(Vec::new()));
        assert_eq!(erase(&app, NEW).await["former"], 0);
        let dump = app.dump().await;
        assert!(dump.contains(OLD) && !dump.contains(NEW), "{dump}");
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM subscriptions WHERE subscriber_id = 1 AND status = 'confirmed'").await, 1);
    }
);

both_databases!(
    /// The mailbox of a former address got a new owner, who confirmed it and left later: it is none of the person who moved.
    a_former_address_of_somebody_else_by_now_stays_theirs,
    |db| async move {
        let app = moved(db).await;
        app.advance(Duration::from_hours(48));
        app.confirmed(OLD).await;
        let list = app.app.context.list("weekly").unwrap().id;
        app.advance(Duration::from_hours(48));
        assert_eq!(http::post_form(&app.app.context.unsubscribe_url(list, 1), &[]).await.status, 200);
        let told = export::export(&app.app.context, 2).await.unwrap().unwrap();
        assert_eq!(told["subscriber"]["former"], Value::Array(Vec::new()));
        assert_eq!(erase(&app, NEW).await["former"], 0);
        assert!(app.dump().await.contains(OLD));
    }
);

both_databases!(
    /// Art. 15: "download my data" and `subscriber export` hold what is kept of a former address; `show` names either.
    x12_an_export_holds_former_addresses,
    |db| async move {
        let app = moved(db).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.preferences_url(list, 2);
        let told = http::post_form(&link, &[("do", "download")]).await.json();
        let former = &told["subscriber"]["former"];
        assert_eq!((former.as_array().unwrap().len(), &former[0]["subscriber"]["address"]), (1, &OLD.into()));
        assert_eq!((&former[0]["moved"], &former[0]["subscriptions"][0]["status"]), (&"2026-01-07T07:00:00Z".into(), &"unsubscribed".into()));
        let actions: Vec<_> = former[0]["consents"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["subscribe", "confirm", "unsubscribe"]);
        // Who moves back is told once.
        let show = app.nashra(["subscriber", "show", NEW]).run().await;
        assert!(show.stdout.contains(&format!("was {OLD} until")), "{show:#?}");
        let show = app.nashra(["subscriber", "show", OLD]).run().await;
        assert!(show.stdout.contains(&format!("to {NEW}")), "{show:#?}");
        change(&app, 2, OLD).await;
        let told = export::export(&app.app.context, 1).await.unwrap().unwrap();
        let former = told["subscriber"]["former"].as_array().unwrap();
        assert_eq!((former.len(), &former[0]["subscriber"]["address"]), (1, &NEW.into()));
        execute(&app.database(), "UPDATE moves SET done_ms = NULL").await;
        let told = export::export(&app.app.context, 1).await.unwrap().unwrap();
        assert_eq!(told["subscriber"]["former"].as_array().unwrap().len(), 0, "one that waits is none");
    }
);

both_databases!(
    /// A list that was not confirmed when its reader moved did not go over: its page says that it has ended.
    a_list_that_did_not_go_over_did_not_move,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        app.confirmed(OLD).await;
        app.advance(Duration::from_hours(1));
        let form = format!("{}/subscribe/daily", app.url);
        assert_eq!(http::post_form(&form, &[("email", OLD)]).await.status, 303);
        change(&app, 1, NEW).await;
        app.advance(Duration::from_hours(1));
        let context = &app.app.context;
        let page = async |slug| {
            let list = context.list(slug).unwrap().id;
            let link = format!("{}?lang=en", context.unsubscribe_url(list, 1));
            http::post_form(&link, &[]).await.text().to_string()
        };
        for _ in 0..2 {
            let daily = page("daily").await;
            assert!(!daily.contains("moved to another address"), "{daily}");
        }
        let weekly = page("weekly").await;
        assert!(weekly.contains("moved to another address"), "{weekly}");
    }
);
