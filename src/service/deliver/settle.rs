//! What an outcome means for a delivery (S2, S6, S12). Pure but for the rules of the context.

use super::{Key, Leased, Verdict};
use crate::domain::delivery::{DeliveryKind, DeliveryStatus, Outcome, UnknownPolicy};
use crate::domain::subscription::SubscriptionStatus;
use crate::service::Context;

/// What came of a delivery, as it is to be written.
pub fn settle(context: &Context, leased: &Leased, outcome: Outcome, now_ms: i64) -> Verdict {
    match outcome {
        Outcome::Sent { reply } => {
            ended(leased, DeliveryStatus::Sent, Some(250), Some(reply), now_ms)
        }
        Outcome::Failed { code, reply } => {
            ended(leased, DeliveryStatus::Failed, code, Some(reply), now_ms)
        }
        Outcome::Unknown { reply } => {
            let again = leased.kind != DeliveryKind::Digest
                || context.delivery.unknown == UnknownPolicy::Retry;
            // Once more and no more: a relay that always hangs after the dot must not get the same mail for days.
            if again && leased.unknowns == 0 {
                Verdict {
                    unknowns: leased.unknowns + 1,
                    ..retry(
                        context,
                        leased,
                        None,
                        reply,
                        DeliveryStatus::Unknown,
                        now_ms,
                    )
                }
            } else {
                ended(leased, DeliveryStatus::Unknown, None, Some(reply), now_ms)
            }
        }
        // The sender gives such a mail back; should one be recorded, it is tried again.
        Outcome::SenderRefused { code, reply } => retry(
            context,
            leased,
            Some(code),
            reply,
            DeliveryStatus::Failed,
            now_ms,
        ),
        Outcome::Retry { code, reply } => {
            retry(context, leased, code, reply, DeliveryStatus::Failed, now_ms)
        }
    }
}

/// A delivery that was not tried and is not to be tried before `due_ms`: no attempt of its own.
pub fn defer(leased: &Leased, due_ms: i64, reply: &str) -> Verdict {
    Verdict {
        status: DeliveryStatus::Queued,
        attempts: leased.attempts,
        unknowns: leased.unknowns,
        due_ms,
        relay: None,
        code: None,
        reply: Some(reply.to_owned()),
        done_ms: None,
    }
}

fn retry(
    context: &Context,
    leased: &Leased,
    code: Option<u16>,
    reply: String,
    given_up: DeliveryStatus,
    now_ms: i64,
) -> Verdict {
    let attempts = leased.attempts + 1;
    let next = context.delivery.retry.next_ms(
        u32::try_from(attempts).unwrap_or(u32::MAX),
        leased.created_ms,
        now_ms,
        spread(leased, attempts),
    );
    match next {
        Some(due_ms) => Verdict {
            status: DeliveryStatus::Queued,
            attempts,
            unknowns: leased.unknowns,
            due_ms,
            relay: None,
            code: code.map(i64::from),
            reply: Some(reply),
            done_ms: None,
        },
        None => ended(
            leased,
            given_up,
            code,
            Some(format!("given up: {reply}")),
            now_ms,
        ),
    }
}

/// From 0 to 1: reproducible for a delivery and its attempt, and different for neighbours.
fn spread(leased: &Leased, attempts: i64) -> f64 {
    let id = match leased.key {
        Key::Mail(id) | Key::Editor(id) => id,
        Key::First(..) | Key::Retry { .. } => leased.subscriber_id,
    };
    (id.wrapping_mul(2_654_435_761).wrapping_add(attempts * 97) & 0x3ff) as f64 / 1024.0
}

pub(super) fn ended(
    leased: &Leased,
    status: DeliveryStatus,
    code: Option<u16>,
    reply: Option<String>,
    now_ms: i64,
) -> Verdict {
    Verdict {
        status,
        attempts: leased.attempts + i64::from(status != DeliveryStatus::Cancelled),
        unknowns: leased.unknowns + i64::from(status == DeliveryStatus::Unknown),
        due_ms: now_ms,
        relay: None,
        code: code.map(i64::from),
        reply,
        done_ms: Some(now_ms),
    }
}

/// How a delivery stands when it is leased.
pub(super) struct Standing {
    /// The subscription; `None` when it is gone.
    pub(super) subscription: Option<SubscriptionStatus>,
    /// Whether the address is suppressed.
    pub(super) suppressed: bool,
    /// Whether whoever takes mail for the address asked us to slow down, and takes no mail as before yet.
    pub(super) slowed: bool,
}

/// Why a delivery ends without a mail: the reader left, or it comes too late (promise 3, S14).
pub(super) fn ended_before_sending(
    context: &Context,
    leased: &Leased,
    standing: &Standing,
    now_ms: i64,
) -> Option<Verdict> {
    let wanted = match leased.kind {
        DeliveryKind::Confirmation => SubscriptionStatus::Pending,
        DeliveryKind::Welcome
        | DeliveryKind::Digest
        | DeliveryKind::Notice
        | DeliveryKind::Editor => SubscriptionStatus::Confirmed,
    };
    let age_ms = now_ms - leased.created_ms;
    let is_stale =
        leased.kind == DeliveryKind::Digest && is_stale(context, leased.created_ms, now_ms);
    let (status, why) = if context.list_by_id(leased.list_id).is_none() {
        (DeliveryStatus::Cancelled, "the list left the configuration")
    } else if standing.suppressed {
        (DeliveryStatus::Cancelled, "the address is suppressed")
    } else if standing.subscription != Some(wanted) {
        (
            DeliveryStatus::Cancelled,
            "the subscription changed before the mail left",
        )
    } else if is_stale {
        let why = "the digest is older than [delivery] stale_after";
        (DeliveryStatus::Failed, why)
    // Who always asks for less mail makes no attempt of any, so the waits between attempts never come to their end. What only
    // waited for a limit of ours, or for a person, has not been refused by anybody and goes on.
    } else if standing.slowed && age_ms > context.delivery.retry.give_up.as_millis() as i64 {
        let why =
            "given up: it is older than [delivery] give_up, and its provider asks us to slow down";
        (DeliveryStatus::Failed, why)
    } else {
        return None;
    };
    Some(ended(leased, status, None, Some(why.to_owned()), now_ms))
}

/// Whether a digest that started then is not worth sending any more.
pub(in crate::service) fn is_stale(context: &Context, started_ms: i64, now_ms: i64) -> bool {
    let limit = context.delivery.stale_after;
    limit.is_some_and(|limit| now_ms - started_ms > limit.as_millis() as i64)
}
