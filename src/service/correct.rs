//! What a digest said wrong is put right where it is still read: its page, the archive and the feeds show it corrected, with a note, and
//! the list's next digest tells its readers. What was mailed stays on record as it was.

use super::{Context, Error};
use crate::domain::article::is_turning;
use crate::domain::correction::{Correction, NOTE_CHARS};
use crate::domain::digest::{DigestStatus, Edition};
use crate::domain::editing::TITLE_CHARS;
use crate::store;

/// The longest summary, in characters.
const SUMMARY_CHARS: usize = 2_000;

/// Corrects an article of a digest; `created_ms` is set here.
pub async fn correct(
    context: &Context,
    digest_id: i64,
    correction: Correction,
) -> Result<(), Error> {
    let correction = checked(correction)?;
    let mut tx = context.database.write().await?;
    let digest = store::digest::by_id(&mut tx, digest_id).await?;
    let digest = digest.ok_or_else(|| refused(format!("there is no digest {digest_id}")))?;
    if !matches!(digest.status, DigestStatus::Sending | DigestStatus::Sent) {
        return Err(refused(format!(
            "digest {digest_id} is {}: only one that readers have got can be corrected",
            digest.status.as_str()
        )));
    }
    // Whoever composes the next digest holds it too: it tells this correction, or leaves it to the one after.
    store::list::lock_soon(&mut tx, digest.list_id).await?;
    let variants = store::digest_variant::of(&mut tx, digest_id).await?;
    let mut editions = variants.iter().map(|variant| &variant.edition);
    let article_id = correction.article_id;
    if !says(&digest.edition, article_id) && !editions.any(|edition| says(edition, article_id)) {
        return Err(refused(format!(
            "article {article_id} is not in digest {digest_id}; `nashra digest why --digest {digest_id}` tells what is"
        )));
    }
    let correction = Correction {
        created_ms: context.clock.now_ms(),
        ..correction
    };
    store::correction::add(&mut tx, digest_id, &correction).await?;
    tx.commit().await?;
    tracing::info!(digest = digest_id, article = article_id, "digest corrected");
    Ok(())
}

fn says(edition: &Edition, article_id: i64) -> bool {
    let others = edition.suggested.iter().chain(&edition.popular);
    edition.items().chain(others).any(|item| {
        let mut related = item.related.iter();
        item.article_id == article_id || related.any(|one| one.article_id == article_id)
    })
}

fn refused(why: String) -> Error {
    Error::Refused(why)
}

/// The correction with its texts on one line each, or why it cannot be taken.
fn checked(correction: Correction) -> Result<Correction, Error> {
    let line = |text: &str| {
        let text = text.replace(is_turning, "");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let fits = |what: &str, text: String, most: usize| {
        let length = text.chars().count();
        match length {
            0 => Err(refused(format!("the {what} is empty"))),
            _ if length > most => Err(refused(format!(
                "the {what} has {length} characters, {most} at most"
            ))),
            _ if text.contains(char::is_control) => {
                Err(refused(format!("the {what} holds control characters")))
            }
            _ => Ok(text),
        }
    };
    let title = correction
        .title
        .map(|title| fits("title", line(&title), TITLE_CHARS));
    let summary = correction.summary;
    let summary = summary.map(|summary| fits("summary", line(&summary), SUMMARY_CHARS));
    Ok(Correction {
        title: title.transpose()?,
        summary: summary.transpose()?,
        note: fits("note", line(&correction.note), NOTE_CHARS)?,
        ..correction
    })
}
