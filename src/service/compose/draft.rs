//! What a period would hold: what was looked at for it, and what was chosen of that.

use std::collections::BTreeSet;

use super::windows;
use crate::domain::article::Article;
use crate::domain::digest::Audience;
use crate::domain::list::List;
use crate::domain::selection::Selection;
use crate::service::Error;
use crate::service::shelf::{Key, Shelf};
use crate::service::variants::turn;
use crate::store::{self, Tx};

/// A draft of what a period would hold.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The period, epoch milliseconds.
    pub period_ms: i64,
    /// Articles published after this were looked at.
    pub since_ms: i64,
    /// Articles published up to this were looked at.
    pub until_ms: i64,
    /// What it was chosen from, newest first.
    pub articles: Vec<Article>,
    /// What editors decided about it.
    pub edits: store::draft::Draft,
    /// What it tells of earlier digests that was wrong.
    corrections: Vec<String>,
    /// What was chosen.
    pub selection: Selection,
    /// What was looked at, and for whom.
    pub(super) shelf: Shelf,
    window: Key,
}

/// What the digest of a period would hold of the articles up to this time.
pub(in crate::service) async fn draft(
    tx: &mut Tx,
    list: &List,
    period_ms: i64,
    until_ms: i64,
) -> Result<Draft, Error> {
    let window = windows(tx, list, period_ms).await?.list;
    let mut shelf = Shelf::open(
        tx,
        list,
        (window.oldest_ms, until_ms),
        (Audience::List, None),
    )
    .await?;
    shelf.look(tx, &window, true).await?;
    let edits = store::draft::read(tx, list.id, period_ms).await?;
    shelf.edit(edits.editing.clone());
    let mut draft = Draft {
        period_ms,
        since_ms: window.oldest_ms,
        until_ms,
        articles: shelf.articles().cloned().collect(),
        edits,
        corrections: store::correction::untold(tx, list.id).await?,
        selection: Selection::default(),
        shelf,
        window: window.key(),
    };
    draft.selection = draft.choose(None);
    Ok(draft)
}

impl Draft {
    /// What readers of these sections would get of it (`None`: of all).
    pub(in crate::service) fn choose(&self, keys: Option<&[String]>) -> Selection {
        let mut selection = self.shelf.choose(keys, &self.window);
        selection.edition.corrections.clone_from(&self.corrections);
        self.shelf.add_extras(keys, &self.window, &mut selection);
        selection
    }

    /// Looks at what is new for readers whose window is another than the list's; gives their windows.
    pub(super) async fn look(&mut self, tx: &mut Tx, list: &List) -> Result<BTreeSet<Key>, Error> {
        let windows = windows(tx, list, self.period_ms).await?;
        let turn = turn(list, Audience::List, self.until_ms);
        for group in store::audience::groups(tx, &turn).await? {
            let window = windows.of(&group)?;
            let is_the_lists = window.key() == windows.list.key();
            self.shelf.look(tx, &window, is_the_lists).await?;
        }
        let mut looked = self.shelf.keys();
        looked.remove(&windows.list.key());
        Ok(looked)
    }
}
