//! `nashra digest preview`: the digest of a moment as files, without sending and without a record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::reasons;
use crate::cli::output::{self, parse_time, stamp, time};
use crate::cli::{DONE, FAILED, Where};
use crate::domain::list::List;
use crate::locale::SUPPORTED;
use crate::service::gather::{self, Occasion};
use crate::service::{compose, letter};

/// Write what the next digest would be to files, without sending
#[derive(Debug, Args)]
#[command(
    after_help = "Writes LIST.html, LIST.txt and LIST.eml, and says of each article why it is where it is, or why it is not in.\nExample: nashra digest preview --as-of 2026-01-05T07:00 --out preview"
)]
pub struct PreviewArgs {
    /// As of this moment instead of now (2026-01-05T07:00:00Z; without Z or an offset it is the time of this machine's zone)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    as_of: Option<i64>,
    /// In this language instead of the list's
    #[arg(long, value_name = "LANGUAGE")]
    locale: Option<String>,
    /// Only this list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "preview")]
    out: PathBuf,
    /// Read the feeds first (articles are stored, nothing else is)
    #[arg(long)]
    gather: bool,
    /// Print JSON: for each list what it would hold, what is left out, and why
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: PreviewArgs) -> anyhow::Result<u8> {
    // What is gathered is stored; without that nothing is written, not even what the configuration says of lists and providers.
    let app = if args.gather {
        at.app().await?
    } else {
        at.look().await?
    };
    let lists = match &args.list {
        Some(slug) => vec![app.list(slug)?],
        None => app.context.lists.to_vec(),
    };
    if args.gather {
        gather::gather(&app.context, &app.fetcher()?, &lists, Occasion::Digest).await?;
    }
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("{} cannot be created", args.out.display()))?;
    let as_of_ms = args.as_of.unwrap_or_else(|| app.context.clock.now_ms());
    let (mut written, mut all) = (0, Vec::new());
    for list in lists {
        let list = in_language(&list, args.locale.as_deref())?;
        let draft = compose::preview(&app.context, &list, as_of_ms).await?;
        let articles = draft.selection.edition.article_count();
        let mut tx = app.context.database.read().await?;
        let (decided, extras) = reasons::titled(&mut tx, &draft.selection).await?;
        drop(tx);
        let mut row = json!({ "list": list.slug, "period": stamp(draft.period_ms), "since": stamp(draft.since_ms),
            "until": stamp(draft.until_ms), "articles": articles, "subject": null, "files": [],
            "decisions": decided.iter().map(reasons::json_of).collect::<Vec<_>>(),
            "beside": extras.iter().map(reasons::extra_json).collect::<Vec<_>>() });
        if articles == 0 {
            if args.json {
                all.push(row);
                continue;
            }
            let hint = if args.gather {
                ""
            } else {
                " (read the feeds with --gather)"
            };
            output::line(format!(
                "{}: nothing new between {} and {}; no files written{hint}",
                list.slug,
                time(draft.since_ms, list.schedule.zone()),
                time(draft.until_ms, list.schedule.zone())
            ));
            if !decided.is_empty() {
                reasons::table(&decided, &extras);
            }
            continue;
        }
        let (rendered, mail) = letter::preview(&app.context, &list, &draft)?;
        let mut files = Vec::new();
        for (ending, bytes) in [
            ("html", rendered.html.as_bytes()),
            ("txt", rendered.text.as_bytes()),
            ("eml", &mail.bytes),
        ] {
            files.push(write(&args.out, &format!("{}.{ending}", list.slug), bytes)?);
        }
        written += 1;
        if args.json {
            row["subject"] = json!(rendered.subject);
            row["files"] = json!(files);
            all.push(row);
            continue;
        }
        files.iter().for_each(output::line);
        let subject = rendered.subject;
        output::line(format!("{}: {articles} articles, «{subject}»", list.slug));
        reasons::table(&decided, &extras);
    }
    if args.json {
        output::json(&all)?;
    }
    app.close().await;
    Ok(if written > 0 { DONE } else { FAILED })
}

fn in_language(list: &Arc<List>, language: Option<&str>) -> anyhow::Result<Arc<List>> {
    match language {
        None => Ok(Arc::clone(list)),
        Some(language) if language == list.language => Ok(Arc::clone(list)),
        Some(language) if SUPPORTED.contains(&language) => Ok(Arc::new(List {
            language: language.to_owned(),
            formats: None,
            ..List::clone(list)
        })),
        Some(language) => anyhow::bail!(
            "no texts in `{language}`; there are {}",
            SUPPORTED.join(", ")
        ),
    }
}

fn write(directory: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
    let path = directory.join(name);
    std::fs::write(&path, bytes)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path.display().to_string())
}
