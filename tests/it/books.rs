//! What the books keep: finished deliveries for a time and their counts for ever; and whose leases are taken over when clocks jump.

use std::time::Duration;

use nashra::service::lease::WorkerLease;
use nashra::service::{deliver, prune};

use crate::harness::LIMIT;
use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::queue::number;

const HELD: &str = "SELECT COUNT(*) FROM digest_ranges WHERE worker_id IS NOT NULL";

both_databases!(
    /// Issue 4, point 3: after `keep` the single deliveries go, and the counts stay.
    finished_deliveries_are_pruned_and_their_counts_stay,
    |db| async move {
        let options = Options { sections: "[delivery]\nkeep = \"31d\"".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        app.many_confirmed(20).await;
        app.articles(3).await;
        let digest = app.publish().await;
        app.faults("on rcpt to reader1@* reply 550 5.1.1 no such mailbox");
        app.deliver_pending().await;
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.failed), (19, 1));
        app.advance(Duration::from_hours(30 * 24));
        assert_eq!(prune::prune(&app.app.context).await.unwrap(), 0, "not before its time");
        app.advance(Duration::from_hours(2 * 24));
        assert!(prune::prune(&app.app.context).await.unwrap() >= 20);
        assert_eq!((app.counts(digest).await, app.queue().await.len()), (counts, 0));
        let shown = app.nashra(["digest", "show", &digest.to_string()]).run().await;
        assert!(shown.stdout.contains("19 sent") && shown.stdout.contains("1 failed"), "{shown:#?}");
        let who = app.nashra(["digest", "deliveries", &digest.to_string()]).run().await;
        assert!(who.code == Some(0) && who.stdout.contains("no such delivery"), "{who:#?}");
    }
);

both_databases!(
    /// Issue 4, bad input: when the clock jumps, a worker that is alive keeps its leases; one that says nothing loses them,
    /// whatever the clocks say.
    promise_5_leases_are_not_lost_to_a_clock_that_jumps,
    |db| async move {
        let options = Options { sections: "[delivery]\nlease_ttl = \"400ms\"".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        app.many_confirmed(5).await;
        app.articles(3).await;
        app.publish().await;
        let context = &app.app.context;
        let (alive, other) = (WorkerLease::default(), WorkerLease::default());
        alive.renew(context).await.unwrap();
        assert!(deliver::lease_range(context, alive.id, 0, 10).await.unwrap().is_some());
        other.renew(context).await.unwrap();
        app.advance(Duration::from_hours(3));
        let began = tokio::time::Instant::now();
        // Three life spans long each says that it is there; the clock is far ahead of what was said last.
        while began.elapsed() < Duration::from_millis(1_200) {
            other.renew(context).await.unwrap();
            alive.renew(context).await.unwrap();
            app.advance(Duration::from_mins(1));
            alive.renew(context).await.unwrap();
            assert_eq!(number(&app.database(), HELD).await, 1, "alive");
        }
        // From now on it says nothing, and the clocks stand still.
        while number(&app.database(), HELD).await == 1 {
            assert!(began.elapsed() < LIMIT, "a dead worker's lease is taken over");
            other.renew(context).await.unwrap();
        }
    }
);
