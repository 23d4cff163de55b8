//! When mail may go again that a limit or a back-off stands against.

use super::{Inner, Pace};

impl Pace {
    /// When the next mail to a provider may go over a relay, epoch milliseconds; in the past when nothing stands against it.
    pub(in crate::worker::sender) fn spent_until(&self, provider_id: i64, relay: usize) -> i64 {
        let inner = self.locked();
        let group = inner.providers.get(&provider_id);
        let of_group = group.map_or(&[][..], |group| &group.limits);
        let rests = group.and_then(|group| group.brake.as_ref());
        inner
            .limits_until(&inner.all)
            .max(inner.limits_until(&inner.relays[relay]))
            .max(inner.limits_until(of_group))
            .max(rests.map_or(0, |brake| brake.until_ms))
    }

    /// Whether a relay's own limits let nothing go now.
    pub(in crate::worker::sender) fn is_spent(&self, relay: usize, now_ms: i64) -> bool {
        let inner = self.locked();
        inner.limits_until(&inner.relays[relay]) > now_ms
    }
}

impl Inner {
    fn limits_until(&self, limits: &[usize]) -> i64 {
        let limits = limits.iter().map(|at| &self.limits[*at]);
        let spent = limits.filter(|state| state.left <= 0);
        spent.map(|state| state.again_ms).max().unwrap_or(0)
    }
}
