//! The window opens: a draft is told to its editors once, so long before its hour as the list says.

use std::collections::HashSet;

use super::Context;
use crate::domain::list::List;
use crate::service::letter::ToEditor;
use crate::service::{Error, compose, next};
use crate::store;
use crate::store::editor_mail::EditorMail;

/// When the draft of the list's next period after this moment opens, where it does.
pub fn opens_ms(list: &List, now_ms: i64) -> Option<i64> {
    let period_ms = list.schedule.next_after(now_ms)?;
    (!list.review.is_zero()).then(|| period_ms - list.review.as_millis() as i64)
}

/// Opens the draft of the list's next period when that is to be done as of this moment, and queues a mail to each editor; says whether
/// this call did. Of many processes one does.
pub async fn open(context: &Context, list: &List, as_of_ms: i64) -> Result<bool, Error> {
    if opens_ms(list, as_of_ms).is_none_or(|opens_ms| as_of_ms < opens_ms) {
        return Ok(false);
    }
    let mut tx = context.database.read().await?;
    let decided = next::decided(&mut tx, list).await?;
    let Some(period_ms) = list.schedule.next_after(as_of_ms) else {
        return Ok(false);
    };
    // One of the past, by a command that looks as of then, is nothing to edit.
    let is_over = period_ms <= context.clock.now_ms();
    let is_decided = is_over || decided.is_some_and(|decided| decided >= period_ms);
    if is_decided
        || store::draft::read(&mut tx, list.id, period_ms)
            .await?
            .opened_ms
            .is_some()
    {
        return Ok(false);
    }
    let draft = compose::draft(&mut tx, list, period_ms, as_of_ms).await?;
    drop(tx);
    let titles = draft
        .selection
        .edition
        .items()
        .map(|item| item.title.clone());
    let content = ToEditor::Draft {
        titles: titles.collect(),
    };
    let content = content.json()?;
    let mut tx = context.database.write().await?;
    let now_ms = context.clock.now_ms();
    if !store::draft::open(&mut tx, list.id, period_ms, now_ms).await? {
        return Ok(false);
    }
    let about = (list.id, period_ms);
    let mut told = HashSet::new();
    for editor in &list.editors {
        if !told.insert(editor.identity()) {
            continue;
        }
        store::editor_mail::enqueue(&mut tx, EditorMail::Draft, about, editor, &content, now_ms)
            .await?;
    }
    tx.commit().await?;
    tracing::info!(
        list = list.slug,
        editors = list.editors.len(),
        "the draft is open"
    );
    context.wake.notify_one();
    Ok(true)
}
