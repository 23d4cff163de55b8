//! The one reminder of a sign-up that was not confirmed: a confirmation with a fresh link, within the limits of the address.

use std::time::Duration;

use super::chunks::in_chunks;
use super::{Context, Error, sign_up};
use crate::store;

/// How many sign-ups are looked at in one transaction.
const CHUNK: i64 = 100;
/// Later than this, nobody knows any more what a reminder is about: the program was off, or its configuration changed.
const LATEST: Duration = Duration::from_hours(7 * 24);

/// Queues the reminders that are due; says how many sign-ups have had their turn. One whose address had enough mail lately is not
/// reminded later instead.
pub async fn remind(context: &Context) -> Result<u64, Error> {
    let rules = &context.confirmation;
    let Some(remind_after) = rules.remind_after else {
        return Ok(0);
    };
    let ago = |age: Duration| context.clock.now_ms() - age.as_millis() as i64;
    let oldest = (remind_after + LATEST).min(rules.purge_after.saturating_sub(rules.expires));
    let made = (ago(oldest), ago(remind_after));
    let reminded = in_chunks(|| chunk(context, made)).await?;
    if reminded > 0 {
        tracing::info!(reminded, "sign-ups that nobody confirmed were reminded");
        context.wake.notify_one();
    }
    Ok(reminded)
}

/// Some of the sign-ups that were made after the first of these times and up to the second.
async fn chunk(context: &Context, (after_ms, until_ms): (i64, i64)) -> Result<u64, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    store::sign_up::take_turn(&mut tx).await?;
    let waiting = store::pending::to_remind(&mut tx, after_ms, until_ms, CHUNK).await?;
    let done = sign_up::remind(context, &mut tx, &waiting, now_ms).await?;
    for pending in &done {
        store::pending::mark_reminded(&mut tx, *pending, now_ms).await?;
    }
    tx.commit().await?;
    Ok(done.len() as u64)
}
