//! The mails in hand that no connection has yet, by mailbox provider and by the relays that may carry them, so that a group
//! that must wait holds up no other.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::pace::Slot;
use super::task::{Task, locked};

/// How often the leasing task is told that mails were taken.
const LOW: usize = 64;

/// Mails waiting for a connection.
#[derive(Default)]
pub(super) struct Queue {
    buckets: Mutex<Buckets>,
    /// Told when there may be something to take.
    pub(super) work: Notify,
    /// Told when something was taken.
    pub(super) space: Notify,
    /// How many were taken so far.
    taken: AtomicU64,
}

#[derive(Default)]
struct Buckets {
    all: Vec<Bucket>,
    /// Where the next look begins: each group has its turn.
    turn: usize,
}

struct Bucket {
    provider_id: i64,
    relays: u64,
    /// Mails that waited for others of their domain; those behind them in the group do not wait for them.
    apart: bool,
    tasks: VecDeque<Task>,
}

/// A mail and the leave to send it.
pub(super) struct Taken {
    pub(super) task: Task,
    pub(super) slot: Slot,
}

impl Queue {
    /// Adds mails at the end.
    pub(super) fn push(&self, tasks: impl IntoIterator<Item = Task>) {
        let mut buckets = locked(&self.buckets);
        for task in tasks {
            buckets.of(&task, false).push_back(task);
        }
        drop(buckets);
        self.work.notify_waiters();
    }

    /// Puts a mail back at the front: its connection could not take it.
    pub(super) fn give_back(&self, task: Task) {
        locked(&self.buckets).of(&task, false).push_front(task);
        self.work.notify_waiters();
    }

    /// The next mail for a relay, of the first group from which `admit` lets one go.
    pub(super) fn take(
        &self,
        relay: usize,
        mut admit: impl FnMut(&Task) -> Option<Slot>,
    ) -> Option<Taken> {
        let mut buckets = locked(&self.buckets);
        let count = buckets.all.len();
        for step in 0..count {
            let at = (buckets.turn + step) % count;
            let bucket = &mut buckets.all[at];
            if bucket.relays & (1 << relay) == 0 {
                continue;
            }
            let Some(slot) = bucket.tasks.front().and_then(&mut admit) else {
                continue;
            };
            let task = bucket.tasks.pop_front()?;
            // The leasing task is not woken for each mail.
            let low = bucket.tasks.len().is_multiple_of(LOW);
            buckets.turn = (at + 1) % count;
            self.taken.fetch_add(1, Ordering::Relaxed);
            drop(buckets);
            if low {
                self.space.notify_one();
            }
            return Some(Taken { task, slot });
        }
        None
    }

    /// Takes out what `out` says of the mails at the front of each group, until it says no.
    pub(super) fn take_out(&self, mut out: impl FnMut(&Task) -> bool) -> Vec<Task> {
        let mut taken = Vec::new();
        for bucket in &mut locked(&self.buckets).all {
            while bucket.tasks.front().is_some_and(&mut out) {
                taken.extend(bucket.tasks.pop_front());
            }
        }
        taken
    }

    /// Sets those mails apart at the front of each group of which `apart` says so, until it says no.
    pub(super) fn set_apart(&self, mut apart: impl FnMut(&Task) -> bool) {
        let mut buckets = locked(&self.buckets);
        let mut moved = Vec::new();
        for bucket in buckets.all.iter_mut().filter(|bucket| !bucket.apart) {
            while bucket.tasks.front().is_some_and(&mut apart) {
                moved.extend(bucket.tasks.pop_front());
            }
        }
        for task in moved {
            buckets.of(&task, true).push_back(task);
        }
    }

    /// Lets go of every mail that is not to be kept.
    pub(super) fn keep(&self, mut kept: impl FnMut(&Task) -> bool) {
        let mut gone = Vec::new();
        for bucket in &mut locked(&self.buckets).all {
            if bucket.tasks.iter().all(&mut kept) {
                continue;
            }
            let (keep, let_go): (_, VecDeque<Task>) = std::mem::take(&mut bucket.tasks)
                .into_iter()
                .partition(&mut kept);
            bucket.tasks = keep;
            gone.push(let_go);
        }
        if !gone.is_empty() {
            // Dropped here, outside the lock.
            drop(gone);
            self.space.notify_one();
        }
    }

    /// Lets go of everything.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut locked(&self.buckets).all);
        drop(all);
        self.space.notify_one();
    }

    /// How many mails are waiting, whoever they are for.
    pub(super) fn all_waiting(&self) -> usize {
        let buckets = locked(&self.buckets);
        buckets.all.iter().map(|bucket| bucket.tasks.len()).sum()
    }

    /// How many mails to a provider are waiting for exactly these relays.
    pub(super) fn waiting_for(&self, provider_id: i64, relays: u64) -> usize {
        let buckets = locked(&self.buckets);
        let of = buckets
            .all
            .iter()
            .filter(|bucket| (bucket.provider_id, bucket.relays) == (provider_id, relays));
        of.map(|bucket| bucket.tasks.len()).sum()
    }

    /// How many mails were taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Buckets {
    fn of(&mut self, task: &Task, apart: bool) -> &mut VecDeque<Task> {
        let (provider_id, relays) = (task.leased.provider_id, task.relays);
        let found = self.all.iter().position(|bucket| {
            (bucket.provider_id, bucket.relays, bucket.apart) == (provider_id, relays, apart)
        });
        let at = found.unwrap_or_else(|| {
            self.all.push(Bucket {
                provider_id,
                relays,
                apart,
                tasks: VecDeque::new(),
            });
            self.all.len() - 1
        });
        &mut self.all[at].tasks
    }
}
