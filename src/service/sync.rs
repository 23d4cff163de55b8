//! The lists of the configuration and the lists of the database agree: new ones get a row, changed ones are updated,
//! removed ones are marked. Subscribers are never touched.

use super::Error;
use crate::domain::list::List;
use crate::domain::pace::{Limits, Provider};
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

/// Writes which domains belong to which mailbox provider; returns every provider with its row, also those that digests were
/// frozen with and that have left the configuration: they have no limits any more.
pub async fn providers(
    database: &Database,
    declared: &[Provider],
) -> Result<Vec<(i64, Provider)>, Error> {
    let mut tx = database.write().await?;
    let mut domains = Vec::new();
    for provider in declared {
        let id = store::provider::ensure(&mut tx, &provider.name).await?;
        domains.extend(provider.domains.iter().map(|domain| (domain.clone(), id)));
    }
    domains.sort();
    if store::provider::domains(&mut tx).await? != domains {
        store::provider::set_domains(&mut tx, &domains).await?;
    }
    let rows = store::provider::all(&mut tx).await?;
    tx.commit().await?;
    Ok(with_rows(rows, declared))
}

/// The providers that the database knows; writes nothing.
pub async fn known_providers(
    database: &Database,
    declared: &[Provider],
) -> Result<Vec<(i64, Provider)>, Error> {
    let rows = store::provider::all(&mut database.read().await?).await?;
    Ok(with_rows(rows, declared))
}

fn with_rows(rows: Vec<(i64, String)>, declared: &[Provider]) -> Vec<(i64, Provider)> {
    let find = |name: &str| {
        declared
            .iter()
            .find(|provider| provider.name == name)
            .cloned()
    };
    rows.into_iter()
        .map(|(id, name)| {
            let provider = find(&name).unwrap_or_else(|| Provider {
                name,
                domains: Vec::new(),
                connections: None,
                messages_per_connection: None,
                limits: Limits::default(),
            });
            (id, provider)
        })
        .collect()
}
