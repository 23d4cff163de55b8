//! `nashra digest`: the editions of the lists.

mod clicks;
mod control;
mod correct;
mod deliveries;
mod edit;
mod preview;
mod reasons;
mod run;
mod show;
mod standing;
mod test;
mod why;

use clap::Subcommand;

use super::Where;

/// Make, send and look at digests.
#[derive(Debug, Subcommand)]
pub enum DigestCommand {
    /// Gather articles, compose what is due, send, and stop when done: the command for cron
    Run(run::RunArgs),
    /// Write what the next digest would be to files, without sending
    Preview(preview::PreviewArgs),
    /// Decide what the next digest of a list holds: pin, drop, reorder, retitle, introduce
    Edit(edit::EditArgs),
    /// Mail the draft of a list's next digest to one address
    Test(test::TestArgs),
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
    /// Say why an article stands where it does, or why it does not; or all of that of one digest
    Why(why::WhyArgs),
    /// Put right what a digest said that went out: its page shows it with a note, and the next digest tells its readers
    Correct(correct::CorrectArgs),
}

pub async fn run(at: &Where, command: DigestCommand) -> anyhow::Result<u8> {
    match command {
        DigestCommand::Run(args) => run::run(at, args).await,
        DigestCommand::Preview(args) => preview::run(at, args).await,
        DigestCommand::Edit(args) => Box::pin(edit::run(at, args)).await,
        DigestCommand::Test(args) => test::run(at, args).await,
        DigestCommand::List(args) => show::list(at, args).await,
        DigestCommand::Show(args) => show::show(at, args).await,
        DigestCommand::Deliveries(args) => deliveries::run(at, args).await,
        DigestCommand::Pause(args) => control::pause(at, args).await,
        DigestCommand::Resume(args) => control::resume(at, args).await,
        DigestCommand::Cancel(args) => control::cancel(at, args).await,
        DigestCommand::Retry(args) => control::retry(at, args).await,
        DigestCommand::Why(args) => why::run(at, args).await,
        DigestCommand::Correct(args) => correct::run(at, args).await,
    }
}
