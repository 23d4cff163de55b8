//! Which addresses feeds may be read from (X3): nothing on this machine, on inner networks, or in disguise of it. The check is
//! made on literals and, in the resolver, on what names stand for, so that the address checked is the address connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::FeedError;

/// Checks what can be seen of an address without asking the network: scheme, port, IP literals.
pub fn check(url: &Url, allow_private: bool) -> Result<(), FeedError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FeedError::Address {
            url: url.to_string(),
        });
    }
    if allow_private {
        return Ok(());
    }
    let forbidden = |reason: String| {
        Err(FeedError::Forbidden {
            url: url.to_string(),
            reason,
        })
    };
    if let Some(port) = url.port() {
        return forbidden(format!("port {port}"));
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    match literal {
        Some(address) if !is_public(address) => {
            forbidden(format!("{address} is not a public address"))
        }
        _ => Ok(()),
    }
}

/// Whether an address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 198 && (18..20).contains(&b))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // NAT64 and 6to4 carry a v4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Only global unicast is public, without Teredo, documentation and the local NAT64 prefix.
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first)
                && !(first == 0x2001 && (second == 0 || second == 0xdb8))
        }
    }
}

/// Resolves names; a name with any address that is not public resolves to nothing (DNS rebinding).
pub struct GuardedResolver {
    /// Whether inner networks are allowed.
    pub allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match found
                .iter()
                .find(|address| !allow_private && !is_public(address.ip()))
            {
                Some(address) => {
                    Err(format!("{FORBIDDEN}{} is not a public address", address.ip()).into())
                }
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// How the resolver's refusal is known among the client's errors.
pub const FORBIDDEN: &str = "forbidden: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x3_nothing_inner_is_public_in_any_disguise() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2001:db8::1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for public in [
            "93.184.216.34",
            "8.8.8.8",
            "172.32.0.1",
            "2606:2800:220:1::1",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn x3_literals_and_ports_are_refused_however_they_are_written() {
        for inner in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://news.example:8080/",
            "ftp://news.example/",
            "file:///etc/passwd",
            "gopher://news.example/",
        ] {
            assert!(
                check(&Url::parse(inner).unwrap(), false).is_err(),
                "{inner}"
            );
        }
        assert!(check(&Url::parse("https://news.example/feed.xml").unwrap(), false).is_ok());
        assert!(check(&Url::parse("http://127.0.0.1:8081/feed.xml").unwrap(), true).is_ok());
        assert!(check(&Url::parse("file:///etc/passwd").unwrap(), true).is_err());
    }
}
