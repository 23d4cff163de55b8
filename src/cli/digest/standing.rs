//! How far a digest is: its deliveries, how fast they leave, when that will be over, and what each relay did. The same figures at any
//! time, from any host.

use serde_json::{Value, json};

use crate::app::App;
use crate::cli::output::number;
use crate::domain::digest::DigestStatus;
use crate::store::digest::Digest;
use crate::store::digest_delivery::{self, Counts, RelayCounts};

/// How far a digest is.
pub struct Standing {
    counts: Counts,
    relays: Vec<(String, RelayCounts)>,
    /// Mails a second since it started, without the time when it was held.
    rate: Option<f64>,
    /// How long the rest takes at this rate, in seconds.
    left_s: Option<f64>,
}

impl Standing {
    /// Reads it.
    pub async fn of(app: &App, digest: &Digest) -> anyhow::Result<Self> {
        let mut tx = app.context.database.read().await?;
        let counts = digest_delivery::counts(&mut tx, digest.id).await?;
        let mut relays = digest_delivery::by_relay(&mut tx, digest.id).await?;
        if digest.started_ms.is_some() {
            // One that does nothing is what an operator looks for.
            for name in may_carry(app, digest) {
                relays.entry(name).or_default();
            }
        }
        let until_ms = digest
            .finished_ms
            .unwrap_or_else(|| app.context.clock.now_ms());
        let pause = digest.paused.as_ref();
        let held_ms = digest.held_ms + pause.map_or(0, |pause| until_ms - pause.since_ms);
        let seconds = digest
            .started_ms
            .map(|started_ms| (until_ms - started_ms - held_ms) as f64 / 1_000.0);
        let rate = seconds
            .filter(|seconds| *seconds > 0.0 && counts.sent > 0)
            .map(|seconds| counts.sent as f64 / seconds);
        let going = digest.status == DigestStatus::Sending && digest.paused.is_none();
        Ok(Self {
            left_s: rate
                .filter(|_| going)
                .map(|rate| (counts.queued - counts.waiting) as f64 / rate),
            rate,
            counts,
            relays: relays.into_iter().collect(),
        })
    }

    /// As lines of name and value.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let counts = &self.counts;
        let group = |value: i64| number(value.max(0) as u64);
        let mut facts = vec![(
            "deliveries",
            format!(
                "{} sent, {} queued ({} to be retried), {} failed, {} unknown, {} cancelled",
                group(counts.sent),
                group(counts.queued),
                group(counts.waiting),
                group(counts.failed),
                group(counts.unknown),
                group(counts.cancelled)
            ),
        )];
        if let Some(rate) = self.rate {
            let left = self
                .left_s
                .map(|left_s| format!(", {} left", span(left_s)))
                .unwrap_or_default();
            facts.push(("rate", format!("{rate:.1}/s without pauses{left}")));
        }
        for (name, relay) in &self.relays {
            let (sent, waiting) = (group(relay.sent), group(relay.waiting));
            let (failed, unknown) = (group(relay.failed), group(relay.unknown));
            facts.push((
                "relay",
                format!(
                    "{name}: {sent} sent, {waiting} to be retried, {failed} failed, {unknown} unknown"
                ),
            ));
        }
        facts
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let relays = self
            .relays
            .iter()
            .map(|(name, counts)| (name.clone(), json!(counts)));
        json!({ "deliveries": self.counts, "relays": relays.collect::<serde_json::Map<_, _>>(),
            "rate": self.rate, "seconds_left": self.left_s })
    }
}

/// The relays that may carry a digest.
fn may_carry(app: &App, digest: &Digest) -> Vec<String> {
    let list = app.context.list_by_id(digest.list_id);
    let named = list.map_or(&[][..], |list| &list.relays);
    let all = app.config.relays.iter().map(|relay| relay.name.clone());
    all.filter(|name| named.is_empty() || named.contains(name))
        .collect()
}

/// A span of time as a person reads it.
pub fn span(seconds: f64) -> String {
    let seconds = seconds.ceil().max(0.0) as u64;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
