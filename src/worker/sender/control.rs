//! Sees within a moment what was decided about digests anywhere: one that is paused, cancelled or has no relay is let go of. What
//! a connection has begun, it ends; so a pause takes effect within one message per connection.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::Lane;
use super::state::Shared;
use crate::domain::digest::PausedBy;
use crate::service::Error;
use crate::service::control::{self, Sending};

/// How often the database is asked while something is in hand, and while nothing is.
const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(1);

/// Runs until the sender ends, and looks a last time then: what has no relay is left marked so.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut ends = false;
    let mut marked = HashSet::new();
    while !ends {
        let pause = if shared.is_idle() { IDLE } else { BUSY };
        let changed = shared.changed.notified();
        ends = tokio::select! {
            () = shared.stop.cancelled() => true,
            () = changed => false,
            () = tokio::time::sleep(pause) => false,
        };
        refused(&shared).await;
        match control::sending(&shared.context).await {
            Ok(sending) => {
                obey(&shared, &sending, ends, &mut marked).await;
                if let Err(error) = go_on(&shared, &sending).await {
                    tracing::warn!(%error, "digests that waited for a relay could not be let go on");
                }
            }
            Err(error) => tracing::debug!(%error, "the digests cannot be looked at"),
        }
    }
}

/// Pauses the digests that were refused because of us; one that cannot be paused now stays held here.
async fn refused(shared: &Shared) {
    for (digest_id, reason) in shared.held.take_refused() {
        let by = PausedBy::Refusal;
        if let Err(error) = control::pause(&shared.context, digest_id, by, &reason).await {
            tracing::error!(%error, digest = digest_id, "the digest could not be paused; it is tried again");
            shared.held.refuse(digest_id, reason);
        }
    }
}

/// Lets go of what is held, and marks digests that no relay can carry; `marked`: those for which that was done.
async fn obey(shared: &Shared, sending: &[Sending], ends: bool, marked: &mut HashSet<i64>) {
    let (held, going): (Vec<&Sending>, Vec<&Sending>) = sending
        .iter()
        .partition(|digest| digest.paused_ms.is_some());
    shared.held.learn(held.iter().map(|digest| digest.id));
    // A pass that waits for a relay must not take its own mark for the end of its work.
    let is_stuck = |relays| shared.lets_go_of(relays) || (ends && !shared.any_up(relays));
    let ids: HashSet<i64> = going.iter().map(|digest| digest.id).collect();
    shared.queue(Lane::Digest).keep(|task| {
        let digest_id = task.leased.digest_id();
        // What fewer relays can carry than its list has may have none left that is tried.
        digest_id.is_none_or(|id| ids.contains(&id)) && !is_stuck(task.relays)
    });
    // What no relay can carry now waits in the database.
    shared
        .queue(Lane::Express)
        .keep(|task| shared.any_up(task.relays));
    let relays_of = |digest: &Sending| {
        let list = shared.context.list_by_id(digest.list_id);
        list.map(|list| shared.relays_named(&list.relays))
    };
    // Another host may have a relay that can carry it, and let it go on: it is marked once until one is up here.
    let usable = |digest: &&Sending| relays_of(digest).is_some_and(|relays| shared.any_up(relays));
    for digest in sending.iter().filter(usable) {
        marked.remove(&digest.id);
    }
    for digest in going {
        let relays = relays_of(digest).filter(|relays| is_stuck(*relays));
        if let Some(relays) = relays
            && !marked.contains(&digest.id)
            && wait_for_relay(shared, digest.id, relays).await
        {
            marked.insert(digest.id);
        }
    }
}

/// Marks a digest as waiting for one of these relays; says whether that is written.
async fn wait_for_relay(shared: &Shared, digest_id: i64, relays: u64) -> bool {
    let mut of = (0..shared.relays.len()).filter(|at| relays & (1 << at) != 0);
    let fault = of.find_map(|at| shared.relays[at].fault());
    let reason = fault.map_or_else(
        || "no relay can be used".to_owned(),
        |fault| fault.to_string(),
    );
    let mut marked = control::pause(&shared.context, digest_id, PausedBy::Relay, &reason)
        .await
        .map(drop);
    // A relay that came back meanwhile has let go on what was marked before, and not this.
    if marked.is_ok() && shared.any_up(relays) {
        marked = control::relay_is_back(&shared.context).await;
    }
    if let Err(error) = &marked {
        tracing::warn!(%error, digest = digest_id, "the digest could not be marked as waiting for a relay");
    }
    marked.is_ok()
}

/// Lets digests go on that wait for a relay although one of theirs can be used here; says whether there were any.
pub(super) async fn go_on(shared: &Shared, sending: &[Sending]) -> Result<bool, Error> {
    let could_go = |digest: &Sending| {
        let list = shared.context.list_by_id(digest.list_id);
        list.is_some_and(|list| shared.any_up(shared.relays_named(&list.relays)))
    };
    if !sending
        .iter()
        .any(|digest| digest.waits_for_relay == 1 && could_go(digest))
    {
        return Ok(false);
    }
    control::relay_is_back(&shared.context).await?;
    Ok(true)
}
