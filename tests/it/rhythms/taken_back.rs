//! Digests that are held or taken back, and readers who leave or move meanwhile: who did not get it finds it in the next.

use nashra::domain::choices::Choices;
use nashra::domain::digest::{Audience, PausedBy};
use nashra::domain::rhythm::Cadence;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::compose::{self, Composed, WaitsFor};
use nashra::service::{control, preferences, publish, unsubscribe};
use nashra::store;
use nashra::store::consent::Origin;

use super::{HOUR, MINUTE, daily, mails, only, reader, rhythm, span, start, stored, tick};
use crate::harness::app::{DAY, MONDAY, Options, TestApp};
use crate::harness::database::{self, both_databases};
use crate::harness::http;
use crate::harness::queue::{execute, number};

pub(super) async fn subscriber(app: &TestApp, name: &str) -> i64 {
    let sql = format!(
        "SELECT id FROM subscribers WHERE address = '{}'",
        super::address(name)
    );
    number(&app.database(), &sql).await
}

fn token(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

both_databases!(
    /// A digest is taken back half-way: who got it does not get it again, who did not gets it with the next, also where the next
    /// had begun before it was taken back.
    what_is_taken_back_comes_with_the_next,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "got", &Choices::default()).await;
        reader(&app, "weekly", "missed", &Choices::default()).await;
        reader(&app, "weekly", "chose", &only(&["reports"])).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        app.faults("on rcpt to missed@* reply 451 4.2.1 later\non rcpt to chose@* reply 451 4.2.1 later");
        let Composed::Ready(first) = tick(&app, "weekly").await else { panic!("a digest") };
        assert_eq!(app.counts(first.id).await.sent, 1);
        assert!(control::pause(&app.app.context, first.id, PausedBy::Operator, "").await.unwrap());
        app.faults("");
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert!(control::cancel(&app.app.context, first.id).await.unwrap());
        stored(&app, "weekly", 3, "reports", MONDAY + 8 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "got"), [vec![1], vec![2], vec![3]]);
        assert_eq!(mails(&app, "missed"), [vec![2], vec![3, 1]]);
        assert_eq!(mails(&app, "chose"), [vec![2], vec![3, 1]]);
        stored(&app, "weekly", 4, "reports", MONDAY + 15 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "missed").last(), Some(&vec![4]), "once");
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM subscriptions WHERE owed IS NOT NULL").await, 0);
    }
);

both_databases!(
    /// A digest of which nothing has left is taken back: the list is where it was before, without a word in any reader's row but
    /// those that had gone on by themselves. Everyone gets its articles with the next, once.
    what_nobody_got_was_nothing,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "plain", &Choices::default()).await;
        reader(&app, "weekly", "chose", &only(&["reports"])).await;
        reader(&app, "weekly", "rhythm", &rhythm(Cadence::Weekly, 1, 7, "UTC")).await;
        execute(&app.database(), &format!("UPDATE subscriptions SET next_ms = {MONDAY} WHERE cadence IS NOT NULL")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let first = app.publish().await;
        assert_eq!(app.digest(first).await.recipients, 3);
        assert!(control::cancel(&app.app.context, first).await.unwrap());
        let owed = "SELECT COUNT(*) FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
            WHERE u.owed IS NOT NULL AND s.identity LIKE 'plain%'";
        assert_eq!(number(&app.database(), owed).await, 0);
        for (n, weeks) in [(2, 1), (3, 2)] {
            stored(&app, "weekly", n, "reports", MONDAY + 7 * DAY * weeks - HOUR).await;
            app.advance(span(7 * DAY));
            tick(&app, "weekly").await;
        }
        for name in ["plain", "chose", "rhythm"] {
            assert_eq!(mails(&app, name), [vec![2, 1], vec![3]], "{name}");
        }
    }
);

both_databases!(
    /// Where taking back is cut short before readers are told, whoever ends digests goes on with it; a reader of whom there is
    /// word already is passed over.
    taking_back_goes_on_where_it_was_cut_short,
    |db| async move {
        let app = start(db, "").await;
        for name in ["got", "told", "missed"] {
            reader(&app, "weekly", name, &Choices::default()).await;
        }
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        app.faults("on rcpt to told@* reply 451 4.2.1 later\non rcpt to missed@* reply 451 4.2.1 later");
        let Composed::Ready(first) = tick(&app, "weekly").await else { panic!("a digest") };
        app.faults("");
        let context = &app.app.context;
        let mut tx = context.database.write().await.unwrap();
        assert!(store::digest_control::cancel(&mut tx, first.id, app.clock.now_ms()).await.unwrap());
        tx.commit().await.unwrap();
        let told = subscriber(&app, "told").await;
        execute(&app.database(), &format!("UPDATE digest_queues SET cursor_id = {told}")).await;
        publish::finish(context).await.unwrap();
        let owed = "SELECT COUNT(*) FROM subscriptions WHERE owed IS NOT NULL";
        assert_eq!(number(&app.database(), owed).await, 1);
        publish::finish(context).await.unwrap();
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!((mails(&app, "missed"), mails(&app, "told")), (vec![vec![2, 1]], vec![vec![2]]));
    }
);

both_databases!(
    /// While a digest is held that has not started the list's next waits, and readers with hours of their own do not.
    a_held_digest_is_not_overtaken,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "list", &Choices::default()).await;
        reader(&app, "weekly", "own", &rhythm(Cadence::Weekly, 1, 8, "UTC")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        let Composed::Ready(first) = compose::compose(context, list, MONDAY, false).await.unwrap() else { panic!("a digest") };
        assert!(control::pause(context, first.id, PausedBy::Operator, "").await.unwrap());
        app.advance(span(HOUR));
        assert!(matches!(tick(&app, "weekly").await, Composed::Ready(digest) if digest.audience == Audience::Own));
        stored(&app, "weekly", 2, "reports", MONDAY + 2 * HOUR).await;
        app.advance(span(7 * DAY - HOUR));
        let waits = tick(&app, "weekly").await;
        assert!(matches!(waits, Composed::Waiting { for_what: WaitsFor::Digest(id), .. } if id == first.id), "{waits:?}");
        assert_eq!(app.nashra(["digest", "run", "--as-of", "2026-01-12T07:00:00Z"]).run().await.code, Some(11));
        assert!(control::resume(context, first.id).await.unwrap());
        tick(&app, "weekly").await;
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "list"), [vec![1], vec![2]]);
        app.advance(span(HOUR));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "own"), [vec![1], vec![2]]);
    }
);

both_databases!(
    /// A digest for own hours that is held does not stop those of the list: its readers get the next, and it goes to nobody.
    a_held_digest_for_own_hours_stops_no_other,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &daily(8, "UTC")).await;
        reader(&app, "weekly", "omar", &daily(9, "UTC")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        app.advance(span(HOUR));
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        let own = compose::compose(context, list, app.clock.now_ms(), false).await.unwrap();
        let Composed::Ready(own) = own else { panic!("{own:?}") };
        assert!(control::pause(context, own.id, PausedBy::Operator, "").await.unwrap());
        app.advance(span(HOUR));
        tick(&app, "weekly").await;
        assert_eq!((mails(&app, "layla"), mails(&app, "omar")), (vec![vec![1]], vec![vec![1]]));
        assert!(control::resume(context, own.id).await.unwrap());
        publish::publish(context).await.unwrap();
        assert_eq!(app.digest(own.id).await.recipients, 0);
    }
);

both_databases!(
    /// A list waits for a feed that failed; a reader whose own hour has come does not.
    own_hours_do_not_wait_for_a_lists_feed,
    |db| async move {
        let feed = "feeds = [{ url = \"http://127.0.0.1:9/feed\", section = \"health\" }]";
        let app = start(db, feed).await;
        reader(&app, "weekly", "list", &Choices::default()).await;
        reader(&app, "weekly", "own", &rhythm(Cadence::Weekly, 1, 6, "UTC")).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "list").len(), 1);
        let mut tx = app.app.context.database.write().await.unwrap();
        store::feed::record_failure(&mut tx, "http://127.0.0.1:9/feed", store::feed::Bad::default(), MONDAY).await.unwrap();
        tx.commit().await.unwrap();
        app.advance(span(7 * DAY));
        let own = tick(&app, "weekly").await;
        assert!(matches!(own, Composed::Ready(digest) if digest.audience == Audience::Own));
        assert_eq!(mails(&app, "own"), [[1]]);
        app.advance(span(MINUTE));
        let waits = tick(&app, "weekly").await;
        assert!(matches!(waits, Composed::Waiting { for_what: WaitsFor::Feed, .. }), "{waits:?}");
    }
);

both_databases!(
    /// Who leaves while a digest goes out, and takes it back, gets it; and what the list sent meanwhile comes with the next.
    who_comes_back_has_missed_nothing,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &Choices::default()).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let first = app.publish().await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap().id;
        let link = context.unsubscribe_url(list, subscriber(&app, "layla").await);
        let (method, origin) = (ConsentMethod::Form, Origin::default());
        let leave = async || unsubscribe::unsubscribe(context, token(&link), method, &origin).await.unwrap().unwrap().1.unwrap();
        let back = async |proof: &str| assert!(unsubscribe::undo(context, token(&link), proof, &origin).await.unwrap().unwrap().1);
        let proof = leave().await;
        app.deliver_pending().await;
        assert_eq!((app.counts(first).await.cancelled, mails(&app, "layla").len()), (1, 0));
        back(&proof).await;
        app.deliver_pending().await;
        assert_eq!(mails(&app, "layla"), [[1]]);
        // Of the next nothing is frozen for her.
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        let proof = leave().await;
        tick(&app, "weekly").await;
        back(&proof).await;
        app.deliver_pending().await;
        assert_eq!(mails(&app, "layla").len(), 1);
        stored(&app, "weekly", 3, "reports", MONDAY + 8 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla"), [vec![1], vec![3, 2]]);
        assert_eq!(mails(&app, "other"), [vec![1], vec![2], vec![3]]);
    }
);

both_databases!(
    /// A digest that waits for the old address goes to the new one, once.
    who_moves_takes_along_what_waits,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "layla", &only(&["reports"])).await;
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let digest = app.publish().await;
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.preferences_url(list, subscriber(&app, "layla").await);
        assert!(control::pause(&app.app.context, digest, PausedBy::Operator, "").await.unwrap());
        assert_eq!(http::post_form(&link, &[("do", "move"), ("email", "new@example.org")]).await.status, 303);
        app.deliver_pending().await;
        let button = app.confirmation_link("new@example.org");
        assert_eq!(http::post_form(&button, &[]).await.status, 200);
        assert!(control::resume(&app.app.context, digest).await.unwrap());
        app.deliver_pending().await;
        assert_eq!(mails(&app, "layla").len(), 0);
        assert_eq!(mails(&app, "new").concat(), [1]);
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (1, 1, 0));
        assert_eq!(app.digest(digest).await.recipients, 2);
    }
);

/// A digest of which a worker has all in hand; its only reader asked to move, by this button.
pub(super) async fn in_hand(app: &TestApp) -> (i64, String) {
    reader(app, "weekly", "layla", &Choices::default()).await;
    stored(app, "weekly", 1, "reports", MONDAY - HOUR).await;
    let digest = app.publish().await;
    let context = &app.app.context;
    let list = context.list("weekly").unwrap().id;
    let link = context.preferences_url(list, subscriber(app, "layla").await);
    let paused = control::pause(context, digest, PausedBy::Operator, "").await;
    assert!(paused.unwrap());
    let asked = http::post_form(&link, &[("do", "move"), ("email", "new@example.org")]).await;
    assert_eq!(asked.status, 303);
    app.deliver_pending().await;
    assert!(control::resume(context, digest).await.unwrap());
    let mut tx = context.database.write().await.unwrap();
    let range = store::digest_range::lease_next(&mut tx, 1, 0, &[], 10).await;
    assert_eq!(range.unwrap().unwrap().recipients.len(), 1);
    tx.commit().await.unwrap();
    (digest, app.confirmation_link("new@example.org"))
}

pub(super) const LETS_GO: &str = "UPDATE digest_ranges SET worker_id = NULL";

both_databases!(
    /// A worker had the digest in hand while its reader moved, and did not send it: it goes to the new address.
    what_a_worker_did_not_send_follows_who_moved,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        assert_eq!(http::post_form(&button, &[]).await.status, 200);
        execute(&app.database(), LETS_GO).await;
        for _ in 0..3 {
            app.deliver_pending().await;
        }
        assert_eq!(mails(&app, "layla").len(), 0);
        assert_eq!(mails(&app, "new").concat(), [1]);
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (1, 1, 0));
    }
);

both_databases!(
    /// The digest was taken back before, while the worker held it: what it did not send is owed to the new address.
    what_was_taken_back_follows_who_moved,
    |db| async move {
        let app = start(db, "").await;
        let (digest, button) = in_hand(&app).await;
        assert!(control::cancel(&app.app.context, digest).await.unwrap());
        assert_eq!(http::post_form(&button, &[]).await.status, 200);
        execute(&app.database(), LETS_GO).await;
        publish::finish(&app.app.context).await.unwrap();
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "layla").len(), 0);
        assert_eq!(mails(&app, "new").concat(), [2, 1]);
    }
);

both_databases!(
    /// A reader whose sections have nothing goes on with the list, or each digest would read the whole past; what is new for them
    /// later comes all the same.
    who_finds_nothing_goes_on_with_the_list,
    |db| async move {
        let app = start(db, "").await;
        reader(&app, "weekly", "cartoons", &only(&["cartoons"])).await;
        reader(&app, "weekly", "other", &Choices::default()).await;
        for week in 0..3 {
            stored(&app, "weekly", week, "reports", app.clock.now_ms() - HOUR).await;
            let Composed::Ready(digest) = tick(&app, "weekly").await else { panic!("a digest") };
            let since = "SELECT since_ms FROM subscriptions WHERE sections IS NOT NULL";
            assert_eq!(number(&app.database(), since).await, digest.composed_ms);
            app.advance(span(7 * DAY));
        }
        stored(&app, "weekly", 9, "cartoons", app.clock.now_ms() - HOUR).await;
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "cartoons"), [[9]]);
    }
);

both_databases!(
    /// Variants, and turns of own hours that had no digest, go with the deliveries.
    variants_and_skipped_turns_are_pruned,
    |db| async move {
        let options = Options { sections: "[delivery]\nkeep = \"31d\"".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        reader(&app, "weekly", "health", &only(&["health"])).await;
        reader(&app, "weekly", "own", &daily(8, "UTC")).await;
        stored(&app, "weekly", 1, "health", MONDAY - HOUR).await;
        stored(&app, "weekly", 2, "reports", MONDAY - HOUR).await;
        tick(&app, "weekly").await;
        for _ in 0..3 {
            app.advance(span(HOUR));
            tick(&app, "weekly").await;
            app.advance(span(DAY - HOUR));
        }
        let variants = "SELECT COUNT(*) FROM digest_variants";
        let skipped = "SELECT COUNT(*) FROM digests WHERE status = 'skipped'";
        assert!(number(&app.database(), variants).await > 0 && number(&app.database(), skipped).await > 0);
        app.advance(span(32 * DAY));
        nashra::service::prune::prune(&app.app.context).await.unwrap();
        assert_eq!((number(&app.database(), variants).await, number(&app.database(), skipped).await), (0, 0));
    }
);

/// While a digest of the list is being frozen on PostgreSQL, many readers change what they chose: they are asked to come back, and
/// nobody else notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_choose_leave_the_database_to_the_others() {
    let Some(db) = database::postgres().await else {
        return;
    };
    let app = start(db, "").await;
    reader(&app, "weekly", "layla", &Choices::default()).await;
    let context = &app.app.context;
    let list = context.list("weekly").unwrap().id;
    let link = context.preferences_url(list, subscriber(&app, "layla").await);
    let mut freezing = context.database.write().await.unwrap();
    store::list::lock(&mut freezing, list).await.unwrap();
    let posts: Vec<_> = (0..20)
        .map(|_| {
            let link = link.clone();
            tokio::spawn(async move {
                http::post_form(&link, &[("do", "save"), ("weekly.cadence", "list")]).await
            })
        })
        .collect();
    let form = format!("{}/subscribe/weekly", app.url);
    let signed_up = http::post_form(&form, &[("email", "omar@example.org")]).await;
    assert_eq!(signed_up.status, 303);
    for post in posts {
        let answer = post.await.unwrap();
        assert_eq!(answer.status, 503);
        assert!(!answer.header("retry-after").is_empty());
    }
    drop(freezing);
    let saved = preferences::save(context, token(&link), &[(list, only(&["reports"]))]).await;
    assert!(saved.unwrap());
}
