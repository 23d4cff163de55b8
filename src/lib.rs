//! Nashra: readers subscribe and confirm, articles become a digest, the digest goes out once to each of them.
//!
//! The map of the house is in `docs/architecture.md`; the layers are enforced by `tests/it/guard`.

pub mod clock;
pub mod domain;
