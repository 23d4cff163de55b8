//! The pure core: no I/O, no async, no clock. Everything else may use it; it uses nothing of ours.

pub mod address;
pub mod article;
pub mod delivery;
pub mod digest;
pub mod list;
pub mod schedule;
pub mod subscription;
pub mod token;
