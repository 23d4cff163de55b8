//! `nashra digest`: the editions of the lists.

mod clicks;
mod control;
mod deliveries;
mod preview;
mod run;
mod show;
mod standing;

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
    /// List the deliveries of a digest: who, where it stands, and what the relay said
    Deliveries(deliveries::DeliveriesArgs),
    /// Hold a digest: each connection ends the message it is at, and nothing more leaves
    Pause(control::PauseArgs),
    /// Let a paused digest go on
    Resume(control::ResumeArgs),
    /// Take a digest back: what has not left will not
    Cancel(control::CancelArgs),
    /// Try deliveries once more that ended as unknown or failed
    Retry(control::RetryArgs),
    /// Say why each article is in a digest or is not
    Why(show::WhyArgs),
}

pub async fn run(at: &Where, command: DigestCommand) -> anyhow::Result<u8> {
    match command {
        DigestCommand::Run(args) => run::run(at, args).await,
        DigestCommand::Preview(args) => preview::run(at, args).await,
        DigestCommand::List(args) => show::list(at, args).await,
        DigestCommand::Show(args) => show::show(at, args).await,
        DigestCommand::Deliveries(args) => deliveries::run(at, args).await,
        DigestCommand::Pause(args) => control::pause(at, args).await,
        DigestCommand::Resume(args) => control::resume(at, args).await,
        DigestCommand::Cancel(args) => control::cancel(at, args).await,
        DigestCommand::Retry(args) => control::retry(at, args).await,
        DigestCommand::Why(args) => show::why(at, args).await,
    }
}
