//! The editors' window: before its hour the draft of a list's digest can be edited, by whoever holds an editor's link or by the command
//! line. What is decided is kept beside the draft and laid over it when the digest is composed; when nobody decides anything it goes
//! out as it is.

mod desk;
mod window;

use super::compose::{self, Draft};
use super::{Context, Error, next};
use crate::domain::editing::Editing;
use crate::domain::list::List;
use crate::store;

pub use desk::{Desk, Editor, MOST_TESTS, Tested, Variant, editor, look, test, variants};
pub use window::{open, opens_ms};

/// Who edits from the command line.
pub const COMMAND: &str = "command";

/// What came of an attempt to write what was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is written, as this version.
    Done(i64),
    /// Somebody else changed the draft meanwhile; nothing was written.
    Stale,
    /// The digest of the period was made, or it never will be; nothing was written.
    Closed,
}

/// The draft of a list's next digest as it would be made of what is known now.
pub async fn draft(context: &Context, list: &List) -> Result<Draft, Error> {
    compose::preview(context, list, context.clock.now_ms()).await
}

/// Writes what was decided about the digest of a period over the version that was seen.
pub async fn save(
    context: &Context,
    list: &List,
    period_ms: i64,
    (editing, version): (&Editing, i64),
    by: &str,
) -> Result<Saved, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    // Whoever composes holds it too: what is decided is in the digest, or is refused.
    store::list::lock_soon(&mut tx, list.id).await?;
    let decided = store::digest_look::latest_period(&mut tx, list.id).await?;
    if !next::is_open(list, decided, period_ms, now_ms) {
        return Ok(Saved::Closed);
    }
    let about = (list.id, period_ms);
    let saved = store::draft::save(&mut tx, about, editing, version, (now_ms, by)).await?;
    tx.commit().await?;
    Ok(saved.map_or(Saved::Stale, Saved::Done))
}
