//! `nashra catch`: the development SMTP catcher.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{DONE, output, signal};
use crate::catcher::{Catcher, CatcherConfig, Script};
use crate::clock::Clock;

/// Run a local SMTP server that keeps what it is sent and shows it in a browser
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is delivered anywhere. A script makes it fail on request, one rule a line:\n  \
    on rcpt to *@slow.example times 1 reply 451 4.7.1 greylisted\n  \
    on dot every 100 drop\n\
    Each mail as plain text, for programs: /messages/N/text, /messages/N/html, /messages/N/source beside the inbox;\n\
    as JSON: /api/messages and /api/messages/N (DELETE /api/messages empties it).\n\
    Example: nashra catch --script faults.txt"
)]
pub struct CatchArgs {
    /// Where to take mail
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:1025")]
    smtp: SocketAddr,
    /// Where to show it
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8025")]
    http: SocketAddr,
    /// Keep at most so many messages; the oldest goes first
    #[arg(long, default_value_t = 1_000)]
    most: usize,
    /// Faults to play, from a file
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
}

pub async fn run(args: CatchArgs) -> anyhow::Result<u8> {
    let script = match &args.script {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            text.parse::<Script>()
                .with_context(|| format!("{} is not a script", path.display()))?
        }
        None => Script::default(),
    };
    let stop = signal::stop_token()?;
    let mut config = CatcherConfig::new(args.smtp, || Clock::System.now_ms());
    config.http = Some(args.http);
    config.max_messages = args.most;
    config.script = script;
    let catcher = Catcher::start(config).await?;
    output::line(format!("mail      smtp://{}", catcher.smtp_addr()));
    if let Some(address) = catcher.http_addr() {
        output::line(format!("inbox     http://{address}/"));
    }
    output::line("Ctrl-C ends it; what it caught is forgotten then.");
    stop.cancelled().await;
    catcher.stop().await;
    Ok(DONE)
}
