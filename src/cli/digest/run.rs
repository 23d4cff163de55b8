//! `nashra digest run`: one pass of gather, compose, send; quiet unless something went wrong or a person is watching.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::standing::span;
use crate::app::App;
use crate::cli::output::{self, number, parse_span, parse_time, stamp, time};
use crate::cli::signal::stop_token;
use crate::cli::{DONE, FAILED, NOTHING_DUE, WORK_LEFT, Where};
use crate::domain::digest::{Audience, PausedBy};
use crate::domain::list::List;
use crate::service::compose::{Composed, WaitsFor};
use crate::store;
use crate::worker::{Pass, PassOptions, Progress, run_once};

/// Gather articles, compose what is due, send, and stop when done
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, 10 nothing due, 11 work left (retries, or --max-time), 1 failed, 2 usage or configuration.\n\
                  Example for cron: */10 * * * * nashra --config /etc/nashra.toml digest run"
)]
pub struct RunArgs {
    /// Decide what is due as of this moment instead of now (2026-01-05T07:00:00Z; without Z or an offset it is the time of this
    /// machine's zone, whatever the list's)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    as_of: Option<i64>,
    /// Say what would be composed; read no feeds, write nothing, send nothing
    #[arg(long)]
    dry_run: bool,
    /// Write mails to this directory as .eml files instead of sending them; they count as sent
    #[arg(long, value_name = "DIR")]
    sink: Option<PathBuf>,
    /// Stop sending after this long (90s, 10m); the rest stays in the queue
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    max_time: Option<Duration>,
    /// Only this list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: RunArgs) -> anyhow::Result<u8> {
    let app = if args.dry_run {
        at.look().await?
    } else {
        at.app().await?
    };
    let lists = match &args.list {
        Some(slug) => vec![app.list(slug)?],
        None => app.context.lists.to_vec(),
    };
    let routes = Arc::new(app.routes(args.sink.as_deref())?);
    let options = PassOptions {
        as_of_ms: args.as_of,
        dry_run: args.dry_run,
        max_time: args.max_time,
    };
    let stop = stop_token()?;
    let bar = watch_on_terminal();
    let ticking = bar.clone();
    let pass = run_once(
        &app.context,
        routes,
        &app.fetcher()?,
        &lists,
        options,
        stop,
        move |progress| {
            if let Some(bar) = ticking {
                tokio::spawn(async move { tick(&bar, &progress).await });
            }
        },
    )
    .await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let pass = pass?;
    report(&app, &pass, &args)?;
    if !args.dry_run {
        warn_of_held(&app, &lists).await?;
    }
    let code = exit_code(&pass, args.dry_run);
    app.close().await;
    Ok(code)
}

fn exit_code(pass: &Pass, dry_run: bool) -> u8 {
    let any =
        |wanted: fn(&Composed) -> bool| pass.composed.iter().any(|(_, composed)| wanted(composed));
    let decided = any(|composed| matches!(composed, Composed::Ready(_) | Composed::Skipped { .. }));
    let waiting = any(|composed| matches!(composed, Composed::Waiting { .. }));
    let progress = &pass.progress;
    let ended = [
        &progress.sent,
        &progress.failed,
        &progress.unknown,
        &progress.cancelled,
    ];
    let ended = ended
        .iter()
        .any(|counter| counter.load(Ordering::Relaxed) > 0);
    if pass.fault.is_some() || !pass.errors.is_empty() {
        FAILED
    } else if waiting || pass.left > 0 && !(dry_run && decided) {
        WORK_LEFT
    } else if decided || ended || !pass.started.is_empty() {
        DONE
    } else {
        NOTHING_DUE
    }
}

/// A bar for a person who watches; cron sees nothing.
fn watch_on_terminal() -> Option<ProgressBar> {
    std::io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar
    })
}

async fn tick(bar: &ProgressBar, progress: &Progress) {
    let began = tokio::time::Instant::now();
    while !bar.is_finished() {
        bar.set_message(in_one_line(progress, began.elapsed().as_secs_f64()));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Rate, time left, and what became of the mails so far; with several relays each of them.
fn in_one_line(progress: &Progress, seconds: f64) -> String {
    let count = |counter: &AtomicU64| number(counter.load(Ordering::Relaxed));
    let rate = progress.sent.load(Ordering::Relaxed) as f64 / seconds.max(0.001);
    let left = progress
        .queued
        .load(Ordering::Relaxed)
        .saturating_sub(progress.ended());
    let eta = if rate > 0.0 {
        span(left as f64 / rate)
    } else {
        "—".to_owned()
    };
    let mut line = format!(
        "{} sent · {} retried · {} failed · {rate:.0}/s · {} left, {eta}",
        count(&progress.sent),
        count(&progress.retried),
        count(&progress.failed),
        number(left)
    );
    if progress.relays.len() > 1 {
        for relay in &progress.relays {
            line = format!(
                "{line} · {} {}/{}/{}",
                relay.name,
                count(&relay.sent),
                count(&relay.retried),
                count(&relay.failed)
            );
        }
    }
    line
}

/// What a person held is not sent by any run, and nobody may remember it. What waits for a relay goes on by itself.
async fn warn_of_held(app: &App, lists: &[Arc<List>]) -> anyhow::Result<()> {
    let mut tx = app.context.database.read().await?;
    for held in store::digest_control::held(&mut tx).await? {
        let ours = lists.iter().any(|list| list.id == held.list_id);
        if ours && held.paused_by != PausedBy::Relay.as_str() {
            tracing::warn!(
                digest = held.id,
                by = held.paused_by,
                reason = held.pause_reason,
                "not sent, it is paused; `nashra digest resume {}` lets it go on",
                held.id
            );
        }
    }
    Ok(())
}

fn report(app: &App, pass: &Pass, args: &RunArgs) -> anyhow::Result<()> {
    for (list, error) in &pass.errors {
        output::failed(format_args!(
            "{list}: the digest could not be composed: {error}"
        ));
    }
    if let Some(fault) = &pass.fault {
        output::failed(format_args!("the relay could not be used: {fault}"));
    }
    let refused = pass.progress.failed.load(Ordering::Relaxed);
    if refused > 0 {
        tracing::warn!(
            mails = refused,
            "refused for ever; `nashra digest show` counts them"
        );
    }
    let unknown = pass.progress.unknown.load(Ordering::Relaxed);
    if unknown > 0 {
        tracing::warn!(
            mails = unknown,
            "perhaps sent: the answer was lost after the whole mail; `nashra digest show` counts them"
        );
    }
    if args.json {
        return output::json(&as_json(pass));
    }
    // Cron mails what a command prints: only a person gets the summary.
    if std::io::stdout().is_terminal() || args.dry_run {
        summarise(app, pass, args.dry_run);
    }
    Ok(())
}

fn summarise(app: &App, pass: &Pass, dry_run: bool) {
    for (list, composed) in &pass.composed {
        output::line(format!("{}: {}", list.slug, in_words(list, composed)));
    }
    if !dry_run {
        let count = |counter: &AtomicU64| number(counter.load(Ordering::Relaxed));
        let progress = &pass.progress;
        output::line(format!(
            "sent {}, to be retried {}, failed {}, unknown {}, cancelled {}",
            count(&progress.sent),
            count(&progress.retried),
            count(&progress.failed),
            count(&progress.unknown),
            count(&progress.cancelled)
        ));
    }
    if pass.left > 0 {
        let zone = app
            .context
            .lists
            .first()
            .map(|list| list.schedule.zone().clone());
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        let next = pass.next_due_ms.map_or_else(
            || "another process has them".to_owned(),
            |ms| format!("the first is due {}", time(ms, &zone)),
        );
        output::line(format!("{} in the queue: {next}", number(pass.left as u64)));
    }
}

fn in_words(list: &List, composed: &Composed) -> String {
    let zone = list.schedule.zone();
    match composed {
        Composed::NotDue => "not due".to_owned(),
        Composed::Taken { period_ms } => format!(
            "digest of {} is made by another process",
            time(*period_ms, zone)
        ),
        Composed::Waiting {
            period_ms,
            for_what: WaitsFor::Feed,
        } => format!(
            "digest of {} waits: nothing new, but a feed failed",
            time(*period_ms, zone)
        ),
        Composed::Waiting {
            period_ms,
            for_what: WaitsFor::Digest(digest_id),
        } => format!(
            "digest of {} waits for digest {digest_id}, which has not started",
            time(*period_ms, zone)
        ),
        Composed::Skipped {
            period_ms,
            reason,
            since_ms,
            until_ms,
        } => format!(
            "no digest for {}: {}, in articles published after {} and up to {}",
            time(*period_ms, zone),
            reason.as_str(),
            time(*since_ms, zone),
            time(*until_ms, zone)
        ),
        Composed::Ready(digest) => {
            let whose = match digest.audience {
                Audience::List => "",
                Audience::Own => " for readers whose own hour had come",
            };
            format!(
                "digest of {}{whose}: {} articles, «{}»",
                time(digest.period_ms, zone),
                digest.edition.article_count(),
                digest.subject
            )
        }
    }
}

fn as_json(pass: &Pass) -> Value {
    let lists = pass.composed.iter().map(|(list, composed)| match composed {
        Composed::NotDue => json!({ "list": list.slug, "result": "not_due" }),
        Composed::Taken { period_ms } => json!({ "list": list.slug, "result": "taken", "period": stamp(*period_ms) }),
        Composed::Waiting {
            period_ms,
            for_what,
        } => {
            let digest = match for_what {
                WaitsFor::Feed => None,
                WaitsFor::Digest(digest_id) => Some(digest_id),
            };
            json!({ "list": list.slug, "result": "waiting", "period": stamp(*period_ms), "for_digest": digest })
        }
        Composed::Skipped { period_ms, reason, since_ms, until_ms } => {
            json!({ "list": list.slug, "result": "skipped", "period": stamp(*period_ms), "reason": reason.as_str(),
                "since": stamp(*since_ms), "until": stamp(*until_ms) })
        }
        Composed::Ready(digest) => json!({
            "list": list.slug, "result": "composed", "digest": digest.id, "audience": digest.audience, "period": stamp(digest.period_ms),
            "subject": digest.subject, "articles": digest.edition.article_count(),
        }),
    });
    let started = pass
        .started
        .iter()
        .map(|(digest, recipients)| json!({ "digest": digest, "recipients": recipients }));
    let progress = &pass.progress;
    json!({
        "feeds": pass.feeds,
        "lists": lists.collect::<Vec<_>>(),
        "started": started.collect::<Vec<_>>(),
        "sent": progress.sent.load(Ordering::Relaxed),
        "retried": progress.retried.load(Ordering::Relaxed),
        "failed": progress.failed.load(Ordering::Relaxed),
        "unknown": progress.unknown.load(Ordering::Relaxed),
        "cancelled": progress.cancelled.load(Ordering::Relaxed),
        "left": pass.left,
        "next_due": pass.next_due_ms.map(stamp),
        "relays": progress.relays.iter().map(|relay| (relay.name.clone(), json!({
            "sent": relay.sent.load(Ordering::Relaxed),
            "retried": relay.retried.load(Ordering::Relaxed),
            "failed": relay.failed.load(Ordering::Relaxed),
        }))).collect::<serde_json::Map<_, _>>(),
        "fault": pass.fault.as_ref().map(ToString::to_string),
    })
}
