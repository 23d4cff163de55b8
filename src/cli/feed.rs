//! `nashra feed`: where articles come from.

use clap::Subcommand;

use super::{DONE, FAILED, Where, output};
use crate::app::fetcher;
use crate::service::gather::{self, Occasion};
use crate::store;
use crate::store::feed::FeedRow;

/// Read and check feeds.
#[derive(Debug, Subcommand)]
pub enum FeedCommand {
    /// Read every feed of the lists now and store the articles
    #[command(after_help = "Example: nashra feed fetch --list weekly")]
    Fetch {
        /// Only the feeds of this list
        #[arg(long, value_name = "LIST")]
        list: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the feeds that were read and what came of the last reading
    #[command(after_help = "Example: nashra feed list")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read one feed and show what it holds; nothing is stored
    #[command(after_help = "Example: nashra feed check https://example.org/feed.xml")]
    Check {
        /// Address or file
        feed: String,
    },
}

pub async fn run(at: &Where, command: FeedCommand) -> anyhow::Result<u8> {
    if let FeedCommand::Check { feed } = &command {
        return check(at, feed).await;
    }
    let app = match command {
        FeedCommand::Fetch { .. } => at.app().await?,
        FeedCommand::List { .. } | FeedCommand::Check { .. } => at.look().await?,
    };
    let code = match command {
        FeedCommand::Fetch { list, json } => {
            let lists = match list {
                Some(slug) => vec![app.list(&slug)?],
                None => app.context.lists.to_vec(),
            };
            let reports =
                gather::gather(&app.context, &app.fetcher()?, &lists, Occasion::Asked).await?;
            let failed = reports.iter().any(|report| report.error.is_some());
            if json {
                output::json(&reports)?;
            } else {
                for report in &reports {
                    output::line(in_words(report));
                    report
                        .skipped
                        .iter()
                        .for_each(|why| output::line(format!("  passed over: {why}")));
                }
                if reports.is_empty() {
                    output::line("no feeds; add [[lists.feeds]] to the configuration");
                }
            }
            if failed { FAILED } else { DONE }
        }
        FeedCommand::List { json } => {
            let feeds = store::feed::all(&mut app.context.database.read().await?).await?;
            if json {
                output::json(&feeds)?;
            } else {
                let zone = jiff::tz::TimeZone::UTC;
                let when = |ms: Option<i64>| {
                    ms.map_or_else(|| "never".to_owned(), |ms| output::time(ms, &zone))
                };
                let since =
                    |ms: Option<i64>| ms.map_or_else(String::new, |ms| output::time(ms, &zone));
                let now_ms = app.context.clock.now_ms();
                let rows: Vec<_> = feeds
                    .iter()
                    .map(|feed| {
                        vec![
                            when(feed.fetched_ms),
                            since(feed.failing_ms),
                            feed.failures.to_string(),
                            feed.url.clone(),
                            notes(feed, now_ms),
                        ]
                    })
                    .collect();
                let head = ["last read", "failing since", "failures", "feed", "notes"];
                output::table(&head, &rows);
            }
            DONE
        }
        FeedCommand::Check { .. } => DONE,
    };
    app.close().await;
    Ok(code)
}

/// What went wrong with a feed last, and what there is to do about it.
fn notes(feed: &FeedRow, now_ms: i64) -> String {
    let zone = jiff::tz::TimeZone::UTC;
    let mut notes: Vec<String> = feed.error.iter().cloned().collect();
    if let Some(gone_ms) = feed.gone_ms {
        notes.push(format!(
            "gone since {}, not read any more: remove it from the configuration, or try it once more with `nashra feed fetch`",
            output::time(gone_ms, &zone)
        ));
    } else if let Some(again_ms) = feed.retry_ms.max(feed.backoff_ms).filter(|at| *at > now_ms) {
        notes.push(format!("next try after {}", output::time(again_ms, &zone)));
    }
    if let Some(moved_to) = &feed.moved_to {
        notes.push(format!(
            "moved for good to {moved_to}: write that address into the configuration"
        ));
    }
    notes.join("; ")
}

fn in_words(report: &gather::FeedReport) -> String {
    match &report.error {
        Some(error) => format!("{}: {error}", report.url),
        None if report.unchanged => format!("{}: nothing new", report.url),
        None => report.in_words(),
    }
}

/// Needs no database.
async fn check(at: &Where, feed: &str) -> anyhow::Result<u8> {
    let parsed = gather::check(&fetcher(&at.config()?)?, feed).await?;
    output::line(format!(
        "«{}»: {} articles",
        parsed.title.as_deref().unwrap_or("no title"),
        parsed.articles.len()
    ));
    for article in &parsed.articles {
        let date = article.published_ms.map_or_else(
            || "no date".to_owned(),
            |ms| output::time(ms, &jiff::tz::TimeZone::UTC),
        );
        output::line(format!(
            "  {date}  {}  [{}]",
            article.title,
            article.categories.join(", ")
        ));
    }
    for why in parsed.passed_over() {
        output::line(format!("  passed over: {why}"));
    }
    Ok(DONE)
}
