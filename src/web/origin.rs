//! Where a request comes from: the reader's IP address behind trusted proxies only (X9), program and page.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::{REFERER, USER_AGENT};
use axum::http::{Extensions, HeaderMap};

use crate::domain::network::Network;
use crate::store::consent::Origin;

/// The reader's address: the peer, or, when the peer is a trusted proxy, the right-most untrusted hop it names.
pub fn client_ip(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer?;
    if !is_trusted(peer) {
        return Some(peer);
    }
    let named = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = named
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut client = peer;
    for hop in hops.into_iter().rev() {
        // Something that is no address was written by somebody we do not trust: stop at the last good hop.
        let Ok(address) = hop.parse::<IpAddr>() else {
            break;
        };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    Some(client)
}

/// What a consent record keeps of a request.
pub fn origin(
    headers: &HeaderMap,
    extensions: &Extensions,
    trusted: &[Network],
    source: &str,
    locale: &str,
) -> Origin {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let short = |text: &str| {
        text.chars()
            .filter(|letter| !letter.is_control())
            .take(300)
            .collect::<String>()
    };
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let page = if source.is_empty() {
        text(REFERER)
    } else {
        Some(source)
    };
    Origin {
        ip: client_ip(peer, headers, trusted).map(|ip| ip.to_canonical().to_string()),
        user_agent: text(USER_AGENT).map(short),
        page: page.map(short),
        locale: Some(locale.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn x9_only_a_trusted_proxy_is_believed_and_only_its_right_most_untrusted_hop() {
        let trusted: Vec<Network> = ["127.0.0.1", "10.0.0.0/8"]
            .iter()
            .map(|text| text.parse().expect("a network"))
            .collect();
        let ip = |peer: &str, values: &[&str]| {
            client_ip(peer.parse().ok(), &headers(values), &trusted)
                .map(|ip| ip.to_string())
                .unwrap_or_default()
        };
        assert_eq!(
            ip("203.0.113.9", &["198.51.100.1"]),
            "203.0.113.9",
            "spoofed by a stranger"
        );
        assert_eq!(ip("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            ip("127.0.0.1", &["192.0.2.66, 198.51.100.1, 10.1.2.3"]),
            "198.51.100.1",
            "spoofed on the left"
        );
        assert_eq!(
            ip("127.0.0.1", &["192.0.2.66", "198.51.100.1"]),
            "198.51.100.1",
            "two headers are one list"
        );
        assert_eq!(ip("127.0.0.1", &["198.51.100.1, nonsense"]), "127.0.0.1");
        assert_eq!(ip("127.0.0.1", &[]), "127.0.0.1");
    }
}
