//! A key of DKIM: read from PEM, made anew, and the DNS record that its verifiers look for (RFC 6376 §3.6.1, RFC 8463 §4).

use std::fmt;

use base64ct::{Base64, Encoding as _};
use mail_auth::common::crypto::{Algorithm, Ed25519Key, RsaKey, Sha256, SigningKey as _};
use mail_auth::dkim::Signature;
use rand::TryRng as _;
use rand::rngs::SysRng;
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;

use crate::mail::Error;

/// What is asked of an RSA key (K1): 1024 bits are still read by everybody, and no longer enough.
const RSA_BITS: usize = 2_048;
/// PKCS #8 around the 32 octets of an Ed25519 key (RFC 8410 §7, version 1, which every OpenSSL reads).
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// A string in a TXT record holds no more octets (RFC 1035 §3.3.14).
const TXT_STRING: usize = 255;

/// The two kinds of keys that verifiers know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `rsa-sha256`: what everybody verifies.
    Rsa,
    /// `ed25519-sha256` (RFC 8463): short, and not verified everywhere, so never alone (K2).
    Ed25519,
}

impl KeyKind {
    /// `k=` of its record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is not in PEM.
    #[error("is not a private key in PEM; make one with `nashra dkim keygen`")]
    NotPem,
    /// It is too short (K1).
    #[error(
        "is an RSA key with fewer than {RSA_BITS} bits; make another with `nashra dkim keygen`"
    )]
    Short,
    /// It is no key of a kind that signs.
    #[error("is not an RSA or Ed25519 key that can sign ({0}); make one with `nashra dkim keygen`")]
    Unusable(String),
}

/// A private key, who signs with it, and where its public half is published.
pub struct Key {
    selector: String,
    domain: String,
    private: Private,
    /// What `p=` holds.
    public: String,
}

enum Private {
    Rsa(Box<RsaKey<Sha256>>),
    Ed25519(Box<Ed25519Key>),
}

impl Key {
    /// Reads a key in PEM: PKCS #8, or for RSA also PKCS #1.
    pub fn parse(selector: &str, domain: &str, pem: &str) -> Result<Self, KeyError> {
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::NotPem)?;
        let (private, public) = read(der)?;
        Ok(Self {
            selector: selector.to_owned(),
            domain: domain.to_owned(),
            private,
            public: Base64::encode_string(&public),
        })
    }

    /// `s=`.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// `d=`, lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What kind it is.
    pub fn kind(&self) -> KeyKind {
        match self.private {
            Private::Rsa(_) => KeyKind::Rsa,
            Private::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// The public key as `p=` has it.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Where verifiers look for the public key, without a full stop at the end.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// What they must find there.
    pub fn record(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.kind().as_str(), self.public)
    }

    /// The same as zone files want it: strings of at most 255 octets, which verifiers put together again.
    pub fn record_strings(&self) -> Vec<String> {
        let record = self.record();
        // All of it is ASCII: base64, and the words above.
        let pieces = record.as_bytes().chunks(TXT_STRING);
        pieces
            .map(|piece| String::from_utf8_lossy(piece).into_owned())
            .collect()
    }

    /// What all its signatures say.
    pub(super) fn template(&self) -> Signature {
        Signature {
            v: 1,
            a: match self.kind() {
                KeyKind::Rsa => Algorithm::RsaSha256,
                KeyKind::Ed25519 => Algorithm::Ed25519Sha256,
            },
            d: self.domain.clone(),
            s: self.selector.clone(),
            ..Signature::default()
        }
    }

    pub(super) fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = match &self.private {
            Private::Rsa(key) => key.sign(octets),
            Private::Ed25519(key) => key.sign(octets),
        };
        signature.map_err(|error| Error::Sign {
            selector: self.selector.clone(),
            reason: error.to_string(),
        })
    }
}

/// X10: nothing of the private half is printed.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("selector", &self.selector)
            .field("domain", &self.domain)
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

/// The key, and the octets of its public half: the whole SubjectPublicKeyInfo for RSA, the bare key for Ed25519.
fn read(der: PrivateKeyDer<'_>) -> Result<(Private, Vec<u8>), KeyError> {
    if let PrivateKeyDer::Pkcs8(pkcs8) = &der
        && let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(pkcs8.secret_pkcs8_der())
    {
        let public = key.public_key();
        return Ok((Private::Ed25519(Box::new(key)), public));
    }
    let key = RsaKey::<Sha256>::from_key_der(der).map_err(|error| {
        let reason = error.to_string();
        // ring's word for it; it refuses what is shorter than 2047 bits.
        if reason.contains("TooSmall") {
            KeyError::Short
        } else {
            KeyError::Unusable(reason)
        }
    })?;
    let public = rsa::PublicKey::from_pkcs1_der(&key.public_key())
        .map_err(|error| error.to_string())
        .and_then(|public| {
            public
                .to_public_key_der()
                .map_err(|error| error.to_string())
        })
        .map_err(KeyError::Unusable)?;
    Ok((Private::Rsa(Box::new(key)), public.into_vec()))
}

/// Makes a key, PKCS #8 in PEM. An RSA key takes a second or so.
pub fn generate(kind: KeyKind) -> Result<SecretString, KeyError> {
    let pem = match kind {
        KeyKind::Rsa => rsa::PrivateKey::new(&mut SysRng, RSA_BITS)
            .map_err(|error| error.to_string())
            .and_then(|key| {
                key.to_pkcs8_pem(LineEnding::LF)
                    .map_err(|error| error.to_string())
            })
            .map_err(KeyError::Unusable)?
            .to_string(),
        KeyKind::Ed25519 => {
            let mut der = [0; 48];
            der[..16].copy_from_slice(&ED25519_PKCS8);
            SysRng
                .try_fill_bytes(&mut der[16..])
                .map_err(|error| KeyError::Unusable(error.to_string()))?;
            let text = Base64::encode_string(&der);
            format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
        }
    };
    Ok(SecretString::from(pem))
}
