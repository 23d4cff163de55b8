//! Letters kept compiled, as far as there is room; the one that was not asked for longest goes first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::{Frozen, compile};
use crate::domain::list::List;
use crate::mail::compiled::CompiledDigest;
use crate::service::{Context, Error};
use crate::store;

/// Keeps editions compiled while they are being sent, by digest and variant.
#[derive(Debug, Default)]
pub struct Letters {
    compiled: Mutex<Cache>,
}

impl Letters {
    /// A variant of a digest compiled for its readers (0: the digest's own edition); compiled once, and kept.
    pub async fn compiled(
        &self,
        context: &Context,
        list: &List,
        edition: (i64, i64),
    ) -> Result<Arc<CompiledDigest>, Error> {
        if let Some(compiled) = self.cache().get(edition) {
            return Ok(compiled);
        }
        let (digest_id, variant_id) = edition;
        let missing = |what: &str, id| store::Error::Corrupt(format!("{what} {id} is missing"));
        let mut tx = context.database.read().await?;
        let digest = store::digest::by_id(&mut tx, digest_id)
            .await?
            .ok_or_else(|| missing("digest", digest_id))?;
        let variant = match variant_id {
            0 => None,
            id => Some(
                store::digest_variant::by_id(&mut tx, id)
                    .await?
                    .ok_or_else(|| missing("variant", id))?,
            ),
        };
        drop(tx);
        let own = (&digest.edition, &digest.public_id, None);
        let (shown, public_id, language) = variant.as_ref().map_or(own, |variant| {
            (
                &variant.edition,
                &variant.public_id,
                variant.language.as_deref(),
            )
        });
        let frozen = Frozen {
            edition: shown,
            language,
            period_ms: digest.period_ms,
            public_id,
            started_ms: digest.started_ms.unwrap_or(digest.composed_ms),
            rows: edition,
        };
        let compiled = Arc::new(compile(context, list, &frozen)?);
        self.cache().keep(edition, &compiled);
        Ok(compiled)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        // Nothing that holds the lock can panic; if it did, the map is still whole.
        self.compiled
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Cache {
    /// Each with when it was last asked for.
    letters: HashMap<(i64, i64), (u64, Arc<CompiledDigest>)>,
    /// Counts what was asked for.
    now: u64,
    octets: usize,
}

/// Readers of all variants take turns, so all variants of a digest should have room: this is enough for some hundreds.
const COMPILED_OCTETS: usize = 64 << 20;

impl Cache {
    fn get(&mut self, edition: (i64, i64)) -> Option<Arc<CompiledDigest>> {
        self.now += 1;
        let (asked, letter) = self.letters.get_mut(&edition)?;
        *asked = self.now;
        Some(Arc::clone(letter))
    }

    fn keep(&mut self, edition: (i64, i64), letter: &Arc<CompiledDigest>) {
        self.octets += letter.octets();
        let before = self.letters.insert(edition, (self.now, Arc::clone(letter)));
        self.octets -= before.map_or(0, |(_, letter)| letter.octets());
        while self.octets > COMPILED_OCTETS && self.letters.len() > 1 {
            let oldest = self.letters.iter().min_by_key(|(_, (asked, _))| *asked);
            let Some(oldest) = oldest.map(|(edition, _)| *edition) else {
                return;
            };
            let gone = self.letters.remove(&oldest);
            self.octets -= gone.map_or(0, |(_, letter)| letter.octets());
        }
    }
}
