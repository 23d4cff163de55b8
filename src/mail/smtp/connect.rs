//! From a relay's settings to a session: TCP, TLS, EHLO, AUTH.

use std::io;
use std::sync::Arc;

use lettre::transport::smtp::commands::{Ehlo, Starttls};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::auth::log_in;
use super::doubt::Doubt;
use super::fault::Fault;
use super::offers::Offers;
use super::reply::Reply;
use super::stream::Stream;
use super::tls::{Handshake, Tls};
use super::wire::{Wire, within};
use super::{ConnectError, Connection, Relay, RelayError, Step, TlsMode};

/// Opens connections to one relay; what they have in common is made once.
pub struct Connector {
    relay: Relay,
    helo: ClientId,
    tls: Tls,
    /// Whether the relay keeps up with the PIPELINING that it offers.
    doubt: Arc<Doubt>,
}

impl Connector {
    /// Checks the relay's settings, reads its `ca_file` and the system's authorities.
    pub fn new(relay: Relay) -> Result<Self, RelayError> {
        if relay.helo.is_empty() || !relay.helo.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(RelayError::Helo { helo: relay.helo });
        }
        if relay.credentials.is_some() && relay.tls == TlsMode::None && !relay.is_loopback() {
            return Err(RelayError::CredentialsInClear {
                relay: relay.name(),
            });
        }
        Ok(Self {
            helo: ClientId::Domain(relay.helo.clone()),
            tls: Tls::prepare(&relay)?,
            relay,
            doubt: Arc::default(),
        })
    }

    /// The relay that it connects to.
    pub fn relay(&self) -> &Relay {
        &self.relay
    }

    /// Opens a connection that is ready to send.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        let tcp = self.open().await?;
        let stream = match &self.tls {
            Tls::Implicit(handshake) => self.encrypt(handshake, tcp, Step::Tls).await?,
            Tls::None | Tls::Starttls(_) => Stream::Plain(tcp),
        };
        let mut wire = self.wire(stream);
        self.greeting(&mut wire).await?;
        let mut offers = self.hello(&mut wire).await?;
        if let Tls::Starttls(handshake) = &self.tls {
            wire = self.starttls(wire, offers, handshake).await?;
            // What was offered in clear may have been somebody else's words (RFC 3207 §4.2).
            offers = self.hello(&mut wire).await?;
        }
        self.authenticate(&mut wire, offers).await?;
        let doubt = Arc::clone(&self.doubt);
        Ok(Connection::new(wire, offers, &self.relay, doubt))
    }

    async fn open(&self) -> Result<TcpStream, ConnectError> {
        let limit = self.relay.timeouts.connect;
        let address = (self.relay.host.as_str(), self.relay.port);
        let opened = async {
            let tcp = TcpStream::connect(address).await?;
            // Without it each message waits 44 ms for a delayed ACK.
            tcp.set_nodelay(true)?;
            Ok::<_, io::Error>(tcp)
        };
        match timeout(limit, opened).await {
            Ok(Ok(tcp)) => Ok(tcp),
            Ok(Err(error)) => Err(ConnectError::Unreachable {
                relay: self.relay.name(),
                reason: error.to_string(),
            }),
            Err(_) => Err(self.error(Step::Connect, Fault::Silent(limit))),
        }
    }

    async fn encrypt(
        &self,
        handshake: &Handshake,
        tcp: TcpStream,
        step: Step,
    ) -> Result<Stream, ConnectError> {
        let encrypted = async { Ok(handshake.encrypt(tcp).await?) };
        within(self.relay.timeouts.connect, encrypted)
            .await
            .map_err(|fault| self.error(step, fault))
    }

    fn wire(&self, stream: Stream) -> Wire {
        Wire::new(stream, self.relay.timeouts.data_block)
    }

    async fn greeting(&self, wire: &mut Wire) -> Result<(), ConnectError> {
        let reply = wire
            .reply([b"", b""], self.relay.timeouts.greeting)
            .await
            .and_then(|reply| reply.expect(2))
            .map_err(|fault| self.error(Step::Greeting, fault))?;
        if reply.text().contains(char::REPLACEMENT_CHARACTER) {
            return Err(self.error(Step::Greeting, Fault::not_text()));
        }
        Ok(())
    }

    async fn hello(&self, wire: &mut Wire) -> Result<Offers, ConnectError> {
        let ehlo = Ehlo::new(self.helo.clone()).to_string();
        let reply = self.command(wire, Step::Ehlo, &ehlo).await?;
        Ok(Offers::parse(&reply))
    }

    async fn starttls(
        &self,
        mut wire: Wire,
        offers: Offers,
        handshake: &Handshake,
    ) -> Result<Wire, ConnectError> {
        let relay = || self.relay.name();
        if !offers.starttls {
            return Err(ConnectError::NoTls { relay: relay() });
        }
        self.command(&mut wire, Step::Starttls, &Starttls.to_string())
            .await?;
        // Somebody in between may have put it there, to have it taken for a reply under TLS.
        let Some(Stream::Plain(tcp)) = wire.into_stream() else {
            return Err(ConnectError::Tls {
                relay: relay(),
                reason: "it went on talking in clear after STARTTLS, or somebody did in its place"
                    .to_owned(),
            });
        };
        let stream = self.encrypt(handshake, tcp, Step::Starttls).await?;
        Ok(self.wire(stream))
    }

    async fn authenticate(&self, wire: &mut Wire, offers: Offers) -> Result<(), ConnectError> {
        let Some(credentials) = &self.relay.credentials else {
            return Ok(());
        };
        let relay = self.relay.name();
        let Some(mechanism) = offers.auth else {
            return Err(ConnectError::AuthNotOffered { relay });
        };
        let limit = self.relay.timeouts.command;
        match log_in(wire, mechanism, credentials, limit).await {
            Ok(()) => Ok(()),
            // 530 and 538 ask for TLS first: the password may well be right.
            Err(Fault::Refused { code, text }) if code >= 500 && code != 530 && code != 538 => {
                Err(ConnectError::AuthRefused { relay, code, text })
            }
            Err(fault) => Err(self.error(Step::Auth, fault)),
        }
    }

    /// One command that must be taken.
    async fn command(
        &self,
        wire: &mut Wire,
        step: Step,
        command: &str,
    ) -> Result<Reply, ConnectError> {
        wire.command(command, self.relay.timeouts.command)
            .await
            .and_then(|reply| reply.expect(2))
            .map_err(|fault| self.error(step, fault))
    }

    fn error(&self, step: Step, fault: Fault) -> ConnectError {
        let relay = self.relay.name();
        match fault {
            Fault::Refused { code, text } => ConnectError::Refused {
                relay,
                step,
                code,
                text,
            },
            Fault::Lost(reason) => ConnectError::Lost {
                relay,
                step,
                reason,
            },
            Fault::Tls(reason) => ConnectError::Tls { relay, reason },
            Fault::Garbage(reason) => ConnectError::Garbage {
                relay,
                step,
                reason,
            },
            Fault::Silent(limit) => ConnectError::Timeout { relay, step, limit },
        }
    }
}
