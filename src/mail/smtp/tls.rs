//! TLS to a relay: what we trust, set up once, and what went wrong in words (RFC 8314, RFC 3207).

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::stream::Stream;
use super::{Relay, RelayError, TlsMode};

/// What a [`TlsMode`] needs, ready for use.
pub(super) enum Tls {
    None,
    Starttls(Handshake),
    Implicit(Handshake),
}

/// Whom we trust, and who the relay must prove to be.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    pub(super) fn prepare(relay: &Relay) -> Result<Self, RelayError> {
        Ok(match relay.tls {
            TlsMode::None => Self::None,
            TlsMode::Starttls => Self::Starttls(Handshake::prepare(relay)?),
            TlsMode::Implicit => Self::Implicit(Handshake::prepare(relay)?),
        })
    }
}

impl Handshake {
    fn prepare(relay: &Relay) -> Result<Self, RelayError> {
        let name = ServerName::try_from(relay.host.clone()).map_err(|_| RelayError::Host {
            host: relay.host.clone(),
        })?;
        let failed = |error: rustls::Error| RelayError::Tls {
            relay: relay.name(),
            reason: error.to_string(),
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for authority in authorities(relay)? {
            roots.add(authority).map_err(failed)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self { connector, name })
    }

    /// Encrypts a connection.
    pub(super) async fn encrypt(&self, tcp: TcpStream) -> io::Result<Stream> {
        let stream = self.connector.connect(self.name.clone(), tcp).await?;
        Ok(Stream::Tls(Box::new(stream)))
    }
}

fn authorities(relay: &Relay) -> Result<Vec<CertificateDer<'static>>, RelayError> {
    let Some(path) = &relay.ca_file else {
        return Ok(Vec::new());
    };
    let failed = |reason: String| RelayError::CaFile {
        path: path.clone(),
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed(error.to_string()))?;
    if found.is_empty() {
        return Err(failed("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// The TLS error in `error`, if that is what it is, in words with what to do.
pub(super) fn complaint(error: &io::Error) -> Option<String> {
    error.get_ref()?.downcast_ref().map(words)
}

fn words(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return match error {
            rustls::Error::InvalidMessage(_) => format!(
                "it does not speak TLS there ({error}); STARTTLS is usually on port 587, implicit TLS on 465"
            ),
            _ => error.to_string(),
        };
    };
    match certificate {
        CertificateError::UnknownIssuer => {
            "its certificate is signed by an authority that this machine does not trust; if it is your own, name its PEM file as ca_file".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired; renew it at the relay".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; check the clocks of both machines".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate is for another host ({certificate}); use the name that it was issued for as host")
        }
        _ => format!("its certificate is not acceptable: {certificate}"),
    }
}
