//! A change of address by the preferences link: nothing changes until the new address is confirmed, and whoever asks learns
//! nothing of it (issue 5, point 5; D5).

mod strangers;

use std::time::Duration;

use nashra::domain::choices::Choices;
use nashra::domain::rhythm::{Cadence, Rhythm};
use nashra::domain::subscription::SubscriptionStatus::{self, Confirmed, Unsubscribed};
use nashra::service::purge;
use nashra::store;
use nashra::store::choices::Window;

use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http::{self, Answer};
use crate::harness::queue::number;

const OLD: &str = "layla@example.org";
const NEW: &str = "layla@example.net";
const BOTH_MOVED: [Option<SubscriptionStatus>; 4] = [
    Some(Unsubscribed),
    Some(Unsubscribed),
    Some(Confirmed),
    Some(Confirmed),
];

/// A reader (subscriber 1) who is confirmed for both lists and chose a rhythm for the first.
async fn start(db: TestDb) -> TestApp {
    let app = TestApp::with_two_lists(db).await;
    app.confirmed(OLD).await;
    app.confirm_of("daily", 1).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    let (choices, window) = chosen();
    store::choices::set(&mut tx, list, 1, &choices, window)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.advance(Duration::from_hours(48));
    app
}

fn chosen() -> (Choices, Window) {
    let choices = Choices {
        language: Some("en".into()),
        sections: Some(vec!["reports".into()]),
        rhythm: Some(Rhythm::new(Cadence::Monthly, 3, 18, "Asia/Beirut").unwrap()),
        paused_until_ms: Some(MONDAY + 5),
    };
    let window = Window {
        next_ms: Some(MONDAY + 7),
        since_ms: Some(MONDAY - 7),
    };
    (choices, window)
}

async fn ask(app: &TestApp, email: &str) -> Answer {
    let list = app.app.context.list("weekly").unwrap().id;
    let link = app.app.context.preferences_url(list, 1);
    http::post_form(&link, &[("do", "move"), ("email", email)]).await
}

async fn status(app: &TestApp, slug: &str, subscriber: i64) -> Option<SubscriptionStatus> {
    let list = app.app.context.list(slug).unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    store::subscription::status(&mut tx, list, subscriber)
        .await
        .unwrap()
}

/// Both lists of both subscribers.
async fn statuses(app: &TestApp) -> [Option<SubscriptionStatus>; 4] {
    [
        status(app, "weekly", 1).await,
        status(app, "daily", 1).await,
        status(app, "weekly", 2).await,
        status(app, "daily", 2).await,
    ]
}

async fn stored(app: &TestApp, slug: &str, subscriber: i64) -> (Choices, Window) {
    let list = app.app.context.list(slug).unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let choices = store::choices::of(&mut tx, list, subscriber).await.unwrap();
    let window = store::choices::window(&mut tx, list, subscriber)
        .await
        .unwrap();
    (choices.unwrap(), window.unwrap())
}

both_databases!(
    /// One mail, to the new address; after its button everything has gone over, and the old address is told nothing more.
    everything_goes_over_when_the_new_address_is_confirmed,
    |db| async move {
        let app = start(db).await;
        let answer = ask(&app, "layla@example").await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("not complete") && answer.text().contains("id=\"email-remark\""), "{}", answer.text());
        app.catcher.clear();
        assert_eq!(ask(&app, NEW).await.status, 303);
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipients, [NEW]);
        let before = statuses(&app).await;
        assert_eq!(before, [Some(Confirmed), Some(Confirmed), None, None]);
        // D6: in the language of the page it says what goes over, from where as far as a stranger may know it, and how to be left alone.
        let text = mails[0].text().unwrap();
        for word in ["النشرة الأسبوعية", "النشرة اليومية", "l***@example.org", "/never/", "127.0.0.1", "Move the subscriptions here"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!text.contains(OLD) && !mails[0].html().unwrap().contains(OLD));
        let button = app.confirmation_link(NEW);
        let page = http::get(&format!("{button}?lang=en")).await;
        assert_eq!(page.status, 200);
        for word in ["Is this your new address?", "النشرة الأسبوعية", "النشرة اليومية", "l***@example.org"] {
            assert!(page.text().contains(word), "{word}: {}", page.text());
        }
        assert_eq!(statuses(&app).await, before);

        let done = http::post_form(&button, &[]).await;
        assert!(done.status == 200 && done.text().contains("انتقلت اشتراكاتك"), "{}", done.text());
        assert_eq!(statuses(&app).await, BOTH_MOVED);
        assert_eq!(stored(&app, "weekly", 2).await, chosen());
        let mut tx = app.app.context.database.read().await.unwrap();
        for slug in ["weekly", "daily"] {
            let list = app.app.context.list(slug).unwrap().id;
            let actions = |steps: Vec<store::consent::Recorded>| steps.into_iter().map(|step| step.action).collect::<Vec<_>>();
            let new = actions(store::consent::of(&mut tx, list, 2).await.unwrap());
            assert_eq!(new, ["subscribe", "confirm"], "{slug}");
            let old = actions(store::consent::of(&mut tx, list, 1).await.unwrap());
            assert_eq!(old.last().map(String::as_str), Some("unsubscribe"), "{slug}");
        }
        assert_eq!(store::moves::former(&mut tx, 2).await.unwrap(), [(1, app.clock.now_ms())]);
        drop(tx);
        // Pressing again changes nothing, and the old address gets no mail.
        let after = app.dump().await;
        assert_eq!(http::post_form(&button, &[]).await.status, 200);
        assert_eq!(app.dump().await, after);
        app.catcher.clear();
        app.deliver_pending().await;
        assert!(app.catcher.messages().is_empty());
    }
);

both_databases!(
    /// Never confirmed: nothing happened to the old address.
    a_change_that_is_not_confirmed_is_none,
    |db| async move {
        let app = start(db).await;
        ask(&app, NEW).await;
        app.deliver_pending().await;
        let button = app.confirmation_link(NEW);
        app.advance(Duration::from_hours(24 * 40));
        let late = http::post_form(&button, &[]).await;
        assert!(late.status == 410 && late.text().contains("لم يُؤكَّد نقل الاشتراكات"), "{}", late.text());
        assert_eq!(statuses(&app).await, [Some(Confirmed), Some(Confirmed), None, None]);
        assert_eq!(stored(&app, "weekly", 1).await, chosen());
        // D12: nothing of the new address is left when its time is over.
        assert_eq!(purge::purge(&app.app.context).await.unwrap(), 1);
        assert!(!app.dump().await.contains(NEW));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM consents WHERE subscriber_id = 2").await, 0);
        assert_eq!(http::get(&button).await.status, 404);
        assert_eq!(purge::purge(&app.app.context).await.unwrap(), 0);
    }
);

both_databases!(
    /// A list that the new address gets already keeps the choices made there.
    a_list_that_the_new_address_has_keeps_its_choices,
    |db| async move {
        let app = start(db).await;
        app.confirmed(NEW).await;
        app.advance(Duration::from_hours(48));
        let own = Choices { language: Some("ar".into()), ..Choices::default() };
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        let none = Window { next_ms: None, since_ms: None };
        store::choices::set(&mut tx, list, 2, &own, none).await.unwrap();
        tx.commit().await.unwrap();
        app.catcher.clear();
        ask(&app, NEW).await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), 1);
        assert_eq!(http::post_form(&app.confirmation_link(NEW), &[]).await.status, 200);
        assert_eq!(statuses(&app).await, BOTH_MOVED);
        assert_eq!(stored(&app, "weekly", 2).await.0, own);
    }
);

both_databases!(
    /// D14: the mail names each list, so pressing its button is a fresh confirmation of one that the new address had left, too.
    d14_a_list_that_the_new_address_left_is_confirmed_afresh,
    |db| async move {
        let app = start(db).await;
        app.confirmed(NEW).await;
        app.confirm_of("daily", 2).await;
        for slug in ["weekly", "daily"] {
            let list = app.app.context.list(slug).unwrap().id;
            let link = app.app.context.unsubscribe_url(list, 2);
            assert_eq!(http::post_form(&link, &[]).await.status, 200);
        }
        app.advance(Duration::from_hours(48));
        ask(&app, NEW).await;
        app.deliver_pending().await;
        assert_eq!(statuses(&app).await, [Some(Confirmed), Some(Confirmed), Some(Unsubscribed), Some(Unsubscribed)]);
        assert_eq!(http::post_form(&app.confirmation_link(NEW), &[]).await.status, 200);
        assert_eq!(statuses(&app).await, BOTH_MOVED);
    }
);

both_databases!(
    /// D3: a link that has expired can ask for another one; it goes to the same address, and that one works.
    d3_an_expired_link_asks_for_another,
    |db| async move {
        let app = start(db).await;
        ask(&app, NEW).await;
        app.deliver_pending().await;
        let first = app.confirmation_link(NEW);
        app.advance(Duration::from_hours(24 * 5));
        let page = http::get(&first).await;
        assert!(page.status == 410 && page.text().contains("name=\"again\""), "{}", page.text());
        app.catcher.clear();
        assert_eq!(http::post_form(&first, &[("again", "1")]).await.status, 200);
        app.deliver_pending().await;
        let second = app.confirmation_link(NEW);
        assert_eq!(http::post_form(&second, &[]).await.status, 200);
        assert_eq!(statuses(&app).await, BOTH_MOVED);
        assert_eq!(http::get(&first).await.status, 200, "it is done, whichever link says so");
    }
);

both_databases!(
    /// The confirmation of a sign-up, mailed before or after somebody asked for the change, does not agree to it: its link is not of
    /// that kind. The change waits for its own.
    only_its_own_link_completes_a_change,
    |db| async move {
        let app = start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        http::post_form(&form, &[("email", NEW)]).await;
        app.deliver_pending().await;
        let earlier = app.confirmation_link(NEW);
        app.advance(Duration::from_hours(1));
        ask(&app, NEW).await;
        app.deliver_pending().await;
        let own = app.confirmation_link(NEW);
        app.advance(Duration::from_hours(1));
        http::post_form(&form, &[("email", NEW)]).await;
        app.deliver_pending().await;
        let later = app.confirmation_link(NEW);
        assert!(earlier != own && own != later);
        for ordinary in [later, earlier] {
            assert_eq!(http::post_form(&ordinary, &[]).await.status, 200);
            assert_eq!(statuses(&app).await, [Some(Confirmed), Some(Confirmed), Some(Confirmed), None]);
        }
        assert_eq!(http::post_form(&own, &[]).await.status, 200);
        assert_eq!(statuses(&app).await, BOTH_MOVED);
    }
);

both_databases!(
    /// A change and a sign-up of the same address for the same list are two things: each gets its mail in its turn, whichever waits.
    a_change_and_a_sign_up_do_not_repeat_each_other,
    |db| async move {
        let app = start(db).await;
        let sign_up = async |list: &str, email: &str| {
            let form = format!("{}/subscribe/{list}", app.url);
            assert_eq!(http::post_form(&form, &[("email", email)]).await.status, 303);
        };
        app.catcher.clear();
        for email in [NEW, "other@example.net"] {
            // What comes after this waits.
            sign_up("daily", email).await;
        }
        assert_eq!(ask(&app, NEW).await.status, 303);
        sign_up("weekly", NEW).await;
        sign_up("weekly", "other@example.net").await;
        assert_eq!(ask(&app, "other@example.net").await.status, 303);
        for _ in 0..3 {
            app.deliver_pending().await;
            app.advance(Duration::from_hours(1));
        }
        for email in [NEW, "other@example.net"] {
            let mails = app.catcher.messages().into_iter().filter(|mail| mail.recipients == [email]);
            assert_eq!(mails.count(), 3, "{email}");
        }
    }
);

both_databases!(
    /// Race: the same change is asked for twice at once, and its button pressed twice at once.
    a_change_is_made_once,
    |db| async move {
        let app = start(db).await;
        app.catcher.clear();
        let (one, two) = tokio::join!(ask(&app, NEW), ask(&app, NEW));
        assert_eq!((one.status, two.status), (303, 303));
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), 1, "the limits of every sign-up hold");
        let button = app.confirmation_link(NEW);
        let (one, two) = tokio::join!(http::post_form(&button, &[]), http::post_form(&button, &[]));
        assert_eq!((one.status, two.status), (200, 200));
        assert_eq!(statuses(&app).await, BOTH_MOVED);
        assert_eq!(stored(&app, "weekly", 2).await, chosen());
    }
);

both_databases!(
    /// Standards, section 4: the new address is looked at as at sign-up. A slip is questioned once (A13), what the operator refuses
    /// is refused, and a doubt holds nobody up who is a reader already.
    the_new_address_is_checked_as_at_sign_up,
    |db| async move {
        let sections = "[addresses]\nmx_check = false\ndisposable = \"refuse\"\nrole = \"flag\"".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.confirmed(OLD).await;
        let link = app.app.context.preferences_url(app.app.context.list("weekly").unwrap().id, 1);
        assert!(!http::get(&link).await.text().contains("name=\"insist\""));
        let before = app.dump().await;
        for refused in ["layla@gmial.com", "layla@a.mailinator.com", "layla@"] {
            let answer = ask(&app, refused).await;
            assert_eq!(answer.status, 422, "{refused}");
            let insist = format!("<input type=\"hidden\" name=\"insist\" value=\"{refused}\">");
            assert!(answer.text().contains(&insist), "{}", answer.text());
        }
        let insists = |email| [("do", "move"), ("email", email), ("insist", email)];
        assert_eq!(http::post_form(&link, &insists("layla@a.mailinator.com")).await.status, 422);
        assert_eq!(app.dump().await, before);
        app.catcher.clear();
        assert_eq!(http::post_form(&link, &insists("layla@gmial.com")).await.status, 303);
        assert_eq!(ask(&app, "info@example.net").await.status, 303);
        app.deliver_pending().await;
        let mut mailed: Vec<_> = app.catcher.messages().iter().flat_map(|mail| mail.recipients.clone()).collect();
        mailed.sort();
        assert_eq!(mailed, ["info@example.net", "layla@gmial.com"]);
    }
);

both_databases!(
    /// Who moves has been welcomed before: after its confirmation the new address gets nothing.
    a_change_of_address_is_no_new_welcome,
    |db| async move {
        let list = "welcome = \"link\"".to_owned();
        let app = TestApp::with(db, Options { list, ..Options::default() }).await;
        app.confirmed(OLD).await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), 2, "a confirmation and a welcome");
        app.advance(Duration::from_hours(48));
        ask(&app, NEW).await;
        app.deliver_pending().await;
        assert_eq!(http::post_form(&app.confirmation_link(NEW), &[]).await.status, 200);
        assert_eq!(status(&app, "weekly", 2).await, Some(Confirmed));
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), 3, "a confirmation more");
    }
);
