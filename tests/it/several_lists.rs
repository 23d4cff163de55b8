//! Several lists on one form: each has a consent of its own (D11), all have one mail (D7) and one button.

use std::sync::Arc;
use std::time::Duration;

use nashra::service::remind;
use nashra::service::sign_up::{Outcome, release, sign_up};

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
