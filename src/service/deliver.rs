//! One mail from the queue to its result: lease (with the recheck of promise 3), the message, and what the outcome means for
//! the delivery. No transaction is open while a mail is on the wire (promise 4): `worker::sender` stands between.

use super::letter::{Content, Letters};
use super::{Context, Error};
use crate::domain::delivery::{DeliveryKind, DeliveryStatus, Outcome, UnknownPolicy};
use crate::domain::subscription::SubscriptionStatus;
use crate::domain::token::ConfirmationToken;
use crate::mail::message::Mail;
pub use crate::store::delivery::{Counts, Leased, Record};
use crate::store::{self, Tx};

/// A leased delivery and what its mail needs.
#[derive(Debug)]
pub struct Task {
    /// The delivery.
    pub leased: Leased,
    /// What goes into the mail.
    pub content: Content,
}

/// What a lease brought.
#[derive(Debug, Default)]
pub struct Lease {
    /// Mails to send.
    pub tasks: Vec<Task>,
    /// Deliveries that ended without a mail: the reader had left, or the digest was stale.
    pub ended: u64,
}

/// Leases up to `context.delivery.batch` due deliveries for a worker; confirmations and notices go before digests.
///
/// The subscription and the suppression list are checked in the same transaction: a reader who left gets nothing.
pub async fn lease(context: &Context, worker_id: i64) -> Result<Lease, Error> {
    const ORDER: [DeliveryKind; 4] = [
        DeliveryKind::Confirmation,
        DeliveryKind::Notice,
        DeliveryKind::Welcome,
        DeliveryKind::Digest,
    ];
    let now_ms = context.clock.now_ms();
    let mut lease = Lease::default();
    let mut ended = Vec::new();
    let mut tx = context.database.write().await?;
    for kind in ORDER {
        let room = context.delivery.batch.saturating_sub(lease.tasks.len()) as i64;
        for leased in store::delivery::lease(&mut tx, worker_id, kind, now_ms, room).await? {
            if let Some((status, why)) = ended_before_sending(context, &leased, now_ms) {
                ended.push(final_record(
                    &leased,
                    status,
                    None,
                    Some(why.to_owned()),
                    now_ms,
                ));
            } else {
                let content = content(context, &mut tx, &leased, now_ms).await?;
                lease.tasks.push(Task { leased, content });
            }
        }
    }
    if !ended.is_empty() {
        lease.ended = store::delivery::record(&mut tx, worker_id, &ended).await?;
    }
    tx.commit().await?;
    Ok(lease)
}

fn ended_before_sending(
    context: &Context,
    leased: &Leased,
    now_ms: i64,
) -> Option<(DeliveryStatus, &'static str)> {
    let wanted = match leased.kind {
        DeliveryKind::Confirmation => SubscriptionStatus::Pending,
        DeliveryKind::Welcome | DeliveryKind::Digest | DeliveryKind::Notice => {
            SubscriptionStatus::Confirmed
        }
    };
    let list_is_gone = context.list_by_id(leased.list_id).is_none();
    let stale = |after: std::time::Duration| now_ms - leased.created_ms > after.as_millis() as i64;
    if list_is_gone {
        Some((DeliveryStatus::Cancelled, "the list left the configuration"))
    } else if leased.suppressed {
        Some((DeliveryStatus::Cancelled, "the address is suppressed"))
    } else if leased.subscription != wanted {
        Some((
            DeliveryStatus::Cancelled,
            "the subscription changed before the mail left",
        ))
    } else if leased.kind == DeliveryKind::Digest && context.delivery.stale_after.is_some_and(stale)
    {
        Some((
            DeliveryStatus::Failed,
            "the digest is older than stale_after",
        ))
    } else {
        None
    }
}

/// A confirmation's token is made when its mail is: only its hash is ever stored (promise 9).
async fn content(
    context: &Context,
    tx: &mut Tx,
    leased: &Leased,
    now_ms: i64,
) -> Result<Content, Error> {
    match (leased.kind, leased.digest_id) {
        (DeliveryKind::Confirmation, _) => {
            let token = ConfirmationToken::generate();
            let expires_ms = now_ms + context.confirmation.expires.as_millis() as i64;
            let (list_id, subscriber_id) = (leased.list_id, leased.subscriber_id);
            store::confirmation::insert(
                tx,
                &token.hash(),
                list_id,
                subscriber_id,
                now_ms,
                expires_ms,
            )
            .await?;
            let origin = store::consent::latest_origin(tx, list_id, subscriber_id)
                .await?
                .unwrap_or_default();
            Ok(Content::Confirmation { token, origin })
        }
        (DeliveryKind::Digest, Some(digest_id)) => Ok(Content::Digest { digest_id }),
        (DeliveryKind::Notice, None) => Ok(Content::Notice),
        (kind, _) => {
            let what = format!("delivery {} of kind `{}`", leased.id, kind.as_str());
            Err(store::Error::Corrupt(what).into())
        }
    }
}

/// The message of a task. An error is a fault of ours (a template, the database), never of the address.
pub async fn message(context: &Context, letters: &Letters, task: &Task) -> Result<Mail, Error> {
    letters.write(context, &task.leased, &task.content).await
}

/// What an outcome means for the delivery (S2, S6, S12).
pub fn settle(context: &Context, leased: &Leased, outcome: Outcome, now_ms: i64) -> Record {
    match outcome {
        Outcome::Sent { reply } => {
            final_record(leased, DeliveryStatus::Sent, Some(250), Some(reply), now_ms)
        }
        Outcome::Failed { code, reply } => {
            final_record(leased, DeliveryStatus::Failed, code, Some(reply), now_ms)
        }
        Outcome::Unknown { reply } => {
            let again = leased.kind != DeliveryKind::Digest
                || context.delivery.unknown == UnknownPolicy::Retry;
            // Once more and no more: a relay that always hangs after the dot must not get the same mail for days.
            if again && leased.unknowns == 0 {
                let unknown = DeliveryStatus::Unknown;
                Record {
                    unknowns: leased.unknowns + 1,
                    ..retry(context, leased, None, reply, unknown, now_ms)
                }
            } else {
                final_record(leased, DeliveryStatus::Unknown, None, Some(reply), now_ms)
            }
        }
        // The sender gives such a mail back; should one be recorded, it is tried again.
        Outcome::SenderRefused { code, reply } => {
            let code = Some(code);
            retry(context, leased, code, reply, DeliveryStatus::Failed, now_ms)
        }
        Outcome::Retry { code, reply } => {
            retry(context, leased, code, reply, DeliveryStatus::Failed, now_ms)
        }
    }
}

/// Records a group of results in one transaction.
pub async fn record(context: &Context, worker_id: i64, records: &[Record]) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    store::delivery::record(&mut tx, worker_id, records).await?;
    tx.commit().await?;
    Ok(())
}

/// What is left in the queue: how many deliveries, and when the first that nobody holds is due.
pub async fn backlog(context: &Context) -> Result<(i64, Option<i64>), Error> {
    let mut tx = context.database.read().await?;
    Ok(store::delivery::backlog(&mut tx).await?)
}

fn retry(
    context: &Context,
    leased: &Leased,
    code: Option<u16>,
    reply: String,
    given_up: DeliveryStatus,
    now_ms: i64,
) -> Record {
    let attempts = leased.attempts + 1;
    // Spread from the row and the attempt: reproducible, and different for neighbours.
    let spread = (leased
        .id
        .wrapping_mul(2_654_435_761)
        .wrapping_add(attempts * 97)
        & 0x3ff) as f64
        / 1024.0;
    match context.delivery.retry.next_ms(
        u32::try_from(attempts).unwrap_or(u32::MAX),
        leased.created_ms,
        now_ms,
        spread,
    ) {
        Some(due_ms) => Record {
            id: leased.id,
            status: DeliveryStatus::Queued,
            attempts,
            unknowns: leased.unknowns,
            due_ms,
            code: code.map(i64::from),
            reply: Some(reply),
            done_ms: None,
        },
        None => final_record(
            leased,
            given_up,
            code,
            Some(format!("given up: {reply}")),
            now_ms,
        ),
    }
}

fn final_record(
    leased: &Leased,
    status: DeliveryStatus,
    code: Option<u16>,
    reply: Option<String>,
    now_ms: i64,
) -> Record {
    Record {
        id: leased.id,
        status,
        attempts: leased.attempts + i64::from(status != DeliveryStatus::Cancelled),
        unknowns: leased.unknowns + i64::from(status == DeliveryStatus::Unknown),
        due_ms: now_ms,
        code: code.map(i64::from),
        reply,
        done_ms: Some(now_ms),
    }
}
