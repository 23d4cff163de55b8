//! A reader's own rhythm: every day, week or month at an hour of the reader's own zone, in place of the list's schedule.
//!
//! The hour is one of the wall clock: an hour that the clock skips comes at the gap's end, one that it shows twice comes at the
//! first (S18).

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

/// How often a digest comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cadence {
    /// Every day.
    Daily,
    /// On one day of each week.
    Weekly,
    /// On one day of each month.
    Monthly,
}

impl Cadence {
    /// Every cadence, the most frequent first.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Monthly];

    /// The word in tables, forms and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|cadence| cadence.as_str() == word)
    }

    /// The days that one may choose from: 1 (Monday) to 7 for a week, 1 to 28 for a month; only 0 for every day.
    pub fn days(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::Daily => 0..=0,
            Self::Weekly => 1..=7,
            Self::Monthly => 1..=28,
        }
    }
}

/// When a reader wants digests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rhythm {
    cadence: Cadence,
    day: i64,
    hour: i8,
    zone: String,
}

/// A rhythm was refused: its day, its hour or its zone does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRhythm {
    /// Not a day of [`Cadence::days`].
    #[error("there is no such day")]
    Day,
    /// Not 0 to 23.
    #[error("there is no such hour")]
    Hour,
    /// Not the name of a time zone.
    #[error("there is no such time zone: write a name of the IANA database, such as Asia/Beirut")]
    Zone,
}

impl Rhythm {
    /// A rhythm; `day` as [`Cadence::days`] says, `hour` from 0 to 23, `zone` a name of the IANA database.
    pub fn new(cadence: Cadence, day: i64, hour: i64, zone: &str) -> Result<Self, InvalidRhythm> {
        if !cadence.days().contains(&day) {
            return Err(InvalidRhythm::Day);
        }
        let hour = i8::try_from(hour).map_err(|_| InvalidRhythm::Hour)?;
        if !(0..=23).contains(&hour) {
            return Err(InvalidRhythm::Hour);
        }
        let zone = find_zone(zone).ok_or(InvalidRhythm::Zone)?;
        let zone = zone.iana_name().unwrap_or("UTC").to_owned();
        Ok(Self {
            cadence,
            day,
            hour,
            zone,
        })
    }

    /// How often.
    pub fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// On which day, as [`Cadence::days`] counts.
    pub fn day(&self) -> i64 {
        self.day
    }

    /// At which hour of the zone, 0 to 23.
    pub fn hour(&self) -> i64 {
        self.hour.into()
    }

    /// The zone's name in the IANA database.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The first time after this one, epoch milliseconds; `None` only at the end of the calendar.
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        let zone = find_zone(&self.zone)?;
        let after = Timestamp::from_millisecond(ms).ok()?;
        // From the day before: its hour may come late, in a gap, or the zone's day may be another than it was.
        let mut day = self.day_from(zone.to_datetime(after).date().yesterday().ok()?)?;
        loop {
            let at = day.at(self.hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
            if at.timestamp() > after {
                return Some(at.timestamp().as_millisecond());
            }
            day = self.day_from(day.tomorrow().ok()?)?;
        }
    }

    /// About how long it is from one digest to the next, in milliseconds: how far back the first one looks.
    pub fn period_ms(&self) -> i64 {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        match self.cadence {
            Cadence::Daily => DAY_MS,
            Cadence::Weekly => 7 * DAY_MS,
            Cadence::Monthly => 31 * DAY_MS,
        }
    }

    /// The first of its days that is not before this one.
    fn day_from(&self, from: Date) -> Option<Date> {
        let wait: Span = match self.cadence {
            Cadence::Daily => 0.days(),
            Cadence::Weekly => {
                let weekday = Weekday::from_monday_one_offset(self.day as i8).ok()?;
                i64::from(from.weekday().until(weekday)).days()
            }
            Cadence::Monthly => {
                let this = Date::new(from.year(), from.month(), self.day as i8).ok()?;
                return if this >= from {
                    Some(this)
                } else {
                    this.checked_add(1.month()).ok()
                };
            }
        };
        from.checked_add(wait).ok()
    }
}

/// A time zone by its name, from the data compiled into the program.
pub fn find_zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok()?;
    (!zone.is_unknown()).then_some(zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(rhythm: &Rhythm, from: &str, number: usize) -> Vec<String> {
        let zone = find_zone(rhythm.zone()).unwrap();
        let mut at = from.parse::<Timestamp>().unwrap().as_millisecond();
        (0..number)
            .map(|_| {
                at = rhythm.next_after(at).unwrap();
                let moment = Timestamp::from_millisecond(at).unwrap();
                moment
                    .to_zoned(zone.clone())
                    .strftime("%a %d %b %H:%M")
                    .to_string()
            })
            .collect()
    }

    #[test]
    fn days_weeks_and_months_come_at_the_readers_hour() {
        let daily = Rhythm::new(Cadence::Daily, 0, 7, "Asia/Beirut").unwrap();
        // 07:00 in Beirut is 05:00 UTC in winter; exactly then, the next one is tomorrow's.
        assert_eq!(
            times(&daily, "2026-01-05T05:00:00Z", 2),
            ["Tue 06 Jan 07:00", "Wed 07 Jan 07:00"]
        );
        let weekly = Rhythm::new(Cadence::Weekly, 5, 18, "America/New_York").unwrap();
        assert_eq!(
            times(&weekly, "2026-01-05T05:00:00Z", 2),
            ["Fri 09 Jan 18:00", "Fri 16 Jan 18:00"]
        );
        let monthly = Rhythm::new(Cadence::Monthly, 28, 0, "UTC").unwrap();
        assert_eq!(
            times(&monthly, "2026-01-28T00:00:00Z", 2),
            ["Sat 28 Feb 00:00", "Sat 28 Mar 00:00"]
        );
    }

    #[test]
    fn s18_a_skipped_hour_comes_at_the_end_of_the_gap_and_a_repeated_one_once() {
        let early = Rhythm::new(Cadence::Daily, 0, 2, "Europe/Berlin").unwrap();
        assert_eq!(
            times(&early, "2026-03-27T12:00:00Z", 3),
            ["Sat 28 Mar 02:00", "Sun 29 Mar 03:00", "Mon 30 Mar 02:00"]
        );
        assert_eq!(
            times(&early, "2026-10-24T12:00:00Z", 2),
            ["Sun 25 Oct 02:00", "Mon 26 Oct 02:00"]
        );
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        let new = Rhythm::new;
        assert_eq!(new(Cadence::Weekly, 0, 7, "UTC"), Err(InvalidRhythm::Day));
        assert_eq!(new(Cadence::Monthly, 29, 7, "UTC"), Err(InvalidRhythm::Day));
        assert_eq!(new(Cadence::Daily, 0, 24, "UTC"), Err(InvalidRhythm::Hour));
        assert_eq!(
            new(Cadence::Daily, 0, 7, "Asia/Nowhere"),
            Err(InvalidRhythm::Zone)
        );
    }

    proptest! {
        #[test]
        fn the_next_time_is_after_and_never_further_than_a_period_and_a_day(
            cadence in prop::sample::select(Cadence::ALL.to_vec()), day in 0_i64..29, hour in 0_i64..24,
            zone in prop::sample::select(vec!["UTC", "Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "America/New_York", "Australia/Lord_Howe"]),
            ms in 0_i64..4_000_000_000_000,
        ) {
            let days = cadence.days();
            let rhythm = Rhythm::new(cadence, day.clamp(*days.start(), *days.end()), hour, zone).unwrap();
            let next = rhythm.next_after(ms).unwrap();
            prop_assert!(next > ms);
            prop_assert!(next - ms <= rhythm.period_ms() + 2 * 24 * 60 * 60 * 1_000);
        }
    }
}
