//! The log: standard error, plain for people or JSON for machines, never an address and never a token (promise 10).

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// Starts the log. Commands that end by themselves are quiet (warnings only) unless asked; `RUST_LOG` overrides, for this
/// program's own lines.
pub fn init(verbose: u8, quiet_by_default: bool, json: bool) {
    let level = match (verbose, quiet_by_default) {
        (0, true) => "nashra=warn,error",
        (0, false) | (1, true) => "nashra=info,warn",
        (1, false) | (2.., _) => "nashra=debug,info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // Libraries print what they work on when they are asked for more than this: whole mails, with the links in them.
    let ours = filter_fn(|event| {
        event.target().starts_with(env!("CARGO_CRATE_NAME")) || *event.level() <= Level::INFO
    });
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let lines = if json {
        lines.json().boxed()
    } else {
        lines.boxed()
    };
    // A second start (in tests) finds the log running already.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(ours)
        .with(lines)
        .try_init();
}
