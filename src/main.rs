//! The `nashra` program.

fn main() {}
