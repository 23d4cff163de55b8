//! `[confirmation]`: the double opt-in, and how often one address may be asked.

use std::time::Duration;

use super::reader::Reader;
use super::smtp::{self, SmtpConfig};
use super::value;

/// The double opt-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationConfig {
    /// How long a confirmation link works.
    pub expires: Duration,
    /// After how long a sign-up that is not confirmed is reminded, once; `None`: never.
    pub remind_after: Option<Duration>,
    /// After how long a sign-up that is not confirmed is deleted (D12).
    pub purge_after: Duration,
    /// The relays that may carry confirmations, notices and welcomes, by name; empty for those of the list (V23).
    pub relays: Vec<String>,
    /// How many confirmation mails one address gets.
    pub per_address: AddressLimits,
}

/// How many confirmation mails one address gets (D7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressLimits {
    /// The least time between two.
    pub min_interval: Duration,
    /// At most so many in 24 hours.
    pub per_day: u32,
    /// At most so many in 30 days.
    pub per_month: u32,
}

impl ConfirmationConfig {
    pub(super) fn read(reader: &mut Reader, relays: &[SmtpConfig]) -> Self {
        let confirmation = Self {
            expires: reader.or("expires", "72h", value::duration),
            remind_after: reader.or("remind_after", "48h", off_or_duration),
            purge_after: reader.or("purge_after", "30d", value::duration),
            relays: smtp::relay_names(reader, relays),
            per_address: reader.section("per_address", AddressLimits::read),
        };
        let reminded = confirmation.remind_after.unwrap_or_default();
        if confirmation.purge_after < reminded + confirmation.expires {
            reader.problem(
                "purge_after",
                "comes before the last link has expired: write at least remind_after and expires together",
            );
        }
        confirmation
    }
}

fn off_or_duration(text: &str) -> Result<Option<Duration>, &'static str> {
    match text {
        "off" => Ok(None),
        text => value::duration(text).map(Some),
    }
}

impl AddressLimits {
    fn read(reader: &mut Reader) -> Self {
        let limits = Self {
            min_interval: reader.or("min_interval", "10m", value::delay),
            per_day: reader.number("per_day", 3, 1..=1000),
            per_month: reader.number("per_month", 5, 1..=1000),
        };
        if limits.per_day > limits.per_month {
            reader.problem("per_day", "is more than per_month");
        }
        limits
    }
}
