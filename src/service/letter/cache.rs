//! Letters kept compiled, as far as there is room; the one that was not asked for longest goes first.

use std::collections::HashMap;
use std::sync::Arc;

use crate::mail::compiled::CompiledDigest;

/// The letters.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// Each with when it was last asked for.
    letters: HashMap<(i64, i64), (u64, Arc<CompiledDigest>)>,
    /// Counts what was asked for.
    now: u64,
    octets: usize,
}

/// Readers of all variants take turns, so all variants of a digest should have room: this is enough for some hundreds.
const COMPILED_OCTETS: usize = 64 << 20;

impl Cache {
    /// The letter, if it is kept.
    pub(super) fn get(&mut self, edition: (i64, i64)) -> Option<Arc<CompiledDigest>> {
        self.now += 1;
        let (asked, letter) = self.letters.get_mut(&edition)?;
        *asked = self.now;
        Some(Arc::clone(letter))
    }

    /// Keeps a letter.
    pub(super) fn keep(&mut self, edition: (i64, i64), letter: &Arc<CompiledDigest>) {
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
