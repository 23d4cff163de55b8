//! One transaction for many sign-ups: everything is read at once, decided one after the other, and written at once.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::asked::Asked;
use super::budget::{Budget, Names};
use super::place::Place;
use super::{Context, Error, Outcome, SignUp, gate};
use crate::domain::delivery::DeliveryKind;
use crate::domain::sign_up::HoldReason;
use crate::domain::subscription::{SubscribeStep, SubscriptionStatus, on_subscribe};
use crate::domain::token::fingerprint;
use crate::store::quarantine::{Hold, Later, Of};
use crate::store::sign_up::{Entry, Known, Mail, Pending, Person, Wording};
use crate::store::{self, Tx};

/// Takes sign-ups in their order; what became of each.
pub(super) async fn take(context: &Context, asked: &[&Asked]) -> Result<Vec<Outcome>, Error> {
    let now_ms = context.clock.now_ms();
    let names: Vec<&Names> = asked.iter().map(|one| &one.names).collect();
    let networks: Vec<&str> = asked
        .iter()
        .filter_map(|one| one.network.as_deref())
        .collect();
    let lists = asked.iter().flat_map(|one| &one.sign_up.lists);
    let lists: Vec<i64> = lists.map(|list| list.id).collect();
    let mut tx = context.database.write_many().await?;
    store::sign_up::take_turn(&mut tx).await?;
    let budget = Budget::read(context, &mut tx, &names, &networks, &lists, now_ms).await?;
    let mut batch = Batch::new(budget, now_ms);
    let outcomes = admit(&mut tx, &mut batch.budget, asked).await?;
    let taken = asked.iter().zip(&outcomes);
    let taken = taken.filter(|(_, outcome)| **outcome == Outcome::Taken);
    let taken: Vec<&Asked> = taken.map(|(one, _)| *one).collect();
    let hashes: Vec<&str> = taken
        .iter()
        .flat_map(|one| &one.erasures)
        .map(String::as_str)
        .collect();
    let erased = store::erasure::held(&mut tx, &hashes).await?;
    let asked_for = note(context, &mut tx, &mut batch, &taken, &erased).await?;
    let opened = batch.budget.opened;
    batch.write(&mut tx).await?;
    tx.commit().await?;
    gate::remember(context, asked_for);
    if opened {
        tracing::error!(
            per_minute = context.sign_up.per_minute,
            "more confirmations than [sign_up] per_minute: sign-ups are held (nashra quarantine list)"
        );
    }
    Ok(outcomes)
}

/// What counts once, and what a network may do.
async fn admit(tx: &mut Tx, budget: &mut Budget, asked: &[&Asked]) -> Result<Vec<Outcome>, Error> {
    let mut seen = HashSet::new();
    let proofs: Vec<_> = asked
        .iter()
        .flat_map(|one| &one.sign_up.spends)
        .filter(|proof| seen.insert(&proof.challenge))
        .collect();
    let mut fresh = if proofs.is_empty() {
        HashSet::new()
    } else {
        store::throttle::spend(tx, &proofs).await?
    };
    let outcomes = asked.iter().map(|one| {
        let spends = one.sign_up.spends.iter();
        // Each is spent, whatever becomes of the others.
        let unused = spends
            .filter(|proof| fresh.remove(&proof.challenge))
            .count();
        let used = unused < one.sign_up.spends.len();
        let network = one.network.as_deref().filter(|_| !used);
        let wait = network.and_then(|network| budget.admit(network));
        match wait {
            _ if used => Outcome::ProofUsed,
            Some(wait_ms) => Outcome::TooMany(Duration::from_millis(wait_ms as u64)),
            None => Outcome::Taken,
        }
    });
    Ok(outcomes.collect())
}

/// Notes each request in every state, so that every state takes the same time, and queues the mail that the state asks for. Of an
/// address that was erased nothing is kept, not even that it came back; but like any other it takes its place in the limits, and what
/// it asked for is returned.
async fn note(
    context: &Context,
    tx: &mut Tx,
    batch: &mut Batch,
    taken: &[&Asked],
    erased: &HashSet<String>,
) -> Result<HashSet<String>, Error> {
    let mut asked_for = HashSet::new();
    if taken.is_empty() {
        return Ok(asked_for);
    }
    let is_gone = |one: &Asked| one.erasures.iter().any(|hash| erased.contains(hash));
    let mut seen = HashSet::new();
    let people: Vec<Person<'_>> = taken
        .iter()
        .filter(|one| !is_gone(one) && seen.insert(&one.identity))
        .map(|one| Person {
            identity: &one.identity,
            address: one.sign_up.address.as_str(),
            created_ms: batch.now_ms,
        })
        .collect();
    let rows = store::sign_up::ensure(tx, &people).await?;
    // Few texts are shown: most of a batch have the same.
    let mut wordings: HashMap<&str, String> = HashMap::new();
    for text in taken
        .iter()
        .filter_map(|one| one.sign_up.wording.as_deref())
    {
        wordings
            .entry(text)
            .or_insert_with(|| fingerprint(text.as_bytes()));
    }
    let mut ledger = Vec::with_capacity(taken.len());
    for one in taken {
        if is_gone(one) {
            let place = batch.place(one);
            batch
                .budget
                .take_gone(context, &one.names, place, &mut asked_for);
            continue;
        }
        let row = rows.get(&one.identity);
        let row =
            row.ok_or_else(|| store::Error::Corrupt("a subscriber without a row".to_owned()))?;
        let SignUp {
            lists,
            method,
            origin,
            wording,
            ..
        } = &one.sign_up;
        for list in lists {
            ledger.push(Entry {
                list_id: list.id,
                subscriber_id: row.id,
                method: method.as_str(),
                at_ms: batch.now_ms,
                ip: origin.ip.as_deref(),
                user_agent: origin.user_agent.as_deref(),
                page: origin.page.as_deref(),
                locale: origin.locale.as_deref(),
                wording: wording
                    .as_deref()
                    .and_then(|text| wordings.get(text))
                    .map(String::as_str),
            });
        }
        batch.subscribe(one, row);
    }
    let texts: Vec<Wording<'_>> = wordings
        .iter()
        .map(|(text, hash)| Wording {
            hash,
            text,
            seen_ms: batch.now_ms,
        })
        .collect();
    if !texts.is_empty() {
        store::sign_up::keep_wordings(tx, &texts).await?;
    }
    store::sign_up::record(tx, &ledger).await?;
    Ok(asked_for)
}

/// What is to be written.
pub(super) struct Batch {
    pub(super) budget: Budget,
    now_ms: i64,
    pending: HashMap<(i64, i64), Pending>,
    mails: Vec<Mail>,
    /// `None`: not held any more.
    holds: HashMap<(i64, i64), Option<Hold>>,
    later: Vec<Later>,
}

impl Batch {
    pub(super) fn new(budget: Budget, now_ms: i64) -> Self {
        Self {
            budget,
            now_ms,
            pending: HashMap::new(),
            mails: Vec::new(),
            holds: HashMap::new(),
            later: Vec::new(),
        }
    }

    /// Takes the steps of one form, with one mail at most for all its lists.
    fn subscribe(&mut self, one: &Asked, person: &Known) {
        let subscriber_id = person.id;
        let place = self.place(one);
        let (mut asks, mut tells) = (Vec::new(), Vec::new());
        for list in &one.sign_up.lists {
            // Who asked earlier in the same batch waits already.
            let waits = self.pending.contains_key(&(list.id, subscriber_id));
            let current = person.states.get(&list.id).copied();
            let current = waits.then_some(SubscriptionStatus::Pending).or(current);
            match on_subscribe(current, person.suppressed) {
                SubscribeStep::Create | SubscribeStep::Renew => {
                    self.waits(one, list.id, subscriber_id);
                    asks.push((list.id, true));
                }
                SubscribeStep::Resend => asks.push((list.id, false)),
                SubscribeStep::Notice => tells.push(list.id),
                SubscribeStep::Nothing => {}
            }
        }
        let (kind, lists) = if asks.is_empty() {
            // It is confirmed already: said where there is room, and helps nobody later.
            tells.retain(|list_id| place.counted.contains(list_id));
            (DeliveryKind::Notice, tells)
        } else {
            let lists = self.confirmation(one, subscriber_id, asks, &place);
            (DeliveryKind::Confirmation, lists)
        };
        self.budget.take(&one.names, &place, &lists);
        if let Some(due_ms) = place.due_ms {
            self.queue(kind, subscriber_id, &lists, due_ms);
        }
    }

    fn place(&mut self, one: &Asked) -> Place {
        let SignUp { lists, doubts, .. } = &one.sign_up;
        let lists = lists.iter().map(|list| list.id);
        self.budget.place(&one.names, lists, doubts)
    }

    /// A subscription waits for its confirmation from now on. One that waited before does so only when a mail goes out again: posting
    /// a form again and again keeps nothing from being purged.
    fn waits(&mut self, one: &Asked, list_id: i64, subscriber_id: i64) {
        let key = (list_id, subscriber_id);
        let before = self.pending.remove(&key).and_then(|row| row.name);
        let row = Pending {
            list_id,
            subscriber_id,
            name: one.sign_up.name.clone().or(before),
            domain: one.sign_up.address.domain().to_owned(),
            at_ms: self.now_ms,
        };
        self.pending.insert(key, row);
    }

    /// Which of these lists, each with whether its mail is needed, a confirmation is to be about; holds what something speaks against.
    fn confirmation(
        &mut self,
        one: &Asked,
        subscriber_id: i64,
        mut asks: Vec<(i64, bool)>,
        place: &Place,
    ) -> Vec<i64> {
        let (names, budget) = (&one.names, &self.budget);
        // What went out, or is about to, is neither repeated nor called back.
        asks.retain(|(list_id, needed)| !budget.repeats(names, *list_id, *needed));
        if place.due_ms.is_none() || asks.is_empty() {
            tracing::debug!(
                subscriber_id,
                "no mail: this address had enough of them lately"
            );
            return Vec::new();
        }
        let mut lists = Vec::with_capacity(asks.len());
        for (list_id, _) in asks {
            let reasons = place.against(list_id);
            if reasons.is_empty() {
                self.waits(one, list_id, subscriber_id);
                lists.push(list_id);
            } else {
                self.hold(names, (list_id, subscriber_id), reasons);
            }
        }
        lists
    }

    /// Counts and queues one mail about these lists, if any, that no request asked for just now.
    pub(super) fn mail(
        &mut self,
        kind: DeliveryKind,
        names: &Names,
        subscriber_id: i64,
        lists: &[i64],
        due_ms: i64,
    ) {
        if let Some((&list_id, also)) = lists.split_first() {
            self.budget.spend(names, (list_id, also), due_ms);
            self.queue(kind, subscriber_id, lists, due_ms);
        }
    }

    /// Queues one mail about these lists, if any; whatever held their sign-ups does so no more.
    fn queue(&mut self, kind: DeliveryKind, subscriber_id: i64, lists: &[i64], due_ms: i64) {
        let Some((&list_id, also)) = lists.split_first() else {
            return;
        };
        self.mails.push(Mail {
            kind: kind.as_str(),
            list_id,
            also: (!also.is_empty()).then(|| also.to_vec()),
            subscriber_id,
            created_ms: self.now_ms,
            due_ms,
        });
        for list_id in lists {
            self.let_go(Of {
                list_id: *list_id,
                subscriber_id,
            });
        }
    }

    fn hold(&mut self, names: &Names, key: (i64, i64), reasons: &[HoldReason]) {
        let (list_id, subscriber_id) = key;
        let passes = reasons.iter().all(|reason| reason.passes());
        let wait_ms = self.budget.own_wait_ms(names, list_id).unwrap_or(0);
        let hold = Hold {
            list_id,
            subscriber_id,
            reasons: serde_json::json!(reasons).to_string(),
            held_ms: self.now_ms,
            due_ms: passes.then_some(self.now_ms + wait_ms),
        };
        // The first of a batch stays, as the first of all does.
        let held = self.holds.entry(key).or_default();
        held.get_or_insert(hold);
    }

    /// What is held is looked at later; with `None`, by a person.
    pub(super) fn put_off(&mut self, of: Of, due_ms: Option<i64>) {
        let (list_id, subscriber_id) = (of.list_id, of.subscriber_id);
        self.later.push(Later {
            list_id,
            subscriber_id,
            due_ms,
        });
    }

    /// A sign-up is held no more.
    pub(super) fn let_go(&mut self, of: Of) {
        self.holds.insert((of.list_id, of.subscriber_id), None);
    }

    /// Writes everything.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), Error> {
        let pending: Vec<Pending> = self.pending.into_values().collect();
        if !pending.is_empty() {
            store::sign_up::set_pending(tx, &pending).await?;
        }
        if !self.mails.is_empty() {
            store::sign_up::enqueue(tx, &self.mails).await?;
        }
        let (mut held, mut free) = (Vec::new(), Vec::new());
        for ((list_id, subscriber_id), hold) in self.holds {
            match hold {
                Some(hold) => held.push(hold),
                None => free.push(Of {
                    list_id,
                    subscriber_id,
                }),
            }
        }
        if !held.is_empty() {
            store::quarantine::hold(tx, &held).await?;
        }
        if !free.is_empty() {
            store::quarantine::let_go(tx, &free).await?;
        }
        if !self.later.is_empty() {
            store::quarantine::put_off(tx, &self.later).await?;
        }
        self.budget.write(tx).await
    }
}
