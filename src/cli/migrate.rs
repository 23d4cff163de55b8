//! `nashra migrate`: the schema of the database.

use clap::Args;

use super::{DONE, Where, output};
use crate::app::settings;
use crate::store::{Database, migrate};

/// Bring the database to this program's schema (`serve` and `digest run` do it by themselves)
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra migrate --status")]
pub struct MigrateArgs {
    /// Show what is applied and what is missing; change nothing
    #[arg(long)]
    status: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: MigrateArgs) -> anyhow::Result<u8> {
    let database = Database::connect(&settings(&at.config()?)).await?;
    if !args.status {
        let applied = migrate::run(&database).await?;
        if !args.json {
            output::line(match applied {
                0 => "the database is up to date".to_owned(),
                steps => format!("migrations applied: {steps}"),
            });
        }
    }
    if args.status || args.json {
        let steps = migrate::status(&database).await?;
        if args.json {
            output::json(&steps)?;
        } else {
            let word = |applied| if applied { "applied" } else { "missing" };
            let rows: Vec<_> = steps
                .iter()
                .map(|step| {
                    vec![
                        format!("{:04}", step.version),
                        step.name.clone(),
                        word(step.applied).to_owned(),
                    ]
                })
                .collect();
            output::table(&["version", "name", "state"], &rows);
        }
    }
    database.close().await;
    Ok(DONE)
}
