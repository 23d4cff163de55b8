//! A range of a digest's deliveries that one worker holds: which of them are settled, told in as few words as possible, so that
//! a group commit writes one narrow row and not one for each mail.

use std::collections::BTreeMap;

/// How many mails each relay took.
pub type ByRelay = BTreeMap<String, i64>;

/// Deliveries handed out together, in the order of subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    last_id: i64,
    /// Subscribers whose delivery was open when the range was leased, in order, and whether it is settled by now.
    open: Vec<(i64, bool)>,
    /// The first of `open` that is not settled.
    next: usize,
    /// What an earlier worker settled out of order, sorted.
    earlier: Vec<i64>,
    sent: ByRelay,
}

impl Range {
    /// A range up to `last_id` in which these subscribers' deliveries are open, and these were settled beyond the first of
    /// them by an earlier worker; `sent` were sent at the first attempt.
    pub fn new(last_id: i64, mut open: Vec<i64>, mut earlier: Vec<i64>, sent: ByRelay) -> Self {
        open.sort_unstable();
        earlier.sort_unstable();
        Self {
            last_id,
            open: open.into_iter().map(|id| (id, false)).collect(),
            next: 0,
            earlier,
            sent,
        }
    }

    /// Settles one subscriber's delivery: sent by a relay at the first attempt, or otherwise ended or deferred. False: it was
    /// settled before, or is not of this range.
    pub fn settle(&mut self, subscriber_id: i64, sent_by: Option<&str>) -> bool {
        let Ok(at) = self
            .open
            .binary_search_by_key(&subscriber_id, |(id, _)| *id)
        else {
            return false;
        };
        if std::mem::replace(&mut self.open[at].1, true) {
            return false;
        }
        if let Some(relay) = sent_by {
            match self.sent.get_mut(relay) {
                Some(sent) => *sent += 1,
                None => drop(self.sent.insert(relay.to_owned(), 1)),
            }
        }
        while self
            .open
            .get(self.next)
            .is_some_and(|(_, settled)| *settled)
        {
            self.next += 1;
        }
        true
    }

    /// Everything up to this subscriber is settled.
    pub fn done_id(&self) -> i64 {
        self.open
            .get(self.next)
            .map_or(self.last_id, |(id, _)| id - 1)
    }

    /// Subscribers after [`done_id`](Self::done_id) whose deliveries are settled too.
    pub fn beyond(&self) -> Vec<i64> {
        let done_id = self.done_id();
        let earlier = self.earlier.iter().copied().filter(|id| *id > done_id);
        let open = self.open[self.next..].iter();
        earlier
            .chain(open.filter(|(_, settled)| *settled).map(|(id, _)| *id))
            .collect()
    }

    /// How many were sent at the first attempt.
    pub fn sent(&self) -> i64 {
        self.sent.values().sum()
    }

    /// The same by relay.
    pub fn by_relay(&self) -> &ByRelay {
        &self.sent
    }

    /// Whether nothing is open any more.
    pub fn is_done(&self) -> bool {
        self.next == self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn settled_out_of_order_is_told_beyond_the_mark() {
        let mut range = Range::new(9, vec![2, 5, 9], Vec::new(), ByRelay::new());
        assert_eq!((range.done_id(), range.beyond()), (1, vec![]));
        assert!(range.settle(5, Some("main")));
        assert!(!range.settle(5, Some("main")), "once");
        assert!(!range.settle(3, Some("main")), "not of this range");
        assert_eq!(
            (range.done_id(), range.beyond(), range.sent()),
            (1, vec![5], 1)
        );
        assert!(range.settle(2, None));
        assert_eq!(
            (range.done_id(), range.beyond(), range.sent()),
            (8, vec![], 1)
        );
        assert!(range.settle(9, Some("main")));
        assert!(range.is_done());
        assert_eq!(range.done_id(), 9);
    }

    proptest! {
        /// Promise 5: whoever takes over from any written state finds exactly what is open, however often that happens.
        #[test]
        fn promise_5_what_is_written_tells_what_is_open(
            ids in prop::collection::btree_set(1_i64..500, 1..60), rounds in prop::collection::vec(prop::collection::vec(0_usize..60, 0..30), 1..5),
        ) {
            let all: Vec<i64> = ids.into_iter().collect();
            let last_id = *all.last().unwrap();
            let mut range = Range::new(last_id, all.clone(), Vec::new(), ByRelay::new());
            let mut settled = std::collections::BTreeSet::new();
            for round in rounds {
                for at in round {
                    let id = all[at % all.len()];
                    prop_assert_eq!(range.settle(id, Some("main")), settled.insert(id));
                }
                let (done_id, beyond) = (range.done_id(), range.beyond());
                let open: Vec<i64> = all.iter().copied().filter(|id| *id > done_id && !beyond.contains(id)).collect();
                let expected: Vec<i64> = all.iter().copied().filter(|id| !settled.contains(id)).collect();
                prop_assert_eq!(&open, &expected);
                prop_assert_eq!(range.is_done(), open.is_empty());
                prop_assert_eq!(range.sent(), settled.len() as i64);
                range = Range::new(last_id, open, beyond, range.by_relay().clone());
            }
        }
    }
}
