//! Sees within a moment what was decided about digests anywhere: one that is paused, cancelled or has no relay is let go of. What
//! a connection has begun, it ends; so a pause takes effect within one message per connection.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::Lane;
use super::shared::Shared;
use crate::domain::digest::PausedBy;
use crate::service::control::{self, Sending};

/// How often the database is asked while something is in hand, and while nothing is.
const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(1);

/// Runs until the sender ends.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let pause = if shared.is_idle() { IDLE } else { BUSY };
        let changed = shared.changed.notified();
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
        }
        match control::sending(&shared.context).await {
            Ok(sending) => obey(&shared, &sending).await,
            Err(error) => tracing::debug!(%error, "the digests cannot be looked at"),
        }
    }
}

async fn obey(shared: &Shared, sending: &[Sending]) {
    let going: HashSet<i64> = sending
        .iter()
        .filter(|digest| digest.paused_ms.is_none())
        .map(|digest| digest.id)
        .collect();
    shared.queue(Lane::Digest).keep_digests(&going);
    for digest in sending.iter().filter(|digest| going.contains(&digest.id)) {
        let Some(list) = shared.context.list_by_id(digest.list_id) else {
            continue;
        };
        let relays = shared.relays_named(&list.relays);
        if shared.any_up(relays) {
            continue;
        }
        let mut of = (0..shared.relays.len()).filter(|at| relays & (1 << at) != 0);
        let fault = of.find_map(|at| shared.relays[at].fault());
        let reason = fault.map_or_else(
            || "no relay can be used".to_owned(),
            |fault| fault.to_string(),
        );
        if let Err(error) =
            control::pause(&shared.context, digest.id, PausedBy::Relay, &reason).await
        {
            tracing::warn!(%error, digest = digest.id, "the digest could not be marked as waiting for a relay");
        }
    }
}
