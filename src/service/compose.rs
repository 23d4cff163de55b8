//! A period becomes a digest: which period is due, which articles it holds, and the record of why (promises 7 and 8).

mod draft;

use std::sync::Arc;

pub use self::draft::Draft;
pub(super) use self::draft::draft;
use super::variants::{Windows, decisions, is_enough, one_period_ms, turn};
use super::{Context, Error, letter, next, own_hours};
use crate::domain::digest::{Audience, DigestStatus, Edition, LeftOut, SkipReason};
use crate::domain::list::List;
use crate::domain::token;
use crate::store::article::Window;
use crate::store::digest::{Digest, NewDigest};
use crate::store::{self, Tx};

/// What came of a list's period.
#[derive(Debug, Clone)]
pub enum Composed {
    /// No period is due.
    NotDue,
    /// Another process decided this period first.
    Taken {
        /// The period, epoch milliseconds.
        period_ms: i64,
    },
    /// The period stays open, until what it waits for is there or it is too late.
    Waiting {
        /// The period, epoch milliseconds.
        period_ms: i64,
        /// For what.
        for_what: WaitsFor,
    },
    /// The period has no digest, and why.
    Skipped {
        /// The period, epoch milliseconds.
        period_ms: i64,
        /// Why.
        reason: SkipReason,
        /// Articles published after this, epoch milliseconds,
        since_ms: i64,
        /// and up to this were looked at.
        until_ms: i64,
    },
    /// A digest is ready.
    Ready(Box<Digest>),
}

/// What an open period waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// There is nothing new, but a feed failed.
    Feed,
    /// The list's digest before it has not started: a person holds it. A list's digests go out one after the other.
    Digest(i64),
}

/// Composes the list's due period as of `as_of_ms`; when none is due, or it has to wait, for readers whose own hour has come. With
/// `dry_run` nothing is written.
pub async fn compose(
    context: &Context,
    list: &Arc<List>,
    as_of_ms: i64,
    dry_run: bool,
) -> Result<Composed, Error> {
    let mut tx = if dry_run {
        context.database.read().await?
    } else {
        context.database.write().await?
    };
    if !dry_run {
        // One after the other looks at the list's articles, so that the time of a look tells what was seen.
        store::list::lock(&mut tx, list.id).await?;
    }
    let latest = store::digest_look::latest_period(&mut tx, list.id).await?;
    let Some(due) = due_period(list, latest, as_of_ms) else {
        return own_hours::compose(context, tx, list, as_of_ms, dry_run).await;
    };
    let looked_ms = store::digest_look::now(&mut tx, list.id, context.clock.now_ms()).await?;
    let mut draft = draft(&mut tx, list, due.period_ms, as_of_ms).await?;
    let reason = skip_reason(&mut tx, list, &due, &draft).await?;
    let before = store::digest_look::ready(&mut tx, list.id).await?;
    let for_what = match reason {
        Some(SkipReason::TooLate) => None,
        _ if before.is_some() => before.map(WaitsFor::Digest),
        Some(SkipReason::NothingNew) => a_feed_failed(&mut tx, list).await?,
        _ => None,
    };
    if let Some(for_what) = for_what {
        // Readers with hours of their own need not wait with it.
        return Ok(
            match own_hours::compose(context, tx, list, as_of_ms, dry_run).await? {
                Composed::NotDue => Composed::Waiting {
                    period_ms: due.period_ms,
                    for_what,
                },
                own => own,
            },
        );
    }
    let public_id = token::random_id();
    let edition = &draft.selection.edition;
    let subject = if reason.is_some() {
        String::new()
    } else {
        letter::check(context, list, edition, None, due.period_ms)?
    };
    let empty = Edition::default();
    let looked = draft.look(&mut tx, list).await?;
    let new = NewDigest {
        public_id: &public_id,
        list_id: list.id,
        audience: Audience::List,
        period_ms: due.period_ms,
        status: if reason.is_some() {
            DigestStatus::Skipped
        } else {
            DigestStatus::Ready
        },
        reason: reason.map(SkipReason::as_str),
        since_ms: draft.since_ms,
        until_ms: draft.until_ms,
        subject: &subject,
        // A skipped period keeps its decisions for `why`, but no edition: nobody was sent one.
        edition: if reason.is_some() {
            &empty
        } else {
            &draft.selection.edition
        },
        composed_ms: looked_ms,
        looked: &looked,
        left_out: LeftOut::default(),
    };
    if dry_run {
        return Ok(match reason {
            Some(reason) => Composed::Skipped {
                period_ms: due.period_ms,
                reason,
                since_ms: draft.since_ms,
                until_ms: draft.until_ms,
            },
            None => Composed::Ready(Box::new(new.unsaved())),
        });
    }
    let Some(id) = store::digest::insert(&mut tx, &new).await? else {
        return Ok(Composed::Taken {
            period_ms: due.period_ms,
        });
    };
    let decided = decisions(list, &draft.selection, &draft.shelf);
    store::digest_article::record(&mut tx, id, &decided).await?;
    if reason.is_none() {
        store::digest_article::record_extras(&mut tx, id, &draft.selection.extras).await?;
        store::correction::tell(&mut tx, list.id, id).await?;
    }
    tx.commit().await?;
    Ok(match reason {
        Some(reason) => Composed::Skipped {
            period_ms: due.period_ms,
            reason,
            since_ms: draft.since_ms,
            until_ms: draft.until_ms,
        },
        None => Composed::Ready(Box::new(Digest {
            id,
            ..new.unsaved()
        })),
    })
}

/// What the list's next digest would hold as of this moment, whether or not it is due: `digest preview`. It is of the period that is
/// due, or else of the next.
pub async fn preview(context: &Context, list: &List, as_of_ms: i64) -> Result<Draft, Error> {
    let mut tx = context.database.read().await?;
    let decided = store::digest_look::latest_period(&mut tx, list.id).await?;
    let due = due_period(list, decided, as_of_ms).filter(|due| !due.too_late);
    let period_ms = due.map(|due| due.period_ms);
    let period_ms = period_ms.or_else(|| next::to_come(list, decided, as_of_ms + 1));
    draft(&mut tx, list, period_ms.unwrap_or(as_of_ms), as_of_ms).await
}

/// From where on articles are new. The first digest looks one period back. Later ones look at everything that was not looked at
/// by the digest before, and still take an article that is dated up to one period before that: it was published late, or its feed
/// failed then. Periods that were skipped hand on what they looked at, and so does one that has not started, or was
/// taken back before anybody had got it.
pub(super) async fn windows(tx: &mut Tx, list: &List, at_ms: i64) -> Result<Windows, Error> {
    let one_period_ms = one_period_ms(list, at_ms);
    let oldest_ms = match store::digest_look::latest_window(tx, list.id).await? {
        None => at_ms - one_period_ms,
        Some((since_ms, _, false)) => since_ms,
        Some((_, until_ms, true)) => until_ms - one_period_ms,
    };
    let seen_ms = store::digest_look::seen(tx, list.id, 0).await?;
    Ok(Windows {
        list: Window {
            oldest_ms,
            seen_ms: seen_ms.unwrap_or(oldest_ms),
            owed: Vec::new(),
        },
        one_period_ms,
    })
}

async fn skip_reason(
    tx: &mut Tx,
    list: &List,
    due: &Due,
    draft: &Draft,
) -> Result<Option<SkipReason>, Error> {
    Ok(if due.too_late {
        Some(SkipReason::TooLate)
    } else if !is_enough(list, &draft.selection.edition) {
        Some(SkipReason::NothingNew)
    } else if store::digest_delivery::recipients(tx, &turn(list, Audience::List, draft.until_ms))
        .await?
        == 0
    {
        Some(SkipReason::NoRecipients)
    } else {
        None
    })
}

pub(super) async fn a_feed_failed(tx: &mut Tx, list: &List) -> Result<Option<WaitsFor>, Error> {
    for feed in &list.feeds {
        let known = store::feed::by_url(tx, &feed.url).await?;
        // One that was only held back, because of its host, is missing too; one that is gone for good is not waited for.
        let missing = |row: store::feed::FeedRow| {
            row.gone_ms.is_none() && (row.failures > 0 || row.error.is_some())
        };
        if known.is_some_and(missing) {
            return Ok(Some(WaitsFor::Feed));
        }
    }
    Ok(None)
}

/// A period whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) period_ms: i64,
    pub(super) too_late: bool,
}

/// The list's latest period, unless it was decided already. Periods missed before it are not made up: its digest holds their
/// articles (after downtime the missed period goes out once).
pub(super) fn due_period(list: &List, decided_ms: Option<i64>, now_ms: i64) -> Option<Due> {
    let period_ms = list.schedule.latest_at_or_before(now_ms)?;
    let closed_until = decided_ms.max(list.rescheduled_ms);
    if closed_until.is_some_and(|closed| period_ms <= closed) {
        return None;
    }
    let too_late = now_ms - period_ms > list.lateness.as_millis() as i64;
    // A list that never had a period starts with its next one; the last one before its birth was not missed.
    (!too_late || closed_until.is_some()).then_some(Due {
        period_ms,
        too_late,
    })
}

/// Whether a period of this list is due and undecided, or a reader's own hour has come; changes nothing.
pub async fn is_due(context: &Context, list: &List, now_ms: i64) -> Result<bool, Error> {
    let mut tx = context.database.read().await?;
    let latest = store::digest_look::latest_period(&mut tx, list.id).await?;
    Ok(due_period(list, latest, now_ms).is_some()
        || own_hours::are_due(&mut tx, list, now_ms).await?)
}

/// When the list's next digest is due after this moment, epoch milliseconds.
pub fn next_period(list: &List, now_ms: i64) -> Option<i64> {
    list.schedule.next_after(now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::testing::list;

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    /// A Monday 07:00 UTC.
    const MONDAY: i64 = 1_767_596_400_000;

    #[test]
    fn s18_a_missed_period_is_due_once_within_lateness_and_else_recorded_as_too_late() {
        let list = list("0 7 * * 1", "UTC");
        let earlier = Some(MONDAY - 14 * DAY);
        assert_eq!(
            due_period(&list, earlier, MONDAY - 1).map(|due| due.too_late),
            Some(true),
            "last week's, six days late"
        );
        assert_eq!(
            due_period(&list, earlier, MONDAY),
            Some(Due {
                period_ms: MONDAY,
                too_late: false
            })
        );
        assert_eq!(
            due_period(&list, earlier, MONDAY + DAY / 2),
            Some(Due {
                period_ms: MONDAY,
                too_late: false
            })
        );
        assert_eq!(
            due_period(&list, earlier, MONDAY + 2 * DAY),
            Some(Due {
                period_ms: MONDAY,
                too_late: true
            })
        );
        assert_eq!(
            due_period(&list, Some(MONDAY), MONDAY + DAY),
            None,
            "promise 7: decided already"
        );
    }

    #[test]
    fn a_new_list_or_a_changed_schedule_owes_nothing_for_the_past() {
        let mut list = list("0 7 * * 1", "UTC");
        assert_eq!(due_period(&list, None, MONDAY + 3 * DAY), None);
        assert_eq!(
            due_period(&list, None, MONDAY + 1),
            Some(Due {
                period_ms: MONDAY,
                too_late: false
            })
        );
        list.rescheduled_ms = Some(MONDAY + 1);
        assert_eq!(due_period(&list, None, MONDAY + 2), None);
        assert_eq!(
            due_period(&list, None, MONDAY + 7 * DAY),
            Some(Due {
                period_ms: MONDAY + 7 * DAY,
                too_late: false
            })
        );
    }
}
