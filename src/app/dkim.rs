//! The keys of DKIM: read, compared with the lists whose mail they are to sign, and made anew.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::AppError;
use crate::config::{self, Config};
use crate::mail::dkim::{self, Key, KeyKind, Signer};

/// The keys that the configuration names.
pub fn keys(config: &Config) -> Result<Vec<Arc<Key>>, AppError> {
    let keys = config.dkim.keys.iter().enumerate();
    keys.map(|(at, key)| {
        let read = Key::parse(&key.selector, &key.domain, key.pem.expose_secret());
        read.map(Arc::new).map_err(|error| {
            let reason = format!("{} {error}", key.key_file.display());
            AppError::configuration(format!("dkim.keys[{at}].key_file"), reason)
        })
    })
    .collect()
}

/// What works but is better changed: lists whose mail no key signs, lists with Ed25519 alone (K2), keys that sign nothing.
pub fn warnings(config: &Config, keys: &[Arc<Key>]) -> Vec<String> {
    if keys.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let mut used = Vec::new();
    for list in &config.lists {
        let from = list.from_domain();
        let slug = &list.slug;
        let Some(signer) = Signer::of(keys, &from) else {
            warnings.push(format!(
                "list `{slug}`: no key of [[dkim.keys]] signs its mail, because none is of {from} or a domain above or below it"
            ));
            continue;
        };
        if signer
            .keys()
            .iter()
            .all(|key| key.kind() == KeyKind::Ed25519)
        {
            warnings.push(format!(
                "list `{slug}`: its only key of [[dkim.keys]] is Ed25519, which many mailbox providers do not verify; add an RSA \
                 key with another selector"
            ));
        }
        used.extend(signer.keys().iter().cloned());
    }
    let idle = keys.iter().enumerate();
    let idle = idle.filter(|(_, key)| !used.iter().any(|other| Arc::ptr_eq(other, key)));
    warnings.extend(idle.map(|(at, key)| {
        format!(
            "dkim.keys[{at}].domain: signs nothing, because no list's sender is of {} or a domain above or below it",
            key.domain()
        )
    }));
    warnings
}

/// What has to be published of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The key's selector.
    pub selector: String,
    /// The domain that signs.
    pub domain: String,
    /// The name of the TXT record.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The value in strings of at most 255 octets.
    pub strings: Vec<String>,
}

impl Record {
    fn of(key: &Key) -> Self {
        Self {
            selector: key.selector().to_owned(),
            domain: key.domain().to_owned(),
            name: key.record_name(),
            value: key.record(),
            strings: key.record_strings(),
        }
    }
}

/// What has to be published of the keys in the configuration.
pub fn records(config: &Config) -> Result<Vec<Record>, AppError> {
    let keys = keys(config)?;
    Ok(keys.iter().map(|key| Record::of(key)).collect())
}

/// A key that was just made: what to keep, and what to publish.
pub struct NewKey {
    /// The private key, PKCS #8 in PEM.
    pub pem: SecretString,
    /// What has to be published.
    pub record: Record,
}

/// The domain that keys sign for unless told otherwise.
pub fn own_domain(config: &Config) -> String {
    config.mail.from_domain()
}

/// Makes a key for a selector of a domain.
pub fn generate(selector: &str, domain: &str, ed25519: bool) -> Result<NewKey, AppError> {
    let named = |option: &str, reason: &str| AppError::configuration(option, reason);
    let selector = config::selector(selector).map_err(|why| named("--selector", why))?;
    let domain = config::domain(domain).map_err(|why| named("--domain", why))?;
    let kind = if ed25519 {
        KeyKind::Ed25519
    } else {
        KeyKind::Rsa
    };
    let made = dkim::generate(kind);
    let made = made.and_then(|pem| Ok((Key::parse(&selector, &domain, pem.expose_secret())?, pem)));
    let (key, pem) = made.map_err(|error| named("the new key", &error.to_string()))?;
    let record = Record::of(&key);
    Ok(NewKey { pem, record })
}
