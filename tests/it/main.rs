//! Integration tests: one binary, one link. `harness` runs the world around the program, `guard` reads the source tree,
//! every other module tests one promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; helpers are not marked as tests"
)]

mod archive;
mod articles;
mod browser_journey;
mod catchers;
mod clock_jumps;
mod commands;
mod commands_digest;
mod compiled;
mod config;
mod configurations;
mod confirm;
mod confirm_log;
mod control;
mod control_waits;
mod cron;
mod databases;
mod deliver;
mod deliver_relay;
mod disk_full;
mod feeds;
mod form;
mod form_refusal;
mod form_state;
mod guard;
mod guard_forms;
mod harness;
mod journey;
mod kills;
mod leases;
mod mails;
mod names;
mod pacing;
mod prune;
mod quarantine;
mod relay;
mod relay_away;
mod relay_faults;
mod relays;
mod restarts;
mod retry;
mod schedule;
mod schedule_serve;
mod sender_faults;
mod sign_up_limits;
mod unsubscribe;
mod workers;
