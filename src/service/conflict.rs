//! Transactions that the database undid because another stood in their way (PostgreSQL: deadlock, serialisation) are done again.

use super::Error;
use crate::store;

/// How often one is tried.
const TRIES: usize = 5;

/// Does what is one transaction, again while the database undoes it for another's sake. `what` names it in the log.
pub(super) async fn repeated<T, F>(what: &str, mut once: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tries = 1;
    loop {
        match once().await {
            Err(Error::Store(store::Error::Conflict(reason))) if tries < TRIES => {
                tracing::debug!(what, reason, tries, "written again");
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}
