//! `nashra config`: the configuration, checked and shown.

use clap::Subcommand;

use super::{DONE, Where, output};
use crate::app::dkim;

/// Look at the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the configuration and say everything that is wrong with it
    #[command(after_help = "Example: nashra --config /etc/nashra.toml config check")]
    Check,
    /// Print the values that count, secrets left out
    #[command(after_help = "Example: nashra config show")]
    Show,
    /// Print a complete, commented configuration to start from
    #[command(after_help = "Example: nashra config example > nashra.toml")]
    Example,
}

pub fn run(at: &Where, command: &ConfigCommand) -> anyhow::Result<u8> {
    match command {
        ConfigCommand::Check => {
            let config = at.config()?;
            crate::app::theme(&config)?;
            let keys = dkim::keys(&config)?;
            let warnings = config.warnings.iter().map(ToString::to_string);
            warnings
                .chain(dkim::warnings(&config, &keys))
                .for_each(|warning| output::line(format!("warning: {warning}")));
            if let Some(warning) = config.ports_differ() {
                output::line(format!("warning: {warning}"));
            }
            output::line("the configuration is good");
        }
        ConfigCommand::Show => output::line(at.config()?.to_redacted_toml()),
        ConfigCommand::Example => output::line(crate::config::EXAMPLE.trim_end()),
    }
    Ok(DONE)
}
