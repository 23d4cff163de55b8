//! `nashra serve`: pages and mailer in one process, or one of them.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use super::{DONE, Where, signal};
use crate::app::App;
use crate::web::{self, Web};
use crate::worker;

/// Run the pages and the mailer until told to stop
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra --config /etc/nashra.toml serve")]
pub struct ServeArgs {
    /// What this process does
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
    /// Where to listen, instead of [server] listen
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Pages and mailer
    All,
    /// Pages only
    Web,
    /// Mailer only: feeds, schedule, deliveries
    Worker,
}

pub async fn run(at: &Where, args: ServeArgs) -> anyhow::Result<u8> {
    let app = at.app().await?;
    let stop = signal::stop_token()?;
    let listener = match args.role {
        Role::Worker => None,
        Role::All | Role::Web => Some(listen(&app, args.listen.as_deref()).await?),
    };
    let worker = match args.role {
        Role::Web => None,
        Role::All | Role::Worker => {
            let routes = std::sync::Arc::new(app.routes(None)?);
            Some(tokio::spawn(worker::serve(
                app.context.clone(),
                routes,
                app.fetcher()?,
                stop.clone(),
            )))
        }
    };
    app.ask_relays_in_background()?;
    if let Some(listener) = listener {
        let stopped = stop.clone();
        web::serve(
            listener,
            Web::new(
                app.context.clone(),
                app.trusted_proxies(),
                app.request_timeout(),
            ),
            async move { stopped.cancelled().await },
        )
        .await?;
    }
    if let Some(worker) = worker {
        worker.await.context("the worker ended in a panic")??;
    }
    app.close().await;
    tracing::info!("stopped");
    Ok(DONE)
}

async fn listen(app: &App, instead: Option<&str>) -> anyhow::Result<TcpListener> {
    let address = instead.map_or_else(|| app.listen_address(), str::to_owned);
    let listener = TcpListener::bind(&address).await.with_context(|| {
        format!("cannot listen on {address}: choose another with --listen or [server] listen")
    })?;
    tracing::info!(address = %listener.local_addr()?, public_url = app.context.site.public_url, "pages are served");
    Ok(listener)
}
