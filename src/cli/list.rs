//! `nashra list`: the lists, their subscribers and their next digest.

use clap::Subcommand;
use serde_json::json;

use super::{DONE, Where, output};
use crate::service::next;
use crate::store;

/// Look at the lists.
#[derive(Debug, Subcommand)]
pub enum ListCommand {
    /// Show the lists: schedule, next digest, subscriptions
    #[command(after_help = "Example: nashra list show")]
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(at: &Where, command: ListCommand) -> anyhow::Result<u8> {
    let ListCommand::Show { json } = command;
    let app = at.look().await?;
    let now_ms = app.context.clock.now_ms();
    let mut tx = app.context.database.read().await?;
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for list in app.context.lists.iter() {
        let (pending, confirmed, unsubscribed) =
            store::subscription::counts(&mut tx, list.id).await?;
        let held = store::quarantine::count(&mut tx, list.id).await?;
        let decided_ms = next::decided(&mut tx, list).await?;
        let next = next::of_list(list, decided_ms, now_ms);
        values.push(json!({
            "list": list.slug, "name": list.name, "language": list.language, "schedule": list.schedule.cron(),
            "zone": list.schedule.zone_name(), "next": next.map(output::stamp), "form": app.context.subscribe_url(list),
            "pending": pending, "confirmed": confirmed, "unsubscribed": unsubscribed, "held": held,
        }));
        rows.push(vec![
            list.slug.clone(),
            next.map_or_else(String::new, |ms| output::time(ms, list.schedule.zone())),
            confirmed.to_string(),
            pending.to_string(),
            unsubscribed.to_string(),
            held.to_string(),
            list.name.clone(),
        ]);
    }
    drop(tx);
    if json {
        output::json(&values)?;
    } else {
        output::table(
            &[
                "list",
                "next digest",
                "confirmed",
                "pending",
                "left",
                "held",
                "name",
            ],
            &rows,
        );
    }
    app.close().await;
    Ok(DONE)
}
