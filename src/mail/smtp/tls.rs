//! TLS to a relay: what we trust, set up once, and what went wrong in words (RFC 8314, RFC 3207).

use std::error::Error;
use std::io;
use std::sync::Arc;

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::{Relay, RelayError, TlsMode};

/// What a [`TlsMode`] needs, ready for use.
pub(super) enum Tls {
    None,
    Starttls(TlsParameters),
    Implicit(TlsConnector, ServerName<'static>),
}

impl Tls {
    pub(super) fn prepare(relay: &Relay) -> Result<Self, RelayError> {
        if relay.tls == TlsMode::None {
            return Ok(Self::None);
        }
        let name = ServerName::try_from(relay.host.clone()).map_err(|_| RelayError::Host {
            host: relay.host.clone(),
        })?;
        let authorities = authorities(relay)?;
        if relay.tls == TlsMode::Starttls {
            starttls(relay, authorities)
        } else {
            implicit(relay, authorities, name)
        }
    }
}

/// lettre makes the handshake of STARTTLS, with a configuration that only it can build.
fn starttls(relay: &Relay, authorities: Vec<CertificateDer<'static>>) -> Result<Tls, RelayError> {
    let failed = |error: lettre::transport::smtp::Error| setup_error(relay, &error);
    let mut builder = TlsParameters::builder(relay.host.clone());
    for authority in authorities {
        builder = builder
            .add_root_certificate(Certificate::from_der(authority.to_vec()).map_err(failed)?);
    }
    Ok(Tls::Starttls(builder.build().map_err(failed)?))
}

fn implicit(
    relay: &Relay,
    authorities: Vec<CertificateDer<'static>>,
    name: ServerName<'static>,
) -> Result<Tls, RelayError> {
    let failed = |error: rustls::Error| setup_error(relay, &error);
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for authority in authorities {
        roots.add(authority).map_err(failed)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Tls::Implicit(TlsConnector::from(Arc::new(config)), name))
}

fn setup_error(relay: &Relay, error: &dyn Error) -> RelayError {
    RelayError::Tls {
        relay: relay.name(),
        reason: error.to_string(),
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

/// The TLS error under `error`, if that is what it is, in words with what to do.
pub(super) fn complaint(error: &(dyn Error + 'static)) -> Option<String> {
    let mut at = Some(error);
    while let Some(error) = at {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(words(tls));
        }
        at = error.source();
    }
    None
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
