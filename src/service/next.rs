//! When a digest comes next. A period that was decided already, also ahead of its time (`digest run --as-of`), is not to come
//! again; one whose time has come and that nobody has decided yet is the next.

use super::Error;
use super::compose::due_period;
use crate::domain::choices::Choices;
use crate::domain::list::List;
use crate::store::{self, Tx};

/// The last period of a list that was decided, composed or skipped; epoch milliseconds.
pub async fn decided(tx: &mut Tx, list: &List) -> Result<Option<i64>, Error> {
    Ok(store::digest_look::latest_period(tx, list.id).await?)
}

/// The list's next digest: what is due now, or else what is due next.
pub fn of_list(list: &List, decided_ms: Option<i64>, now_ms: i64) -> Option<i64> {
    let due = due_period(list, decided_ms, now_ms).filter(|due| !due.too_late);
    due.map(|due| due.period_ms)
        .or_else(|| to_come(list, decided_ms, now_ms + 1))
}

/// Whether the draft of a period can be edited: it is the list's next digest, or the one after what is due just now, whose window may
/// have opened already.
pub fn is_open(list: &List, decided_ms: Option<i64>, period_ms: i64, now_ms: i64) -> bool {
    let is_to_come = || list.schedule.next_after(now_ms) == Some(period_ms);
    of_list(list, decided_ms, now_ms) == Some(period_ms)
        || decided_ms.is_none_or(|decided| period_ms > decided) && is_to_come()
}

/// The list's first digest at this time or later.
pub fn to_come(list: &List, decided_ms: Option<i64>, from_ms: i64) -> Option<i64> {
    let after_ms = decided_ms.map_or(from_ms - 1, |decided| decided.max(from_ms - 1));
    list.schedule.next_after(after_ms)
}

/// A confirmed reader's next digest, with the hour that is stored for a rhythm of the reader's own.
pub fn of_reader(
    list: &List,
    decided_ms: Option<i64>,
    choices: &Choices,
    own_ms: Option<i64>,
    now_ms: i64,
) -> Option<i64> {
    let paused_ms = choices.paused_until_ms.filter(|until| *until > now_ms);
    match (&choices.rhythm, paused_ms) {
        (Some(rhythm), None) => own_ms.or_else(|| rhythm.next_after(now_ms)),
        (Some(rhythm), Some(until_ms)) => own_ms
            .filter(|own| *own >= until_ms)
            .or_else(|| rhythm.next_after(until_ms - 1)),
        (None, None) => of_list(list, decided_ms, now_ms),
        (None, Some(until_ms)) => to_come(list, decided_ms, until_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::testing::list;

    const HOUR: i64 = 60 * 60 * 1_000;
    const WEEK: i64 = 7 * 24 * HOUR;

    /// A Monday 07:00 UTC.
    const MONDAY: i64 = 1_767_596_400_000;

    #[test]
    fn what_was_decided_is_never_the_next() {
        let list = list("0 7 * * 1", "UTC");
        let next = |decided_ms, now_ms| of_list(&list, decided_ms, now_ms).map(|ms| ms - MONDAY);
        assert_eq!(next(None, MONDAY - HOUR), Some(0));
        assert_eq!(next(Some(MONDAY - WEEK), MONDAY - HOUR), Some(0));
        assert_eq!(
            next(Some(MONDAY - WEEK), MONDAY + HOUR),
            Some(0),
            "due, and not made yet"
        );
        assert_eq!(next(Some(MONDAY), MONDAY), Some(WEEK));
        assert_eq!(next(Some(MONDAY), MONDAY + HOUR), Some(WEEK));
        assert_eq!(
            next(Some(MONDAY), MONDAY - HOUR),
            Some(WEEK),
            "made ahead of its time"
        );
        assert_eq!(
            next(Some(MONDAY - WEEK), MONDAY + 3 * 24 * HOUR),
            Some(WEEK),
            "too late"
        );
    }

    #[test]
    fn the_window_after_what_is_due_is_open_too() {
        let list = list("0 7 * * 1", "UTC");
        let open = |decided_ms, period_ms| is_open(&list, decided_ms, period_ms, MONDAY + HOUR);
        assert!(open(Some(MONDAY - WEEK), MONDAY), "due, and not made yet");
        assert!(open(Some(MONDAY - WEEK), MONDAY + WEEK));
        assert!(!open(Some(MONDAY - WEEK), MONDAY + 2 * WEEK));
        assert!(!open(Some(MONDAY), MONDAY));
        assert!(!open(Some(MONDAY + WEEK), MONDAY + WEEK), "made ahead");
    }

    #[test]
    fn a_pause_puts_it_off() {
        let list = list("0 7 * * 1", "UTC");
        let choices = Choices {
            paused_until_ms: Some(MONDAY + HOUR),
            ..Choices::default()
        };
        let next = |now_ms| of_reader(&list, Some(MONDAY - WEEK), &choices, None, now_ms);
        assert_eq!(next(MONDAY), Some(MONDAY + WEEK));
        assert_eq!(
            next(MONDAY + HOUR),
            Some(MONDAY),
            "the pause is over, and it is not made yet"
        );
    }
}
