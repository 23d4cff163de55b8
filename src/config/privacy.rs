//! `[privacy]`: how long what tells of readers' devices is kept.

use std::time::Duration;

use super::reader::Reader;
use super::value;

/// Retention of IP addresses and user agents (X12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacyConfig {
    /// How long the consent ledger keeps them.
    pub ip_retention: Duration,
    /// The same for sign-ups that nobody confirmed.
    pub pending_ip_retention: Duration,
}

impl PrivacyConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let privacy = Self {
            ip_retention: reader.or("ip_retention", "30d", value::duration),
            pending_ip_retention: reader.or("pending_ip_retention", "7d", value::duration),
        };
        if privacy.pending_ip_retention > privacy.ip_retention {
            reader.problem("pending_ip_retention", "is more than ip_retention");
        }
        privacy
    }
}
