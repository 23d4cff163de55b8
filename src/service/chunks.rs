//! Long work on the database in short transactions: others wait for each, and none waits for all of it.

use super::Error;

/// Does a chunk of work, which is a transaction of its own, again and again until there is nothing more to do; the sum of what the
/// chunks say.
pub(super) async fn in_chunks<F>(mut chunk: impl FnMut() -> F) -> Result<u64, Error>
where
    F: Future<Output = Result<u64, Error>>,
{
    let mut sum = 0;
    loop {
        match chunk().await? {
            0 => return Ok(sum),
            done => sum += done,
        }
    }
}
