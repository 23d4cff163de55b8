//! `nashra suppression`: addresses that are never mailed.

use clap::Subcommand;

use super::{DONE, FAILED, Where, output};
use crate::domain::address::EmailAddress;
use crate::service::suppress;
use crate::store;

/// Addresses that are never mailed, whatever their subscriptions say.
#[derive(Debug, Subcommand)]
pub enum SuppressionCommand {
    /// Never mail an address again
    #[command(after_help = "Example: nashra suppression add reader@example.org --reason complaint")]
    Add {
        /// The address
        address: String,
        /// Why, for the record
        #[arg(long, default_value = "manual")]
        reason: String,
    },
    /// Permit mail to an address again, also to one that was erased
    #[command(after_help = "Example: nashra suppression remove reader@example.org")]
    Remove {
        /// The address
        address: String,
    },
    /// Print the suppressed addresses
    #[command(after_help = "Example: nashra suppression list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// How many rows are read at a time.
const PAGE: i64 = 1_000;

pub async fn run(at: &Where, command: SuppressionCommand) -> anyhow::Result<u8> {
    let app = at.app().await?;
    let code = match command {
        SuppressionCommand::Add { address, reason } => {
            let address = EmailAddress::parse(&address)?;
            let new = suppress::add(&app.context, &address, &reason).await?;
            output::line(if new {
                "suppressed"
            } else {
                "was suppressed already"
            });
            DONE
        }
        SuppressionCommand::Remove { address } => {
            let address = EmailAddress::parse(&address)?;
            let was = suppress::remove(&app.context, &address).await?;
            output::line(if was.erased {
                "removed; the address was erased, and whoever has it may sign up again"
            } else if was.suppressed {
                "removed; a confirmed subscription gets mail again"
            } else {
                "was not suppressed"
            });
            if was.erased || was.suppressed {
                DONE
            } else {
                FAILED
            }
        }
        SuppressionCommand::List { json } => {
            let mut rows = Vec::new();
            let mut tx = app.context.database.read().await?;
            loop {
                let after = rows
                    .last()
                    .map_or("", |row: &store::suppression::Suppression| {
                        row.identity.as_str()
                    });
                let page = store::suppression::page(&mut tx, after, PAGE).await?;
                if page.is_empty() {
                    break;
                }
                rows.extend(page);
            }
            let erased = store::erasure::count(&mut tx).await?;
            if json {
                output::json(&rows)?;
            } else {
                let zone = jiff::tz::TimeZone::UTC;
                let rows: Vec<_> = rows
                    .into_iter()
                    .map(|row| {
                        vec![
                            output::time(row.created_ms, &zone),
                            row.reason,
                            row.identity,
                        ]
                    })
                    .collect();
                output::table(&["since", "reason", "address"], &rows);
                if erased > 0 {
                    output::line(format!(
                        "and {erased} erased, of which only hashes are kept"
                    ));
                }
            }
            DONE
        }
    };
    app.close().await;
    Ok(code)
}
