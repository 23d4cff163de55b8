//! Articles from the operator's own files: Markdown, a folder of it, or JSON lines; as large as they are.

use std::path::Path;
use std::sync::Arc;

use super::gather::{FeedReport, read_folder, store_articles};
use super::{Context, Error};
use crate::domain::article::NewArticle;
use crate::domain::list::List;
use crate::domain::popular::Source;
use crate::feed::{self, FeedError, FetchLimits, ParsedFeed, Validators};

/// Stores articles from a file or a folder for one list; in `section`, or where their categories lead.
///
/// What cannot be used is in the report, by name; the rest is stored in one transaction. An error when the path cannot be read at
/// all, or the database fails.
pub async fn import(
    context: &Context,
    list: &Arc<List>,
    path: &Path,
    section: Option<&str>,
) -> Result<FeedReport, Error> {
    let name = path.display().to_string();
    let mut report = FeedReport::of(&name);
    let articles = if path.is_dir() {
        read_whole_folder(path, &mut report).await?
    } else {
        read_file(path, &name, &mut report).await?
    };
    let placing = vec![(Arc::clone(list), section.map(str::to_owned))];
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let given = (articles.as_slice(), Source::Pushed);
    store_articles(&mut tx, given, &placing, now_ms, &mut report).await?;
    tx.commit().await?;
    Ok(report)
}

async fn read_whole_folder(
    path: &Path,
    report: &mut FeedReport,
) -> Result<Vec<NewArticle>, FeedError> {
    let limits = FetchLimits {
        max_items: usize::MAX,
        ..FetchLimits::default()
    };
    let read = read_folder(path, &Validators::default(), &limits).await?;
    let parsed: ParsedFeed = read.map(|(parsed, _)| parsed).unwrap_or_default();
    let passed_over = parsed.passed_over();
    report.skipped = passed_over
        .map(|why| format!("{}: {why}", report.url))
        .collect();
    report.drafts = parsed.drafts;
    Ok(parsed.articles)
}

async fn read_file(
    path: &Path,
    name: &str,
    report: &mut FeedReport,
) -> Result<Vec<NewArticle>, FeedError> {
    let text = read_text(path).await?;
    let ending = path.extension().and_then(|ending| ending.to_str());
    let read = if ending.is_some_and(|ending| ["jsonl", "ndjson", "json"].contains(&ending)) {
        feed::read_json_lines(&text)
            .into_iter()
            .map(|read| read.map(Some))
            .collect()
    } else {
        vec![feed::read_markdown(&text, name)]
    };
    let mut articles = Vec::new();
    for article in read {
        match article {
            Ok(Some(article)) => articles.push(article),
            Ok(None) => report.drafts += 1,
            Err(error) => {
                let said = error.to_string();
                let is_named = said.contains(name);
                report.skipped.push(if is_named {
                    said
                } else {
                    format!("{name}: {said}")
                });
            }
        }
    }
    Ok(articles)
}

/// The operator's own file: as large as it is.
async fn read_text(path: &Path) -> Result<String, FeedError> {
    let read = tokio::fs::read_to_string(path).await;
    read.map_err(|reason| match reason.kind() {
        std::io::ErrorKind::NotFound => FeedError::FileNotFound { path: path.into() },
        _ => FeedError::FileUnreadable {
            path: path.into(),
            reason,
        },
    })
}
