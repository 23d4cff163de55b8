//! Promise 5: kill -9 again and again at any moment of one digest. Nobody is lost, and few get it twice.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::Signal;

const READERS: usize = 3_000;
const KILLS: usize = 60;
/// A run is killed after at most so many mails: on the whole before the digest is through.
const MOST: usize = 70;
/// What a kill may double: a mail on each of the four connections, and the results that are not written yet. With 20 ms for
/// each mail a connection brings one in each window of 20 ms: one window that is gathered, and three while the one before
/// is being written, on a disk that takes 60 ms for it.
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
