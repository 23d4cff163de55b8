//! One mail from the queue to its result: [`lease_range`] and its kin take it (with the recheck of promise 3), [`settle`] says what an outcome
//! means for it, [`record`] writes that for many at once. No transaction is open while a mail is on the wire (promise 4):
//! `worker::sender` stands between.

mod editors;
mod lease;
mod record;
mod settle;

use crate::domain::delivery::{DeliveryKind, DeliveryStatus};
pub use crate::store::digest_attempt::Attempt;
pub use crate::store::digest_delivery::Counts;
pub use crate::store::digest_range::RangeKey;
pub use lease::{LeasedMails, LeasedRange, lease_mails, lease_range, lease_retries};
pub use record::{Records, backlog, digests_due, mails_due, record};
pub(super) use settle::is_stale;
pub use settle::{defer, settle};

/// Names one delivery in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A mail outside digests: its row.
    Mail(i64),
    /// A mail to an editor: its row.
    Editor(i64),
    /// A digest's first attempt for a subscriber, in a range.
    First(RangeKey, i64),
    /// Another attempt for a subscriber of a digest.
    Retry {
        /// The digest.
        digest_id: i64,
        /// The subscriber.
        subscriber_id: i64,
    },
}

/// A delivery that this worker holds, with what its mail needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its name in the queue.
    pub key: Key,
    /// What kind of mail.
    pub kind: DeliveryKind,
    /// Its list.
    pub list_id: i64,
    /// The mailbox provider of its address; 0: any other.
    pub provider_id: i64,
    /// Its subscriber.
    pub subscriber_id: i64,
    /// Which variant of its digest; 0: the digest's own edition.
    pub variant_id: i64,
    /// How often it was tried before.
    pub attempts: i64,
    /// How often the answer was lost after the final dot.
    pub unknowns: i64,
    /// When it was queued: the mail's Date (M10: unchanged on retry).
    pub created_ms: i64,
    /// Where it goes.
    pub address: String,
    /// The reader's name, if given.
    pub name: Option<String>,
}

impl Leased {
    /// A reader who does not exist, for previews.
    pub fn example(list_id: i64, created_ms: i64) -> Self {
        Self {
            key: Key::Retry {
                digest_id: 0,
                subscriber_id: 0,
            },
            kind: DeliveryKind::Digest,
            list_id,
            provider_id: 0,
            subscriber_id: 0,
            variant_id: 0,
            attempts: 0,
            unknowns: 0,
            created_ms,
            address: "reader@example.org".to_owned(),
            name: None,
        }
    }

    /// Its digest, if it belongs to one.
    pub fn digest_id(&self) -> Option<i64> {
        match self.key {
            Key::Mail(_) | Key::Editor(_) => None,
            Key::First(range, _) => Some(range.digest_id),
            Key::Retry { digest_id, .. } => Some(digest_id),
        }
    }

    /// What its mail is made from: the digest and its variant.
    pub fn edition(&self) -> Option<(i64, i64)> {
        self.digest_id()
            .map(|digest_id| (digest_id, self.variant_id))
    }

    /// The domain it goes to.
    pub fn domain(&self) -> &str {
        self.address.rsplit('@').next().unwrap_or_default()
    }
}

/// What to write of one delivery: its state after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its state now; `queued` means try again at `due_ms`.
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempts: i64,
    /// Lost answers so far.
    pub unknowns: i64,
    /// When to try again, for `queued`.
    pub due_ms: i64,
    /// The relay that was tried.
    pub relay: Option<String>,
    /// The reply's code.
    pub code: Option<i64>,
    /// The reply's text.
    pub reply: Option<String>,
    /// When it ended, for a final state.
    pub done_ms: Option<i64>,
}
