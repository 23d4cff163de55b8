//! `nashra demo`: the whole journey, on real sockets, with nothing but this program.

use clap::Args;

use super::{DONE, output, signal};
use crate::demo::Demo;

/// Show the whole journey with nothing but this program
#[derive(Debug, Args)]
#[command(
    after_help = "Two sample sites, a catcher, a temporary database: articles are gathered, two readers subscribe and confirm,\n\
    their digests are composed, sent and checked. It stays open in the browser until Ctrl-C.\n\
    Without a browser: each caught mail is plain text at /messages/N/text and /messages/N/source beside the inbox that is\n\
    printed (http://127.0.0.1:8025/messages/1/text), and JSON at /api/messages.\nExample: nashra demo --once"
)]
pub struct DemoArgs {
    /// End after the check instead of staying open
    #[arg(long)]
    once: bool,
}

pub async fn run(args: DemoArgs) -> anyhow::Result<u8> {
    let stop = signal::stop_token()?;
    let demo = Demo::start(&|text| output::line(text)).await?;
    let told = tokio::select! {
        told = demo.tell(&|text| output::line(text)) => told,
        () = stop.cancelled() => Ok(()),
    };
    if told.is_ok() && !args.once && !stop.is_cancelled() {
        output::line("");
        for (what, url) in demo.urls() {
            output::line(format!("{what:<28}{url}"));
        }
        output::line(
            "\nSubscribe yourself: the form works, the mail is caught. Ctrl-C ends the demo and removes its files.",
        );
        stop.cancelled().await;
    }
    demo.stop().await;
    told.map(|()| DONE)
}
