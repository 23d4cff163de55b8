//! The log: standard error, plain for people or JSON for machines, never an address and never a token (promise 10).

use tracing_subscriber::EnvFilter;

/// Starts the log. Commands that end by themselves are quiet (warnings only) unless asked; `RUST_LOG` overrides.
pub fn init(verbose: u8, quiet_by_default: bool, json: bool) {
    let level = match (verbose, quiet_by_default) {
        (0, true) => "nashra=warn,error",
        (0, false) | (1, true) => "nashra=info,warn",
        (1, false) | (2.., _) => "nashra=debug,info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second start (in tests) finds the log running already.
    let _ = if json {
        log.json().try_init()
    } else {
        log.try_init()
    };
}
