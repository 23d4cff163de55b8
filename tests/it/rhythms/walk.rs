//! A random walk through everything that moves readers' windows: digests that are held, resumed and taken back, readers who leave
//! and come back, change what they chose, or move to another address, a feed that fails, mails that are put off, and a clock that
//! jumps.

use std::collections::BTreeMap;

use nashra::clock::Clock;
use nashra::domain::choices::Choices;
use nashra::domain::digest::PausedBy;
use nashra::domain::rhythm::Cadence;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::{compose, control, preferences, publish, unsubscribe};
use nashra::store::{self, consent::Origin};

use super::{DAY, HOUR, mails, only, reader, rhythm, span, stored};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http;
use crate::harness::queue::number;

const LIST: &str = r#"
[[lists]]
slug = "walk"
name = "Walk"
locale = "en"
schedule = "0 7 * * *"
zone = "UTC"
sections = [
  { key = "reports", name = "Reports", limit = 50 },
  { key = "health", name = "Health", limit = 50 },
]
feeds = [{ url = "http://127.0.0.1:9/feed", section = "reports" }]
"#;

const FEED: &str = "http://127.0.0.1:9/feed";

/// Numbers that look random and are the same again for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn choices(&mut self, now_ms: i64) -> Choices {
        let (zone, hour) = (
            ["UTC", "Asia/Beirut"][self.below(2) as usize],
            self.below(24) as i64,
        );
        let base = match self.below(4) {
            0 => rhythm(Cadence::Daily, 0, hour, zone),
            1 => rhythm(Cadence::Weekly, 1 + self.below(7) as i64, hour, zone),
            2 => rhythm(Cadence::Monthly, 1 + self.below(28) as i64, hour, zone),
            _ => Choices::default(),
        };
        let pause_ms = now_ms + (1 + self.below(3)) as i64 * DAY;
        Choices {
            // Everybody wants reports at all times: they are what must come.
            sections: (self.below(3) == 0)
                .then(|| only(&["reports"]).sections)
                .flatten(),
            language: (self.below(3) == 0).then(|| "ar".to_owned()),
            paused_until_ms: (self.below(5) == 0).then_some(pause_ms),
            ..base
        }
    }
}

/// A walk under way.
struct Walk {
    app: TestApp,
    dice: Dice,
    /// The addresses that each reader has had, the last one is in use.
    readers: Vec<Vec<String>>,
    /// The articles, each with its section.
    articles: BTreeMap<i64, &'static str>,
    /// What was done, for the message of a failure.
    log: Vec<String>,
}

impl Walk {
    async fn start(db: TestDb, seed: u64) -> Self {
        let options = Options {
            lists: LIST.to_owned(),
            sections: "[delivery]\nstale_after = \"90d\"\ngive_up = \"90d\"".to_owned(),
            ..Options::default()
        };
        let mut walk = Self {
            app: TestApp::with(db, options).await,
            dice: Dice(seed),
            readers: Vec::new(),
            articles: BTreeMap::new(),
            log: Vec::new(),
        };
        for n in 0..6 {
            let chosen = match n {
                0 => Choices::default(),
                _ => walk.dice.choices(walk.now()),
            };
            let name = format!("reader{n}");
            reader(&walk.app, "walk", &name, &chosen).await;
            walk.readers.push(vec![name]);
        }
        walk
    }

    fn now(&self) -> i64 {
        self.app.clock.now_ms()
    }

    fn list(&self) -> i64 {
        self.app.app.context.list("walk").unwrap().id
    }

    fn say(&mut self, what: &str) {
        let at = (self.now() - super::MONDAY) / HOUR;
        self.log.push(format!("{}d{:02}h {what}", at / 24, at % 24));
    }

    async fn subscriber(&self, at: usize) -> i64 {
        let name = self.readers[at].last().unwrap();
        let sql = format!("SELECT id FROM subscribers WHERE address = '{name}@example.org'");
        number(&self.app.database(), &sql).await
    }

    fn token(link: &str) -> String {
        link.rsplit('/').next().unwrap().to_owned()
    }

    /// A digest that has not ended, if there is one.
    async fn open(&mut self) -> Option<i64> {
        let mut tx = self.app.app.context.database.read().await.unwrap();
        let newest = store::digest::newest(&mut tx, None, 20).await.unwrap();
        drop(tx);
        let open = newest
            .iter()
            .filter(|digest| digest.finished_ms.is_none() && digest.reason.is_none());
        let open: Vec<i64> = open.map(|digest| digest.id).collect();
        let at = self.dice.below(open.len().max(1) as u64);
        open.get(at as usize).copied()
    }

    async fn compose(&mut self) {
        let context = &self.app.app.context;
        let list = context.list("walk").unwrap();
        let composed = compose::compose(context, list, self.now(), false)
            .await
            .unwrap();
        if !matches!(composed, compose::Composed::NotDue) {
            self.say(&format!("composed {composed:?}"));
        }
    }

    async fn publish(&mut self) {
        let started = publish::publish(&self.app.app.context).await.unwrap();
        if !started.is_empty() {
            self.say(&format!("started {started:?}"));
        }
    }

    /// A digest is held or taken back, or those that are held go on.
    async fn decide(&mut self) {
        let what = self.dice.below(3);
        let Some(digest) = self.open().await else {
            return;
        };
        let context = self.app.app.context.clone();
        let done = match what {
            0 => (
                "hold",
                control::pause(&context, digest, PausedBy::Operator, "")
                    .await
                    .unwrap(),
            ),
            1 => ("cancel", control::cancel(&context, digest).await.unwrap()),
            _ => ("resume", control::resume(&context, digest).await.unwrap()),
        };
        self.say(&format!("{done:?} {digest}"));
    }

    async fn choose(&mut self, at: usize, chosen: Choices) {
        let link = self
            .app
            .app
            .context
            .preferences_url(self.list(), self.subscriber(at).await);
        let wishes = [(self.list(), chosen)];
        let context = &self.app.app.context;
        assert!(
            preferences::save(context, &Self::token(&link), &wishes)
                .await
                .unwrap()
        );
        self.say(&format!("{at} chooses {:?}", wishes[0].1));
    }

    /// Leaves, and comes back after a while.
    async fn leave(&mut self, at: usize) {
        let context = self.app.app.context.clone();
        let link = context.unsubscribe_url(self.list(), self.subscriber(at).await);
        let (token, origin) = (Self::token(&link), Origin::default());
        let left = unsubscribe::unsubscribe(&context, &token, ConsentMethod::Form, &origin).await;
        let proof = left.unwrap().unwrap().1.unwrap();
        self.say(&format!("{at} leaves"));
        for _ in 0..self.dice.below(3) {
            self.compose().await;
            self.publish().await;
            self.app.deliver_pending().await;
            self.app.advance(span(HOUR / 4));
        }
        let back = unsubscribe::undo(&context, &token, &proof, &origin)
            .await
            .unwrap();
        assert!(back.unwrap().1, "{:#?}", self.log);
        self.say(&format!("{at} is back"));
    }

    /// Moves to another address.
    async fn change_address(&mut self, at: usize) {
        let (n, list) = (self.readers[at].len(), self.list());
        let link = self
            .app
            .app
            .context
            .preferences_url(list, self.subscriber(at).await);
        let name = format!("reader{at}at{n}");
        let address = format!("{name}@example.org");
        let asked = http::post_form(&link, &[("do", "move"), ("email", &address)]).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        self.app.faults("");
        self.app.deliver_pending().await;
        let mails = self.app.catcher.messages();
        if !mails
            .iter()
            .any(|mail| mail.recipients == [address.as_str()])
        {
            // The confirmation waits, too.
            return;
        }
        let button = self.app.confirmation_link(&address);
        assert_eq!(http::post_form(&button, &[]).await.status, 200);
        self.readers[at].push(name);
        self.say(&format!("{at} moves"));
    }

    async fn feed(&mut self, fails: bool) {
        let mut tx = self.app.app.context.database.write().await.unwrap();
        let now_ms = self.now();
        if fails {
            store::feed::record_failure(&mut tx, FEED, store::feed::Bad::default(), now_ms)
                .await
                .unwrap();
        } else {
            store::feed::record_success(&mut tx, FEED, store::feed::Good::default(), now_ms)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn step(&mut self, n: i64) {
        let late = self.dice.below(12) as i64 * HOUR;
        let section = ["reports", "reports", "health"][self.dice.below(3) as usize];
        if self.dice.below(2) == 0 {
            stored(&self.app, "walk", n, section, self.now() - late).await;
            self.articles.insert(n, section);
            self.say(&format!(
                "article {n} of {section}, {} hours late",
                late / HOUR
            ));
        }
        for _ in 0..2 {
            if self.dice.below(3) > 0 {
                self.compose().await;
            }
            self.something().await;
            if self.dice.below(3) > 0 {
                self.publish().await;
            }
            self.something().await;
            if self.dice.below(2) == 0 {
                self.app.deliver_pending().await;
            }
        }
    }

    async fn something(&mut self) {
        let at = self.dice.below(self.readers.len() as u64) as usize;
        match self.dice.below(16) {
            0..3 => self.decide().await,
            3..5 => {
                let chosen = self.dice.choices(self.now());
                self.choose(at, chosen).await;
            }
            5 => self.leave(at).await,
            6 => self.change_address(at).await,
            7 => {
                let fails = self.dice.below(2) == 0;
                self.feed(fails).await;
            }
            8 => {
                let later = ["", "on rcpt every 2 reply 451 4.2.1 later"];
                self.app.faults(later[self.dice.below(2) as usize]);
            }
            9 => {
                let Clock::Manual(ms) = &self.app.clock else {
                    unreachable!()
                };
                let by = (self.dice.below(5) as i64 - 2) * HOUR;
                ms.fetch_add(by, std::sync::atomic::Ordering::SeqCst);
                self.say(&format!("the clock jumps by {by}"));
            }
            _ => {}
        }
    }

    /// Everything goes its way again, for so long that the slowest rhythm comes round.
    async fn settle(&mut self) {
        self.app.faults("");
        self.feed(false).await;
        while let Some(digest) = self.open().await {
            control::resume(&self.app.app.context, digest)
                .await
                .unwrap();
            self.publish().await;
            self.app.deliver_pending().await;
            self.app.advance(span(HOUR));
        }
        for at in 0..self.readers.len() {
            let chosen = Choices {
                paused_until_ms: None,
                ..self.dice.choices(self.now())
            };
            self.choose(at, chosen).await;
        }
        for n in 0..4 * 36 {
            if n % 12 == 0 {
                // The list only sends when there is something new for the list.
                stored(&self.app, "walk", 1_000 + n, "reports", self.now()).await;
            }
            self.compose().await;
            self.publish().await;
            self.app.deliver_pending().await;
            self.app.advance(span(6 * HOUR));
        }
    }

    fn check(&self) {
        for (at, names) in self.readers.iter().enumerate() {
            let mut got: Vec<i64> = names
                .iter()
                .flat_map(|name| mails(&self.app, name).concat())
                .collect();
            got.sort_unstable();
            let twice: Vec<_> = got
                .windows(2)
                .filter(|two| two[0] == two[1])
                .map(|two| two[0])
                .collect();
            let wanted = self
                .articles
                .iter()
                .filter(|(_, section)| **section == "reports");
            let lost: Vec<_> = wanted
                .filter(|(n, _)| !got.contains(n))
                .map(|(n, _)| *n)
                .collect();
            assert!(
                twice.is_empty() && lost.is_empty(),
                "reader {at}: twice {twice:?}, lost {lost:?}\n{}",
                self.log.join("\n")
            );
        }
    }
}

both_databases!(
    /// Whatever happens, no article comes twice to a reader, and when all is over each has come that the reader wanted all the
    /// time.
    nothing_is_lost_and_nothing_comes_twice_on_a_random_walk,
    |db| async move {
        let seeds = std::env::var("TEST_WALKS").map_or(2, |number| number.parse().unwrap());
        for seed in 1..=seeds {
            let mut walk = Walk::start(db.another().await, seed).await;
            for n in 0..60 {
                walk.step(n).await;
                walk.app.advance(span(3 * HOUR));
            }
            walk.settle().await;
            walk.check();
        }
    }
);
