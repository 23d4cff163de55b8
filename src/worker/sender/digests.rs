//! Leases digests: ranges for each mailbox provider, as much as goes out in about a second, and retries as they come due.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::Lane;
use super::leaser::{Look, Rate, hold_one, unmade};
use super::state::Shared;
use super::task::{Body, Hold, Task};
use crate::mail::compiled::CompiledDigest;
use crate::service::Error;
use crate::service::deliver::{self, Leased};
use crate::service::letter::Letters;

/// A provider for which there was nothing is looked at again after this long, or when something tells that there may be.
const AGAIN: Duration = Duration::from_millis(400);

/// A digest's part of the leasing.
pub(super) struct Digests {
    letters: Letters,
    rate: Rate,
    providers: Vec<i64>,
    /// The providers to which nothing goes for a while.
    resting: HashSet<i64>,
    /// The providers for which there was nothing at the last look, and when that was.
    without: HashSet<i64>,
    looked: Instant,
    /// Whether the last look trusted `without` and did not ask.
    trusted: bool,
}

impl Digests {
    pub(super) fn new(shared: &Shared) -> Self {
        let providers = shared.context.pacing.providers.iter().map(|(id, _)| *id);
        Self {
            letters: Letters::default(),
            rate: Rate::new(),
            resting: HashSet::new(),
            without: HashSet::new(),
            looked: Instant::now(),
            trusted: false,
            providers: [0].into_iter().chain(providers).collect(),
        }
    }

    /// Leases where there is room.
    pub(super) async fn look(&mut self, shared: &Arc<Shared>) -> Result<Look, Error> {
        let now_ms = shared.context.clock.now_ms();
        let size = self.size(shared);
        if self.looked.elapsed() >= AGAIN {
            self.without.clear();
        }
        self.let_rest(shared, now_ms);
        let has_room = |id: &i64| {
            let lists = &shared.context.lists;
            let all_fed = !lists.is_empty() && fed_lists(shared, *id, size).len() == lists.len();
            !all_fed && !self.resting.contains(id)
        };
        let (hungry, fed): (Vec<i64>, Vec<i64>) =
            self.providers.iter().copied().partition(has_room);
        if hungry.iter().all(|id| self.without.contains(id)) {
            self.trusted = true;
            return Ok(Look::Nothing);
        }
        if shared.is_idle() && shared.take_doubt() {
            let freed = shared.lease.free(&shared.context).await;
            freed.inspect_err(|_| shared.doubt())?;
        }
        let (fresh, retries) = deliver::digests_due(&shared.context).await?;
        let learnt = self.learn(&fresh);
        self.looked = Instant::now();
        self.trusted = false;
        self.without = self
            .providers
            .iter()
            .copied()
            .filter(|id| !fresh.contains(id))
            .collect();
        let of_hungry = hungry.iter().flat_map(|id| fed_lists(shared, *id, size));
        let not_of: Vec<i64> = of_hungry.collect();
        let mut found = learnt || (retries && self.retries(shared, (&fed, &not_of), size).await?);
        for provider_id in hungry.into_iter().filter(|id| fresh.contains(id)) {
            let not_of = fed_lists(shared, provider_id, size);
            found |= self.range(shared, provider_id, &not_of, size).await?;
        }
        Ok(if found { Look::Some } else { Look::Nothing })
    }

    /// A process with a newer configuration freezes digests with providers that this one does not know: they are served as well,
    /// from the next look, and have no limits here. Says whether there are any.
    fn learn(&mut self, fresh: &[i64]) -> bool {
        let known = self.providers.len();
        for id in fresh {
            if !self.providers.contains(id) {
                self.providers.push(*id);
            }
        }
        self.providers.len() > known
    }

    /// Something may have been queued, or be due: everything is looked at again. Says whether anything would have been passed over.
    pub(super) fn forget(&mut self) -> bool {
        let passed_over = !self.without.is_empty() && self.trusted;
        self.without.clear();
        self.trusted = false;
        passed_over
    }

    /// Nothing is held for a provider to which nothing goes for a while, or only others send: who leaves in that time is not mailed
    /// afterwards.
    fn let_rest(&mut self, shared: &Shared, now_ms: i64) {
        let rests = |id: &i64| {
            !shared.pace.has_share(*id) || shared.stalled_until(*id, u64::MAX, now_ms).is_some()
        };
        self.resting = self.providers.iter().copied().filter(rests).collect();
        if !self.resting.is_empty() {
            let queue = shared.queue(Lane::Digest);
            queue.keep(|task| !self.resting.contains(&task.leased.provider_id));
        }
    }

    /// What goes out in about a second, and at least enough to keep every connection busy.
    fn size(&mut self, shared: &Shared) -> usize {
        let connections: usize = shared.routes.iter().map(|route| route.connections).sum();
        let in_a_second = self.rate.look(shared.queue(Lane::Digest).taken()) as usize;
        in_a_second
            .max(connections * 2)
            .min(shared.context.delivery.batch)
            .max(1)
    }

    async fn range(
        &self,
        shared: &Arc<Shared>,
        provider_id: i64,
        not_of: &[i64],
        size: usize,
    ) -> Result<bool, Error> {
        let leased =
            deliver::lease_range(&shared.context, shared.lease.id, provider_id, not_of, size)
                .await?;
        let Some(leased) = leased else {
            return Ok(false);
        };
        shared
            .progress
            .cancelled
            .fetch_add(leased.ended, Ordering::Relaxed);
        if leased.deliveries.is_empty() {
            return Ok(true);
        }
        shared.holding();
        let hold = Hold::range(leased.key, leased.range, shared.events.clone());
        let with_hold = leased
            .deliveries
            .into_iter()
            .map(|leased| (leased, hold.clone()));
        self.push_all(shared, with_hold.collect()).await;
        Ok(true)
    }

    async fn retries(
        &self,
        shared: &Arc<Shared>,
        not_of: (&[i64], &[i64]),
        size: usize,
    ) -> Result<bool, Error> {
        let (found, ended) =
            deliver::lease_retries(&shared.context, shared.lease.id, not_of, size).await?;
        shared
            .progress
            .cancelled
            .fetch_add(ended, Ordering::Relaxed);
        let any = ended > 0 || !found.is_empty();
        let with_hold = found
            .into_iter()
            .map(|leased| (hold_one(shared, &leased), leased));
        let with_hold = with_hold.map(|(hold, leased)| (leased, hold));
        self.push_all(shared, with_hold.collect()).await;
        Ok(any)
    }

    /// Puts deliveries into the queue, those of one edition together.
    async fn push_all(&self, shared: &Arc<Shared>, mut deliveries: Vec<(Leased, Hold)>) {
        while let Some(edition) = deliveries.first().and_then(|(leased, _)| leased.edition()) {
            let (of, others) = deliveries
                .into_iter()
                .partition(|(leased, _)| leased.edition() == Some(edition));
            deliveries = others;
            self.push(shared, edition, of).await;
        }
    }

    /// Puts deliveries of one edition into the queue, compiled once.
    async fn push(
        &self,
        shared: &Arc<Shared>,
        edition: (i64, i64),
        deliveries: Vec<(Leased, Hold)>,
    ) {
        let Some(list) = deliveries
            .first()
            .and_then(|(leased, _)| shared.context.list_by_id(leased.list_id))
        else {
            return;
        };
        let relays = shared.relays_named(&list.relays);
        match self.letters.compiled(&shared.context, list, edition).await {
            Ok(compiled) => {
                let tasks = deliveries
                    .into_iter()
                    .map(|(leased, hold)| task(leased, hold, relays, &compiled));
                shared.queue(Lane::Digest).push(tasks);
            }
            Err(error) => {
                for (leased, hold) in deliveries {
                    unmade(shared, leased, hold, &error);
                }
            }
        }
    }
}

/// The lists of which nothing is taken for a provider now: their relays have enough in hand, while those of another list may be
/// idle; or no relay can carry them from here, and another host may have one.
fn fed_lists(shared: &Shared, provider_id: i64, size: usize) -> Vec<i64> {
    let queue = shared.queue(Lane::Digest);
    let is_fed =
        |relays| shared.lets_go_of(relays) || queue.waiting_for(provider_id, relays) > size / 2;
    let lists = shared.context.lists.iter();
    let fed = lists.filter(|list| is_fed(shared.relays_named(&list.relays)));
    fed.map(|list| list.id).collect()
}

fn task(leased: Leased, hold: Hold, relays: u64, compiled: &Arc<CompiledDigest>) -> Task {
    Task {
        leased,
        body: Body::Digest(Arc::clone(compiled)),
        relays,
        hold,
    }
}
