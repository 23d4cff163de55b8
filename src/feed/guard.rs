//! The SSRF guard (standards X3): which schemes, ports and addresses a feed may be fetched from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::FeedError;

/// A name that leads to an address inside the network.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
pub struct Refused(pub IpAddr);

/// Checks what can be seen in the address itself; names are checked by [`Guard`] when they are resolved.
pub fn check(url: &Url, allow_private: bool) -> Result<(), FeedError> {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(FeedError::Scheme { url: shown(url) });
    }
    if allow_private {
        return Ok(());
    }
    // An IP literal never reaches the resolver.
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if let Some(address) = address.filter(|address| !is_public(*address)) {
        return Err(FeedError::AddressRefused {
            url: shown(url),
            address,
        });
    }
    match url.port_or_known_default() {
        Some(80 | 443) => Ok(()),
        port => Err(FeedError::PortRefused {
            url: shown(url),
            port: port.unwrap_or_default(),
        }),
    }
}

/// The address as it may be shown: without a password or user name.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// Resolves names and refuses them when any of their addresses is inside the network, so that the connection is made
/// to an address that was checked (DNS rebinding).
pub struct Guard;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match found.iter().find(|found| !is_public(found.ip())) {
                Some(inside) => Err(Refused(inside.ip()).into()),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether the address is on the public internet; an address that carries an IPv4 address is judged by that one.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b); // carrier-grade NAT, RFC 6598
    let protocol = a == 192 && b == 0 && c == 0; // RFC 6890
    let relay = a == 192 && b == 88 && c == 99; // 6to4 relays, RFC 7526
    let benchmark = a == 198 && (18..20).contains(&b); // RFC 2544
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224 // multicast, reserved, broadcast
        || shared
        || protocol
        || relay
        || benchmark)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to the IPv4 address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0xdb8 | 0..0x200, ..] | [0x3fff, 0..0x1000, ..] => false, // documentation, Teredo and kin
        [first, ..] => first & 0xe000 == 0x2000, // global unicast is 2000::/3 and nothing else
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x3_addresses_inside_the_network_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
            "fec0::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "93.184.216.34",
            "8.8.8.8",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn x3_every_spelling_of_loopback_and_other_ports_are_refused() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
        ] {
            let refused = check(&Url::parse(url).unwrap(), false);
            assert!(
                matches!(refused, Err(FeedError::AddressRefused { .. })),
                "{url}"
            );
            assert!(check(&Url::parse(url).unwrap(), true).is_ok(), "{url}");
        }
        let check = |url: &str| super::check(&Url::parse(url).unwrap(), false);
        assert!(matches!(
            check("https://site.example:8443/"),
            Err(FeedError::PortRefused { port: 8443, .. })
        ));
        assert!(matches!(
            check("ftp://site.example/"),
            Err(FeedError::Scheme { .. })
        ));
        assert!(check("https://site.example/feed").is_ok());
    }

    #[test]
    fn a_password_in_the_address_is_not_shown() {
        let url = Url::parse("https://me:secret@site.example/feed").unwrap();
        assert_eq!(shown(&url), "https://site.example/feed");
    }
}
