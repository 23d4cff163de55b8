//! Nashra: readers subscribe and confirm, articles become a digest, the digest goes out once to each of them.
//!
//! The map of the house is in `docs/architecture.md`; the layers are enforced by `tests/it/guard`.

pub mod app;
pub mod catcher;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod dns;
pub mod domain;
pub mod feed;
pub mod locale;
pub mod mail;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod worker;

/// What one thread allocates another gives back, for every request and every mail: an allocator made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
