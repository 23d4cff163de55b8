//! A change of address to somebody else's mailbox: whoever asks learns nothing (D5), writes to few (D7), and its owner is left alone (D6).

use nashra::store;

use super::{NEW, OLD, ask, start};
use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

both_databases!(
    /// D5: the answer is the same for an address that is new, pending, confirmed, left, suppressed or erased.
    d5_the_answer_tells_nothing_of_the_new_address,
    |db| async move {
        let app = start(db).await;
        app.confirmed("confirmed@example.net").await;
        app.confirmed("left@example.net").await;
        let list = app.app.context.list("weekly").unwrap().id;
        http::post_form(&app.app.context.unsubscribe_url(list, 3), &[]).await;
        http::post_form(&format!("{}/subscribe/weekly", app.url), &[("email", "pending@example.net")]).await;
        let mut tx = app.app.context.database.write().await.unwrap();
        store::suppression::add(&mut tx, "suppressed@example.net", "complaint", MONDAY).await.unwrap();
        let hashes = app.app.context.keyring.erasure_hashes("erased@example.net");
        store::erasure::add(&mut tx, &hashes[0], MONDAY).await.unwrap();
        tx.commit().await.unwrap();
        let mut answers = Vec::new();
        for state in ["new", "pending", "confirmed", "left", "suppressed", "erased"] {
            let answer = ask(&app, &format!("{state}@example.net")).await;
            let page = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
            let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
            headers.sort();
            answers.push((answer.status, answer.header("location").to_owned(), answer.body, headers, page.body));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
        // Of an address that gets no mail nothing is kept.
        assert!(!app.dump().await.contains("erased@"));
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM subscribers WHERE identity LIKE 'suppressed%'").await, 0);
        app.catcher.clear();
        app.deliver_pending().await;
        for mail in app.catcher.messages() {
            assert!(!["suppressed@example.net", "erased@example.net"].contains(&mail.recipients[0].as_str()));
        }
    }
);

both_databases!(
    /// D6: who did not ask for it is never mailed again, and of the change nothing is left.
    d6_a_stranger_is_left_alone,
    |db| async move {
        let app = start(db).await;
        ask(&app, NEW).await;
        app.deliver_pending().await;
        let button = app.confirmation_link(NEW);
        let text = app.catcher.messages().pop().unwrap().text().unwrap();
        let never = text.split_whitespace().find(|word| word.contains("/never/")).unwrap();
        assert_eq!(http::post_form(never, &[]).await.status, 200);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM subscribers").await, 1);
        for table in ["moves", "consents WHERE subscriber_id = 2", "confirmations WHERE subscriber_id = 2", "deliveries WHERE subscriber_id = 2"] {
            assert_eq!(number(&app.database(), &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(http::post_form(&button, &[]).await.status, 404);
        app.catcher.clear();
        assert_eq!(ask(&app, NEW).await.status, 303);
        app.deliver_pending().await;
        assert!(app.catcher.messages().is_empty());
    }
);

both_databases!(
    /// D7: what a network, or one link, asks too often is refused before anything is written; the same for every state (D5).
    d7_too_many_changes_write_nothing,
    |db| async move {
        let sections = "[sign_up]\nunstamped = \"accept\"\nmin_fill = \"0s\"\nper_network = { per_hour = 3, per_day = 0 }".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.confirmed(OLD).await;
        for n in 0..2 {
            assert_eq!(ask(&app, &format!("new{n}@example.net")).await.status, 303, "{n}");
        }
        let mut tx = app.app.context.database.write().await.unwrap();
        store::suppression::add(&mut tx, "suppressed@example.net", "complaint", MONDAY).await.unwrap();
        tx.commit().await.unwrap();
        let before = app.dump().await;
        for address in ["new9@example.net", "suppressed@example.net", "new0@example.net"] {
            assert_eq!(ask(&app, address).await.status, 429, "{address}");
            assert_eq!(app.dump().await, before, "{address}");
        }
        // The network may again, but this link has been at three addresses in this hour.
        execute(&app.database(), "DELETE FROM throttles WHERE bucket LIKE 'network:%'").await;
        assert_eq!(ask(&app, "new3@example.net").await.status, 303);
        execute(&app.database(), "DELETE FROM throttles WHERE bucket LIKE 'network:%'").await;
        assert_eq!(ask(&app, "new4@example.net").await.status, 429);
    }
);

both_databases!(
    /// D5: the common limits count every ask, mailed or not: when they are used up says nothing of the addresses, and who asks on
    /// is counted all the same.
    d5_common_limits_tell_nothing_of_the_new_address,
    |db| async move {
        let sections = "[sign_up]\nunstamped = \"accept\"\nmin_fill = \"0s\"\nper_domain = 2\nper_network = { per_hour = 9, per_day = 0 }".to_owned();
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        app.confirmed(OLD).await;
        let mut tx = app.app.context.database.write().await.unwrap();
        for name in ["a", "b", "c"] {
            store::suppression::add(&mut tx, &format!("{name}@example.net"), "complaint", MONDAY).await.unwrap();
        }
        tx.commit().await.unwrap();
        for (name, status) in [("a", 303), ("b", 303), ("c", 429), ("new", 429)] {
            assert_eq!(ask(&app, &format!("{name}@example.net")).await.status, status, "{name}");
        }
        let counted = "SELECT used FROM throttles WHERE bucket LIKE 'mover:%:hour'";
        assert_eq!(number(&app.database(), counted).await, 4);
        for domain in ["example.com", "example.info"] {
            assert_eq!(ask(&app, &format!("new@{domain}")).await.status, 303, "{domain}");
        }
    }
);
