//! A sign-up with what its limits and its rows are named by: worked out where the request is, before it takes its turn with all
//! others.

use super::budget::{Names, network};
use super::{Context, SignUp};

/// A sign-up that waits for its turn.
pub(super) struct Asked {
    pub(super) sign_up: SignUp,
    /// What makes the same subscriber (A11).
    pub(super) identity: String,
    /// By which an address that was erased is known.
    pub(super) erasures: Vec<String>,
    pub(super) names: Names,
    /// The bucket of its network, if it is known where it came from.
    pub(super) network: Option<String>,
}

impl Asked {
    pub(super) fn new(context: &Context, sign_up: SignUp) -> Self {
        let identity = sign_up.address.identity();
        Self {
            erasures: context.keyring.erasure_hashes(&identity),
            identity,
            names: Names::of(context, &sign_up.address),
            network: network(context, sign_up.origin.ip.as_deref()),
            sign_up,
        }
    }
}
