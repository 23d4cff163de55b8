//! `nashra article`: articles from files, and what is stored.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{DONE, FAILED, Where, output};
use crate::service::load;
use crate::store;

/// Add and list articles.
#[derive(Debug, Subcommand)]
pub enum ArticleCommand {
    /// Store articles from files: Markdown with front matter, a folder of it, or JSON lines (.jsonl)
    #[command(
        after_help = "Front matter: title and url, and if wanted id, date, section, categories, source, author, image, image_alt,\n\
        summary, views (how often it was read); with draft: true the file is left alone.\n\
        JSON lines: one object with the same keys on each line.\n\
        Example: nashra article import --list weekly content/posts"
    )]
    Import {
        /// The list that they belong to
        #[arg(long, value_name = "LIST")]
        list: String,
        /// The section of all of them; without it their `section` or categories decide
        #[arg(long, value_name = "KEY")]
        section: Option<String>,
        /// The files and folders; of a folder every *.md in it and below it, but what is hidden
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the newest articles of a list
    #[command(after_help = "Example: nashra article list --list weekly")]
    List {
        /// The list
        #[arg(long, value_name = "LIST")]
        list: String,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        most: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(at: &Where, command: ArticleCommand) -> anyhow::Result<u8> {
    let app = match command {
        ArticleCommand::Import { .. } => at.app().await?,
        ArticleCommand::List { .. } => at.look().await?,
    };
    let code = match command {
        ArticleCommand::Import {
            list,
            section,
            files,
        } => {
            let list = app.list(&list)?;
            if let Some(key) = &section {
                let keys: Vec<_> = list
                    .sections
                    .iter()
                    .map(|section| section.key.as_str())
                    .collect();
                anyhow::ensure!(
                    keys.contains(&key.as_str()),
                    "list {} has no section `{key}`; it has {}",
                    list.slug,
                    keys.join(", ")
                );
            }
            let mut failed = false;
            for file in files {
                match load::import(&app.context, &list, &file, section.as_deref()).await {
                    Ok(report) => {
                        output::line(report.in_words());
                        failed |= !report.skipped.is_empty();
                        report.skipped.iter().for_each(output::failed);
                    }
                    Err(error) => {
                        failed = true;
                        output::failed(error);
                    }
                }
            }
            if failed { FAILED } else { DONE }
        }
        ArticleCommand::List { list, most, json } => {
            let list = app.list(&list)?;
            let articles =
                store::article::newest(&mut app.context.database.read().await?, list.id, most)
                    .await?;
            if json {
                let rows = articles.iter().map(|article| {
                    json!({ "article": article.id, "section": article.section, "title": article.title, "url": article.url,
                        "published": output::stamp(article.published_ms) })
                });
                output::json(&rows.collect::<Vec<_>>())?;
            } else {
                let zone = list.schedule.zone();
                let rows: Vec<_> = articles
                    .into_iter()
                    .map(|article| {
                        vec![
                            article.id.to_string(),
                            output::time(article.published_ms, zone),
                            article.section,
                            article.title,
                        ]
                    })
                    .collect();
                output::table(&["article", "published", "section", "title"], &rows);
            }
            DONE
        }
    };
    app.close().await;
    Ok(code)
}
