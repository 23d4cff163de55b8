//! A digest for many readers, what arrived of it copy by copy, and whether that and the database agree (promise 5).

use std::collections::HashMap;

use tokio::time::timeout;

use super::LIMIT;
use super::app::{Options, TestApp};
use super::database::TestDb;
use super::process::{Output, Running, Signal};
use super::queue::number;

/// What two copies of one mail must have in common: Message-ID and Date.
type Identity = (String, String);

impl TestApp {
    /// A frozen digest for so many readers, with this `[delivery]`, and a relay that keeps all its mail and takes so long for each.
    pub async fn published(db: TestDb, readers: usize, delivery: &str, delay: &str) -> (Self, i64) {
        let options = Options {
            sections: format!("[delivery]\n{delivery}"),
            catcher: Some(|config| {
                config.max_messages = usize::MAX;
                config.max_bytes = usize::MAX;
            }),
            ..Options::default()
        };
        let app = Self::with(db, options).await;
        app.many_confirmed(readers).await;
        app.articles(1).await;
        let digest = app.publish().await;
        app.faults(&format!("on dot delay {delay}"));
        (app, digest)
    }

    /// The mailer in a process of its own.
    pub fn worker(&self) -> Running {
        self.nashra(["serve", "--role", "worker"]).spawn()
    }

    /// Waits until so many mails were accepted.
    pub async fn caught(&self, mails: usize) {
        let caught = self.catcher.wait_for(mails);
        assert!(
            timeout(LIMIT, caught).await.is_ok(),
            "{} mails of {mails}",
            self.catcher.accepted()
        );
    }

    /// Waits until so many recipients have a copy, however many copies that takes.
    pub async fn reached(&self, recipients: usize) {
        let missing = || recipients - self.copies().len().min(recipients);
        while missing() > 0 {
            self.caught(self.catcher.accepted() as usize + missing())
                .await;
        }
    }

    /// The copies that each recipient got.
    pub fn copies(&self) -> HashMap<String, Vec<Identity>> {
        let mut copies: HashMap<String, Vec<Identity>> = HashMap::new();
        for mail in self.catcher.messages() {
            let header = |name| mail.header(name).unwrap();
            copies
                .entry(mail.recipients[0].clone())
                .or_default()
                .push((header("Message-ID"), header("Date")));
        }
        copies
    }

    /// Runs until the queue is empty; the leases of the dead run out meanwhile.
    pub async fn drain(&self) {
        loop {
            let output = self.digest_run([]).run().await;
            match output.code {
                Some(0 | 10) => return,
                Some(11) => {}
                other => panic!("{other:?}: {output:#?}"),
            }
        }
    }

    /// How many leases anybody holds.
    pub async fn leases(&self) -> i64 {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM digest_ranges WHERE worker_id IS NOT NULL)
            + (SELECT COUNT(*) FROM digest_attempts WHERE worker_id IS NOT NULL)";
        number(&self.database(), SQL).await
    }

    /// The digest is sent: every reader has it, as one and the same mail however often; all counts say so, and nobody holds
    /// anything. Says how many mails were copies.
    pub async fn all_sent(&self, digest: i64, readers: usize) -> usize {
        let copies = self.copies();
        assert_eq!(copies.len(), readers, "nobody is left out");
        for (address, identities) in &copies {
            let same = identities.iter().all(|one| *one == identities[0]);
            assert!(same, "{address}: {identities:?}");
        }
        let counts = self.counts(digest).await;
        let ended = (counts.sent, counts.queued, counts.unknown + counts.failed);
        assert_eq!(ended, (readers as i64, 0, 0), "{counts:?}");
        let states = self.queue().await;
        let sent = states.iter().filter(|row| row.status == "sent").count();
        assert_eq!((states.len(), sent), (readers, readers));
        assert_eq!(self.leases().await, 0, "nothing is leased");
        let open = "SELECT COUNT(*) FROM digests WHERE status = 'sending'";
        assert_eq!(number(&self.database(), open).await, 0, "it has ended");
        let all: usize = copies.values().map(Vec::len).sum();
        all - readers
    }
}

/// Ends a service in good order.
pub async fn stopped(mut running: Running) -> Output {
    running.signal(Signal::Term);
    let output = running.finished().await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    output
}
