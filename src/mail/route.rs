//! A way for mail as the configuration describes it: a transport, its share of the mail, and how much it may carry.

use super::transport::Transport;
use crate::domain::pace::{Limits, WarmUp};

/// A relay, or the directory in its place, with the rules for using it.
pub struct Route {
    /// Its name in the configuration.
    pub name: String,
    /// Its share of the mail among the routes that may carry it and are up.
    pub weight: u32,
    /// How many connections a process holds for digests; one more carries what overtakes them.
    pub connections: usize,
    /// How many messages one connection carries before it is replaced (S9).
    pub messages_per_connection: u64,
    /// How many mails it takes in a time.
    pub limits: Limits,
    /// Its first days, if it is new (V19).
    pub warm_up: Option<WarmUp>,
    /// How mail gets there.
    pub transport: Transport,
}
