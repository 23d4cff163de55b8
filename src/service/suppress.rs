//! Addresses that are never mailed, whatever their subscriptions say.

use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::store;

/// Suppresses an address; says whether it is new on the list.
pub async fn add(context: &Context, address: &EmailAddress, reason: &str) -> Result<bool, Error> {
    let mut tx = context.database.write().await?;
    let now_ms = context.clock.now_ms();
    let new = store::suppression::add(&mut tx, &address.identity(), reason, now_ms).await?;
    tx.commit().await?;
    Ok(new)
}

/// Which lists an address was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Was {
    /// That of suppressed ones.
    pub suppressed: bool,
    /// That of erased ones.
    pub erased: bool,
}

/// Takes an address off the list, and off that of erased ones; says on which it was.
pub async fn remove(context: &Context, address: &EmailAddress) -> Result<Was, Error> {
    let mut tx = context.database.write().await?;
    let identity = address.identity();
    let hashes = context.keyring.erasure_hashes(&identity);
    let was = Was {
        suppressed: store::suppression::remove(&mut tx, &identity).await?,
        erased: store::erasure::remove(&mut tx, &hashes).await?,
    };
    tx.commit().await?;
    Ok(was)
}
