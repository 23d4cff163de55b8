//! What protects sign-ups from abuse, as rules without a database: limits, and the reasons for which a sign-up is held (D7, D8).

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How far back the limits of one address look.
pub const MONTH_MS: i64 = 30 * DAY_MS;

/// Why a sign-up is held back: nothing is mailed before it is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldReason {
    /// All confirmations of this minute are used up.
    Budget,
    /// The list's sign-ups of this hour are used up.
    List,
    /// Those of the address's domain are.
    Domain,
    /// The proof of work that is asked for is missing.
    NoProof,
    /// The address is of a service of throw-away addresses (A14).
    Disposable,
    /// The address is of a function, not of a person.
    Role,
}

impl HoldReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Budget,
        Self::List,
        Self::Domain,
        Self::NoProof,
        Self::Disposable,
        Self::Role,
    ];

    /// The word in the database, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::List => "list",
            Self::Domain => "domain",
            Self::NoProof => "no-proof",
            Self::Disposable => "disposable",
            Self::Role => "role",
        }
    }

    /// Reads a JSON array of such words. A word of another version is no reason of ours, and is left out.
    pub fn read(json: &str) -> Vec<Self> {
        let words: Vec<String> = serde_json::from_str(json).unwrap_or_default();
        let known = |word: &String| Self::ALL.into_iter().find(|reason| reason.as_str() == word);
        words.iter().filter_map(known).collect()
    }

    /// What it means, for the operator.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Budget => "more confirmations than fit into a minute",
            Self::List => "more sign-ups to this list than fit into an hour",
            Self::Domain => "more sign-ups from this mail domain than fit into an hour",
            Self::NoProof => "sent without the proof of work",
            Self::Disposable => "a throw-away address",
            Self::Role => "an address of a function, such as info@",
        }
    }

    /// Whether it passes by itself: the sign-up goes on when there is room again.
    pub fn passes(self) -> bool {
        matches!(self, Self::Budget | Self::List | Self::Domain)
    }
}

/// What becomes of a form that was not made by us a while ago: posted by another site, by a program, or long after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstamped {
    /// It counts like any other.
    Accept,
    /// It takes one more press of a button on a page of ours, or one more request.
    Ask,
    /// It is refused.
    Refuse,
}

/// When a proof of work is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofPolicy {
    /// Never.
    Off,
    /// From forms that are doubtful.
    Doubtful,
    /// From every form; what has none is held.
    Always,
}

/// How many mails outside digests one address gets (D7).
#[derive(Debug, Clone, Copy)]
pub struct AddressRules {
    /// The least time between two.
    pub interval_ms: i64,
    /// At most so many in 24 hours.
    pub per_day: usize,
    /// At most so many in 30 days.
    pub per_month: usize,
}

/// A mail to an address: its lists, and when it was, or will be, sent first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The list; of a change of address, whose mail is about nothing else, [`Mark::of_move`].
    pub list: i64,
    /// Further lists that the same mail is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<i64>,
    /// The time.
    pub due: i64,
}

impl Mark {
    /// What stands in the place of a list in the mark of a change of address: below all lists, by the subscriber whose place is taken.
    pub fn of_move(from_id: i64) -> i64 {
        -from_id
    }
}

impl AddressRules {
    /// Whether a mail about a list would only repeat one that waits or has just gone. One that is `needed`, as of who comes back
    /// right after leaving, repeats none that has gone.
    pub fn repeats(&self, marks: &[Mark], list: i64, needed: bool, now_ms: i64) -> bool {
        marks.iter().any(|mark| {
            let about = mark.list == list || mark.also.contains(&list);
            let waits = mark.due > now_ms;
            about && mark.due > now_ms - self.interval_ms && (waits || !needed)
        })
    }

    /// When the next mail to an address may go, given those before; `None` when it had enough of them lately.
    pub fn next(&self, marks: &[Mark], now_ms: i64) -> Option<i64> {
        let recent = || marks.iter().filter(|mark| mark.due > now_ms - MONTH_MS);
        let of_today = recent().filter(|mark| mark.due > now_ms - DAY_MS).count();
        if of_today >= self.per_day || recent().count() >= self.per_month {
            return None;
        }
        let last = recent().map(|mark| mark.due).max();
        Some(last.map_or(now_ms, |last| now_ms.max(last + self.interval_ms)))
    }
}

/// So many in a time; zero is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: u32,
    /// In which time.
    pub span_ms: i64,
}

/// How much of a limit is used up since its time began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// When its time began.
    pub started_ms: i64,
    /// How many since.
    pub used: i64,
}

impl Limit {
    /// How long there is no room, `None` when there is. A clock that was set back does not lengthen the wait beyond the time itself.
    pub fn wait_ms(self, used: Used, now_ms: i64) -> Option<i64> {
        let full = self.most > 0 && used.used >= i64::from(self.most);
        let rest = used.started_ms + self.span_ms - now_ms;
        (full && rest > 0).then_some(rest.min(self.span_ms))
    }

    /// One more.
    pub fn count(self, used: Used, now_ms: i64) -> Used {
        if now_ms - used.started_ms >= self.span_ms {
            return Used {
                started_ms: now_ms,
                used: 1,
            };
        }
        Used {
            used: used.used + 1,
            ..used
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_room_again_when_its_time_is_over() {
        let limit = Limit {
            most: 2,
            span_ms: 60_000,
        };
        let mut used = Used::default();
        for at in [1_000_000, 1_010_000] {
            assert_eq!(limit.wait_ms(used, at), None);
            used = limit.count(used, at);
        }
        assert_eq!(limit.wait_ms(used, 1_020_000), Some(40_000));
        assert_eq!(limit.wait_ms(used, 500_000), Some(60_000), "clock set back");
        assert_eq!(limit.wait_ms(used, 1_060_000), None);
        assert_eq!(limit.count(used, 1_060_000).used, 1);
        let none = Limit {
            most: 0,
            span_ms: 60_000,
        };
        assert_eq!(none.wait_ms(used, 1_020_000), None);
    }

    #[test]
    fn reasons_read_back_as_they_are_written() {
        for reason in HoldReason::ALL {
            let written = serde_json::to_string(&reason).unwrap();
            assert_eq!(written, format!("\"{}\"", reason.as_str()));
        }
    }
}
