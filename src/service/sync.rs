//! The lists of the configuration and the lists of the database agree: new ones get a row, changed ones are updated,
//! removed ones are marked. Subscribers are never touched.

use super::Error;
use crate::domain::list::List;
use crate::store::{self, Database};

/// Writes the declared lists to the database and fills in their rows.
pub async fn lists(database: &Database, lists: &mut [List], now_ms: i64) -> Result<(), Error> {
    let mut tx = database.write().await?;
    for list in lists.iter_mut() {
        let schedule = format!("{} {}", list.schedule.cron(), list.schedule.zone_name());
        let row = store::list::sync(&mut tx, &list.slug, &list.name, &schedule, now_ms).await?;
        list.id = row.id;
        list.rescheduled_ms = row.rescheduled_ms;
    }
    for row in store::list::all(&mut tx).await? {
        if row.removed_ms.is_none() && !lists.iter().any(|list| list.id == row.id) {
            tracing::warn!(
                list = row.slug,
                "list is no longer in the configuration; its subscribers stay, nothing is sent"
            );
            store::list::mark_removed(&mut tx, row.id, now_ms).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Fills in the rows of lists that the database knows; writes nothing.
pub async fn known(database: &Database, lists: &mut [List]) -> Result<(), Error> {
    let rows = store::list::all(&mut database.read().await?).await?;
    for list in lists {
        if let Some(row) = rows.iter().find(|row| row.slug == list.slug) {
            list.id = row.id;
            list.rescheduled_ms = row.rescheduled_ms;
        }
    }
    Ok(())
}
