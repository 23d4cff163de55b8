//! Readers with a rhythm of their own: those whose hour has come get a digest between the list's, one for all of them.

use super::compose::{Composed, a_feed_failed, windows};
use super::shelf::Shelf;
use super::variants::{decisions, is_enough, sections, turn};
use super::{Context, Error, letter};
use crate::domain::digest::{Audience, DigestStatus, Edition, LeftOut, SkipReason};
use crate::domain::list::List;
use crate::domain::selection::Selection;
use crate::domain::token;
use crate::store::audience::Turn;
use crate::store::digest::{Digest, NewDigest};
use crate::store::{self, Tx};

const MINUTE_MS: i64 = 60 * 1_000;

/// The minute that a digest for own hours stands for. It has one: of many processes one makes it.
fn minute(ms: i64) -> i64 {
    ms - ms.rem_euclid(MINUTE_MS)
}

/// The same, past the minutes of the list's own periods: what stands for one of them would take it away from the list.
fn free_minute(list: &List, as_of_ms: i64) -> i64 {
    let now_ms = minute(as_of_ms);
    let is_the_lists = |ms: &i64| list.schedule.latest_at_or_before(*ms) == Some(*ms);
    let mut minutes = (0..60).map(|n| now_ms + n * MINUTE_MS);
    minutes.find(|ms| !is_the_lists(ms)).unwrap_or(now_ms)
}

/// Whether the hour of a reader has come, and a digest for it can be made now.
pub(super) async fn are_due(tx: &mut Tx, list: &List, now_ms: i64) -> Result<bool, Error> {
    let first = store::audience::first_due(tx, list.id).await?;
    Ok(first.is_some_and(|first| first <= now_ms)
        && !store::digest_look::own_hours_wait(tx, list.id, minute(now_ms)).await?)
}

/// When the first reader of a list with a rhythm is due.
pub async fn first_due(context: &Context, list: &List) -> Result<Option<i64>, Error> {
    Ok(store::audience::first_due(&mut context.database.read().await?, list.id).await?)
}

/// What the readers whose turn it is would get.
struct Looked {
    /// What the largest group that gets anything gets; when none does, what the largest would.
    selection: Selection,
    language: Option<String>,
    is_enough: bool,
    /// Everything that was looked at for anybody.
    shelf: Shelf,
    oldest_ms: i64,
    left_out: LeftOut,
    readers: i64,
}

/// Composes for the readers whose own hour has come; with `dry_run` nothing is written.
pub(super) async fn compose(
    context: &Context,
    mut tx: Tx,
    list: &List,
    as_of_ms: i64,
    dry_run: bool,
) -> Result<Composed, Error> {
    if !are_due(&mut tx, list, as_of_ms).await? {
        return Ok(Composed::NotDue);
    }
    let now_ms = context.clock.now_ms();
    let looked_ms = store::digest_look::now(&mut tx, list.id, now_ms).await?;
    let period_ms = free_minute(list, as_of_ms);
    let turn = turn(list, Audience::Own, as_of_ms);
    let looked = look(&mut tx, list, &turn, looked_ms).await?;
    let reason = skip_reason(&looked);
    if reason == Some(SkipReason::NothingNew)
        && let Some(for_what) = a_feed_failed(&mut tx, list).await?
    {
        return Ok(Composed::Waiting {
            period_ms,
            for_what,
        });
    }
    let public_id = token::random_id();
    let edition = match reason {
        Some(_) => Edition::default(),
        None => looked.selection.edition.clone(),
    };
    let language = looked.language.as_deref();
    let subject = match reason {
        Some(_) => String::new(),
        None => letter::check(context, list, &edition, language, period_ms)?,
    };
    let windows = looked.shelf.keys();
    let new = NewDigest {
        public_id: &public_id,
        list_id: list.id,
        audience: Audience::Own,
        period_ms,
        status: reason.map_or(DigestStatus::Ready, |_| DigestStatus::Skipped),
        reason: reason.map(SkipReason::as_str),
        since_ms: looked.oldest_ms,
        until_ms: as_of_ms,
        subject: &subject,
        edition: &edition,
        composed_ms: looked_ms,
        looked: &windows,
        left_out: looked.left_out,
    };
    let id = if dry_run {
        0
    } else {
        let Some(id) = store::digest::insert(&mut tx, &new).await? else {
            return Ok(Composed::Taken { period_ms });
        };
        let decided = decisions(list, &looked.selection, &looked.shelf);
        store::digest_article::record(&mut tx, id, &decided).await?;
        if reason.is_some() {
            // Who is frozen into a digest goes on there; of a turn without one only the hours go on.
            store::audience::set_next(&mut tx, &turn, as_of_ms.max(now_ms), None).await?;
        } else {
            store::digest_article::record_extras(&mut tx, id, &looked.selection.extras).await?;
        }
        tx.commit().await?;
        id
    };
    Ok(match reason {
        Some(reason) => Composed::Skipped {
            period_ms,
            reason,
            since_ms: looked.oldest_ms,
            until_ms: as_of_ms,
        },
        None => Composed::Ready(Box::new(Digest {
            id,
            ..new.unsaved()
        })),
    })
}

async fn look(tx: &mut Tx, list: &List, turn: &Turn, looked_ms: i64) -> Result<Looked, Error> {
    let windows = windows(tx, list, turn.until_ms).await?;
    let span = (windows.list.oldest_ms, turn.until_ms);
    let mut looked = Looked {
        selection: Selection::default(),
        language: None,
        is_enough: false,
        shelf: Shelf::open(tx, list, span, (Audience::Own, None)).await?,
        oldest_ms: windows.list.oldest_ms,
        left_out: store::audience::left_out(tx, turn).await?,
        readers: 0,
    };
    let mut chosen_by = None;
    for group in store::audience::groups(tx, turn).await? {
        let window = windows.of(&group)?;
        looked.shelf.look(tx, &window, false).await?;
        let keys = sections(list, &group)?;
        let mut selection = looked.shelf.choose(keys.as_deref(), &window.key());
        let after_ms = window.seen_ms;
        selection.edition.corrections =
            store::correction::between(tx, list.id, after_ms, looked_ms).await?;
        let is_first = looked.readers == 0;
        looked.readers += group.readers;
        let is_enough = is_enough(list, &selection.edition);
        if !is_enough {
            looked.left_out.nothing_new += group.readers;
        }
        if is_first || (is_enough && !looked.is_enough) {
            looked.is_enough = is_enough;
            looked.selection = selection;
            looked.language = group.language;
            chosen_by = Some((keys, window.key()));
        }
    }
    if let Some((keys, window)) = chosen_by {
        looked
            .shelf
            .add_extras(keys.as_deref(), &window, &mut looked.selection);
    }
    Ok(looked)
}

fn skip_reason(looked: &Looked) -> Option<SkipReason> {
    if looked.readers == 0 {
        let all_late = looked.left_out.paused == 0 && looked.left_out.late > 0;
        return Some(if all_late {
            SkipReason::TooLate
        } else {
            SkipReason::NoRecipients
        });
    }
    (!looked.is_enough).then_some(SkipReason::NothingNew)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::testing::list;

    /// A Monday 07:00 UTC.
    const MONDAY: i64 = 1_767_596_400_000;

    #[test]
    fn own_hours_take_no_minute_of_the_lists() {
        let list = list("0,1 7 * * 1", "UTC");
        assert_eq!(free_minute(&list, MONDAY - 1), MONDAY - MINUTE_MS);
        assert_eq!(free_minute(&list, MONDAY + 1), MONDAY + 2 * MINUTE_MS);
        assert_eq!(
            free_minute(&list, MONDAY + 3 * MINUTE_MS),
            MONDAY + 3 * MINUTE_MS
        );
    }
}
