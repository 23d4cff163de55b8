//! How often the articles of a digest were read, for `digest show`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::App;
use crate::cli::output;
use crate::domain::clicks::day;
use crate::store;
use crate::store::digest::Digest;
use crate::store::digest_variant::Variant;

/// An article and how often it was clicked since its digest started, whoever clicked.
pub(super) struct Clicked {
    section: String,
    article_id: i64,
    title: String,
    clicks: i64,
}

/// The articles of a digest and its variants, in the order of the letter. Empty where nothing was counted.
pub(super) async fn of(
    app: &App,
    digest: &Digest,
    variants: &[Variant],
) -> anyhow::Result<Vec<Clicked>> {
    let variants = variants.iter().map(|variant| &variant.edition);
    let mut known = BTreeSet::new();
    let mut articles = Vec::new();
    for edition in std::iter::once(&digest.edition).chain(variants) {
        let lead = edition.lead.iter().map(|item| ("", item));
        let sections = edition.sections.iter();
        let rest = sections.flat_map(|one| one.items.iter().map(|item| (one.name.as_str(), item)));
        for (section, item) in lead.chain(rest) {
            if known.insert(item.article_id) {
                articles.push(Clicked {
                    section: section.to_owned(),
                    article_id: item.article_id,
                    title: item.title.clone(),
                    clicks: 0,
                });
            }
        }
    }
    let ids: Vec<i64> = known.into_iter().collect();
    let since_day = day(digest.started_ms.unwrap_or(digest.composed_ms));
    let mut tx = app.context.database.read().await?;
    let counts = store::clicks::of_articles(&mut tx, digest.list_id, &ids, since_day).await?;
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    for article in &mut articles {
        article.clicks = counts.get(&article.article_id).copied().unwrap_or(0);
    }
    Ok(articles)
}

/// One line for each article.
pub(super) fn lines(articles: &[Clicked]) -> Vec<String> {
    let line = |one: &Clicked| {
        let clicks = output::number(one.clicks as u64);
        let section = if one.section.is_empty() {
            "lead"
        } else {
            &one.section
        };
        format!("{clicks} · {section} · {}", one.title)
    };
    articles.iter().map(line).collect()
}

/// The same for programs.
pub(super) fn values(articles: &[Clicked]) -> Value {
    let value = |one: &Clicked| {
        let section = Some(&one.section).filter(|name| !name.is_empty());
        json!({ "article": one.article_id, "section": section, "title": one.title, "clicks": one.clicks })
    };
    articles.iter().map(value).collect()
}
