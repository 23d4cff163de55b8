//! `nashra digest correct`: what a digest said wrong is put right where it is still read, and its readers are told.

use clap::Args;
use serde_json::json;

use super::show::find;
use crate::cli::output;
use crate::cli::{DONE, Where};
use crate::domain::correction::Correction;
use crate::service::correct;

/// Put right what a digest said that went out
#[derive(Debug, Args)]
#[command(
    after_help = "Its page, the archive and the feeds show it corrected, with the dated note; the next digest of the list has the note, once.\n\
                  What was mailed stays on record as it was.\n\
                  Example: nashra digest correct 12 --article 42 --title \"Ten hurt\" --note \"It was ten.\""
)]
pub struct CorrectArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// The article, as `digest why` shows it
    #[arg(long, value_name = "ARTICLE")]
    article: i64,
    /// What the article is called from now on
    #[arg(long, value_name = "TEXT", conflicts_with = "drop")]
    title: Option<String>,
    /// Its summary from now on, as plain text
    #[arg(long, value_name = "TEXT", conflicts_with = "drop")]
    summary: Option<String>,
    /// Show the article no more
    #[arg(long)]
    drop: bool,
    /// What readers are told: a sentence, in the language of the list
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: CorrectArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let correction = Correction {
        article_id: args.article,
        title: args.title,
        summary: args.summary,
        dropped: args.drop,
        note: args.note,
        created_ms: 0,
    };
    correct::correct(&app.context, digest.id, correction).await?;
    let page = app.context.digest_url(&digest.public_id);
    if args.json {
        output::json(&json!({ "digest": digest.id, "article": args.article, "page": page }))?;
    } else {
        output::line(format!(
            "digest {} is corrected: {page}; its list's next digest tells readers",
            digest.id
        ));
    }
    app.close().await;
    Ok(DONE)
}
