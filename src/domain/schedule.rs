//! When a list sends: a cron expression of five parts in an IANA time zone.
//!
//! The cron is searched on the wall clock and each time found is then placed in the zone, so that a time in a DST gap comes
//! once, at the gap's end, and a time that the clock shows twice comes once, at the first (S18). Time zone rules come from
//! the data compiled into the program: every host that runs it agrees on when a digest is due.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

/// A schedule was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// Not five parts.
    #[error(
        "a schedule has five parts (minute, hour, day of month, month, day of week), this one has {found}; \
         \"0 7 * * MON\" is each Monday at 07:00"
    )]
    PartCount {
        /// How many parts there are.
        found: usize,
    },
    /// One part cannot be read.
    #[error(
        "{value:?} cannot be the {part}: write {allowed}; \"0 7 * * MON\" is each Monday at 07:00"
    )]
    Part {
        /// Which one.
        part: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A day that no year has.
    #[error(
        "{cron:?} never comes: no year has such a day; \"0 7 1 * *\" is the first of each month at 07:00"
    )]
    Never {
        /// The expression.
        cron: String,
    },
    /// Not the name of a time zone.
    #[error(
        "{zone:?} is not a time zone: write a name of the IANA database, such as \"Asia/Beirut\""
    )]
    UnknownZone {
        /// What was given.
        zone: String,
    },
}

/// A part of a cron expression: its name, what may be written there, and the words it knows.
struct Part {
    name: &'static str,
    allowed: &'static str,
    words: &'static [&'static str],
}

const PARTS: [Part; 5] = [
    Part {
        name: "minute",
        allowed: "0 to 59, a list such as 0,30, a range such as 0-10, or */15",
        words: &[],
    },
    Part {
        name: "hour",
        allowed: "0 to 23, a list such as 7,19, a range such as 7-10, or */6",
        words: &[],
    },
    Part {
        name: "day of month",
        allowed: "1 to 31, a list such as 1,15, L for the last day, or *",
        words: &["L", "W", "LW"],
    },
    Part {
        name: "month",
        allowed: "1 to 12, JAN to DEC, a list such as 1,7, or *",
        words: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    },
    Part {
        name: "day of week",
        allowed: "0 to 7 (Sunday is 0 and 7), MON to SUN, a range such as MON-FRI, or *",
        words: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "L"],
    },
];

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// When a list sends.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

impl Schedule {
    /// Reads a cron expression of five parts and the name of an IANA time zone.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, InvalidSchedule> {
        Ok(Self {
            cron: parse_cron(cron)?,
            zone: parse_zone(zone)?,
        })
    }

    /// The first time after this one; `None` only at the end of the calendar.
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        let mut wall = self.zone.to_datetime(Timestamp::from_millisecond(ms).ok()?);
        loop {
            wall = self.cron.find_next_occurrence(&wall, false).ok()?;
            // In the second half of a repeated hour, times come by that were due in the first.
            let due = self.due(wall)?;
            if due > ms {
                return Some(due);
            }
        }
    }

    /// The most recent time that is not after this one.
    pub fn latest_at_or_before(&self, ms: i64) -> Option<i64> {
        let now = Timestamp::from_millisecond(ms).ok()?;
        let mut wall = self.zone.to_datetime(now);
        if let AmbiguousOffset::Fold { before, after } =
            self.zone.to_ambiguous_timestamp(wall).offset()
            && after.to_timestamp(wall).ok()? <= now
        {
            // The clock was set back: every time that it shows twice is past, also those that it has yet to show again.
            let repeated = before.seconds() - after.seconds();
            wall = wall
                .checked_add(SignedDuration::from_secs(repeated.into()))
                .ok()?;
        }
        let mut inclusive = true;
        loop {
            wall = self.cron.find_previous_occurrence(&wall, inclusive).ok()?;
            inclusive = false;
            let due = self.due(wall)?;
            if due <= ms {
                return Some(due);
            }
        }
    }

    /// The most recent time before this one.
    pub fn previous(&self, ms: i64) -> Option<i64> {
        self.latest_at_or_before(ms.checked_sub(1)?)
    }

    /// The hour of the wall clock at the first time after this one.
    pub fn next_hour_after(&self, ms: i64) -> Option<i64> {
        let next = Timestamp::from_millisecond(self.next_after(ms)?).ok()?;
        Some(self.zone.to_datetime(next).hour().into())
    }

    /// In English words, for the command line.
    pub fn describe(&self) -> String {
        let words = self.cron.describe();
        format!("{} ({})", words.trim_end_matches('.'), self.zone_name())
    }

    /// The cron expression.
    pub fn cron(&self) -> String {
        self.cron.pattern.to_string()
    }

    /// The time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The time zone's IANA name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// When the wall clock first shows this time, or the end of the gap that swallows it. Never decreases as `wall` grows.
    fn due(&self, wall: DateTime) -> Option<i64> {
        let due = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok()?,
            AmbiguousOffset::Gap { after, .. } => {
                // Read with the offset to come, it lies just before the change.
                let earlier = after.to_timestamp(wall).ok()?;
                self.zone.following(earlier).next()?.timestamp()
            }
        };
        Some(due.as_millisecond())
    }
}

fn parse_cron(cron: &str) -> Result<Cron, InvalidSchedule> {
    let values: Vec<&str> = cron.split_whitespace().collect();
    if values.len() != PARTS.len() {
        return Err(InvalidSchedule::PartCount {
            found: values.len(),
        });
    }
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    for (at, (part, value)) in PARTS.iter().zip(&values).enumerate() {
        let mut alone = ["*"; PARTS.len()];
        alone[at] = value;
        let read = parser.parse(&alone.join(" ")).ok();
        if !part.knows_words_of(value) || !read.is_some_and(|cron| names_a_time(&cron)) {
            return Err(InvalidSchedule::Part {
                part: part.name,
                value: (*value).to_owned(),
                allowed: part.allowed,
            });
        }
    }
    // From any day, a time that comes at all comes within the search of the library.
    let never = || InvalidSchedule::Never {
        cron: values.join(" "),
    };
    let parsed = parser.parse(&values.join(" ")).map_err(|_| never())?;
    let any_day = date(2000, 1, 1).at(0, 0, 0, 0);
    match parsed.find_next_occurrence(&any_day, true) {
        Ok(_) => Ok(parsed),
        Err(_) => Err(never()),
    }
}

impl Part {
    /// The library takes the name of a weekday for its number in every part: `MON` as a month would be January.
    fn knows_words_of(&self, value: &str) -> bool {
        let value = value.to_uppercase();
        value
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .all(|word| self.words.contains(&word))
    }
}

/// The library reads `,` and `9-5/2` as nothing at all.
fn names_a_time(cron: &Cron) -> bool {
    let pattern = &cron.pattern;
    [
        &pattern.minutes,
        &pattern.hours,
        &pattern.days,
        &pattern.months,
        &pattern.days_of_week,
    ]
    .iter()
    .all(|part| part.has_modifiers() || !part.values().is_empty())
}

fn parse_zone(name: &str) -> Result<TimeZone, InvalidSchedule> {
    ZONES
        .get(name.trim())
        .ok()
        .filter(|zone| !zone.is_unknown())
        .ok_or_else(|| InvalidSchedule::UnknownZone {
            zone: name.to_owned(),
        })
}
