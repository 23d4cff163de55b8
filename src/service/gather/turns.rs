//! Whose turn it is in one run over many feeds: a few at a time, at most two of one host, and a host that asks to be left alone or
//! lets feeds wait is not asked for more in this run.

use std::collections::{BTreeMap, VecDeque};

/// At most so many feeds of one host at a time.
const PER_HOST: usize = 2;
/// After so many time-outs in a row the other feeds of a host are not waited for: a hundred of them would take an hour.
const TIME_OUTS: u32 = 2;

/// What a reading says about the host it was asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostSays {
    /// It answered, well or badly.
    Something,
    /// It wants to be left alone until then (`Retry-After`).
    Later { until_ms: i64 },
    /// It did not answer in time.
    Nothing,
    /// It was not asked.
    Unasked,
}

/// Why a feed is not even asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its host wants to be left alone until then.
    Busy { until_ms: i64 },
    /// Its host let others wait too long.
    Slow,
}

/// The feeds of a run that still wait, by host.
pub(super) struct Turns<T> {
    /// How many are read at a time, of all hosts.
    parallel: usize,
    running: usize,
    hosts: BTreeMap<String, Host<T>>,
}

struct Host<T> {
    waiting: VecDeque<T>,
    running: usize,
    at_a_time: usize,
    time_outs: u32,
    refusal: Option<Refusal>,
}

/// One that may be read now, or is told why not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn<T> {
    pub(super) host: String,
    pub(super) feed: T,
    pub(super) refusal: Option<Refusal>,
}

impl<T> Turns<T> {
    pub(super) fn new(parallel: usize) -> Self {
        Self {
            parallel,
            running: 0,
            hosts: BTreeMap::new(),
        }
    }

    /// Puts a feed at the end of its host's queue. Files have no host and disturb nobody.
    pub(super) fn add(&mut self, host: Option<String>, feed: T) {
        let at_a_time = if host.is_some() { PER_HOST } else { usize::MAX };
        let queue = self.hosts.entry(host.unwrap_or_default());
        let queue = queue.or_insert_with(|| Host {
            waiting: VecDeque::new(),
            running: 0,
            at_a_time,
            time_outs: 0,
            refusal: None,
        });
        queue.waiting.push_back(feed);
    }

    /// The next to be read, if one may be; [`Turns::done`] must follow. Hosts take turns, so that a slow one holds up none.
    pub(super) fn next(&mut self) -> Option<Turn<T>> {
        if self.running >= self.parallel {
            return None;
        }
        let free = self
            .hosts
            .iter_mut()
            .filter(|(_, host)| !host.waiting.is_empty() && host.running < host.at_a_time);
        let (name, host) = free.min_by_key(|(_, host)| host.running)?;
        let feed = host.waiting.pop_front()?;
        host.running += 1;
        self.running += 1;
        Some(Turn {
            host: name.clone(),
            feed,
            refusal: host.refusal,
        })
    }

    /// One was read or passed over, and this is what its host said.
    pub(super) fn done(&mut self, name: &str, says: HostSays) {
        self.running -= 1;
        let Some(host) = self.hosts.get_mut(name) else {
            return;
        };
        host.running -= 1;
        match says {
            HostSays::Something => host.time_outs = 0,
            HostSays::Later { until_ms } => {
                host.refusal.get_or_insert(Refusal::Busy { until_ms });
            }
            HostSays::Nothing => host.time_outs += 1,
            HostSays::Unasked => {}
        }
        // A file cannot be asked too much.
        if host.time_outs >= TIME_OUTS && !name.is_empty() {
            host.refusal.get_or_insert(Refusal::Slow);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(parallel: usize, feeds: &[(&str, u32)]) -> Turns<u32> {
        let mut turns = Turns::new(parallel);
        for (host, feed) in feeds {
            let host = Some((*host).to_owned()).filter(|host| !host.is_empty());
            turns.add(host, *feed);
        }
        turns
    }

    fn all(turns: &mut Turns<u32>) -> Vec<u32> {
        std::iter::from_fn(|| turns.next().map(|turn| turn.feed)).collect()
    }

    #[test]
    fn two_of_a_host_and_a_few_of_all() {
        let mut run = turns(
            4,
            &[
                ("a", 1),
                ("a", 2),
                ("a", 3),
                ("b", 4),
                ("c", 5),
                ("", 6),
                ("", 7),
                ("", 8),
            ],
        );
        assert_eq!(all(&mut run), [6, 1, 4, 5]);
        run.done("", HostSays::Something);
        assert_eq!(all(&mut run), [7]);
        for host in ["", "b", "c"] {
            run.done(host, HostSays::Something);
        }
        assert_eq!(all(&mut run), [8, 2], "the third of a waits");
        run.done("a", HostSays::Something);
        assert_eq!(all(&mut run), [3]);
        assert_eq!(all(&mut turns(9, &[("", 1), ("", 2), ("", 3)])), [1, 2, 3]);
    }

    #[test]
    fn a_host_that_wants_to_be_left_alone_is() {
        let mut run = turns(8, &[("a", 1), ("a", 2), ("a", 3), ("b", 4)]);
        assert_eq!(all(&mut run), [1, 4, 2]);
        run.done("a", HostSays::Later { until_ms: 9 });
        let refused = run.next().unwrap();
        assert_eq!(
            (refused.feed, refused.refusal),
            (3, Some(Refusal::Busy { until_ms: 9 }))
        );
    }

    #[test]
    fn a_host_that_lets_two_wait_in_a_row_is_not_waited_for() {
        let mut run = turns(
            1,
            &[("a", 1), ("a", 2), ("a", 3), ("a", 4), ("a", 5), ("a", 6)],
        );
        for (feed, says) in [
            (1, HostSays::Nothing),
            (2, HostSays::Something),
            (3, HostSays::Nothing),
            (4, HostSays::Unasked),
            (5, HostSays::Nothing),
        ] {
            let turn = run.next().unwrap();
            assert_eq!((turn.feed, turn.refusal), (feed, None));
            run.done("a", says);
        }
        assert_eq!(run.next().unwrap().refusal, Some(Refusal::Slow));
    }
}
