//! Promise 5 when clocks jump or differ: whoever is alive keeps what it holds, whoever is dead is given up all the same.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nashra::clock::Clock;
use nashra::domain::pace::Limits;
use nashra::service::Context;
use nashra::service::deliver;
use nashra::service::lease::WorkerLease;
use nashra::service::pace::{self, Ask, Backoff, Limit};
use nashra::worker::{Sender, Until};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::LIMIT;
use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::queue::number;

const READERS: usize = 80;

async fn published(db: TestDb, lease_ttl: &str) -> TestApp {
    let options = Options {
        sections: format!("[delivery]\nlease_ttl = \"{lease_ttl}\"\nbatch = 20"),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    app.publish().await;
    app
}

/// A worker that goes on until it is stopped.
fn working(app: &TestApp, context: Context, stop: &CancellationToken) -> JoinHandle<()> {
    let routes = Arc::new(app.app.routes(None).unwrap());
    let sender = Sender::new(context, routes, Until::Stopped);
    let run = sender.run(stop.clone());
    tokio::spawn(async move {
        run.await.unwrap();
    })
}

async fn caught(app: &TestApp, mails: usize) {
    let caught = app.catcher.wait_for(mails);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} of {mails} mails",
        app.catcher.accepted()
    );
}

fn each_once(app: &TestApp) {
    let mails = app.catcher.messages();
    let to: BTreeSet<_> = mails.iter().map(|mail| mail.recipients.clone()).collect();
    assert_eq!((to.len(), mails.len()), (READERS, READERS));
}

/// The same host with a clock that shows another time.
fn at(app: &TestApp, now_ms: i64) -> Context {
    Context {
        clock: Clock::manual(now_ms),
        ..app.app.context.clone()
    }
}

/// A host that took some deliveries and died.
async fn dies(host: &Context) {
    let dead = WorkerLease::default();
    dead.renew(host).await.unwrap();
    let leased = deliver::lease_range(host, dead.id, 0, &[], 10)
        .await
        .unwrap();
    assert_eq!(leased.unwrap().deliveries.len(), 10);
}

both_databases!(
    /// A clock that jumps forward by hours makes a silent worker of nobody: what it holds it sends, once.
    promise_5_a_worker_that_is_alive_survives_a_jump_of_the_clock,
    |db| async move {
        let app = published(db, "8s").await;
        app.faults("on dot delay 100ms");
        let stop = CancellationToken::new();
        let worker = working(&app, app.app.context.clone(), &stop);
        caught(&app, 10).await;
        app.advance(Duration::from_hours(5));
        // Another one that starts now sees a worker whose last word is five hours old.
        let passed = timeout(LIMIT, app.deliver_pending()).await;
        assert!(passed.is_ok());
        caught(&app, READERS).await;
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM workers").await, 1, "it was not given up");
        stop.cancel();
        worker.await.unwrap();
        each_once(&app);
        assert!(app.queue().await.iter().all(|row| row.status == "sent" && row.worker_id.is_none()));
    }
);

both_databases!(
    /// A pass that finds a worker whose last word is old watches it, gives it up, and sends what it held.
    promise_5_what_a_dead_host_held_is_taken_over_by_a_pass,
    |db| async move {
        let app = published(db, "1s").await;
        dies(&app.app.context).await;
        app.advance(Duration::from_hours(1));
        assert!(timeout(LIMIT, app.deliver_pending()).await.is_ok());
        each_once(&app);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM workers").await, 0);
    }
);

async fn limited(db: TestDb, pacing: &str) -> TestApp {
    let options = Options {
        sections: format!("[pacing]\n{pacing}"),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    app.publish().await;
    app
}

both_databases!(
    /// S9, V20: what a host counted, and whom it left alone, while its clock was years ahead stops no mail of others, nor its own
    /// once it is right again.
    s9_v20_a_clock_that_was_years_ahead_stops_no_mail,
    |db| async move {
        const YEARS: i64 = 12 * 365 * 24 * 60 * 60 * 1_000;
        let app = limited(db, &format!("per_day = {READERS}")).await;
        let host = at(&app, MONDAY + YEARS);
        let limits = Limits { per_day: Some(READERS as u64), ..Limits::default() };
        let limit = Limit::all("all", &limits, None).remove(0);
        let ask = Ask { limit, wanted: READERS as u64, owed: 0, unused: 0, given_ms: 0 };
        assert_eq!(pace::take(&host, &[ask]).await.unwrap()[0].mails, READERS as u64);
        let backoff = |until_ms| Backoff {
            name: "domain:example.org".to_owned(),
            until_ms,
            level: 0,
            reply: "4.7.1 too much mail from you".to_owned(),
        };
        pace::back_off(&host, &backoff(MONDAY + YEARS + 60_000)).await.unwrap();
        app.deliver_pending().await;
        each_once(&app);
        // Nor does it hide what a host with the right time is asked for.
        pace::back_off(&app.app.context, &backoff(MONDAY + 60_000)).await.unwrap();
        assert_eq!(pace::backoffs(&app.app.context).await.unwrap(), [backoff(MONDAY + 60_000)]);
    }
);

both_databases!(
    /// S9: a worker whose clock jumps back by hours does not wait these hours for its rate.
    s9_a_worker_survives_a_jump_back_of_the_clock,
    |db| async move {
        let app = limited(db, "per_minute = 60").await;
        let clock = Clock::manual(MONDAY);
        clock.advance(Duration::from_hours(5));
        let context = Context { clock: clock.clone(), ..app.app.context.clone() };
        let stop = CancellationToken::new();
        let worker = working(&app, context, &stop);
        caught(&app, 1).await;
        let Clock::Manual(now_ms) = &clock else { panic!("it is moved by hand") };
        for mails in 2..=4 {
            now_ms.store(MONDAY + mails as i64 * 1_000, Ordering::SeqCst);
            caught(&app, mails).await;
        }
        stop.cancel();
        worker.await.unwrap();
    }
);

both_databases!(
    /// A dead host whose clock was hours ahead, or behind, is given up as soon as any other.
    promise_5_the_clock_of_a_dead_host_does_not_matter,
    |db| async move {
        const HOURS: i64 = 5 * 60 * 60 * 1_000;
        for now_ms in [MONDAY + HOURS, MONDAY - HOURS] {
            let app = published(db.another().await, "1s").await;
            dies(&at(&app, now_ms)).await;
            let stop = CancellationToken::new();
            let worker = working(&app, app.app.context.clone(), &stop);
            caught(&app, READERS).await;
            stop.cancel();
            worker.await.unwrap();
            each_once(&app);
        }
    }
);
