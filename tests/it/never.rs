//! "Never mail this address again" (D6): the link of each mail, its page, and what is left afterwards.

use nashra::domain::address::EmailAddress;
use nashra::service::suppress;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

async fn sign_up(app: &TestApp, list: &str, address: &str) {
    let form = format!("{}/subscribe/{list}", app.url);
    let posted = http::post_form(&form, &[("email", address)]).await;
    assert_eq!(posted.status, 303);
}

/// The link in the latest mail.
fn link(app: &TestApp) -> String {
    let text = app.catcher.messages().pop().unwrap().text().unwrap();
    let mut words = text.split_whitespace();
    words
        .find(|word| word.contains("/never/"))
        .unwrap()
        .to_owned()
}

async fn count(app: &TestApp, rows: &str) -> i64 {
    number(&app.database(), &format!("SELECT COUNT(*) FROM {rows}")).await
}

both_databases!(
    /// D6, D1, D12: of who only signed up nothing is left but the suppression, and no form brings mail again.
    d6_who_never_confirmed_is_forgotten_and_never_mailed,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        sign_up(&app, "weekly", "layla@example.org").await;
        app.deliver_pending().await;
        sign_up(&app, "daily", "layla@example.org").await;
        let (link, confirm) = (link(&app), app.confirmation_link("layla@example.org"));
        assert!(link.starts_with(&format!("{}/never/", app.url)));
        let before = app.dump().await;
        let page = http::get(&link).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        assert_eq!(page.text().matches("<form method=\"post\">").count(), 1);
        assert!(page.text().contains("لا تراسلوا هذا العنوان أبداً") && !page.text().contains("layla"));
        assert_eq!(app.dump().await, before);

        let pressed = http::post_form(&link, &[]).await;
        assert_eq!(pressed.status, 200);
        assert!(pressed.text().contains("لن نراسل هذا العنوان بعد اليوم"), "{}", pressed.text());
        for table in ["subscribers", "subscriptions", "confirmations", "consents", "deliveries"] {
            assert_eq!(count(&app, table).await, 0, "{table}");
        }
        assert_eq!(count(&app, "suppressions WHERE identity = 'layla@example.org' AND reason = 'reader'").await, 1);
        let after = app.dump().await;
        // Idempotent; the row is gone, and the page says so without data and without an error.
        for again in [http::post_form(&link, &[]).await, http::get(&link).await] {
            assert_eq!(again.status, 200);
            assert!(again.text().contains("لا شيء يُرسل إلى هذا العنوان") && !again.text().contains("<form"));
        }
        assert_eq!(app.dump().await, after);
        assert_eq!(http::post_form(&confirm, &[]).await.status, 404);
        sign_up(&app, "weekly", "layla@example.org").await;
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1);
        // The old link names nobody new.
        sign_up(&app, "weekly", "omar@example.org").await;
        assert_eq!(http::post_form(&link, &[]).await.status, 200);
        assert_eq!(count(&app, "suppressions").await, 1);
    }
);

both_databases!(
    /// The link of a notice: every subscription ends with its proof, what waits is cancelled, and a digest under way passes over.
    a_reader_of_several_lists_leaves_them_all,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        app.confirmed("layla@example.org").await;
        app.advance(std::time::Duration::from_hours(1));
        sign_up(&app, "daily", "layla@example.org").await;
        app.deliver_pending().await;
        assert_eq!(http::post_form(&app.confirmation_link("layla@example.org"), &[]).await.status, 200);
        app.advance(std::time::Duration::from_hours(1));
        sign_up(&app, "weekly", "layla@example.org").await;
        app.deliver_pending().await;
        let notice = app.catcher.messages().pop().unwrap();
        assert!(notice.text().unwrap().contains("أنت مشترك") || notice.subject().contains("أنت مشترك"));
        let link = link(&app);
        assert!(notice.html().unwrap().contains(&link));
        app.articles(2).await;
        let digest = app.publish().await;
        let english = format!("{link}?lang=en");
        assert!(http::get(&english).await.text().contains("Never mail this address again?"));
        assert!(http::post_form(&english, &[]).await.text().contains("We will not mail this address again"));
        assert_eq!(count(&app, "subscriptions WHERE status = 'unsubscribed'").await, 2);
        assert_eq!(count(&app, "consents WHERE action = 'unsubscribe' AND method = 'mail' AND ip = '127.0.0.1'").await, 2);
        let sent = app.catcher.accepted();
        app.deliver_pending().await;
        assert_eq!((app.catcher.accepted(), app.counts(digest).await.cancelled), (sent, 1));
        let after = app.dump().await;
        for again in [http::post_form(&link, &[]).await, http::get(&link).await] {
            assert!(again.text().contains("لن نراسل هذا العنوان بعد اليوم"));
        }
        assert_eq!(app.dump().await, after);
        // A person may take it off the list again; then the link works anew.
        suppress::remove(&app.app.context, &EmailAddress::parse("layla@example.org").unwrap()).await.unwrap();
        assert!(http::get(&link).await.text().contains("<form"));
    }
);

both_databases!(
    /// H7, H11: a garbled link, and one for another purpose, is 404 and changes nothing; a list that is gone keeps the link.
    only_genuine_links_count,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        app.confirmed("layla@example.org").await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let genuine = context.never_url(list, 1);
        let token = genuine.rsplit('/').next().unwrap();
        let leave = context.unsubscribe_url(list, 1);
        let before = app.dump().await;
        let other = leave.rsplit('/').next().unwrap();
        for token in [&token[..token.len() - 1], &format!("{token}A"), other, "x", "%00", &"a".repeat(5000)] {
            let url = format!("{}/never/{token}", app.url);
            assert_eq!(http::get(&url).await.status, 404, "{token}");
            assert_eq!(http::post_form(&url, &[]).await.status, 404, "{token}");
        }
        let crossed = format!("{}/u/{token}", app.url);
        assert_eq!(http::post_form(&crossed, &[]).await.status, 404);
        assert_eq!(app.dump().await, before);
        // Nobody of the program's lists has this number.
        execute(&app.database(), &format!("UPDATE lists SET removed_ms = 1 WHERE id = {list}")).await;
        assert_eq!(http::post_form(&context.never_url(99, 1), &[]).await.status, 200);
        assert_eq!(count(&app, "suppressions").await, 1);
    }
);
