//! Integration tests: one binary, one link. `harness` runs the world around the program, `guard` reads the source tree,
//! every other module tests one promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; helpers are not marked as tests"
)]

mod accessibility;
mod archive;
mod archive_feeds;
mod articles;
mod browser_embed;
mod browser_journey;
mod catchers;
mod change_address;
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
mod databases_upgrade;
mod deliver;
mod deliver_relay;
mod disk_full;
mod erase;
mod feeds;
mod form;
mod form_address;
mod form_embed;
mod form_refusal;
mod form_state;
mod former_address;
mod guard;
mod guard_forms;
mod harness;
mod import;
mod journey;
mod keyboard;
mod kills;
mod leases;
mod mails;
mod names;
mod never;
mod pacing;
mod page_sizes;
mod panics;
mod preferences;
mod preferences_browser;
mod privacy;
mod proof_browser;
mod prune;
mod quarantine;
mod quarantine_due;
mod relay;
mod relay_away;
mod relay_faults;
mod relays;
mod reminders;
mod restarts;
mod retry;
mod rhythms;
mod scanner;
mod schedule;
mod schedule_serve;
mod sender_faults;
mod several_lists;
mod sign_up_conflicts;
mod sign_up_limits;
mod unsubscribe;
mod unsubscribe_page;
mod workers;
