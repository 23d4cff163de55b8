//! `[server]`: where the pages are served, and which proxies are believed.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use super::reader::Reader;
use super::value;
use crate::domain::network::Network;

/// Where the pages are served.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// Proxies whose forwarded headers tell the reader's address (X9).
    pub trusted_proxies: Vec<Network>,
    /// How long one request may take.
    pub request_timeout: Duration,
}

impl ServerConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            listen: reader.or("listen", "127.0.0.1:8080", |text| {
                let parsed: Result<SocketAddr, _> = text.parse();
                parsed.map_err(|_| "is not an IP address with a port, such as 127.0.0.1:8080")
            }),
            trusted_proxies: reader.several("trusted_proxies", &[], Network::from_str),
            request_timeout: reader.or("request_timeout", "30s", value::duration),
        }
    }
}
