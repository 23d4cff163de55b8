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
        Self {
            expires: reader.or("expires", "72h", value::duration),
            relays: smtp::relay_names(reader, relays),
            per_address: reader.section("per_address", AddressLimits::read),
        }
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
