//! `nashra digest list|show|why`: what was made, what became of it, and why it holds what it holds (promise 8).

use anyhow::Context as _;
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::standing::Standing;
use crate::app::App;
use crate::cli::output::{self, stamp, time};
use crate::cli::{DONE, Where};
use crate::domain::digest::DigestStatus;
use crate::store;
use crate::store::digest::Digest;

/// List digests, newest first
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra digest list --list weekly")]
pub struct ListArgs {
    /// Only this list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 20)]
    most: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show one digest
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra digest show 12")]
pub struct ShowArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Say why each article is in a digest or is not
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra digest why 12")]
pub struct WhyArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn list(at: &Where, args: ListArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let list_id = args
        .list
        .as_deref()
        .map(|slug| app.list(slug))
        .transpose()?
        .map(|list| list.id);
    let digests =
        store::digest::newest(&mut app.context.database.read().await?, list_id, args.most).await?;
    if args.json {
        output::json(
            &digests
                .iter()
                .map(|digest| as_json(&app, digest))
                .collect::<Vec<_>>(),
        )?;
    } else if digests.is_empty() {
        output::line(
            "no digest yet; `nashra digest run` makes one when it is due, `nashra list show` says when",
        );
    } else {
        let rows: Vec<_> = digests
            .iter()
            .map(|digest| {
                let state = match &digest.reason {
                    None if digest.paused.is_some() => {
                        format!("{} (paused)", digest.status.as_str())
                    }
                    Some(reason) => format!("{} ({reason})", digest.status.as_str()),
                    None => digest.status.as_str().to_owned(),
                };
                let articles = digest.edition.article_count().to_string();
                vec![
                    digest.id.to_string(),
                    slug(&app, digest),
                    time(digest.period_ms, &zone(&app, digest)),
                    state,
                    articles,
                    digest.subject.clone(),
                ]
            })
            .collect();
        output::table(
            &["digest", "list", "period", "state", "articles", "subject"],
            &rows,
        );
    }
    app.close().await;
    Ok(DONE)
}

pub async fn show(at: &Where, args: ShowArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let standing = Standing::of(&app, &digest).await?;
    if args.json {
        let mut value = as_json(&app, &digest);
        if let (Some(all), serde_json::Value::Object(standing)) =
            (value.as_object_mut(), standing.json())
        {
            all.extend(standing);
        }
        value["edition"] = serde_json::to_value(&digest.edition)?;
        output::json(&value)?;
    } else {
        let zone = zone(&app, &digest);
        let fact = |name: &str, value: String| output::line(format!("{name:<12}{value}"));
        fact(
            "digest",
            format!("{} of {}", digest.id, slug(&app, &digest)),
        );
        fact("period", time(digest.period_ms, &zone));
        fact(
            "state",
            format!(
                "{} {}",
                digest.status.as_str(),
                digest.reason.clone().unwrap_or_default()
            )
            .trim()
            .to_owned(),
        );
        fact("subject", digest.subject.clone());
        if let Some(pause) = &digest.paused {
            fact(
                "paused",
                format!(
                    "since {} by {}: {}",
                    time(pause.since_ms, &zone),
                    pause.by.as_str(),
                    pause.reason
                ),
            );
        }
        if matches!(digest.status, DigestStatus::Sending | DigestStatus::Sent) {
            fact("page", app.context.digest_url(&digest.public_id));
        }
        if digest.started_ms.is_some() {
            for (name, value) in standing.facts() {
                fact(name, value);
            }
        }
        if let Some(lead) = &digest.edition.lead {
            fact("lead", lead.title.clone());
        }
        for section in &digest.edition.sections {
            fact(
                "section",
                format!("{} · {}", section.name, section.items.len()),
            );
        }
        output::line(format!("{:<12}nashra digest why {}", "more", digest.id));
    }
    app.close().await;
    Ok(DONE)
}

pub async fn why(at: &Where, args: WhyArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let decisions =
        store::digest::decisions(&mut app.context.database.read().await?, digest.id).await?;
    if args.json {
        let rows = decisions.iter().map(|(decided, title)| {
            json!({ "article": decided.article_id, "decision": decided.decision.as_str(), "section": decided.section,
                "position": decided.position, "title": title })
        });
        output::json(&rows.collect::<Vec<_>>())?;
    } else {
        let zone = zone(&app, &digest);
        output::line(format!(
            "digest {}: articles published after {} and up to {} that no earlier digest had looked at",
            digest.id,
            time(digest.since_ms, &zone),
            time(digest.until_ms, &zone)
        ));
        if let Some(reason) = &digest.reason {
            output::line(format!("the period was skipped: {reason}"));
        }
        let rows: Vec<_> = decisions
            .into_iter()
            .map(|(decided, title)| {
                vec![
                    decided.decision.as_str().to_owned(),
                    decided.section,
                    decided.article_id.to_string(),
                    title,
                ]
            })
            .collect();
        output::table(&["decision", "section", "article", "title"], &rows);
    }
    app.close().await;
    Ok(DONE)
}

pub(super) async fn find(app: &App, id: i64) -> anyhow::Result<Digest> {
    store::digest::by_id(&mut app.context.database.read().await?, id)
        .await?
        .with_context(|| format!("there is no digest {id}; `nashra digest list` shows them"))
}

fn slug(app: &App, digest: &Digest) -> String {
    app.context.list_by_id(digest.list_id).map_or_else(
        || format!("#{} (removed)", digest.list_id),
        |list| list.slug.clone(),
    )
}

pub(super) fn zone(app: &App, digest: &Digest) -> TimeZone {
    app.context
        .list_by_id(digest.list_id)
        .map_or(TimeZone::UTC, |list| list.schedule.zone().clone())
}

fn as_json(app: &App, digest: &Digest) -> serde_json::Value {
    json!({
        "digest": digest.id,
        "list": slug(app, digest),
        "period": stamp(digest.period_ms),
        "state": digest.status.as_str(),
        "reason": digest.reason,
        "subject": digest.subject,
        "articles": digest.edition.article_count(),
        "page": app.context.digest_url(&digest.public_id),
        "composed": stamp(digest.composed_ms),
        "started": digest.started_ms.map(stamp),
        "finished": digest.finished_ms.map(stamp),
        "recipients": digest.recipients,
        "paused": digest.paused.as_ref().map(|pause| {
            json!({ "since": stamp(pause.since_ms), "by": pause.by.as_str(), "reason": pause.reason })
        }),
    })
}
