//! Readers who move several times while a worker holds their digest: it follows them to where they are, once.

use nashra::domain::choices::Choices;
use nashra::domain::digest::{DigestStatus, PausedBy};
use nashra::service::{control, publish};
use nashra::store;

use super::taken_back::{LETS_GO, in_hand, subscriber};
use super::{HOUR, MINUTE, address, mails, reader, span, start, stored, tick};
use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::{execute, number};

async fn press(app: &TestApp, button: &str) {
    app.advance(span(MINUTE));
    assert_eq!(http::post_form(button, &[]).await.status, 200);
}

/// As if others still waited for it.
const GOES_ON: &str = "UPDATE digests SET status = 'sending', finished_ms = NULL";

/// The button of a change to another address, got while the worker of [`in_hand`] still holds what it holds of this digest.
async fn asked(app: &TestApp, held: Option<i64>, from: &str, to: &str) -> String {
    let context = &app.app.context;
    if let Some(digest) = held {
        let paused = control::pause(context, digest, PausedBy::Operator, "").await;
        assert!(paused.unwrap());
        execute(&app.database(), LETS_GO).await;
    }
    let list = context.list("weekly").unwrap().id;
    let link = context.preferences_url(list, subscriber(app, from).await);
    let to = address(to);
    let asked = http::post_form(&link, &[("do", "move"), ("email", &to)]).await;
    assert_eq!(asked.status, 303);
    app.deliver_pending().await;
    if let Some(digest) = held {
        execute(&app.database(), "UPDATE digest_ranges SET worker_id = 1").await;
        assert!(control::resume(context, digest).await.unwrap());
    }
    app.confirmation_link(&to)
}

/// As a worker does that finds the address without a subscription.
async fn cancelled(app: &TestApp) {
    let now_ms = app.clock.now_ms();
    let sql = format!(
        "INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, done_ms)
            SELECT digest_id, subscriber_id, provider_id, 'cancelled', 0, 0, {now_ms}, {now_ms} FROM digest_deliveries"
    );
    execute(&app.database(), &sql).await;
    execute(&app.database(), LETS_GO).await;
}

both_databases!(
    /// The second move finds nothing that waits at the first's address; the digest goes to the last all the same.
    what_a_worker_did_not_send_follows_two_moves,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        press(&app, &button).await;
        let button = asked(&app, Some(digest), "new", "newest").await;
        press(&app, &button).await;
        execute(&app.database(), LETS_GO).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        for name in ["layla", "new"] {
            assert!(mails(&app, name).concat().is_empty(), "{name}");
        }
        assert_eq!(mails(&app, "newest").concat(), [1]);
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
    }
);

both_databases!(
    /// Each address is at another provider, where nobody else gets the digest: it follows all the same.
    what_waits_follows_two_moves_to_other_providers,
    |db| async move {
        let app = start(db, "").await;
        let (digest, _) = in_hand(&app).await;
        for (from, to) in [("layla", "new@yahoo.com"), ("new@yahoo.com", "newest@gmail.com")] {
            let button = asked(&app, Some(digest), from, to).await;
            execute(&app.database(), LETS_GO).await;
            press(&app, &button).await;
        }
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        for name in ["layla", "new@yahoo.com"] {
            assert!(mails(&app, name).concat().is_empty(), "{name}");
        }
        assert_eq!(mails(&app, "newest@gmail.com").concat(), [1]);
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
    }
);

both_databases!(
    /// It was sent where the reader was in between: whoever then goes somewhere else keeps it from ending no more than it follows.
    what_was_sent_in_between_ends_although_its_reader_moves_on,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        execute(&app.database(), LETS_GO).await;
        press(&app, &button).await;
        app.deliver_pending().await;
        assert_eq!(mails(&app, "new").concat(), [1]);
        for (from, to) in [("new", "layla"), ("layla", "newest")] {
            let button = asked(&app, None, from, to).await;
            execute(&app.database(), GOES_ON).await;
            press(&app, &button).await;
        }
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
        assert_eq!((mails(&app, "layla").concat(), mails(&app, "newest").concat()), (vec![], vec![]));
    }
);

/// As if another reader had got the digest: a digest that nobody got is taken back by itself.
async fn got_by(app: &TestApp, name: &str) {
    reader(app, "weekly", name, &Choices::default()).await;
    let id = subscriber(app, name).await;
    for sql in [
        format!("INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, done_ms)
            SELECT digest_id, {id}, provider_id, 'sent', 1, 0, 0, {MONDAY} FROM digest_deliveries"),
        format!("INSERT INTO digest_deliveries (digest_id, provider_id, subscriber_id, variant_id)
            SELECT digest_id, provider_id, {id}, variant_id FROM digest_deliveries"),
    ] {
        execute(&app.database(), &sql).await;
    }
}

both_databases!(
    /// The same of a digest that was taken back: it is owed where the reader is.
    what_was_taken_back_follows_two_moves,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        press(&app, &button).await;
        let button = asked(&app, Some(digest), "new", "newest").await;
        got_by(&app, "got").await;
        assert!(control::cancel(&app.app.context, digest).await.unwrap());
        press(&app, &button).await;
        execute(&app.database(), LETS_GO).await;
        publish::finish(&app.app.context).await.unwrap();
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!((mails(&app, "newest").concat(), mails(&app, "got").concat()), (vec![2, 1], vec![2]));
    }
);

both_databases!(
    /// Whoever moves there and back finds at home what was cancelled meanwhile, once; who then moves on takes it along no second time.
    what_was_cancelled_meanwhile_is_found_by_who_moves_back,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        press(&app, &button).await;
        let home = asked(&app, Some(digest), "new", "layla").await;
        cancelled(&app).await;
        press(&app, &home).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!((mails(&app, "layla").concat(), mails(&app, "new").concat()), (vec![1], vec![]));
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
        let button = asked(&app, None, "layla", "newest").await;
        execute(&app.database(), GOES_ON).await;
        press(&app, &button).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!((mails(&app, "layla").concat(), mails(&app, "newest").concat()), (vec![1], vec![]));
    }
);

both_databases!(
    /// What went on from one address to the next, and was sent there, is not found behind at the first once more.
    what_followed_one_move_does_not_follow_from_the_first_again,
    |db| async move {
        let app = start(db, "").await;
        let (_, button) = in_hand(&app).await;
        press(&app, &button).await;
        execute(&app.database(), LETS_GO).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!(mails(&app, "new").concat(), [1]);
        let button = asked(&app, None, "new", "newest").await;
        execute(&app.database(), GOES_ON).await;
        press(&app, &button).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!((mails(&app, "new").concat(), mails(&app, "newest").concat()), (vec![1], vec![]));
    }
);

both_databases!(
    /// The digest's last reader moved: it does not end while it is not handed over, although nothing of it waits.
    a_digest_does_not_end_while_its_last_reader_is_left_behind,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        press(&app, &button).await;
        cancelled(&app).await;
        let mut tx = app.app.context.database.write().await.unwrap();
        let now_ms = app.clock.now_ms();
        assert!(store::digest_control::is_over(&mut tx, digest).await.unwrap());
        assert!(!store::digest_control::finish(&mut tx, digest, &[], now_ms).await.unwrap());
        tx.commit().await.unwrap();
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!(mails(&app, "new").concat(), [1]);
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sent);
    }
);

both_databases!(
    /// A digest that cannot be handed over keeps no other from ending.
    one_digests_trouble_keeps_no_other_from_ending,
    |db| async move {
        let app = TestApp::with_two_lists(db).await;
        let (digest, button) = in_hand(&app).await;
        press(&app, &button).await;
        cancelled(&app).await;
        reader(&app, "daily", "omar", &Choices::default()).await;
        stored(&app, "daily", 2, "news", MONDAY - HOUR).await;
        let most = "UPDATE digests SET recipients = 9223372036854775807";
        execute(&app.database(), &format!("{most} WHERE id = {digest}")).await;
        app.advance(span(DAY));
        tick(&app, "daily").await;
        assert_eq!(mails(&app, "omar").len(), 1);
        let open = "SELECT COUNT(*) FROM digests WHERE status = 'sending'";
        assert_eq!(number(&app.database(), open).await, 1, "the other has ended");
        assert_eq!(app.digest(digest).await.status, DigestStatus::Sending);
        // Mended, it goes on.
        execute(&app.database(), &format!("UPDATE digests SET recipients = 1 WHERE id = {digest}")).await;
        for _ in 0..2 {
            app.deliver_pending().await;
        }
        assert_eq!(mails(&app, "new").concat(), [1]);
    }
);

both_databases!(
    /// What is owed is put down in several transactions, each reader's once.
    what_is_owed_is_put_down_in_chunks,
    |db| async move {
        let app = start(db, "").await;
        for name in ["got", "not1", "not2", "not3", "not4", "not5"] {
            reader(&app, "weekly", name, &Choices::default()).await;
        }
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let digest = app.publish().await;
        app.faults("on rcpt to not*@* reply 451 4.2.1 later");
        app.deliver_pending().await;
        app.faults("");
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let mut tx = context.database.write().await.unwrap();
        assert!(store::digest_control::cancel(&mut tx, digest, app.clock.now_ms()).await.unwrap());
        tx.commit().await.unwrap();
        let owed = "SELECT COUNT(*) FROM subscriptions WHERE owed IS NOT NULL";
        let mut sums = Vec::new();
        loop {
            let mut tx = context.database.write().await.unwrap();
            store::list::lock(&mut tx, list).await.unwrap();
            let more = store::owed::put_down(&mut tx, digest, list, MONDAY - 7 * DAY, 2).await.unwrap();
            tx.commit().await.unwrap();
            if !more {
                break;
            }
            sums.push(number(&app.database(), owed).await);
        }
        assert_eq!(sums, [1, 3, 5, 5], "two at a time, of whom the first has got it");
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "got"), [vec![1], vec![2]]);
        for name in ["not1", "not2", "not3", "not4", "not5"] {
            assert_eq!(mails(&app, name), [[2, 1]], "{name}");
        }
    }
);
