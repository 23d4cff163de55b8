//! What becomes of a sign-up that nobody confirms: one reminder, then nothing is left of it (D7, D12); and of one that is confirmed: a
//! welcome, where the list has one.

use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::service::{purge, remind, suppress};

use crate::harness::app::{DAY, MONDAY, Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

const HOUR: Duration = Duration::from_hours(1);

async fn sign_up(app: &TestApp, list: &str, address: &str) {
    let form = format!("{}/subscribe/{list}", app.url);
    let posted = http::post_form(&form, &[("email", address)]).await;
    assert_eq!(posted.status, 303);
    app.deliver_pending().await;
}

fn mails_to(app: &TestApp, address: &str) -> Vec<std::sync::Arc<nashra::catcher::Caught>> {
    let mails = app.catcher.messages().into_iter();
    mails.filter(|mail| mail.recipients == [address]).collect()
}

async fn remind_and_send(app: &TestApp) -> u64 {
    let reminded = remind::remind(&app.app.context).await.unwrap();
    app.deliver_pending().await;
    reminded
}

async fn rows(app: &TestApp, table: &str) -> i64 {
    number(&app.database(), &format!("SELECT COUNT(*) FROM {table}")).await
}

both_databases!(
    /// Issue 5, point 4: after 48 hours one reminder with a fresh link, and never a second one.
    a_sign_up_is_reminded_once,
    |db| async move {
        let app = TestApp::start(db).await;
        sign_up(&app, "weekly?lang=en", "layla@example.org").await;
        app.advance((48 * HOUR).saturating_sub(Duration::from_millis(1)));
        assert_eq!(remind_and_send(&app).await, 0);
        app.advance(Duration::from_millis(1));
        assert_eq!(remind_and_send(&app).await, 1);
        assert_eq!(remind_and_send(&app).await, 0);
        let mails = mails_to(&app, "layla@example.org");
        assert_eq!(mails.len(), 2);
        let (first, reminder) = (mails[0].text().unwrap(), mails[1].text().unwrap());
        assert!(!first.contains("only reminder") && reminder.contains("This is the only reminder."), "{reminder}");
        // It tells of the sign-up, not of itself, and the link is new.
        assert!(reminder.contains("5 January 2026 at 07:00") && reminder.contains("10 January 2026 at 07:00"), "{reminder}");
        let link = |text: &str| text.split_whitespace().find(|word| word.contains("/confirm/")).unwrap().to_owned();
        assert_ne!(link(&first), link(&reminder));
        assert!(mails[1].header("List-Unsubscribe").is_none(), "it is no list mail");

        // Who asks for another mail gets a plain confirmation, and no other reminder.
        app.advance(HOUR);
        sign_up(&app, "weekly?lang=en", "layla@example.org").await;
        app.advance(72 * HOUR);
        assert_eq!(remind_and_send(&app).await, 0);
        let mails = mails_to(&app, "layla@example.org");
        assert_eq!(mails.len(), 3);
        assert!(!mails[2].text().unwrap().contains("only reminder"));
        let last = app.confirmation_link("layla@example.org");
        assert_eq!(http::post_form(&last, &[]).await.status, 410, "72 hours have passed");
    }
);

both_databases!(
    /// The link of a reminder works when that of the first mail has expired.
    the_link_of_a_reminder_is_a_fresh_one,
    |db| async move {
        let app = TestApp::start(db).await;
        sign_up(&app, "weekly", "layla@example.org").await;
        let first = app.confirmation_link("layla@example.org");
        app.advance(50 * HOUR);
        assert_eq!(remind_and_send(&app).await, 1);
        app.advance(30 * HOUR);
        assert_eq!(http::get(&first).await.status, 410);
        let reminder = app.confirmation_link("layla@example.org");
        assert_eq!(http::post_form(&reminder, &[]).await.status, 200);
        assert_eq!(rows(&app, "subscriptions WHERE status = 'confirmed'").await, 1);
    }
);

both_databases!(
    /// B12, D14: no reminder for who is confirmed, left, suppressed or held; none a week too late.
    nobody_else_is_reminded,
    |db| async move {
        let app = TestApp::start(db).await;
        let addresses = ["confirmed", "left", "suppressed", "held", "late"].map(|name| format!("{name}@example.org"));
        sign_up(&app, "weekly", &addresses[4]).await;
        app.advance(8 * 24 * HOUR);
        for address in &addresses[..4] {
            sign_up(&app, "weekly", address).await;
        }
        for address in &addresses[..2] {
            assert_eq!(http::post_form(&app.confirmation_link(address), &[]).await.status, 200);
        }
        let id = async |address: &str| {
            number(&app.database(), &format!("SELECT id FROM subscribers WHERE address = '{address}'")).await
        };
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let leave = context.unsubscribe_url(list, id(&addresses[1]).await);
        assert_eq!(http::post_form(&leave, &[]).await.status, 200);
        suppress::add(context, &EmailAddress::parse(&addresses[2]).unwrap(), "operator").await.unwrap();
        let held = id(&addresses[3]).await;
        execute(&app.database(), &format!("INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms) VALUES ({list}, {held}, '[]', {MONDAY})")).await;
        app.advance(49 * HOUR);
        let sent = app.catcher.accepted();
        assert_eq!(remind_and_send(&app).await, 0);
        assert_eq!(app.catcher.accepted(), sent);
        // Who is let go is reminded: the test would see it.
        execute(&app.database(), "DELETE FROM quarantine").await;
        assert_eq!(remind_and_send(&app).await, 1);
    }
);

both_databases!(
    /// D7: a reminder counts against the limits of its address, and one that has no room does not come later.
    a_reminder_keeps_to_the_limits_of_its_address,
    |db| async move {
        let options = Options {
            sections: "[confirmation.per_address]\nper_day = 1\nper_month = 1".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        sign_up(&app, "weekly", "layla@example.org").await;
        app.advance(48 * HOUR);
        assert_eq!(remind_and_send(&app).await, 1);
        app.advance(24 * HOUR);
        assert_eq!(remind_and_send(&app).await, 0);
        assert_eq!(app.catcher.accepted(), 1);
    }
);

both_databases!(
    /// `remind_after = "off"`: no reminder.
    reminders_can_be_off,
    |db| async move {
        let options = Options { sections: "[confirmation]\nremind_after = \"off\"".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        sign_up(&app, "weekly", "layla@example.org").await;
        app.advance(7 * 24 * HOUR);
        assert_eq!(remind_and_send(&app).await, 0);
        assert_eq!(app.catcher.accepted(), 1);
    }
);

/// Sign-ups straight into the database.
async fn many_pending(app: &TestApp, number: usize) {
    app.many_confirmed(number).await;
    execute(
        &app.database(),
        "UPDATE subscriptions SET status = 'pending'",
    )
    .await;
}

both_databases!(
    /// Two processes and more: each sign-up has its turn once, in batches.
    reminders_of_many_at_once_are_not_doubled,
    |db| async move {
        let app = TestApp::start(db).await;
        many_pending(&app, 250).await;
        app.advance(48 * HOUR);
        let context = &app.app.context;
        let (a, b, c) = tokio::join!(remind::remind(context), remind::remind(context), remind::remind(context));
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 250);
        assert_eq!(rows(&app, "deliveries").await, 250);
        assert_eq!(number(&app.database(), "SELECT COUNT(DISTINCT subscriber_id) FROM deliveries").await, 250);
    }
);

both_databases!(
    /// D12: after 30 days nothing is left of a sign-up; by several processes at once, and every row is counted once.
    d12_an_old_sign_up_leaves_nothing,
    |db| async move {
        let app = TestApp::start(db).await;
        sign_up(&app, "weekly", "layla@example.org").await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        execute(&app.database(), &format!("INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms) VALUES ({list}, 1, '[]', {MONDAY})")).await;
        execute(&app.database(), &format!("INSERT INTO moves (subscriber_id, from_id, created_ms) VALUES (1, 99, {MONDAY})")).await;
        app.advance((30 * 24 * HOUR).saturating_sub(Duration::from_millis(1)));
        let before = app.dump().await;
        assert_eq!(purge::purge(context).await.unwrap(), 0);
        assert_eq!(app.dump().await, before);
        app.advance(Duration::from_millis(1));
        let (a, b) = tokio::join!(purge::purge(context), purge::purge(context));
        assert_eq!(a.unwrap() + b.unwrap(), 2, "the sign-up and the change of address");
        for table in ["subscribers", "subscriptions", "confirmations", "consents", "deliveries", "quarantine", "moves"] {
            assert_eq!(rows(&app, table).await, 0, "{table}");
        }
        assert!(!app.dump().await.contains("layla"));
        // The old links say so kindly, and the address can begin anew, under a number that no old link names.
        assert_eq!(http::get(&app.confirmation_link("layla@example.org")).await.status, 404);
        sign_up(&app, "weekly", "omar@example.org").await;
        assert!(number(&app.database(), "SELECT id FROM subscribers").await > 1);
        assert_eq!(http::get(&context.unsubscribe_url(list, 1)).await.status, 404);
    }
);

both_databases!(
    /// Only sign-ups that nobody confirmed go: readers stay, and who left and did not confirm again is one who left.
    who_was_a_reader_is_not_forgotten,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.confirmed("omar@example.org").await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        assert_eq!(http::post_form(&context.unsubscribe_url(list, 2), &[]).await.status, 200);
        app.advance(HOUR);
        sign_up(&app, "weekly", "omar@example.org").await;
        assert_eq!(rows(&app, "subscriptions WHERE status = 'pending'").await, 1);
        execute(&app.database(), &format!("INSERT INTO moves (subscriber_id, from_id, created_ms) VALUES (2, 1, {MONDAY})")).await;
        app.advance(40 * 24 * HOUR);
        assert_eq!(purge::purge(context).await.unwrap(), 2);
        assert_eq!((rows(&app, "subscribers").await, rows(&app, "moves").await), (2, 0));
        let standing = "subscriptions WHERE subscriber_id = 1 AND status = 'confirmed' OR subscriber_id = 2 AND status = 'unsubscribed'";
        assert_eq!(rows(&app, standing).await, 2);
        assert_eq!(rows(&app, "consents WHERE subscriber_id = 2").await, 4);
        assert_eq!(purge::purge(context).await.unwrap(), 0);
    }
);

both_databases!(
    /// `digest run`, as cron calls it, reminds and purges. Its clock is the machine's, so the sign-ups are dated by it.
    a_run_reminds_and_purges,
    |db| async move {
        let app = TestApp::start(db).await;
        many_pending(&app, 2).await;
        let now_ms = nashra::clock::Clock::System.now_ms();
        for (id, days) in [(1, 3), (2, 31)] {
            let at = now_ms - days * DAY;
            let sql = format!("UPDATE subscriptions SET changed_ms = {at} WHERE subscriber_id = {id}");
            execute(&app.database(), &sql).await;
        }
        let output = app.nashra(["digest", "run", "--as-of", "2026-01-01T07:00:00Z"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(rows(&app, "subscribers").await, 1);
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text().unwrap().contains("هذا هو التذكير الوحيد"));
    }
);

fn welcoming(how: &str) -> Options {
    Options {
        list: format!("welcome = \"{how}\""),
        ..Options::default()
    }
}

both_databases!(
    /// Issue 5, point 4: a welcome goes out once for each confirmation, as list mail with one-click (H1, H2), and says what comes.
    a_welcome_says_when_the_next_digest_comes,
    |db| async move {
        let app = TestApp::with(db, welcoming("link")).await;
        app.confirmed("layla@example.org").await;
        app.deliver_pending().await;
        let mails = mails_to(&app, "layla@example.org");
        assert_eq!(mails.len(), 2);
        let (text, html) = (mails[1].text().unwrap(), mails[1].html().unwrap());
        // The clock stands at the list's hour: the next one is in a week.
        assert!(text.contains("اكتمل اشتراكك") && text.contains("12 يناير 2026"), "{text}");
        assert!(!html.contains("/d/"), "there is no digest yet");
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        for link in [context.unsubscribe_url(list, 1), context.preferences_url(list, 1)] {
            assert!(text.lines().any(|line| line == link) && html.contains(&link), "{link}");
        }
        let unsubscribe = format!("<{}>", context.unsubscribe_url(list, 1));
        assert_eq!(mails[1].header("List-Unsubscribe").as_deref(), Some(unsubscribe.as_str()));
        assert_eq!(mails[1].header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));

        // Pressed again it is not sent again; who leaves and comes back is welcome again, now with a digest to read.
        assert_eq!(http::post_form(&app.confirmation_link("layla@example.org"), &[]).await.status, 200);
        app.deliver_pending().await;
        assert_eq!(mails_to(&app, "layla@example.org").len(), 2);
        app.articles(2).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        app.advance(HOUR);
        assert_eq!(http::post_form(&context.unsubscribe_url(list, 1), &[]).await.status, 200);
        app.confirmed("layla@example.org").await;
        app.deliver_pending().await;
        let last = mails_to(&app, "layla@example.org").pop().unwrap().text().unwrap();
        assert!(last.contains(&context.digest_url(&app.digest(digest).await.public_id)), "{last}");
    }
);

both_databases!(
    /// `welcome = "digest"`: the last digest itself, dated when it is sent; the plain welcome while there is none. D7: welcomes take
    /// nothing from the limits of confirmations.
    a_welcome_can_be_the_last_digest,
    |db| async move {
        let options = Options {
            sections: "[confirmation.per_address]\nper_day = 2".to_owned(),
            lists: "[[lists]]\nslug = \"daily\"\nname = \"اليومية\"\nlocale = \"ar\"\n[[lists.sections]]\nkey = \"news\"\nname = \"أخبار\"".to_owned(),
            ..welcoming("digest")
        };
        let app = TestApp::with(db, options).await;
        app.confirmed("omar@example.org").await;
        app.deliver_pending().await;
        assert!(mails_to(&app, "omar@example.org")[1].text().unwrap().contains("اكتمل اشتراكك"));
        app.articles(2).await;
        app.publish().await;
        app.deliver_pending().await;
        app.advance(72 * HOUR);
        app.confirmed("layla@example.org").await;
        app.deliver_pending().await;
        let mails = mails_to(&app, "layla@example.org");
        assert_eq!(mails.len(), 2);
        let text = mails[1].text().unwrap();
        assert!(text.contains("https://news.example/articles/1") && text.contains("layla@example.org"), "{text}");
        assert!(mails[1].header("Date").unwrap().starts_with("Thu, 08 Jan 2026"), "{:?}", mails[1].header("Date"));
        assert!(mails[1].header("List-Unsubscribe").unwrap().contains("/u/"));
        assert_eq!(rows(&app, "deliveries WHERE kind = 'welcome' AND status = 'sent'").await, 2);
        app.advance(HOUR);
        sign_up(&app, "daily", "layla@example.org").await;
        assert_eq!(mails_to(&app, "layla@example.org").len(), 3);
    }
);

both_databases!(
    /// Without `welcome` the page is all there is; a welcome that waits goes with who leaves (promise 3).
    no_welcome_for_who_has_left,
    |db| async move {
        let app = TestApp::with(db, welcoming("link")).await;
        app.confirmed("layla@example.org").await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        assert_eq!(rows(&app, "deliveries WHERE kind = 'welcome' AND status = 'queued'").await, 1);
        assert_eq!(http::post_form(&context.unsubscribe_url(list, 1), &[]).await.status, 200);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1);
    }
);
