//! Writes results in groups, gives back what was not sent, and says what is left.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Key, Leased, RangeKey, Verdict};
use crate::domain::range::Range;
use crate::service::{Context, Error};
use crate::store::digest_attempt::Attempt;
use crate::store::{self, delivery, editor_mail};

/// A group of results, one transaction.
#[derive(Debug, Default)]
pub struct Records {
    /// Ranges as they are now, with those of their deliveries that were not simply sent.
    pub ranges: Vec<(RangeKey, Range, Vec<Attempt>)>,
    /// Further attempts.
    pub retries: Vec<Attempt>,
    /// Mails outside digests.
    pub mails: Vec<delivery::Record>,
    /// Mails to editors.
    pub editors: Vec<delivery::Record>,
    /// What is given back unsent.
    pub free: Vec<Key>,
}

impl Records {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
            && self.retries.is_empty()
            && self.mails.is_empty()
            && self.editors.is_empty()
            && self.free.is_empty()
    }

    /// The row of a digest's delivery.
    pub fn attempt(leased: &Leased, verdict: Verdict) -> Option<Attempt> {
        Some(Attempt {
            digest_id: leased.digest_id()?,
            subscriber_id: leased.subscriber_id,
            provider_id: leased.provider_id,
            status: verdict.status,
            attempts: verdict.attempts,
            unknowns: verdict.unknowns,
            due_ms: verdict.due_ms,
            relay: verdict.relay,
            code: verdict.code,
            reply: verdict.reply,
            done_ms: verdict.done_ms,
        })
    }

    /// The row of a mail outside digests.
    pub fn mail(id: i64, verdict: Verdict) -> delivery::Record {
        delivery::Record {
            id,
            status: verdict.status,
            attempts: verdict.attempts,
            unknowns: verdict.unknowns,
            due_ms: verdict.due_ms,
            code: verdict.code,
            reply: verdict.reply,
            done_ms: verdict.done_ms,
        }
    }
}

/// Records a group of results in one transaction. Written twice it is the same: a commit whose answer was lost may be repeated.
/// False: some of it this worker does not hold any more, and what became of that is another's to say.
pub async fn record(context: &Context, worker_id: i64, records: &Records) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    let mut all = true;
    let gone = gone(&mut tx, records).await?;
    for (key, range, attempts) in &records.ranges {
        if store::digest_range::record(&mut tx, worker_id, *key, range).await? {
            store::digest_attempt::insert(&mut tx, &untold(attempts, &gone)).await?;
        } else {
            all = false;
        }
    }
    store::digest_attempt::update(&mut tx, worker_id, &untold(&records.retries, &gone)).await?;
    if !records.mails.is_empty() {
        delivery::record(&mut tx, worker_id, &records.mails).await?;
    }
    editor_mail::record(&mut tx, worker_id, &records.editors).await?;
    for key in &records.free {
        free_in(&mut tx, worker_id, *key).await?;
    }
    tx.commit().await?;
    Ok(all)
}

/// Readers with a reply to be written who were erased while their mail was on its way. A mail outside digests has no row any more.
async fn gone(tx: &mut store::Tx, records: &Records) -> Result<HashSet<i64>, Error> {
    let first = records.ranges.iter().flat_map(|(_, _, attempts)| attempts);
    let told = first
        .chain(&records.retries)
        .filter(|attempt| attempt.reply.is_some());
    let readers: Vec<i64> = told.map(|attempt| attempt.subscriber_id).collect();
    if readers.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(store::erasure::gone(tx, &readers).await?)
}

/// Without the replies to mails of these readers: a relay's words may quote the address (X12).
fn untold<'a>(attempts: &'a [Attempt], gone: &HashSet<i64>) -> Cow<'a, [Attempt]> {
    if !attempts
        .iter()
        .any(|attempt| gone.contains(&attempt.subscriber_id))
    {
        return Cow::Borrowed(attempts);
    }
    let mut attempts = attempts.to_vec();
    for attempt in &mut attempts {
        attempt.reply = attempt
            .reply
            .take()
            .filter(|_| !gone.contains(&attempt.subscriber_id));
    }
    Cow::Owned(attempts)
}

async fn free_in(tx: &mut store::Tx, worker_id: i64, key: Key) -> Result<(), Error> {
    Ok(match key {
        Key::Mail(id) => delivery::free(tx, worker_id, id).await,
        Key::Editor(id) => editor_mail::free(tx, worker_id, id).await,
        Key::First(range, _) => store::digest_range::free(tx, worker_id, range).await,
        Key::Retry {
            digest_id,
            subscriber_id,
        } => store::digest_attempt::free(tx, worker_id, digest_id, subscriber_id).await,
    }?)
}

/// What is left in the queue: how many deliveries, and when the first that nobody holds is due.
pub async fn backlog(context: &Context) -> Result<(i64, Option<i64>), Error> {
    let mut tx = context.database.read().await?;
    let (mails, mail_due_ms) = delivery::backlog(&mut tx).await?;
    let (editors, editor_due_ms) = editor_mail::backlog(&mut tx).await?;
    let now_ms = context.clock.now_ms();
    let (digests, digest_due_ms) = store::digest_control::backlog(&mut tx, now_ms).await?;
    let due_ms = mail_due_ms
        .into_iter()
        .chain(editor_due_ms)
        .chain(digest_due_ms);
    Ok((mails + editors + digests, due_ms.min()))
}

/// Whether a mail outside digests is due that nobody holds. Asked before leasing, which takes the writer's turn.
pub async fn mails_due(context: &Context) -> Result<bool, Error> {
    let mut tx = context.database.read().await?;
    let now_ms = context.clock.now_ms();
    let (_, editor_due_ms) = editor_mail::backlog(&mut tx).await?;
    Ok(editor_due_ms.is_some_and(|due_ms| due_ms <= now_ms)
        || delivery::is_due(&mut tx, now_ms).await?)
}

/// The mailbox providers for which digests have deliveries that may be leased now, and whether a retry may be.
pub async fn digests_due(context: &Context) -> Result<(Vec<i64>, bool), Error> {
    let mut tx = context.database.read().await?;
    Ok(store::digest_control::due(&mut tx, context.clock.now_ms()).await?)
}
