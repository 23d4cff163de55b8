//! `nashra digest`: the editions of the lists.

mod preview;
mod run;
mod show;

use clap::Subcommand;

use super::Where;

/// Make, send and look at digests.
#[derive(Debug, Subcommand)]
pub enum DigestCommand {
    /// Gather articles, compose what is due, send, and stop when done: the command for cron
    Run(run::RunArgs),
    /// Write what the next digest would be to files, without sending
    Preview(preview::PreviewArgs),
    /// List digests, newest first
    List(show::ListArgs),
    /// Show one digest: its articles and what became of its deliveries
    Show(show::ShowArgs),
    /// Say why each article is in a digest or is not
    Why(show::WhyArgs),
}

pub async fn run(at: &Where, command: DigestCommand) -> anyhow::Result<u8> {
    match command {
        DigestCommand::Run(args) => run::run(at, args).await,
        DigestCommand::Preview(args) => preview::run(at, args).await,
        DigestCommand::List(args) => show::list(at, args).await,
        DigestCommand::Show(args) => show::show(at, args).await,
        DigestCommand::Why(args) => show::why(at, args).await,
    }
}
