//! Whether what arrived is what was promised: each reader has one confirmation and one digest, in the list's language and
//! direction, with every chosen article and the reader's own one-click link in both parts.

use std::sync::Arc;

use anyhow::{Context as _, ensure};

use super::Demo;
use super::story::Reader;
use crate::catcher::Caught;
use crate::domain::list::List;
use crate::store;

/// The first mail to an address.
pub(super) fn mail_to(caught: &[Arc<Caught>], address: &str) -> anyhow::Result<Arc<Caught>> {
    let mail = caught
        .iter()
        .find(|mail| mail.recipients.iter().any(|recipient| recipient == address));
    mail.cloned()
        .with_context(|| format!("no mail for {address}"))
}

/// Checks a reader's digest and says what it holds.
pub(super) async fn digest(
    demo: &Demo,
    caught: &[Arc<Caught>],
    reader: &Reader,
    list: &List,
) -> anyhow::Result<String> {
    let mails: Vec<_> = caught
        .iter()
        .filter(|mail| {
            mail.recipients == [reader.address] && mail.header("List-Unsubscribe").is_some()
        })
        .collect();
    let [mail] = mails.as_slice() else {
        anyhow::bail!(
            "{} got {} digests instead of one",
            reader.address,
            mails.len()
        );
    };
    let digests = store::digest::newest(
        &mut demo.app.context.database.read().await?,
        Some(list.id),
        1,
    )
    .await?;
    let edition = &digests.first().context("the digest is stored")?.edition;
    let html = mail.html().context("the digest has no HTML part")?;
    let text = mail.text().context("the digest has no text part")?;
    let link = mail.header("List-Unsubscribe").unwrap_or_default();
    let link = link.trim().trim_start_matches('<').trim_end_matches('>');
    ensure!(
        html.contains(link) && text.contains(link),
        "the unsubscribe link is missing from a part"
    );
    ensure!(
        mail.header("List-Unsubscribe-Post")
            .is_some_and(|value| value.trim() == "List-Unsubscribe=One-Click"),
        "the one-click header is missing"
    );
    let direction = if list.language == "ar" { "rtl" } else { "ltr" };
    ensure!(
        html.contains(&format!("dir=\"{direction}\"")),
        "the digest does not run {direction}"
    );
    ensure!(
        text.contains(reader.name),
        "the digest does not greet its reader"
    );
    for item in edition.items() {
        ensure!(
            html.contains(&item.url) && text.contains(&item.url),
            "«{}» is missing from a part",
            item.title
        );
    }
    let (articles, sections) = (edition.article_count(), edition.sections.len());
    Ok(format!(
        "one copy, {direction}, {articles} articles in {sections} sections, {} KB",
        mail.size() / 1_024
    ))
}
