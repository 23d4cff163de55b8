//! How many mails a limit lets through now: evenly spaced for rates (the generic cell rate algorithm), counted for a day's cap.
//! Pure: what is used up lives in the database, the time comes from outside.

use jiff::civil::{Date, date};

use super::pace::{Limits, WarmUp};

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 24 * 60 * 60 * SECOND_US;
/// A rate may be used this far ahead of its even pace, so that one look at the database serves several mails.
const AHEAD_US: i64 = SECOND_US / 4;

/// What limits a flow of mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// One mail each so many microseconds.
    Even {
        /// The time between two mails.
        interval_us: i64,
    },
    /// So many mails on each day (UTC).
    Daily(u64),
    /// The daily caps of a new relay (V19).
    WarmUp(WarmUp),
}

/// How far a rule is used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Used {
    /// When the next mail may go if all went evenly, epoch microseconds.
    pub tat_us: i64,
    /// The day of `used`, days since 1970.
    pub day: i64,
    /// How many mails went on that day.
    pub used: i64,
}

impl Used {
    /// As if so many mails that were granted at a time had not been: a day's count is less, unless it is another day's by now. The
    /// pace of a rate stays.
    #[must_use]
    pub fn without(self, mails: u64, granted_us: i64) -> Self {
        if self.day != granted_us.div_euclid(DAY_US) {
            return self;
        }
        Self {
            used: (self.used - mails as i64).max(0),
            ..self
        }
    }
}

/// What a rule lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// So many mails may go now.
    pub mails: u64,
    /// How far it is used up then.
    pub used: Used,
    /// When to ask again if this was not enough, epoch microseconds.
    pub again_us: i64,
}

impl Rule {
    /// The rules of some limits, each with a word that tells it from the others.
    pub fn all(limits: &Limits) -> Vec<(&'static str, Self)> {
        let even = |mails: u32, within_us: i64| Self::Even {
            interval_us: (within_us / i64::from(mails.max(1))).max(1),
        };
        let second = limits
            .per_second
            .map(|mails| ("second", even(mails, SECOND_US)));
        let minute = limits
            .per_minute
            .map(|mails| ("minute", even(mails, 60 * SECOND_US)));
        let day = limits.per_day.map(|mails| ("day", Self::Daily(mails)));
        second.into_iter().chain(minute).chain(day).collect()
    }

    /// Up to `wanted` mails, as far as the rule allows at `now_us`. With `must` they go whatever it says, and what comes after
    /// them waits: for mails that overtake.
    pub fn grant(&self, used: Used, now_us: i64, wanted: u64, must: bool) -> Grant {
        match self {
            Self::Even { interval_us } => even(*interval_us, used, now_us, wanted, must),
            Self::Daily(cap) => daily(Some(*cap), used, now_us, wanted, must),
            Self::WarmUp(warm_up) => {
                let cap = warm_up.cap_on(day_of(now_us.div_euclid(DAY_US)));
                daily(cap, used, now_us, wanted, must)
            }
        }
    }
}

fn day_of(days: i64) -> Date {
    let epoch = date(1970, 1, 1);
    let span = jiff::Span::new().try_days(days);
    span.and_then(|span| epoch.checked_add(span))
        .unwrap_or(epoch)
}

fn even(interval_us: i64, used: Used, now_us: i64, wanted: u64, must: bool) -> Grant {
    let ahead_us = interval_us.max(AHEAD_US);
    // A mark further away than one that overtaking mails can have set comes from a clock that jumped back.
    let furthest_us = now_us + ahead_us + 60 * SECOND_US;
    let tat_us = if used.tat_us > furthest_us {
        now_us
    } else {
        used.tat_us.max(now_us)
    };
    let room = (now_us + ahead_us - tat_us).div_euclid(interval_us).max(0) as u64;
    let mails = if must { wanted } else { wanted.min(room) };
    let tat_us = tat_us + interval_us.saturating_mul(mails as i64);
    Grant {
        mails,
        used: Used {
            tat_us: tat_us.min(furthest_us),
            ..used
        },
        again_us: (tat_us + interval_us - ahead_us).max(now_us),
    }
}

fn daily(cap: Option<u64>, used: Used, now_us: i64, wanted: u64, must: bool) -> Grant {
    let day = now_us.div_euclid(DAY_US);
    // Around midnight another host may be a day ahead: it is counted on there. A day further away is of a clock that was wrong.
    let used = if used.day < day || used.day > day + 1 {
        Used {
            day,
            used: 0,
            ..used
        }
    } else {
        used
    };
    let room = cap.map_or(u64::MAX, |cap| cap.saturating_sub(used.used.max(0) as u64));
    let mails = if must { wanted } else { wanted.min(room) };
    Grant {
        mails,
        used: Used {
            used: used.used + mails as i64,
            ..used
        },
        again_us: if mails < room {
            now_us
        } else {
            (used.day + 1) * DAY_US
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_767_596_400 * SECOND_US;

    fn second(mails: u32) -> Rule {
        Rule::all(&Limits {
            per_second: Some(mails),
            ..Limits::default()
        })
        .remove(0)
        .1
    }

    #[test]
    fn v19_a_rate_is_even_and_overtaking_mails_are_made_up_for() {
        let rule = second(10);
        let first = rule.grant(Used::default(), NOW, 100, false);
        assert_eq!(first.mails, 2, "a quarter of a second ahead");
        assert_eq!(rule.grant(first.used, NOW, 1, false).mails, 0);
        assert_eq!(rule.grant(first.used, first.again_us, 1, false).mails, 1);
        let overtaking = rule.grant(first.used, NOW, 5, true);
        assert_eq!(overtaking.mails, 5);
        assert_eq!(
            rule.grant(overtaking.used, NOW + SECOND_US / 2, 1, false)
                .mails,
            0
        );
        assert_eq!(
            rule.grant(overtaking.used, overtaking.again_us, 1, false)
                .mails,
            1
        );
    }

    #[test]
    fn a_daily_cap_holds_until_midnight_utc() {
        let rule = Rule::Daily(3);
        let midnight = (NOW / DAY_US + 1) * DAY_US;
        let grant = rule.grant(Used::default(), NOW, 10, false);
        assert_eq!((grant.mails, grant.again_us), (3, midnight));
        assert_eq!(rule.grant(grant.used, midnight - 1, 10, false).mails, 0);
        assert_eq!(rule.grant(grant.used, midnight, 10, false).mails, 3);
    }

    #[test]
    fn s9_what_did_not_go_counts_for_no_day() {
        let grant = Rule::Daily(10).grant(Used::default(), NOW, 8, false);
        assert_eq!(grant.used.without(5, NOW).used, 3);
        assert_eq!(
            grant.used.without(5, NOW - DAY_US).used,
            8,
            "of another day"
        );
    }

    #[test]
    fn v19_a_warm_up_caps_each_day() {
        let rule = Rule::WarmUp(WarmUp {
            from: date(2026, 1, 5),
            caps: vec![5, 8],
        });
        assert_eq!(
            rule.grant(Used::default(), NOW, 100, false).mails,
            5,
            "2026-01-05"
        );
        assert_eq!(
            rule.grant(Used::default(), NOW + DAY_US, 100, false).mails,
            8
        );
        assert_eq!(
            rule.grant(Used::default(), NOW + 2 * DAY_US, 100, false)
                .mails,
            100
        );
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_stop_the_flow() {
        let ahead = Used {
            tat_us: NOW + DAY_US,
            ..Used::default()
        };
        assert!(second(10).grant(ahead, NOW, 5, false).mails > 0);
        let cap = Rule::Daily(5);
        let day = |days: i64| {
            let used = cap
                .grant(Used::default(), NOW + days * DAY_US, 5, false)
                .used;
            cap.grant(used, NOW, 5, false).mails
        };
        assert_eq!(day(1), 0, "as far ahead as another host around midnight");
        assert_eq!(day(4_000), 5);
    }

    proptest! {
        /// Whatever is asked when, no more goes in a time than the rate allows, and a little ahead.
        #[test]
        fn s9_never_more_than_the_rate(rate in 1_u32..5_000, asks in prop::collection::vec((0_i64..2_000_000, 0_u64..1_000), 1..50)) {
            let rule = second(rate);
            let (mut used, mut now_us, mut sent) = (Used::default(), NOW, 0);
            for (wait_us, wanted) in asks {
                now_us += wait_us;
                let grant = rule.grant(used, now_us, wanted, false);
                prop_assert!(grant.mails <= wanted && grant.again_us >= now_us);
                sent += grant.mails;
                used = grant.used;
            }
            let interval_us = SECOND_US / i64::from(rate);
            let most = (now_us - NOW + interval_us.max(AHEAD_US)) / interval_us + 1;
            prop_assert!(sent as i64 <= most, "{} of {}", sent, most);
        }
    }
}
