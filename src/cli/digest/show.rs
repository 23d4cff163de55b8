//! `nashra digest list|show`: what was made, and what became of it (promise 8).

use anyhow::Context as _;
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::clicks;
use super::standing::Standing;
use crate::app::App;
use crate::cli::output::{self, stamp, time};
use crate::cli::{DONE, Where};
use crate::domain::digest::{Audience, DigestStatus, LeftOut};
use crate::store::digest::Digest;
use crate::store::digest_variant::Variant;
use crate::store::draft::Draft;
use crate::store::{self, Tx};

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

pub async fn list(at: &Where, args: ListArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let list_id = args
        .list
        .as_deref()
        .map(|slug| app.list(slug))
        .transpose()?
        .map(|list| list.id);
    let mut tx = app.context.database.read().await?;
    let mut digests = Vec::new();
    for digest in store::digest::newest(&mut tx, list_id, args.most).await? {
        let edits = edits_of(&mut tx, &digest).await?;
        digests.push((digest, edits));
    }
    drop(tx);
    if args.json {
        let rows = digests.iter();
        let rows = rows.map(|(digest, edits)| as_json(&app, digest, edits));
        output::json(&rows.collect::<Vec<_>>())?;
    } else if digests.is_empty() {
        output::line(
            "no digest yet; `nashra digest run` makes one when it is due, `nashra list show` says when",
        );
    } else {
        let rows: Vec<_> = digests
            .iter()
            .map(|(digest, edits)| {
                let mut state = match &digest.reason {
                    None if digest.paused.is_some() => {
                        format!("{} (paused)", digest.status.as_str())
                    }
                    Some(reason) => format!("{} ({reason})", digest.status.as_str()),
                    None => digest.status.as_str().to_owned(),
                };
                if digest.audience == Audience::Own {
                    state.push_str(" · own hours");
                }
                if let Some((_, by)) = edited(edits) {
                    state = format!("{state} · edited by {by}");
                }
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
    let mut tx = app.context.database.read().await?;
    let variants = store::digest_variant::of(&mut tx, digest.id).await?;
    let edits = edits_of(&mut tx, &digest).await?;
    let corrections = store::correction::of(&mut tx, &[digest.id]).await?;
    drop(tx);
    let clicked = clicks::of(&app, &digest, &variants).await?;
    if args.json {
        let mut value = as_json(&app, &digest, &edits);
        value["corrections"] = corrections
            .iter()
            .map(|(_, one)| json!({ "article": one.article_id, "at": stamp(one.created_ms), "note": one.note }))
            .collect();
        if let (Some(all), serde_json::Value::Object(standing)) =
            (value.as_object_mut(), standing.json())
        {
            all.extend(standing);
        }
        value["edition"] = serde_json::to_value(&digest.edition)?;
        value["variants"] = variants.iter().map(|one| variant_json(&app, one)).collect();
        value["clicks"] = clicks::values(&clicked);
        output::json(&value)?;
    } else {
        let zone = zone(&app, &digest);
        let fact = |name: &str, value: String| output::line(format!("{name:<12}{value}"));
        fact(
            "digest",
            format!("{} of {}", digest.id, slug(&app, &digest)),
        );
        fact("period", time(digest.period_ms, &zone));
        if digest.audience == Audience::Own {
            fact("for", "readers whose own hour had come".to_owned());
        }
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
        if let Some((at, by)) = edited(&edits) {
            fact("edited", format!("{} by {by}", time(at, &zone)));
        }
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
        if digest.left_out != LeftOut::default() {
            let LeftOut {
                paused,
                late,
                nothing_new,
            } = digest.left_out;
            let left_out = format!(
                "{paused} paused, {late} too late, {nothing_new} with too little that is new"
            );
            fact("left out", left_out);
        }
        for (_, one) in &corrections {
            let at = time(one.created_ms, &zone);
            fact(
                "corrected",
                format!("{at} · article {} · {}", one.article_id, one.note),
            );
        }
        for one in &variants {
            fact("variant", variant_in_words(&app, one));
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
        for line in clicks::lines(&clicked) {
            fact("clicks", line);
        }
        output::line(format!(
            "{:<12}nashra digest why --digest {}",
            "more", digest.id
        ));
    }
    app.close().await;
    Ok(DONE)
}

pub(super) async fn find(app: &App, id: i64) -> anyhow::Result<Digest> {
    store::digest::by_id(&mut app.context.database.read().await?, id)
        .await?
        .with_context(|| format!("there is no digest {id}; `nashra digest list` shows them"))
}

pub(super) fn slug(app: &App, digest: &Digest) -> String {
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

/// What editors decided about a digest.
async fn edits_of(tx: &mut Tx, digest: &Digest) -> anyhow::Result<Draft> {
    Ok(match digest.audience {
        Audience::List => store::draft::read(tx, digest.list_id, digest.period_ms).await?,
        Audience::Own => Draft::default(),
    })
}

/// When a draft was last changed, and by whom.
pub(super) fn edited(draft: &Draft) -> Option<(i64, &str)> {
    let by = draft.edited_by.as_deref().unwrap_or("an editor");
    draft.edited_ms.map(|at| (at, by))
}

fn as_json(app: &App, digest: &Digest, edits: &Draft) -> serde_json::Value {
    json!({
        "digest": digest.id,
        "list": slug(app, digest),
        "audience": digest.audience,
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
        "left_out": digest.left_out,
        "edited": edits.edited_ms.map(stamp),
        "edited_by": edits.edited_by,
        "paused": digest.paused.as_ref().map(|pause| {
            json!({ "since": stamp(pause.since_ms), "by": pause.by.as_str(), "reason": pause.reason })
        }),
    })
}

fn variant_in_words(app: &App, variant: &Variant) -> String {
    let sections = variant.sections.as_ref();
    let sections = sections.map_or_else(|| "all sections".to_owned(), |keys| keys.join(", "));
    format!(
        "{} readers · {} · {sections} · {} articles · {}",
        variant.recipients,
        variant.language.as_deref().unwrap_or("the list's language"),
        variant.edition.article_count(),
        app.context.digest_url(&variant.public_id)
    )
}

fn variant_json(app: &App, variant: &Variant) -> serde_json::Value {
    json!({
        "readers": variant.recipients,
        "language": variant.language,
        "sections": variant.sections,
        "since": variant.since_ms.map(stamp),
        "subject": variant.subject,
        "articles": variant.edition.article_count(),
        "page": app.context.digest_url(&variant.public_id),
    })
}
