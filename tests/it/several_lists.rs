//! Several lists on one form: each has a consent of its own (D11), all have one mail (D7) and one button.

use std::sync::Arc;
use std::time::Duration;

use nashra::service::sign_up::{Outcome, release, sign_up};
use nashra::service::{purge, remind};
use serde_json::{Value, json};

use crate::form::{JSON, URLENCODED, body, post};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::queue::{execute, number};
use crate::sign_up_limits::asked;

const SLUGS: [&str; 5] = ["weekly", "l2", "l3", "l4", "l5"];
const LAYLA: &str = "layla@example.org";

async fn five(db: TestDb, sections: &str) -> TestApp {
    let lists = SLUGS[1..].iter().map(|slug| {
        format!("[[lists]]\nslug = \"{slug}\"\nname = \"List {slug}\"\nlocale = \"en\"\nzone = \"UTC\"\nsections = [{{ key = \"a\", name = \"A\" }}]\n")
    });
    let options = Options {
        lists: lists.collect(),
        sections: sections.to_owned(),
        ..Options::default()
    };
    TestApp::with(db, options).await
}

/// Ticks all five on the site's form.
async fn tick_all(app: &TestApp, address: &str) {
    let mut fields = vec![("email", address), ("lang", "en")];
    fields.extend(SLUGS.map(|slug| ("lists", slug)));
    let form = format!("{}/subscribe", app.url);
    let answer = post(&form, URLENCODED, "text/html", body(URLENCODED, &fields)).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn count(app: &TestApp, what: &str) -> i64 {
    number(&app.database(), &format!("SELECT COUNT(*) FROM {what}")).await
}

both_databases!(
    /// D7, D11: whoever ticks five lists gets one mail that names them, and confirms them with one button; the ledger has each.
    one_mail_confirms_all_lists_of_a_form,
    |db| async move {
        let app = five(db, "").await;
        tick_all(&app, LAYLA).await;
        app.deliver_pending().await;
        app.advance(Duration::from_hours(24));
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1);
        let text = app.catcher.messages()[0].text().unwrap();
        let link = app.confirmation_link(LAYLA);
        let page = http::get(&link).await;
        for name in ["النشرة الأسبوعية", "List l2", "List l3", "List l4", "List l5"] {
            assert!(text.contains(name) && page.text().contains(name), "{name}: {text}");
        }
        assert_eq!(count(&app, "subscriptions WHERE status = 'pending'").await, 5, "looking changes nothing");
        let done = http::post_form(&link, &[]).await;
        assert!(done.status == 200 && done.text().contains("List l5"), "{}", done.text());
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 5);
        for action in ["subscribe", "confirm"] {
            assert_eq!(count(&app, &format!("consents WHERE action = '{action}'")).await, 5, "{action}");
        }
        assert_eq!(http::post_form(&link, &[]).await.status, 200, "a second press is no error");
        assert_eq!(count(&app, "consents").await, 10);

        // Asked for again, all five are one notice.
        app.deliver_pending().await;
        let before = app.catcher.accepted();
        tick_all(&app, LAYLA).await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), before + 1);
        let notice = app.catcher.messages().pop().unwrap().text().unwrap();
        assert!(notice.contains("List l2") && notice.contains("List l5"), "{notice}");
    }
);

both_databases!(
    /// D3, D12: the reminder of a form is one mail, and so is the new link of one that came too late.
    a_form_is_reminded_and_renewed_as_one,
    |db| async move {
        let app = five(db, "").await;
        tick_all(&app, LAYLA).await;
        app.deliver_pending().await;
        app.advance(Duration::from_hours(48));
        assert_eq!(remind::remind(&app.app.context).await.unwrap(), 5);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 2);
        app.advance(Duration::from_hours(80));
        let late = app.confirmation_link(LAYLA);
        assert_eq!(http::post_form(&late, &[]).await.status, 410);
        assert_eq!(http::post_form(&late, &[("again", "1")]).await.status, 200);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 3);
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 5);
    }
);

both_databases!(
    /// D7: what is held of a form goes on as one mail; a list whose hour is used up comes later, and the others do not wait for it.
    a_held_form_goes_on_as_one,
    |db| async move {
        let limits = "[sign_up]\nunstamped = \"accept\"\nmin_fill = \"0s\"\nper_minute = 1\nper_list = 2\nper_domain = 0\nper_network = { per_hour = 0, per_day = 0 }";
        let app = five(db, limits).await;
        let context = &app.app.context;
        tick_all(&app, "first@example.org").await;
        tick_all(&app, LAYLA).await;
        assert_eq!(count(&app, "quarantine").await, 5);
        app.advance(Duration::from_mins(1));
        assert_eq!(release::with_room(context).await.unwrap(), 5);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 2, "one for each form");
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 5);
    }
);

both_databases!(
    /// A mail for several lists is still about those that wait when it leaves: not about one that was left or confirmed meanwhile.
    a_list_that_ended_is_not_confirmed_along,
    |db| async move {
        let app = five(db, "").await;
        let mut both = asked(&app, LAYLA);
        both.lists.push(Arc::clone(app.app.context.list("l2").unwrap()));
        assert_eq!(sign_up(&app.app.context, both).await.unwrap(), Outcome::Taken);
        app.deliver_pending().await;
        let list = app.app.context.list("l2").unwrap().id;
        let id = number(&app.database(), "SELECT id FROM subscribers").await;
        assert_eq!(http::post_form(&app.app.context.unsubscribe_url(list, id), &[]).await.status, 200);
        let link = app.confirmation_link(LAYLA);
        let page = http::get(&link).await;
        assert!(!page.text().contains("List l2"), "{}", page.text());
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 1);
        let json = post(&format!("{}/subscribe/l2", app.url), JSON, JSON, body(JSON, &[("email", LAYLA)])).await;
        assert_eq!(json.status, 200);
    }
);

async fn sign_up_for_two(app: &TestApp) {
    let mut both = asked(app, LAYLA);
    both.lists
        .push(Arc::clone(app.app.context.list("l2").unwrap()));
    assert_eq!(
        sign_up(&app.app.context, both).await.unwrap(),
        Outcome::Taken
    );
}

/// The unsubscribe link of the one reader.
async fn leaving(app: &TestApp, slug: &str) -> String {
    let list = app.app.context.list(slug).unwrap().id;
    let id = number(&app.database(), "SELECT id FROM subscribers").await;
    app.app.context.unsubscribe_url(list, id)
}

both_databases!(
    /// Whoever leaves the first list of a form while its mail waits is still asked about the others, under the next list's name.
    leaving_the_first_list_keeps_the_mail_of_the_others,
    |db| async move {
        let app = five(db, "").await;
        sign_up_for_two(&app).await;
        assert_eq!(http::post_form(&leaving(&app, "weekly").await, &[]).await.status, 200);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1);
        let text = app.catcher.messages()[0].text().unwrap();
        assert!(text.contains("List l2") && !text.contains("النشرة الأسبوعية"), "{text}");
        let link = app.confirmation_link(LAYLA);
        assert!(!http::get(&link).await.text().contains("النشرة الأسبوعية"));
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 1);
        assert_eq!(count(&app, "deliveries WHERE status = 'cancelled'").await, 0);
    }
);

both_databases!(
    /// D3: an expired link of two lists, one of them confirmed by another link, offers a new mail for the one that waits.
    an_expired_link_is_renewed_for_what_still_waits,
    |db| async move {
        let app = five(db, "").await;
        sign_up_for_two(&app).await;
        app.deliver_pending().await;
        let link = app.confirmation_link(LAYLA);
        let database = app.database();
        execute(&database, "UPDATE subscriptions SET status = 'confirmed' WHERE list_id = (SELECT id FROM lists WHERE slug = 'weekly')").await;
        app.advance(Duration::from_hours(24 * 30));
        let late = http::get(&link).await;
        assert_eq!(late.status, 410);
        assert!(late.text().contains("List l2") && !late.text().contains("النشرة الأسبوعية"), "{}", late.text());
        assert_eq!(http::post_form(&link, &[("again", "1")]).await.status, 200);
        app.deliver_pending().await;
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 2);
    }
);

both_databases!(
    /// X12: `subscriber why` and the export know of each list of a form that one mail is about all of them.
    one_mail_is_told_of_each_list,
    |db| async move {
        let app = five(db, "").await;
        sign_up_for_two(&app).await;
        let codes = async || {
            let out = app.nashra(["subscriber", "why", LAYLA, "--json"]).run().await;
            let rows: Value = serde_json::from_str(&out.stdout).unwrap();
            ["weekly", "l2"].map(|slug| rows.as_array().unwrap().iter().find(|row| row["list"] == slug).unwrap()["code"].clone())
        };
        assert_eq!(codes().await, ["confirmation-queued", "confirmation-queued"]);
        app.deliver_pending().await;
        assert_eq!(codes().await, ["pending", "pending"]);
        let why = app.nashra(["subscriber", "why", LAYLA]).run().await.stdout;
        assert_eq!(why.matches("a relay took the confirmation").count(), 2, "{why}");
        assert!(app.nashra(["subscriber", "show", LAYLA]).run().await.stdout.contains("weekly, l2"));
        let all = app.nashra(["subscriber", "export", LAYLA]).run().await.stdout;
        let all: Value = serde_json::from_str(&all).unwrap();
        for what in ["mails", "confirmations"] {
            assert_eq!(all[what][0]["lists"], json!(["weekly", "l2"]), "{all:#}");
            assert_eq!((&all[what][0]["list"], &all[what][0]["change_of_address"]), (&json!("weekly"), &json!(false)));
        }
    }
);

both_databases!(
    /// D3: what waits for its mail is neither reminded nor purged, whichever list of the form it is.
    a_list_waits_for_the_mail_of_its_form,
    |db| async move {
        let app = five(db, "").await;
        sign_up_for_two(&app).await;
        app.advance(Duration::from_hours(48));
        assert_eq!(remind::remind(&app.app.context).await.unwrap(), 0);
        app.advance(Duration::from_hours(24 * 60));
        purge::purge(&app.app.context).await.unwrap();
        assert_eq!(count(&app, "subscriptions WHERE status = 'pending'").await, 2);
        execute(&app.database(), "UPDATE deliveries SET status = 'failed', done_ms = 1").await;
        purge::purge(&app.app.context).await.unwrap();
        for table in ["subscribers", "subscriptions", "deliveries"] {
            assert_eq!(count(&app, table).await, 0, "{table}");
        }
    }
);

both_databases!(
    /// D12: dropping what is held of one list of a form leaves the link to the others.
    dropping_one_list_leaves_the_link_of_the_others,
    |db| async move {
        let app = five(db, "").await;
        sign_up_for_two(&app).await;
        app.deliver_pending().await;
        let hold = "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms)
            SELECT list_id, subscriber_id, '[\"role\"]', 1 FROM subscriptions WHERE list_id = (SELECT id FROM lists WHERE slug = 'weekly')";
        execute(&app.database(), hold).await;
        assert_eq!(release::drop_held(&app.app.context, &release::Which::All).await.unwrap(), 1);
        assert_eq!(count(&app, "subscriptions").await, 1);
        assert_eq!(http::post_form(&app.confirmation_link(LAYLA), &[]).await.status, 200);
        assert_eq!(count(&app, "subscriptions WHERE status = 'confirmed'").await, 1);
    }
);
