//! `[pacing]` and `[[pacing.providers]]`: how fast mail leaves in all, and to one mailbox provider.
//!
//! The limits and the warm-up of a relay are written with the same keys, and are read here too.

use super::reader::Reader;
use super::value;
use crate::domain::pace::{Limits, Provider, WarmUp};

/// How fast mail leaves, whichever relay takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacingConfig {
    /// How many mails are sent in a time.
    pub limits: Limits,
    /// At most so many connections of all workers together.
    pub connections: Option<usize>,
    /// The mailbox providers whose domains belong together.
    pub providers: Vec<Provider>,
}

/// Larger than what any relay is asked to do in a day.
const MOST: u32 = 1_000_000_000;

/// Which domains are one provider's. No limits: a relay of one's own or a rented one keeps its own towards each of them (S9).
const PROVIDERS: &str = r#"
[[providers]]
name = "google"
domains = ["gmail.com", "googlemail.com"]
[[providers]]
name = "microsoft"
domains = ["outlook.com", "hotmail.com", "live.com", "msn.com"]
[[providers]]
name = "yahoo"
domains = ["yahoo.com", "ymail.com", "rocketmail.com", "aol.com"]
[[providers]]
name = "apple"
domains = ["icloud.com", "me.com", "mac.com"]
"#;

impl PacingConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            limits: limits(reader),
            connections: reader.optional_number("connections", 1..=10_000),
            providers: providers(reader),
        }
    }
}

fn providers(reader: &mut Reader) -> Vec<Provider> {
    let (mut names, mut domains) = (Vec::new(), Vec::new());
    reader.each_or("providers", PROVIDERS, |reader| {
        let without_domains = reader.lacks("domains");
        let provider = Provider {
            name: reader.required("name", value::slug),
            domains: reader.several("domains", &[], value::mailbox_domain),
            connections: reader.optional_number("connections", 1..=500),
            messages_per_connection: reader
                .optional_number("messages_per_connection", 1..=1_000_000),
            limits: limits(reader),
        };
        if without_domains {
            reader.problem("domains", "needs at least one, such as [\"example.org\"]");
        }
        reader.unique("name", &provider.name, &mut names);
        for domain in &provider.domains {
            reader.unique("domains", domain, &mut domains);
        }
        provider
    })
}

/// How much may be sent in a time.
pub(super) fn limits(reader: &mut Reader) -> Limits {
    Limits {
        per_second: reader.optional_number("per_second", 1..=MOST),
        per_minute: reader.optional_number("per_minute", 1..=MOST),
        per_day: reader.optional_number("per_day", 1..=u64::from(MOST)),
    }
}

/// The daily caps of a new relay: both keys or none.
pub(super) fn warm_up(reader: &mut Reader) -> Option<WarmUp> {
    let (capped, dated) = (reader.has("warm_up"), reader.has("warm_up_from"));
    let caps = reader.numbers("warm_up", 1..=u64::from(MOST));
    let from = reader.optional("warm_up_from", value::date);
    if capped && !dated {
        reader.problem("warm_up", "needs warm_up_from beside it, the first day");
    }
    if dated && !capped {
        reader.problem("warm_up_from", "needs warm_up beside it, the daily caps");
    }
    from.zip(caps).map(|(from, caps)| WarmUp { from, caps })
}
