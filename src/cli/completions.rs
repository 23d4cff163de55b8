//! `nashra completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, DONE, output};

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra completions bash > /etc/bash_completion.d/nashra")]
pub struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "nashra", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end());
    DONE
}
