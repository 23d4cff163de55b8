//! The memory of the catcher: a ring of messages, bounded in number and in octets, that wakes those who wait for mail.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{CatcherConfig, Caught};

/// Counted for each address and message besides their octets, so that many tiny ones stay within the bound too.
const OVERHEAD: usize = 64;

/// The sender, the recipients and the needs of one message (RFC 5321 §2.3.1).
#[derive(Debug)]
pub(super) struct Envelope {
    pub from: String,
    pub recipients: Vec<String>,
    pub smtputf8: bool,
}

/// What was caught and is still kept.
pub(super) struct Inbox {
    ring: Mutex<Ring>,
    accepted: watch::Sender<u64>,
    max_messages: usize,
    max_bytes: usize,
    clock: fn() -> i64,
}

#[derive(Default)]
struct Ring {
    messages: VecDeque<Arc<Caught>>,
    bytes: usize,
}

impl Inbox {
    pub fn new(config: &CatcherConfig) -> Self {
        Self {
            ring: Mutex::default(),
            accepted: watch::Sender::new(0),
            max_messages: config.max_messages,
            max_bytes: config.max_bytes,
            clock: config.clock,
        }
    }

    /// Keeps a message, forgets the oldest beyond the bounds, and returns its number.
    pub fn keep(&self, envelope: Envelope, raw: Vec<u8>) -> u64 {
        let mut ring = self.ring();
        let id = *self.accepted.borrow() + 1;
        let message = Arc::new(Caught {
            id,
            received_ms: (self.clock)(),
            envelope_from: envelope.from,
            recipients: envelope.recipients,
            smtputf8: envelope.smtputf8,
            raw,
        });
        ring.bytes += weight(&message);
        ring.messages.push_back(message);
        while ring.messages.len() > self.max_messages || ring.bytes > self.max_bytes {
            let Some(oldest) = ring.messages.pop_front() else {
                break;
            };
            ring.bytes -= weight(&oldest);
        }
        self.accepted.send_replace(id);
        id
    }

    pub fn messages(&self) -> Vec<Arc<Caught>> {
        self.ring().messages.iter().cloned().collect()
    }

    pub fn message(&self, id: u64) -> Option<Arc<Caught>> {
        let ring = self.ring();
        let found = ring
            .messages
            .binary_search_by_key(&id, |message| message.id)
            .ok()?;
        ring.messages.get(found).cloned()
    }

    pub async fn wait_for(&self, count: u64) -> Vec<Arc<Caught>> {
        let mut accepted = self.accepted.subscribe();
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = accepted.wait_for(|accepted| *accepted >= count).await;
        self.messages()
    }

    pub fn accepted(&self) -> u64 {
        *self.accepted.borrow()
    }

    pub fn clear(&self) {
        *self.ring() = Ring::default();
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(message: &Caught) -> usize {
    let addresses = message.recipients.iter().chain([&message.envelope_from]);
    message.raw.capacity() + OVERHEAD + addresses.map(|it| it.len() + OVERHEAD).sum::<usize>()
}
