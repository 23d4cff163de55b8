//! A door to the relay that can be shut, as if the relay were killed: its listener and every connection are gone at once, while
//! the catcher behind it keeps and counts what it took.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The door; it has one port, open or shut.
pub struct Front {
    address: SocketAddr,
    relay: SocketAddr,
    serving: JoinHandle<()>,
}

impl Front {
    /// An open door to this relay.
    pub async fn to(relay: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            relay,
            serving: tokio::spawn(serve(listener, relay)),
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Shuts it.
    pub async fn shut(&mut self) {
        self.serving.abort();
        (&mut self.serving).await.ok();
    }

    /// Opens it again.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serving = tokio::spawn(serve(listener, self.relay));
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, relay: SocketAddr) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        connections.spawn(async move {
            let mut server = TcpStream::connect(relay).await.unwrap();
            copy_bidirectional(&mut client, &mut server).await.ok();
        });
    }
}
