//! The records that a sender of mail publishes: who looks at them is in no hurry, and wants to know when there was no answer.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ResolveHosts, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::{none, resolver};

/// What DNS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// There are such records; at least one.
    Found(Vec<T>),
    /// There are none.
    None,
    /// There was no clear answer.
    Unknown,
}

/// Asks for records.
pub struct Records {
    resolver: TokioResolver,
}

impl Records {
    /// Asks this name server, or those of the system.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, NetError> {
        let patient = |options: &mut ResolverOpts| {
            options.timeout = Duration::from_secs(2);
            options.attempts = 2;
            options.use_hosts_file = ResolveHosts::Never;
        };
        Ok(Self {
            resolver: resolver(server, patient)?,
        })
    }

    /// Whether it is the DNS that the world sees: a name server that does not know the root, as in a network without the outside,
    /// says of everything that it does not exist.
    pub async fn knows_the_world(&self) -> bool {
        self.resolver.lookup(".", RecordType::NS).await.is_ok()
    }

    /// The TXT records of a name, the strings of each put together.
    pub async fn txt(&self, name: &str) -> Answer<String> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// The mail exchangers of a domain; an empty name is the null MX, which takes no mail (RFC 7505).
    pub async fn mail_exchangers(&self, domain: &str) -> Answer<String> {
        self.ask(domain, RecordType::MX, |data| match data {
            RData::MX(exchanger) => Some(plain(&exchanger.exchange)),
            _ => None,
        })
        .await
    }

    /// The IP addresses of a host.
    pub async fn addresses(&self, host: &str) -> Answer<IpAddr> {
        let mut found = Vec::new();
        let mut unclear = false;
        for kind in [RecordType::A, RecordType::AAAA] {
            let address = |data: &RData| match data {
                RData::A(address) => Some(IpAddr::from(address.0)),
                RData::AAAA(address) => Some(IpAddr::from(address.0)),
                _ => None,
            };
            match self.ask(host, kind, address).await {
                Answer::Found(addresses) => found.extend(addresses),
                Answer::None => {}
                Answer::Unknown => unclear = true,
            }
        }
        match (found.is_empty(), unclear) {
            (false, _) => Answer::Found(found),
            (true, false) => Answer::None,
            (true, true) => Answer::Unknown,
        }
    }

    /// The names of an IP address.
    pub async fn names(&self, address: IpAddr) -> Answer<String> {
        let name = plain(&Name::from(address));
        self.ask(&name, RecordType::PTR, |data| match data {
            RData::PTR(name) => Some(plain(name)),
            _ => None,
        })
        .await
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Answer<T> {
        // A full stop at the end: search domains of this machine are not meant.
        match self.resolver.lookup(format!("{name}."), kind).await {
            Ok(found) => {
                let records: Vec<T> = found
                    .answers()
                    .iter()
                    .filter_map(|record| read(&record.data))
                    .collect();
                if records.is_empty() {
                    Answer::None
                } else {
                    Answer::Found(records)
                }
            }
            Err(error) if none(&error).is_some() => Answer::None,
            Err(_) => Answer::Unknown,
        }
    }
}

/// A name in lower case, without the full stop at its end.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}
