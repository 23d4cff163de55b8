//! `nashra digest test`: what readers would get of the next digest, as a real mail to one address.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::cli::output;
use crate::cli::{DONE, FAILED, Where};
use crate::domain::address::EmailAddress;
use crate::service::editing::{self, Tested, Variant};

/// Mail the draft of a list's next digest to one address
#[derive(Debug, Args)]
#[command(
    after_help = "It goes by the relay, marked as a test, with links of nobody: at once under `serve`, or with the next `digest run`.\n\
                  Example: nashra digest test weekly --to editor@example.org --sections reports,health --language en"
)]
pub struct TestArgs {
    /// The list
    list: String,
    /// Where to
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// As readers of these sections get it
    #[arg(long, value_name = "SECTION,SECTION")]
    sections: Option<String>,
    /// As readers of this language get it
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: TestArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let list = app.list(&args.list)?;
    let to = EmailAddress::parse(&args.to).context("--to is no address that can be mailed")?;
    let variant = Variant::asked(&list, args.sections.as_deref(), args.language.as_deref());
    let draft = editing::draft(&app.context, &list).await?;
    let tested = editing::test(&app.context, &list, &draft, &variant, (&to, None)).await?;
    let is_queued = tested == Tested::Queued;
    if args.json {
        output::json(&json!({ "list": list.slug, "queued": is_queued }))?;
    } else if is_queued {
        output::line(format!(
            "{}: a test is queued; it leaves with `nashra serve` or the next `nashra digest run`",
            list.slug
        ));
    } else {
        output::line(format!(
            "{}: these readers would get nothing: too little is new for them",
            list.slug
        ));
    }
    app.close().await;
    Ok(if is_queued { DONE } else { FAILED })
}
