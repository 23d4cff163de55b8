//! Integration tests: one binary, one link. `harness` runs the world around the program, `guard` reads the source tree,
//! every other module tests one promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; helpers are not marked as tests"
)]

mod archive;
mod browser_journey;
mod config;
mod confirm;
mod confirm_log;
mod form;
mod form_refusal;
mod form_state;
mod guard;
mod harness;
mod journey;
mod mails;
mod relay;
mod unsubscribe;
