//! How fast mail may leave: limits in a time, mailbox providers that share theirs, and the first days of a new relay.

use jiff::civil::Date;

/// How many mails may be sent in a time; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// At most so many in a second.
    pub per_second: Option<u32>,
    /// At most so many in a minute.
    pub per_minute: Option<u32>,
    /// At most so many in a day.
    pub per_day: Option<u64>,
}

/// Recipients' domains that belong to one mailbox provider and share its limits (S9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in the configuration, unique.
    pub name: String,
    /// The domains as lower-case A-labels, none of which belongs to another provider.
    pub domains: Vec<String>,
    /// At most so many connections that carry its mail.
    pub connections: Option<usize>,
    /// How many of its mails one connection carries before it is replaced.
    pub messages_per_connection: Option<u64>,
    /// How many mails it gets in a time.
    pub limits: Limits,
}

/// Daily caps of a relay that is new: mailbox providers trust an address whose volume grows slowly (V19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmUp {
    /// The first day.
    pub from: Date,
    /// The most of each day, from the first on.
    pub caps: Vec<u64>,
}

impl WarmUp {
    /// The most that may be sent on a day, or `None` when the warm-up is over.
    ///
    /// Before the first day its cap holds: whoever starts early has a relay that is no less new.
    pub fn cap_on(&self, day: Date) -> Option<u64> {
        let passed = usize::try_from((day - self.from).get_days()).unwrap_or(0);
        self.caps.get(passed).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn v19_each_day_has_its_cap_until_the_warm_up_is_over() {
        let warm_up = WarmUp {
            from: date(2026, 12, 30),
            caps: vec![50, 100, 200],
        };
        for (day, cap) in [
            (date(-9999, 1, 1), Some(50)),
            (date(2026, 12, 29), Some(50)),
            (date(2026, 12, 30), Some(50)),
            (date(2026, 12, 31), Some(100)),
            (date(2027, 1, 1), Some(200)),
            (date(2027, 1, 2), None),
            (date(9999, 12, 31), None),
        ] {
            assert_eq!(warm_up.cap_on(day), cap, "{day}");
        }
    }
}
