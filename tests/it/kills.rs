//! Promise 5: kill -9 again and again at any moment of one digest. Nobody is lost, and few get it twice.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use std::time::Duration;

use tokio::time::timeout;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::Signal;
use crate::harness::queue::lock;

const READERS: usize = 3_000;
const KILLS: usize = 60;
/// A run is killed after at most so many mails: on the whole before the digest is through.
const MOST: usize = 70;
/// What a kill may double: a mail on each of the four connections, and the results that are not written yet. With 20 ms for
/// each mail a connection brings three in 50 ms, longer than which no result waits before the mail is held back.
const DOUBLED_BY_A_KILL: usize = 4 + 4 + 3 * 4;

both_databases!(
    /// At any moment: from before the first lease to between a mail and its result, 60 times over one digest.
    promise_5_sixty_kills_lose_nothing_and_double_little,
    |db| async move {
        let seed: u64 = rand::random();
        let mut random = StdRng::seed_from_u64(seed);
        let (app, digest) = TestApp::published(db, READERS, "lease_ttl = \"400ms\"\nbatch = 50", "20ms").await;
        let mut held = 0;
        for kill in 0..KILLS {
            let mut run = app.digest_run([]).spawn();
            let further = random.random_range(0..=MOST);
            app.caught(app.catcher.accepted() as usize + further).await;
            run.signal(Signal::Kill);
            let output = run.finished().await;
            assert_eq!(output.code, None, "seed {seed}, kill {kill}: {output:#?}");
            held = held.max(app.leases().await);
        }
        assert!(held > 0, "seed {seed}: the dead held leases");
        app.drain().await;
        let doubled = app.all_sent(digest, READERS).await;
        assert!(doubled <= KILLS * DOUBLED_BY_A_KILL, "seed {seed}: {doubled} copies");
    }
);

both_databases!(
    /// While nothing can be recorded, no more is sent than a kill may double.
    promise_5_a_kill_while_the_database_is_slow_doubles_no_more,
    |db| async move {
        let (app, digest) = TestApp::published(db, 600, "lease_ttl = \"4s\"", "20ms").await;
        let mut run = app.digest_run([]).spawn();
        app.caught(100).await;
        let lock = lock(&app.database()).await;
        let most = app.catcher.accepted() as usize + DOUBLED_BY_A_KILL;
        // Nothing tells that no more comes.
        let more = timeout(Duration::from_secs(1), app.catcher.wait_for(most + 1)).await;
        assert!(more.is_err(), "{} mails, not {most}", app.catcher.accepted());
        run.signal(Signal::Kill);
        run.finished().await;
        drop(lock);
        app.drain().await;
        let doubled = app.all_sent(digest, 600).await;
        assert!(doubled <= DOUBLED_BY_A_KILL, "{doubled} copies");
    }
);
