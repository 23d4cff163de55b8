//! What an outcome means beyond its own mail: for the relay, for the mailbox provider, for the digest.

use std::sync::atomic::Ordering;

use super::Lane;
use super::connection::Line;
use super::queue::Queue;
use super::state::{RelayFault, Shared};
use super::task::{Came, Task};
use crate::domain::delivery::Outcome;
use crate::domain::reply;
use crate::service::deliver;

/// Passes on what came of a mail, or gives it back; `usable`: the connection goes on; `carried`: so many mails were tried over it,
/// this one among them if its message was.
pub(super) fn judge(line: &Line, task: Task, outcome: Outcome, usable: bool, carried: u64) {
    let shared = &line.shared;
    let relay = &shared.relays[line.relay];
    let others = task.relays & !(1 << line.relay);
    match &outcome {
        Outcome::Sent { .. } => {
            line.unanswered.store(0, Ordering::Relaxed);
            relay.goes_through();
            relay.takes(task.leased.provider_id);
            shared
                .pace
                .went_well(&task.leased, shared.context.clock.now_ms());
        }
        Outcome::SenderRefused { reply, .. } => {
            relay.report(RelayFault::refused(reply));
            return shared.queue(line.lane).give_back(task);
        }
        Outcome::Retry { code, reply } if reply::asks_to_slow_down(*code, reply) => {
            slow_down(shared, &task, reply);
            // It closed the connection on a digest's mail for what others did. One that overtakes does not wait for the pause:
            // given back it would go at once, again and again.
            if !usable && line.lane == Lane::Digest {
                return shared.queue(line.lane).give_back(task);
            }
        }
        // A relay may close after any number of messages (V21, S3): that is no fault of this one.
        Outcome::Retry {
            code: None | Some(421),
            reply,
        } if !usable => {
            if carried > 1 {
                return shared.queue(line.lane).give_back(task);
            }
            if shared.forgives(task.leased.key) {
                relay.report(RelayFault::closed(reply));
                return shared.queue(line.lane).give_back(task);
            }
        }
        // Not one octet went out: only this relay cannot carry it.
        Outcome::Failed { code: None, .. } if shared.any_up(others) => {
            let narrowed = Task {
                relays: others,
                ..task
            };
            return shared.queue(line.lane).give_back(narrowed);
        }
        Outcome::Failed { code, reply } if reply::is_of_the_sender(*code, reply) => {
            relay.goes_through();
            return blamed(line, task, *code, reply.clone());
        }
        Outcome::Unknown { .. } => {
            relay.goes_through();
            unanswered(line, &task);
        }
        Outcome::Retry { .. } | Outcome::Failed { .. } => relay.goes_through(),
    }
    shared.progress.relay(line.relay, &outcome);
    shared.done(
        task.leased,
        task.hold,
        Some(line.relay),
        Came::Outcome(outcome),
    );
}

/// A relay that takes message after message and answers none would make the whole digest `unknown`: it is paused, too.
fn unanswered(line: &Line, task: &Task) {
    let row = line.unanswered.fetch_add(1, Ordering::Relaxed) + 1;
    if row >= line.shared.context.delivery.sender_faults {
        let name = &line.shared.routes[line.relay].name;
        let reason = format!(
            "relay {name} gave no answer to {row} mails in a row over one connection after another; they may have been taken"
        );
        hold(line, task, reason);
    }
}

fn hold(line: &Line, task: &Task, reason: String) {
    if let Some(digest_id) = task.leased.digest_id() {
        line.shared.held.refuse(digest_id, reason);
        line.shared.changed.notify_waiters();
    }
}

/// A relay refuses a mail for good because of us: its reader is not to blame, so it waits for its next try; and when one mail
/// after the other is refused so, the digest is paused before it burns through the list (V26).
fn blamed(line: &Line, task: Task, code: Option<u16>, reply: String) {
    let shared = &line.shared;
    let row = shared.relays[line.relay].refuses_us(task.leased.provider_id);
    if row >= shared.context.delivery.sender_faults {
        let name = &shared.routes[line.relay].name;
        let said = reply::without_addresses(&reply);
        hold(
            line,
            &task,
            format!("relay {name} refused {row} mails in a row because of us: {said}"),
        );
    }
    let outcome = Outcome::Retry { code, reply };
    shared.progress.relay(line.relay, &outcome);
    shared.done(
        task.leased,
        task.hold,
        Some(line.relay),
        Came::Outcome(outcome),
    );
}

fn slow_down(shared: &Shared, task: &Task, text: &str) {
    let now_ms = shared.context.clock.now_ms();
    if let Some(group) = shared.pace.slow_down(&task.leased, text, now_ms) {
        tracing::warn!(group, "asked to slow down");
    }
}

/// Mails that may not go for a while wait in the database, not in hand: their domain asked us to slow down, or their own relays
/// have nothing left. Those of a domain that goes on slowly make way for others.
pub(super) fn defer_stalled(shared: &Shared, queue: &Queue, now_ms: i64) {
    if shared.pace.is_calm() {
        return;
    }
    let until = |task: &Task| {
        let of_domain = shared.pace.domain_until(&task.leased, now_ms);
        of_domain.or_else(|| shared.stalled_until(task.leased.provider_id, task.relays, now_ms))
    };
    for task in queue.take_out(|task| until(task).is_some()) {
        let due_ms = until(&task).unwrap_or(now_ms);
        let verdict = deliver::defer(
            &task.leased,
            due_ms,
            "a limit is reached, or its domain asked us to slow down",
        );
        shared.done(task.leased, task.hold, None, Came::Verdict(verdict));
    }
    queue.set_apart(|task| shared.pace.waits_for_its_domain(&task.leased, now_ms));
}
