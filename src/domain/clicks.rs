//! Which clicks of digests count. A link checker follows links as a person does; it is told by a link that no person sees, and by
//! being too fast. All that is known of a visitor is a number that means nothing outside of this process and this day, and it is
//! forgotten with the click.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest as _, Sha256};

/// A click waits so long before it counts: whoever goes on to the link that nobody sees takes it back.
pub const WAIT_MS: i64 = 60 * 1_000;
/// What a network clicks in this time after such a link does not count.
pub const CAUGHT_MS: i64 = 10 * 60 * 1_000;
/// Nobody reads faster than [`BURST`] articles of a digest in this time.
pub const BURST_MS: i64 = 2 * 1_000;
/// So many articles are too many.
pub const BURST: usize = 3;
/// Nobody reads a digest so soon after its first mail left.
pub const EARLY_MS: i64 = 10 * 1_000;
/// A bound for memory: more clicks in a minute are not counted.
const MOST: usize = 100_000;
/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Who clicks, for as long as it has to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Visitor {
    /// One IPv4 address or one /64 of IPv6, hashed with a salt of the day: thousands may share it.
    network: u64,
    /// The same with the program's name, which tells some of them apart.
    program: u64,
}

/// Makes numbers of visitors; the salt changes every day and is never written.
#[derive(Debug)]
pub struct Salt {
    day: i64,
    secret: String,
}

impl Salt {
    /// A salt for the day of this moment.
    pub fn new(now_ms: i64, secret: String) -> Self {
        Self {
            day: day(now_ms),
            secret,
        }
    }

    /// Whether it is still the day of this salt.
    pub fn is_of(&self, now_ms: i64) -> bool {
        self.day == day(now_ms)
    }

    /// The visitor behind a network and a program.
    pub fn visitor(&self, network: &str, program: &str) -> Visitor {
        Visitor {
            network: self.number(&[network]),
            program: self.number(&[network, program]),
        }
    }

    fn number(&self, texts: &[&str]) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.secret.as_bytes());
        for text in texts {
            hash.update([0]);
            hash.update(text.as_bytes());
        }
        let hash: [u8; 32] = hash.finalize().into();
        let (first, _) = hash.split_first_chunk().expect("a hash has 32 octets");
        u64::from_be_bytes(*first)
    }
}

/// Days since 1970-01-01, UTC.
pub fn day(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// What a click is counted for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// The list's row.
    pub list_id: i64,
    /// The article's row.
    pub article_id: i64,
    /// The key of its section.
    pub section: String,
    /// See [`day`].
    pub day: i64,
}

/// A click that waits.
#[derive(Debug, Clone)]
pub struct Click {
    /// Who.
    pub visitor: Visitor,
    /// In which digest.
    pub digest_id: i64,
    /// When the digest's first mails left, epoch milliseconds.
    pub started_ms: i64,
    /// For what it counts.
    pub counted: Counted,
    /// When, epoch milliseconds.
    pub at_ms: i64,
}

/// Clicks that wait to be counted, oldest first, and networks whose clicks are not.
#[derive(Debug, Default)]
pub struct Waiting {
    clicks: VecDeque<Click>,
    /// Each until when.
    caught: HashMap<u64, i64>,
}

impl Waiting {
    /// Takes a click in.
    pub fn click(&mut self, click: Click) {
        let now_ms = click.at_ms;
        let network = click.visitor.network;
        let is_caught = self.caught.get(&network).is_some_and(|end| now_ms < *end);
        if is_caught || now_ms - click.started_ms < EARLY_MS || self.clicks.len() >= MOST {
            return;
        }
        if self.is_burst(&click) {
            self.catch(network, now_ms);
        } else {
            self.clicks.push_back(click);
        }
    }

    /// Somebody followed the link that nobody sees.
    pub fn decoy(&mut self, visitor: Visitor, now_ms: i64) {
        self.catch(visitor.network, now_ms);
    }

    /// The clicks that have waited long enough by now.
    pub fn ripe(&mut self, now_ms: i64) -> Vec<Counted> {
        self.caught.retain(|_, end| now_ms < *end);
        let due = |click: &Click| click.at_ms.saturating_add(WAIT_MS) <= now_ms;
        let mut ripe = Vec::new();
        while self.clicks.front().is_some_and(due) {
            ripe.extend(self.clicks.pop_front().map(|click| click.counted));
        }
        ripe
    }

    /// Everything that waits: nobody will come back to it.
    pub fn rest(&mut self) -> Vec<Counted> {
        self.clicks.drain(..).map(|click| click.counted).collect()
    }

    /// Whether the same program has just opened too many articles of the digest, this one among them.
    fn is_burst(&self, click: &Click) -> bool {
        let recent = self.clicks.iter().rev();
        let recent = recent.take_while(|other| click.at_ms - other.at_ms <= BURST_MS);
        let same = recent.filter(|other| {
            other.visitor.program == click.visitor.program && other.digest_id == click.digest_id
        });
        let mut articles: Vec<i64> = same.map(|other| other.counted.article_id).collect();
        articles.push(click.counted.article_id);
        articles.sort_unstable();
        articles.dedup();
        articles.len() >= BURST
    }

    fn catch(&mut self, network: u64, now_ms: i64) {
        if self.caught.len() < MOST {
            self.caught.insert(network, now_ms + CAUGHT_MS);
        }
        // Whatever still waits was clicked within the last minute.
        self.clicks.retain(|click| click.visitor.network != network);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_600_000_000;

    fn visitor(network: &str) -> Visitor {
        Salt::new(NOW, "salt".into()).visitor(network, "Browser/1")
    }

    fn click(network: &str, article_id: i64, at_ms: i64) -> Click {
        Click {
            visitor: visitor(network),
            digest_id: 1,
            started_ms: NOW - EARLY_MS,
            counted: Counted {
                list_id: 1,
                article_id,
                section: "news".into(),
                day: day(at_ms),
            },
            at_ms,
        }
    }

    fn articles(counted: &[Counted]) -> Vec<i64> {
        counted.iter().map(|one| one.article_id).collect()
    }

    #[test]
    fn a_click_counts_after_a_minute() {
        let mut waiting = Waiting::default();
        waiting.click(click("a", 1, NOW));
        waiting.click(click("a", 1, NOW + 30_000));
        assert_eq!(articles(&waiting.ripe(NOW + WAIT_MS - 1)), [0; 0]);
        assert_eq!(articles(&waiting.ripe(NOW + WAIT_MS)), [1]);
        assert_eq!(
            articles(&waiting.rest()),
            [1],
            "at the end all the rest counts"
        );
        assert_eq!(articles(&waiting.rest()), [0; 0]);
    }

    #[test]
    fn the_link_that_nobody_sees_takes_a_networks_clicks_back() {
        let mut waiting = Waiting::default();
        waiting.click(click("scanner", 1, NOW));
        waiting.click(click("reader", 2, NOW));
        waiting.decoy(visitor("scanner"), NOW + 50_000);
        waiting.click(click("scanner", 3, NOW + CAUGHT_MS));
        assert_eq!(articles(&waiting.ripe(NOW + 2 * CAUGHT_MS)), [2]);
        // Ten minutes later it may be somebody else.
        waiting.click(click("scanner", 4, NOW + 50_000 + CAUGHT_MS));
        assert_eq!(articles(&waiting.rest()), [4]);
    }

    #[test]
    fn nobody_reads_three_articles_in_two_seconds() {
        let mut waiting = Waiting::default();
        for (article, at_ms) in [(1, 0), (2, 500), (2, 900), (3, 2_000)] {
            waiting.click(click("scanner", article, NOW + at_ms));
        }
        // A reader opens two at once, and a third later; another network has its own.
        for (article, at_ms) in [(1, 2_000), (2, 2_100), (3, 4_101)] {
            waiting.click(click("reader", article, NOW + at_ms));
        }
        let mut other = click("phone", 3, NOW + 4_101);
        other.visitor.network = visitor("reader").network;
        waiting.click(other);
        assert_eq!(articles(&waiting.rest()), [1, 2, 3, 3]);
    }

    #[test]
    fn nobody_reads_a_digest_before_it_is_there() {
        let mut waiting = Waiting::default();
        waiting.click(click("scanner", 1, NOW - 1));
        waiting.click(click("reader", 2, NOW));
        assert_eq!(articles(&waiting.rest()), [2]);
    }

    #[test]
    fn a_salt_lasts_a_day_and_hides_the_network() {
        let salt = Salt::new(NOW, "one".into());
        let other = Salt::new(NOW, "two".into());
        assert_eq!(
            salt.visitor("192.0.2.1", "x"),
            salt.visitor("192.0.2.1", "x")
        );
        assert_ne!(
            salt.visitor("192.0.2.1", "x"),
            salt.visitor("192.0.2.1", "y")
        );
        assert_ne!(
            salt.visitor("192.0.2.1", "x"),
            other.visitor("192.0.2.1", "x")
        );
        assert!(salt.is_of(NOW) && !salt.is_of(NOW + DAY_MS));
        assert_eq!((day(-1), day(0), day(DAY_MS)), (-1, 0, 1));
    }
}
