//! A delivery: one mail to one subscriber, what became of it, and when to try again (RFC 5321 §4.5.4.1).

use std::time::Duration;

/// Why a mail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryKind {
    /// Asks a new subscriber to confirm.
    Confirmation,
    /// Greets a subscriber who has confirmed.
    Welcome,
    /// One edition of a list.
    Digest,
    /// Anything else a subscriber must be told.
    Notice,
    /// What an editor must be told or wants to see.
    Editor,
}

impl DeliveryKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Confirmation,
        Self::Welcome,
        Self::Digest,
        Self::Notice,
        Self::Editor,
    ];

    /// The word that rows, records and commands use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Welcome => "welcome",
            Self::Digest => "digest",
            Self::Notice => "notice",
            Self::Editor => "editor",
        }
    }

    /// The kind that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a delivery stands; all but `queued` are final.
#[derive(serde::Serialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// Waits for its first or next attempt.
    Queued,
    /// A relay took it.
    Sent,
    /// A relay refused it for good, or it was retried until it was too old.
    Failed,
    /// The connection was lost after the final dot: it may have been taken.
    Unknown,
    /// Withdrawn before it was handed over.
    Cancelled,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Sent,
        Self::Failed,
        Self::Unknown,
        Self::Cancelled,
    ];

    /// The word that rows, records and commands use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// What to do with a digest delivery whose answer was lost after the final dot (S12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// It stays `unknown`: never twice, perhaps not at all.
    Leave,
    /// It is sent once more with the same Message-ID and Date: never not at all, perhaps twice.
    Retry,
}

/// What came of handing one mail to a relay.
///
/// A reply may quote the address it is about: it belongs in the delivery's row, never in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it: its reply to the final dot.
    Sent {
        /// The reply's text, which often holds the relay's queue id.
        reply: String,
    },
    /// Not taken, try later: a 4xx reply, or the connection ended before the final dot (RFC 5321 §4.2.1).
    Retry {
        /// The reply code, when there was a reply.
        code: Option<u16>,
        /// The reply's text, or what happened.
        reply: String,
    },
    /// The relay refuses us, whoever the reader is (5xx to MAIL FROM, or it wants a log-in): no fault of this mail, nothing to
    /// hold against its reader, and no use in trying the next one.
    SenderRefused {
        /// The reply code.
        code: u16,
        /// The reply's text.
        reply: String,
    },
    /// Never to be tried again: a 5xx reply, or a message that this relay cannot take.
    Failed {
        /// The reply code, when there was a reply.
        code: Option<u16>,
        /// The reply's text, or what is wrong.
        reply: String,
    },
    /// The connection was lost after the final dot: it may have been taken (RFC 1047).
    Unknown {
        /// What happened.
        reply: String,
    },
}

/// When a delivery that was not taken is tried again, and when it is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    /// The wait after the first attempt, the second, and so on; the last one repeats.
    pub delays: Vec<Duration>,
    /// A delivery older than this is not tried again.
    pub give_up: Duration,
}

impl Default for RetrySchedule {
    /// After 15 and 30 minutes, 1, 2 and 3 hours, then every 4 hours, for 5 days.
    fn default() -> Self {
        Self {
            delays: [15, 30, 60, 120, 180, 240]
                .map(Duration::from_mins)
                .to_vec(),
            give_up: Duration::from_hours(5 * 24),
        }
    }
}

impl RetrySchedule {
    /// When to try again after `attempts` attempts, or `None` when that would be past giving up.
    ///
    /// `jitter` from 0 to 1 shifts the wait from 80 % to 120 %, so that mails deferred together do not return together.
    pub fn next_ms(&self, attempts: u32, created_ms: i64, now_ms: i64, jitter: f64) -> Option<i64> {
        let last = self.delays.len().checked_sub(1)?;
        let delay = self.delays[last.min(attempts.saturating_sub(1) as usize)];
        let wait = delay.as_millis() as f64 * (0.8 + 0.4 * jitter.clamp(0.0, 1.0));
        let next = now_ms.saturating_add(wait.ceil() as i64);
        let end = created_ms.saturating_add(self.give_up.as_millis() as i64);
        (next <= end).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn words_are_read_back() {
        for kind in DeliveryKind::ALL {
            assert_eq!(DeliveryKind::parse(kind.as_str()), Some(kind));
        }
        for status in DeliveryStatus::ALL {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(DeliveryKind::parse("Digest"), None);
        assert_eq!(DeliveryStatus::parse(""), None);
    }

    #[test]
    fn s6_default_waits_then_gives_up_after_five_days() {
        let schedule = RetrySchedule::default();
        let mut now = 0;
        let mut waits = Vec::new();
        while let Some(next) = schedule.next_ms(waits.len() as u32 + 1, 0, now, 0.5) {
            waits.push((next - now) / MINUTE);
            now = next;
        }
        assert_eq!(waits[..8], [15, 30, 60, 120, 180, 240, 240, 240]);
        assert!(now > 4 * 24 * 60 * MINUTE && now <= 5 * 24 * 60 * MINUTE);
    }

    #[test]
    fn an_empty_schedule_never_retries() {
        let schedule = RetrySchedule {
            delays: Vec::new(),
            ..RetrySchedule::default()
        };
        assert_eq!(schedule.next_ms(1, 0, 0, 0.5), None);
    }

    proptest! {
        #[test]
        fn s6_never_sooner_than_promised_and_never_past_the_end(
            attempts in 0_u32.., created in 0..i64::MAX, age in 0..10 * 24 * 60 * MINUTE, jitter in 0.0..=1.0,
        ) {
            let schedule = RetrySchedule::default();
            let now = created.saturating_add(age);
            let end = created.saturating_add(5 * 24 * 60 * MINUTE);
            match schedule.next_ms(attempts, created, now, jitter) {
                Some(next) => {
                    prop_assert!(next <= end);
                    prop_assert!(next >= now.saturating_add(15 * MINUTE * 8 / 10));
                    if let Some(later) = schedule.next_ms(attempts.saturating_add(1), created, now, jitter) {
                        prop_assert!(later >= next, "waits grow with the attempts");
                    }
                }
                None => prop_assert!(now.saturating_add(288 * MINUTE) > end, "gave up too soon"),
            }
        }
    }
}
