//! `nashra digest pause|resume|cancel|retry`: a person decides about a digest, here or on another host.

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;
use tokio::time::Instant;

use super::show::find;
use crate::app::App;
use crate::cli::output::{self, number};
use crate::cli::{DONE, Where};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::digest::PausedBy;
use crate::service::control;
use crate::service::lease::WorkerLease;
use crate::store;

/// How long a command waits for workers that are alive to let go: they look ten times a second, and end the message they are at.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it asks whether they have.
const ASK: Duration = Duration::from_millis(50);
/// After this it says what it waits for.
const SOON: Duration = Duration::from_millis(500);

/// Hold a digest: each connection ends the message it is at, and nothing more leaves
#[derive(Debug, Args)]
#[command(
    after_help = "Returns when no worker, on any host, holds anything of it.\nExample: nashra digest pause 12 --reason \"wrong headline\""
)]
pub struct PauseArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Why, for `digest show`; of a digest that is paused already it replaces the reason
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Let a paused digest go on
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra digest resume 12")]
pub struct ResumeArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Take a digest back: what has not left will not
#[derive(Debug, Args)]
#[command(
    after_help = "It cannot be undone. Returns when no worker, on any host, holds anything of it.\nExample: nashra digest cancel 12"
)]
pub struct CancelArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Try deliveries once more that ended as unknown or failed
#[derive(Debug, Args)]
#[command(
    after_help = "They go out with the next `digest run`, or at once under `serve`, with the same Message-ID and Date.\n\
                  Example: nashra digest retry 12 --status unknown"
)]
pub struct RetryArgs {
    /// Its number, as `digest list` shows it
    digest: i64,
    /// Which of them
    #[arg(long, value_enum)]
    status: Ended,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Ended {
    /// The answer was lost after the final dot
    Unknown,
    /// Refused for ever, or given up
    Failed,
}

pub async fn pause(at: &Where, args: PauseArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let before = digest.paused.as_ref();
    let before = before.filter(|pause| pause.by == PausedBy::Operator);
    let reason = args.reason.as_deref();
    let reason = reason.or(before.map(|pause| pause.reason.as_str()));
    let reason = reason.unwrap_or("paused by hand");
    if !control::pause(&app.context, digest.id, PausedBy::Operator, reason).await? {
        anyhow::bail!(
            "digest {} is {}: only one that is ready or sending can be paused",
            digest.id,
            digest.status.as_str()
        );
    }
    let said = format!(
        "digest {} is paused; `nashra digest resume {0}` lets it go on",
        digest.id
    );
    answer(&app, digest.id, said, args.json).await
}

pub async fn resume(at: &Where, args: ResumeArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    if !control::resume(&app.context, digest.id).await? {
        anyhow::bail!(
            "digest {} is not paused; it is {}",
            digest.id,
            digest.status.as_str()
        );
    }
    report(
        &app,
        digest.id,
        format!(
            "digest {} goes on with `nashra serve` or the next `nashra digest run`",
            digest.id
        ),
        args.json,
    )
    .await?;
    app.close().await;
    Ok(DONE)
}

pub async fn cancel(at: &Where, args: CancelArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    if !control::cancel(&app.context, digest.id).await? {
        anyhow::bail!(
            "digest {} is {}: only one that is ready or sending can be cancelled",
            digest.id,
            digest.status.as_str()
        );
    }
    answer(
        &app,
        digest.id,
        format!("digest {} is cancelled", digest.id),
        args.json,
    )
    .await
}

pub async fn retry(at: &Where, args: RetryArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let digest = find(&app, args.digest).await?;
    let status = match args.status {
        Ended::Unknown => DeliveryStatus::Unknown,
        Ended::Failed => DeliveryStatus::Failed,
    };
    let queued = control::retry(&app.context, digest.id, status).await?;
    if args.json {
        output::json(&json!({ "digest": digest.id, "queued": queued }))?;
    } else {
        let next = match &digest.paused {
            _ if queued == 0 => String::new(),
            None => "; they go out with `nashra serve` or the next `nashra digest run`".to_owned(),
            Some(_) => format!(
                "; it is paused, `nashra digest resume {}` lets it go on",
                digest.id
            ),
        };
        output::line(format!(
            "{} deliveries of digest {} are queued again{next}",
            number(queued),
            digest.id
        ));
    }
    app.close().await;
    Ok(DONE)
}

/// Waits until every worker has let go, and says how the digest stands.
async fn answer(app: &App, digest_id: i64, said: String, as_json: bool) -> anyhow::Result<u8> {
    let let_go = workers_let_go(app, digest_id).await?;
    report(app, digest_id, said, as_json).await?;
    app.close().await;
    anyhow::ensure!(
        let_go,
        "a worker that is alive still holds some of it: it may be at a slow relay; `nashra digest show {digest_id}` tells when that is over"
    );
    Ok(DONE)
}

/// Waits until no worker holds anything of a digest; false: one that is alive does for too long. One that was killed lets go of
/// nothing: it is watched as other workers would watch it, and what it held goes back to the queue.
async fn workers_let_go(app: &App, digest_id: i64) -> anyhow::Result<bool> {
    let ttl = app.context.delivery.lease_ttl;
    let (lease, begun) = (WorkerLease::default(), Instant::now());
    let mut look = tokio::time::interval(ttl / 8);
    let mut ask = tokio::time::interval(ASK);
    let mut is_told = false;
    while !control::let_go(&app.context, digest_id).await? {
        if begun.elapsed() > ttl + PATIENCE {
            return Ok(false);
        }
        if !is_told && begun.elapsed() > SOON {
            tracing::warn!(
                "waiting for every worker to let go; one that is gone is given up after lease_ttl, {ttl:?}"
            );
            is_told = true;
        }
        tokio::select! {
            _ = look.tick() => lease.watch(&app.context).await?,
            _ = ask.tick() => {}
        }
    }
    Ok(true)
}

async fn report(app: &App, digest_id: i64, said: String, as_json: bool) -> anyhow::Result<()> {
    let counts =
        store::digest_delivery::counts(&mut app.context.database.read().await?, digest_id).await?;
    if as_json {
        return output::json(&json!({ "digest": digest_id, "deliveries": counts }));
    }
    output::line(format!(
        "{said}: {} sent, {} queued, {} cancelled",
        number(counts.sent as u64),
        number(counts.queued as u64),
        number(counts.cancelled as u64)
    ));
    Ok(())
}
