//! `nashra subscriber erase`: takes a person out of the database for good.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use serde_json::json;

use crate::cli::{DONE, FAILED, Where, output};
use crate::domain::address::EmailAddress;
use crate::domain::subscription::ConsentMethod;
use crate::service::erase::{Whom, erase};

/// Delete all that is kept of a reader; only a hash of the address stays, so that it is never mailed again
#[derive(Debug, Args)]
#[command(
    after_help = "First, for the reader: nashra subscriber export reader@example.org > reader.json\n\
    Example: nashra subscriber erase reader@example.org --yes"
)]
pub struct EraseArgs {
    /// The address
    address: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: EraseArgs) -> anyhow::Result<u8> {
    let address = EmailAddress::parse(&args.address)?;
    if !args.yes && !agreed(address.as_str())? {
        output::line("nothing was changed");
        return Ok(FAILED);
    }
    let app = at.app().await?;
    let found = erase(&app.context, Whom::Address(&address), ConsentMethod::Cli).await?;
    if args.json {
        output::json(
            &json!({ "subscriber": found.subscriber, "former": found.former, "moved": found.moved, "suppressed": found.suppressed, "before": found.before }),
        )?;
    } else {
        if found.moved {
            output::line(
                "the reader moved on to another address, which stays: erase that one, too, if it is asked for",
            );
        }
        if found.former > 0 {
            output::line(format!("former addresses erased: {}", found.former));
        }
        output::line(match (found.subscriber || found.suppressed, found.before) {
            (true, _) => "erased; a hash keeps the address from being mailed again",
            (false, true) => "was erased already",
            (false, false) => "nothing was known of it; a hash keeps it from being mailed",
        });
    }
    app.close().await;
    Ok(DONE)
}

fn agreed(address: &str) -> anyhow::Result<bool> {
    let input = std::io::stdin();
    anyhow::ensure!(
        input.is_terminal(),
        "this cannot be undone and nobody can be asked here: add --yes"
    );
    let mut terminal = std::io::stderr().lock();
    write!(
        terminal,
        "Delete all that is kept of {address}? This cannot be undone. Type yes: "
    )?;
    terminal.flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
