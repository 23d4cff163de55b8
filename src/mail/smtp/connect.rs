//! From a relay's settings to a session: TCP, TLS, EHLO, AUTH.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use lettre::transport::smtp::authentication::{self, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connection::Size;
use super::exchange::{Fault, within};
use super::tls::{self, Tls};
use super::wire::{Encrypted, Tap, Wire};
use super::{ConnectError, Connection, Relay, RelayError, Step, TlsMode};

const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];

/// Opens connections to one relay; what they have in common is made once.
pub struct Connector {
    relay: Relay,
    helo: ClientId,
    tls: Tls,
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
        })
    }

    /// The relay that it connects to.
    pub fn relay(&self) -> &Relay {
        &self.relay
    }

    /// Opens a connection that is ready to send.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        let (wire, tap) = self.open().await?;
        let stream = self.encrypt(wire).await?;
        let mut smtp = self.greet(stream, &tap).await?;
        if let Tls::Starttls(parameters) = &self.tls {
            self.starttls(&mut smtp, parameters).await?;
        }
        let size = self.size(&mut smtp).await?;
        self.authenticate(&mut smtp).await?;
        Ok(Connection::new(smtp, tap, size, &self.relay))
    }

    async fn open(&self) -> Result<(Wire, Arc<Tap>), ConnectError> {
        let limit = self.relay.timeouts.connect;
        let address = (self.relay.host.as_str(), self.relay.port);
        let opened = async {
            let tcp = TcpStream::connect(address).await?;
            tcp.set_nodelay(true)?;
            Ok::<_, io::Error>(tcp)
        };
        match timeout(limit, opened).await {
            Ok(Ok(tcp)) => Ok(Wire::new(tcp, self.relay.tls == TlsMode::Starttls)),
            Ok(Err(error)) => Err(ConnectError::Unreachable {
                relay: self.relay.name(),
                reason: error.to_string(),
            }),
            Err(_) => Err(self.error(Step::Connect, Fault::Silent(limit))),
        }
    }

    async fn encrypt(&self, wire: Wire) -> Result<Box<dyn AsyncTokioStream>, ConnectError> {
        let Tls::Implicit(connector, name) = &self.tls else {
            return Ok(Box::new(wire));
        };
        let limit = self.relay.timeouts.connect;
        let fault = match timeout(limit, connector.connect(name.clone(), wire)).await {
            Ok(Ok(stream)) => return Ok(Box::new(Encrypted(stream))),
            Ok(Err(error)) => {
                tls::complaint(&error).map_or_else(|| Fault::Lost(error.to_string()), Fault::Tls)
            }
            Err(_) => Fault::Silent(limit),
        };
        Err(self.error(Step::Tls, fault))
    }

    /// The greeting and EHLO, which lettre does in one go: once something was written, the greeting had come.
    async fn greet(
        &self,
        stream: Box<dyn AsyncTokioStream>,
        tap: &Tap,
    ) -> Result<AsyncSmtpConnection, ConnectError> {
        let handshake = tap.written();
        let greeted = || tap.written() > handshake;
        let mut session = pin!(AsyncSmtpConnection::connect_with_transport(
            stream, &self.helo
        ));
        let mut result = within(self.relay.timeouts.greeting, session.as_mut()).await;
        if matches!(result, Err(Fault::Silent(_))) && greeted() {
            result = within(self.relay.timeouts.command, session).await;
        }
        let step = if greeted() {
            Step::Ehlo
        } else {
            Step::Greeting
        };
        result.map_err(|fault| self.error(step, fault))
    }

    async fn starttls(
        &self,
        smtp: &mut AsyncSmtpConnection,
        parameters: &TlsParameters,
    ) -> Result<(), ConnectError> {
        if !smtp.can_starttls() {
            return Err(ConnectError::NoTls {
                relay: self.relay.name(),
            });
        }
        let limit = self.relay.timeouts.command + self.relay.timeouts.connect;
        within(limit, smtp.starttls(parameters.clone(), &self.helo))
            .await
            .map_err(|fault| self.error(Step::Starttls, fault))
    }

    /// The SIZE that the relay offers (RFC 1870). lettre keeps only the extensions that it uses itself: ask again.
    async fn size(&self, smtp: &mut AsyncSmtpConnection) -> Result<Size, ConnectError> {
        let ehlo = smtp.command(Ehlo::new(self.helo.clone()));
        let response = within(self.relay.timeouts.command, ehlo)
            .await
            .map_err(|fault| self.error(Step::Ehlo, fault))?;
        Ok(response
            .message()
            .skip(1)
            .find_map(Size::parse)
            .unwrap_or_default())
    }

    async fn authenticate(&self, smtp: &mut AsyncSmtpConnection) -> Result<(), ConnectError> {
        let Some(credentials) = &self.relay.credentials else {
            return Ok(());
        };
        let relay = self.relay.name();
        if smtp.server_info().get_auth_mechanism(MECHANISMS).is_none() {
            return Err(ConnectError::AuthNotOffered { relay });
        }
        let credentials = authentication::Credentials::new(
            credentials.username.clone(),
            credentials.password.expose_secret().to_owned(),
        );
        let auth = smtp.auth(MECHANISMS, &credentials);
        match within(self.relay.timeouts.command, auth).await {
            Ok(_) => Ok(()),
            // 530 and 538 ask for TLS first: the password may well be right.
            Err(Fault::Refused { code, text }) if code >= 500 && code != 530 && code != 538 => {
                Err(ConnectError::AuthRefused { relay, code, text })
            }
            Err(fault) => Err(self.error(Step::Auth, fault)),
        }
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
