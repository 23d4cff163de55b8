//! The recording task: results in groups, one transaction each. While a group waits for the database, connections are held back
//! before they send what a crash could double (promise 5).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use super::state::Shared;
use super::task::{Came, Done, Event, Hold, RangeHold};
use crate::domain::delivery::DeliveryStatus;
use crate::service::deliver::{self, Attempt, Key, RangeKey, Records};
use crate::worker::patience::Patience;

/// A group is written at the latest after this long, or at this size.
const FLUSH: Duration = Duration::from_millis(20);
const FLUSH_MOST: usize = 5_000;

/// Results that are not written yet.
#[derive(Default)]
struct Group {
    size: usize,
    ranges: HashMap<RangeKey, (Arc<RangeHold>, Vec<Attempt>)>,
    records: Records,
    statuses: Vec<DeliveryStatus>,
    over: usize,
    /// Kept until what they hold is written.
    holds: Vec<Hold>,
}

/// Records what the connections pass on, until `end` and nothing is left.
pub(super) async fn run(
    shared: Arc<Shared>,
    mut events: UnboundedReceiver<Event>,
    end: CancellationToken,
) {
    // Also when it panics: nothing may be sent whose result nobody writes.
    let _ends_all = shared.stop.clone().drop_guard();
    let mut lost = false;
    loop {
        let first = tokio::select! {
            biased;
            first = events.recv() => first,
            () = end.cancelled() => None,
        };
        let Some(first) = first else {
            return;
        };
        let since = first.since();
        shared.recording(since);
        // What comes meanwhile waits in the channel: a task that is woken for each mail costs more than its record.
        tokio::select! {
            () = tokio::time::sleep_until(since + FLUSH) => {}
            () = end.cancelled() => {}
        }
        let mut group = Group::default();
        group.take(&shared, first);
        while group.size < FLUSH_MOST
            && let Ok(event) = events.try_recv()
        {
            group.take(&shared, event);
        }
        flush(&shared, group, &mut lost).await;
    }
}

impl Group {
    fn take(&mut self, shared: &Shared, event: Event) {
        self.size += 1;
        match event {
            Event::Over { key, settled, .. } => {
                self.over += 1;
                if !settled {
                    self.records.free.push(key);
                }
            }
            Event::Done(done) => self.settle(shared, *done),
        }
    }

    fn settle(&mut self, shared: &Shared, done: Done) {
        let Done {
            leased,
            hold,
            relay,
            came,
            ..
        } = done;
        let now_ms = shared.context.clock.now_ms();
        let mut verdict = match came {
            Came::Outcome(outcome) => deliver::settle(&shared.context, &leased, outcome, now_ms),
            Came::Verdict(verdict) => verdict,
        };
        let relay = relay.map(|at| shared.routes[at].name.as_str());
        let status = verdict.status;
        let first = match &hold {
            Hold::Range(range) => {
                let sent_by = relay.filter(|_| status == DeliveryStatus::Sent);
                let first = range.range().settle(leased.subscriber_id, sent_by);
                let (_, attempts) = self
                    .ranges
                    .entry(range.key)
                    .or_insert_with(|| (Arc::clone(range), Vec::new()));
                if first && sent_by.is_none() {
                    verdict.relay = relay.map(str::to_owned);
                    attempts.extend(Records::attempt(&leased, verdict));
                }
                first
            }
            Hold::One(one) => {
                let first = one.settle();
                verdict.relay = relay.map(str::to_owned);
                match leased.key {
                    _ if !first => {}
                    Key::Mail(id) => self.records.mails.push(Records::mail(id, verdict)),
                    Key::Editor(id) => self.records.editors.push(Records::mail(id, verdict)),
                    Key::First(..) | Key::Retry { .. } => self
                        .records
                        .retries
                        .extend(Records::attempt(&leased, verdict)),
                }
                first
            }
        };
        if first {
            self.statuses.push(status);
        }
        self.holds.push(hold);
    }

    /// What there is to write.
    fn records(&mut self) -> Records {
        let ranges = self
            .ranges
            .drain()
            .map(|(key, (hold, attempts))| (key, hold.range().clone(), attempts));
        self.records.ranges = ranges.collect();
        std::mem::take(&mut self.records)
    }
}

/// Writes a group of results; while the database is away they are kept and tried again.
/// Once some are `lost` the sender ends, and those after them are not waited for.
async fn flush(shared: &Shared, mut group: Group, lost: &mut bool) {
    let records = group.records();
    let mut patience = Patience::new(shared.until);
    // When there is no more time to wait for the database, a last while.
    let mut last = Patience::limited();
    while !records.is_empty() {
        let recorded = deliver::record(&shared.context, shared.lease.id, &records).await;
        let error = match recorded {
            Ok(true) => break,
            Ok(false) => {
                shared.lost_lease();
                break;
            }
            Err(error) => error,
        };
        tracing::warn!(%error, results = group.statuses.len(), "results cannot be recorded; it is tried again");
        let again = !*lost
            && (patience.wait(&shared.stop).await || last.wait(&CancellationToken::new()).await);
        if !again {
            // They stay leased, and are sent again when the lease ends: better twice than lost.
            tracing::error!(
                results = group.statuses.len(),
                "results are lost; these mails will be sent again"
            );
            *lost = true;
            shared.doubt();
            shared.stop.cancel();
            group.statuses.clear();
            break;
        }
    }
    shared.recorded();
    for status in &group.statuses {
        shared.progress.count(*status);
    }
    // What they hold is written: now they may say that they are over.
    group.holds.clear();
    if group.over > 0 {
        shared.let_go(group.over);
    }
}
