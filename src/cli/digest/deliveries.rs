//! `nashra digest deliveries`: who gets a digest and how each delivery stands: "why did X get nothing?".

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::show::{find, zone};
use crate::cli::output::{self, stamp, time};
use crate::cli::{DONE, Where};
use crate::domain::address::EmailAddress;
use crate::store;

/// How many rows are read at a time.
const PAGE: i64 = 1_000;

/// List the deliveries of a digest: who, where it stands, and what the relay said
#[derive(Debug, Args)]
#[command(
    after_help = "Example: nashra digest deliveries 12 --status unknown\n         nashra digest deliveries 12 --address reader@example.org"
)]
pub struct DeliveriesArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Only those that stand so
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Only the one to this address
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    most: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    /// Waits for its first or next attempt
    Queued,
    /// A relay took it
    Sent,
    /// Refused for ever, or given up
    Failed,
    /// The answer was lost after the final dot
    Unknown,
    /// The reader had left, or the digest was cancelled
    Cancelled,
}

pub async fn run(at: &Where, args: DeliveriesArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let address = args.address.as_deref().map(EmailAddress::parse);
    let address = address.transpose().context("--address")?;
    let status = args.status.and_then(|status| status.to_possible_value());
    let status = status.as_ref().map(clap::builder::PossibleValue::get_name);
    let identity = address.as_ref().map(EmailAddress::identity);
    let mut found = Vec::new();
    let mut after = 0;
    let mut tx = app.context.database.read().await?;
    while found.len() < args.most {
        let room = PAGE.min((args.most - found.len()) as i64);
        let page = store::digest_delivery::page(
            &mut tx,
            digest.id,
            status,
            identity.as_deref(),
            after,
            room,
        )
        .await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.subscriber_id;
        found.extend(page);
    }
    drop(tx);
    if args.json {
        let rows = found.iter().map(|row| {
            json!({ "address": row.address, "status": row.status, "attempts": row.attempts, "due": row.due_ms.map(stamp),
                "code": row.code, "reply": row.reply })
        });
        output::json(&rows.collect::<Vec<_>>())?;
    } else if found.is_empty() {
        output::line(format!("no such delivery in digest {}", digest.id));
    } else {
        let zone = zone(&app, &digest);
        let rows: Vec<_> = found
            .into_iter()
            .map(|row| {
                let due = row
                    .due_ms
                    .filter(|_| row.status == "queued")
                    .map(|due_ms| time(due_ms, &zone));
                let code = row.code.map(|code| code.to_string());
                let reply = code
                    .into_iter()
                    .chain(row.reply)
                    .collect::<Vec<_>>()
                    .join(" ");
                vec![
                    row.address.unwrap_or_else(|| "(erased)".to_owned()),
                    row.status,
                    row.attempts.to_string(),
                    due.unwrap_or_default(),
                    reply,
                ]
            })
            .collect();
        output::table(&["address", "status", "attempts", "next", "reply"], &rows);
    }
    app.close().await;
    Ok(DONE)
}
