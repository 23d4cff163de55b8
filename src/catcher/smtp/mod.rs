//! The SMTP side of the catcher (RFC 5321): accepts connections and gives each its session.

mod auth;
mod body;
mod command;
mod reply;
mod session;
mod wire;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::inbox::Inbox;
use super::script::{Event, Fault};
use super::{CatcherConfig, Credentials, Extensions, Script, Tls};

/// How long to wait when the system has no connection to give, before asking again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all sessions share.
pub(super) struct Server {
    pub inbox: Arc<Inbox>,
    extensions: Extensions,
    tls: Option<Tls>,
    auth: Option<Credentials>,
    max_message_bytes: usize,
    script: Mutex<Script>,
    connections: AtomicU64,
}

impl Server {
    pub fn new(config: CatcherConfig) -> Self {
        Self {
            inbox: Arc::new(Inbox::new(&config)),
            extensions: config.extensions,
            tls: config.tls,
            auth: config.auth,
            max_message_bytes: config.max_message_bytes.min(config.max_bytes),
            script: Mutex::new(config.script),
            connections: AtomicU64::new(0),
        }
    }

    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub fn set_script(&self, script: Script) {
        *self.script() = script;
    }

    fn decide(&self, event: Event, recipients: &[String]) -> Fault {
        self.script().decide(event, recipients)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts until cancelled; every session ends with it.
pub(super) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    tasks: TaskTracker,
    cancel: CancellationToken,
) {
    let accept_all = async {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the catcher could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            server.connections.fetch_add(1, Ordering::Relaxed);
            let session = session::run(stream, Arc::clone(&server));
            let cancel = cancel.clone();
            tasks.spawn(async move {
                if let Some(Err(error)) = cancel.run_until_cancelled(session).await {
                    tracing::debug!(%error, "a session of the catcher was cut off");
                }
            });
        }
    };
    cancel.run_until_cancelled(accept_all).await;
}
