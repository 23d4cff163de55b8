//! Less often instead of never: which rhythms to offer to a reader who is about to leave.

use super::choices::Choices;
use super::list::List;
use super::rhythm::{Cadence, Rhythm};
use super::schedule::Schedule;

/// The rhythms that come less often than what the reader gets now, of those that the list offers, the most frequent first.
pub fn offers(list: &List, choices: &Choices, now_ms: i64) -> Vec<Rhythm> {
    let every_ms = choices.rhythm.as_ref().map_or_else(
        || schedule_period_ms(&list.schedule, now_ms),
        |own| Some(own.period_ms()),
    );
    let Some(every_ms) = every_ms else {
        return Vec::new();
    };
    let offered = list
        .cadences
        .iter()
        .filter_map(|cadence| gentle(list, choices, *cadence, now_ms));
    // Months and weeks differ by a day or an hour of summer: "less often" is more than that.
    offered
        .filter(|rhythm| rhythm.period_ms() >= every_ms + every_ms / 2)
        .collect()
}

/// A cadence at the hour at which digests come now, on Mondays or on the first of the month.
fn gentle(list: &List, choices: &Choices, cadence: Cadence, now_ms: i64) -> Option<Rhythm> {
    let day = *cadence.days().start();
    if let Some(own) = &choices.rhythm {
        return Rhythm::new(cadence, day, own.hour(), own.zone()).ok();
    }
    let hour = list.schedule.next_hour_after(now_ms)?;
    Rhythm::new(cadence, day, hour, list.schedule.zone_name()).ok()
}

/// About how long it is from one digest of a schedule to the next: the mean of the next few.
fn schedule_period_ms(schedule: &Schedule, now_ms: i64) -> Option<i64> {
    const PERIODS: i64 = 7;
    let first = schedule.next_after(now_ms)?;
    let mut last = first;
    for _ in 0..PERIODS {
        last = schedule.next_after(last)?;
    }
    Some((last - first) / PERIODS)
}

#[cfg(test)]
mod tests {
    use super::super::list::testing::list;
    use super::*;

    const NOW: i64 = 1_795_424_400_000;

    fn offered(cron: &str, own: Option<Rhythm>) -> Vec<String> {
        let choices = Choices {
            rhythm: own,
            ..Choices::default()
        };
        let rhythms = offers(&list(cron, "Asia/Beirut"), &choices, NOW);
        rhythms
            .iter()
            .map(|rhythm| {
                format!(
                    "{} {} {} {}",
                    rhythm.cadence().as_str(),
                    rhythm.day(),
                    rhythm.hour(),
                    rhythm.zone()
                )
            })
            .collect()
    }

    #[test]
    fn only_what_comes_less_often_is_offered_at_the_hour_of_now() {
        let (weekly, monthly) = ("weekly 1 7 Asia/Beirut", "monthly 1 7 Asia/Beirut");
        assert_eq!(offered("0 7 * * *", None), [weekly, monthly]);
        assert_eq!(offered("30 7 * * 1-5", None), [weekly, monthly]);
        assert_eq!(offered("0 7 * * 1,4", None), [weekly, monthly]);
        assert_eq!(offered("0 7 * * 1", None), [monthly]);
        assert!(offered("0 7 1 * *", None).is_empty());
        let own =
            Rhythm::new(Cadence::Weekly, 5, 18, "Africa/Cairo").expect("a rhythm that exists");
        assert_eq!(
            offered("0 7 * * *", Some(own)),
            ["monthly 1 18 Africa/Cairo"]
        );
    }

    #[test]
    fn a_list_that_offers_no_rhythms_offers_none_here() {
        let none = List {
            cadences: Vec::new(),
            ..list("0 7 * * *", "Asia/Beirut")
        };
        assert!(offers(&none, &Choices::default(), NOW).is_empty());
    }
}
