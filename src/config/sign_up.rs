//! `[sign_up]`: what protects the forms from programs, and strangers' mailboxes from the forms.

use std::time::Duration;

use super::reader::Reader;
use super::value;
use crate::domain::sign_up::{ProofPolicy, Unstamped};

/// What protects the forms (D7, D8, D9); a limit of zero is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUpConfig {
    /// The most confirmations in a minute.
    pub per_minute: u32,
    /// The most confirmations for one list in an hour.
    pub per_list: u32,
    /// The most confirmations to the addresses of one domain in an hour.
    pub per_domain: u32,
    /// Nobody fills in a form faster.
    pub min_fill: Duration,
    /// What becomes of a form that is not ours.
    pub unstamped: Unstamped,
    /// When a proof of work is asked for.
    pub proof_of_work: ProofPolicy,
    /// How many numbers a proof may have to try.
    pub difficulty: u32,
    /// The most sign-ups from one network.
    pub per_network: NetworkLimits,
}

/// How many sign-ups come from one IPv4 address, or one /64 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkLimits {
    /// At most so many in an hour.
    pub per_hour: u32,
    /// At most so many in 24 hours.
    pub per_day: u32,
}

const MOST: u32 = 1_000_000_000;
const UNSTAMPED: [(&str, Unstamped); 3] = [
    ("accept", Unstamped::Accept),
    ("ask", Unstamped::Ask),
    ("refuse", Unstamped::Refuse),
];
const PROOF: [(&str, ProofPolicy); 3] = [
    ("off", ProofPolicy::Off),
    ("doubtful", ProofPolicy::Doubtful),
    ("always", ProofPolicy::Always),
];

impl SignUpConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            per_minute: reader.number("per_minute", 300, 0..=MOST),
            per_list: reader.number("per_list", 3_000, 0..=MOST),
            per_domain: reader.number("per_domain", 100, 0..=MOST),
            min_fill: reader.or("min_fill", "2s", |text| match value::delay(text)? {
                fill if fill > Duration::from_mins(1) => Err("is longer than a minute"),
                fill => Ok(fill),
            }),
            unstamped: reader.or("unstamped", "ask", |text| value::choice(text, &UNSTAMPED)),
            proof_of_work: reader.or("proof_of_work", "off", |text| value::choice(text, &PROOF)),
            difficulty: reader.number("difficulty", 50_000, 1_000..=10_000_000),
            per_network: reader.section("per_network", NetworkLimits::read),
        }
    }
}

impl NetworkLimits {
    fn read(reader: &mut Reader) -> Self {
        Self {
            per_hour: reader.number("per_hour", 30, 0..=MOST),
            per_day: reader.number("per_day", 100, 0..=MOST),
        }
    }
}
