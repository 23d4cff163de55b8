//! `nashra quarantine`: sign-ups that are held, and what to do with them.

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{DONE, FAILED, Where, output};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::sign_up::HoldReason;
use crate::service::sign_up::release::{self, Which};
use crate::store;
use crate::store::quarantine::{Held, START};

/// Sign-ups that are held: nothing is mailed to them yet.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Show what is held, oldest first, and why
    #[command(after_help = "Example: nashra quarantine list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Mail the confirmation after all
    #[command(
        after_help = "Example: nashra quarantine release reader@example.org\n         nashra quarantine release --reason no-proof"
    )]
    Release(WhichArgs),
    /// Forget the sign-up: nothing is mailed
    #[command(after_help = "Example: nashra quarantine drop --all")]
    Drop(WhichArgs),
}

/// Exactly one of the three.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichArgs {
    /// The addresses
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// All that are held for this reason
    #[arg(long, value_parser = reason)]
    reason: Option<HoldReason>,
    /// All
    #[arg(long)]
    all: bool,
}

fn reason(word: &str) -> Result<HoldReason, String> {
    let known = HoldReason::ALL.map(HoldReason::as_str).join(", ");
    HoldReason::ALL
        .into_iter()
        .find(|reason| reason.as_str() == word)
        .ok_or_else(|| format!("there is no such reason; there are {known}"))
}

impl WhichArgs {
    fn read(&self) -> anyhow::Result<Which> {
        if let Some(reason) = self.reason {
            return Ok(Which::For(reason));
        }
        if self.all {
            return Ok(Which::All);
        }
        let mut identities = Vec::new();
        for address in &self.addresses {
            match EmailAddress::parse(address) {
                Ok(address) => identities.push(address.identity()),
                Err(error) => bail!("`{address}`: {error}"),
            }
        }
        Ok(Which::Of(identities))
    }

    /// Says of which addresses nothing is held: one of them may be mistyped.
    async fn name_those_not_held(&self, app: &App) -> anyhow::Result<()> {
        let mut tx = app.context.database.read().await?;
        for address in &self.addresses {
            let identity = EmailAddress::parse(address)?.identity();
            if store::subscriber::by_identity(&mut tx, &identity)
                .await?
                .is_none()
            {
                output::failed(format_args!("no subscriber has the address `{address}`"));
            } else if !store::quarantine::holds(&mut tx, &identity).await? {
                output::failed(format_args!("nothing is held of `{address}`"));
            }
        }
        Ok(())
    }
}

/// How many rows are read at a time.
const PAGE: i64 = 1_000;

pub async fn run(at: &Where, command: QuarantineCommand) -> anyhow::Result<u8> {
    let app = at.app().await?;
    let code = match command {
        QuarantineCommand::List { json } => {
            list(&app, json).await?;
            DONE
        }
        QuarantineCommand::Release(which) => {
            let read = which.read()?;
            which.name_those_not_held(&app).await?;
            let released = release::by_hand(&app.context, &read).await?;
            done("released", released)
        }
        QuarantineCommand::Drop(which) => {
            let read = which.read()?;
            which.name_those_not_held(&app).await?;
            let dropped = release::drop_held(&app.context, &read).await?;
            done("dropped", dropped)
        }
    };
    app.close().await;
    Ok(code)
}

fn done(what: &str, number: u64) -> u8 {
    output::line(format!("{what}: {}", output::number(number)));
    if number == 0 { FAILED } else { DONE }
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let mut held: Vec<Held> = Vec::new();
    let mut tx = app.context.database.read().await?;
    loop {
        let after = held.last().map_or(START, Held::place);
        let page = store::quarantine::page(&mut tx, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        held.extend(page);
    }
    let held_back = release::breaker_since(&mut tx).await?;
    drop(tx);
    let slug = |held: &Held| {
        let list = app.context.list_by_id(held.list_id);
        list.map_or_else(|| held.list_id.to_string(), |list| list.slug.clone())
    };
    if json {
        let rows = held.iter().map(|held| {
            json!({
                "list": slug(held), "address": held.address, "reasons": held.reasons, "since": output::stamp(held.held_ms),
            })
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    let zone = jiff::tz::TimeZone::UTC;
    let rows: Vec<_> = held
        .iter()
        .map(|held| {
            let words = held.reasons.iter().map(|reason| reason.as_str());
            vec![
                output::time(held.held_ms, &zone),
                slug(held),
                words.collect::<Vec<_>>().join(", "),
                held.address.clone(),
            ]
        })
        .collect();
    output::table(&["since", "list", "reason", "address"], &rows);
    for reason in HoldReason::ALL {
        if held.iter().any(|held| held.reasons.contains(&reason)) {
            let after = if reason.passes() {
                "; goes on by itself"
            } else {
                "; waits for you"
            };
            output::line(format!("{}: {}{after}", reason.as_str(), reason.meaning()));
        }
    }
    if let Some(since_ms) = held_back {
        output::line(format!(
            "new sign-ups are held since {}: more confirmations than [sign_up] per_minute",
            output::time(since_ms, &zone)
        ));
    }
    Ok(())
}
