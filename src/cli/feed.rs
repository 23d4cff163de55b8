//! `nashra feed`: where articles come from.

use clap::Subcommand;

use super::{DONE, FAILED, Where, output};
use crate::app::fetcher;
use crate::service::gather;
use crate::store;

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
            let reports = gather::gather(&app.context, &app.fetcher()?, &lists).await?;
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
                let rows: Vec<_> = feeds
                    .into_iter()
                    .map(|feed| {
                        vec![
                            when(feed.fetched_ms),
                            feed.failures.to_string(),
                            feed.url,
                            feed.error.unwrap_or_default(),
                        ]
                    })
                    .collect();
                output::table(&["last read", "failures", "feed", "error"], &rows);
            }
            DONE
        }
        FeedCommand::Check { .. } => DONE,
    };
    app.close().await;
    Ok(code)
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
