//! The development SMTP catcher: a server that keeps what it is sent, shows it on an inbox page, and fails on request.
//!
//! It listens only where it is told, delivers to nobody, and forgets the oldest message when its memory is full. The
//! fault language of `nashra catch --script FILE` and of the tests is described in [`script`].

mod caught;
mod config;
mod http;
mod inbox;
pub mod script;
mod smtp;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use caught::Caught;
pub use config::{CatcherConfig, Credentials, Extensions, Tls};
use inbox::Inbox;
pub use script::{Script, ScriptError};
use smtp::Server;

/// How long `stop` waits for connections that are being answered.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// Why the catcher could not start.
#[derive(Debug, thiserror::Error)]
pub enum CatcherError {
    /// Something else listens there already.
    #[error("port {} is in use, so the {listener} cannot listen on {address}; choose another with {option}", address.port())]
    InUse {
        /// What wanted to listen: the SMTP server or the inbox.
        listener: &'static str,
        /// Where it wanted to listen.
        address: SocketAddr,
        /// The command-line option that changes the address.
        option: &'static str,
    },
    /// The address cannot be used at all.
    #[error(
        "the {listener} cannot listen on {address} ({source}); choose another address with {option}"
    )]
    Bind {
        /// What wanted to listen: the SMTP server or the inbox.
        listener: &'static str,
        /// Where it wanted to listen.
        address: SocketAddr,
        /// The command-line option that changes the address.
        option: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A running catcher. Dropping it closes its listeners and connections too, without waiting for them.
pub struct Catcher {
    server: Arc<Server>,
    smtp_addr: SocketAddr,
    http_addr: Option<SocketAddr>,
    tasks: TaskTracker,
    running: DropGuard,
}

impl Catcher {
    /// Binds what the configuration names and starts to catch.
    pub async fn start(config: CatcherConfig) -> Result<Self, CatcherError> {
        let (smtp, smtp_addr) = bind("SMTP server", config.smtp, "--smtp").await?;
        let http = match config.http {
            Some(address) => Some(bind("inbox", address, "--http").await?),
            None => None,
        };
        let http_addr = http.as_ref().map(|(_, address)| *address);
        let server = Arc::new(Server::new(config));
        let (tasks, cancel) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(smtp::serve(
            smtp,
            Arc::clone(&server),
            tasks.clone(),
            cancel.clone(),
        ));
        if let Some((listener, _)) = http {
            let inbox = Arc::clone(&server.inbox);
            tasks.spawn(http::serve(listener, inbox, smtp_addr, cancel.clone()));
        }
        tasks.close();
        Ok(Self {
            server,
            smtp_addr,
            http_addr,
            tasks,
            running: cancel.drop_guard(),
        })
    }

    /// Where mail can be sent.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp_addr
    }

    /// Where the inbox can be read, if it was asked for.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// What is kept now, oldest first.
    pub fn messages(&self) -> Vec<Arc<Caught>> {
        self.server.inbox.messages()
    }

    /// Waits until `count` messages were accepted since the start (dropped and cleared ones count), then returns what is kept.
    pub async fn wait_for(&self, count: usize) -> Vec<Arc<Caught>> {
        self.server.inbox.wait_for(count as u64).await
    }

    /// How many messages were accepted since the start.
    pub fn accepted(&self) -> u64 {
        self.server.inbox.accepted()
    }

    /// How many SMTP connections were made since the start.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }

    /// Forgets every message; the counts go on.
    pub fn clear(&self) {
        self.server.inbox.clear();
    }

    /// Replaces the fault script; the new one counts from zero.
    pub fn set_script(&self, script: Script) {
        self.server.set_script(script);
    }

    /// Closes the listeners and every connection, and waits until they are gone.
    pub async fn stop(self) {
        drop(self.running);
        if tokio::time::timeout(STOP_WAIT, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("the catcher stopped while a page was still being read");
        }
    }
}

async fn bind(
    listener: &'static str,
    address: SocketAddr,
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), CatcherError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => CatcherError::InUse {
            listener,
            address,
            option,
        },
        _ => CatcherError::Bind {
            listener,
            address,
            option,
            source,
        },
    };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    Ok((socket, bound))
}
