//! Whether a domain takes mail (A12). Knows DNS and nothing else; answers are kept in memory, and trouble is no answer.
//! [`records`] asks for what a sender publishes.

pub mod records;

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

/// How long a reader waits for an answer at most.
const LIMIT: Duration = Duration::from_secs(2);
/// How long one question to one server may take.
const QUESTION: Duration = Duration::from_millis(900);
/// Answers that are kept: a bound for memory, and far more domains than readers of one site have.
const KEPT: u64 = 4_096;
/// An answer is good for at least and at most this long, whatever the domain says of it.
const YES_KEPT: [Duration; 2] = [Duration::from_mins(5), Duration::from_hours(6)];
/// A domain that was just set up should not have to wait long.
const NO_KEPT: [Duration; 2] = [Duration::from_secs(30), Duration::from_mins(5)];

/// What DNS says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesMail {
    /// It has a mail exchanger, or an address that stands for one (RFC 5321 §5.1).
    Yes,
    /// It does not exist, has neither, or says that it takes none (RFC 7505).
    No,
    /// There was no clear answer in time.
    Unknown,
}

/// Asks whether domains take mail.
pub struct MailDomains {
    resolver: TokioResolver,
}

impl MailDomains {
    /// Asks this name server, or those of the system.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, NetError> {
        Ok(Self {
            resolver: resolver(server, configure)?,
        })
    }

    /// Asks whether this domain, given as A-labels, takes mail.
    pub async fn ask(&self, domain: &str) -> TakesMail {
        tokio::time::timeout(LIMIT, self.look(domain))
            .await
            .unwrap_or(TakesMail::Unknown)
    }

    async fn look(&self, domain: &str) -> TakesMail {
        // A full stop at the end: search domains of this machine are none of the reader's.
        let name = format!("{domain}.");
        match self.resolver.lookup(name.as_str(), RecordType::MX).await {
            Ok(found) => {
                let exchangers = found
                    .answers()
                    .iter()
                    .filter_map(|record| match &record.data {
                        RData::MX(exchanger) => Some(&exchanger.exchange),
                        _ => None,
                    });
                let mut exchangers = exchangers.peekable();
                if exchangers.peek().is_some() && exchangers.all(Name::is_root) {
                    return TakesMail::No;
                }
                TakesMail::Yes
            }
            Err(error) => match none(&error) {
                Some(ResponseCode::NXDomain) => self.sure_that_not().await,
                Some(_) => self.has_address(&name).await,
                None => TakesMail::Unknown,
            },
        }
    }

    async fn has_address(&self, name: &str) -> TakesMail {
        let mut unclear = false;
        for kind in [RecordType::A, RecordType::AAAA] {
            match self.resolver.lookup(name, kind).await {
                Ok(_) => return TakesMail::Yes,
                Err(error) => unclear |= none(&error).is_none(),
            }
        }
        if unclear {
            TakesMail::Unknown
        } else {
            self.sure_that_not().await
        }
    }

    /// A name server that knows no root, as in a network without the outside, says of every domain that it does not exist: that is
    /// no reason to refuse anybody.
    async fn sure_that_not(&self) -> TakesMail {
        match self.resolver.lookup(".", RecordType::NS).await {
            Ok(_) => TakesMail::No,
            Err(_) => TakesMail::Unknown,
        }
    }
}

/// The code of an answer that says clearly that there are no such records.
fn none(error: &NetError) -> Option<ResponseCode> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(none.response_code)
            .filter(|code| matches!(code, ResponseCode::NXDomain | ResponseCode::NoError)),
        _ => None,
    }
}

/// Asks this name server, or those of the system.
fn resolver(
    server: Option<SocketAddr>,
    configure: impl FnOnce(&mut ResolverOpts),
) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(address) => {
            let [udp, tcp] = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut to| {
                to.port = address.port();
                to
            });
            let server = NameServerConfig::new(address.ip(), true, vec![udp, tcp]);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()?,
    };
    configure(builder.options_mut());
    builder.build()
}

fn configure(options: &mut ResolverOpts) {
    options.timeout = QUESTION;
    options.attempts = 1;
    options.cache_size = KEPT;
    options.positive_min_ttl = Some(YES_KEPT[0]);
    options.positive_max_ttl = Some(YES_KEPT[1]);
    options.negative_min_ttl = Some(NO_KEPT[0]);
    options.negative_max_ttl = Some(NO_KEPT[1]);
    options.use_hosts_file = ResolveHosts::Never;
}
