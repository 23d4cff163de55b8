//! `[dkim]`: the keys that mail is signed with, one `[[dkim.keys]]` each.

use std::path::PathBuf;

use secrecy::SecretString;

use super::mail::MailConfig;
use super::reader::Reader;
use super::value;

/// The keys that mail is signed with; none: Nashra does not sign.
#[derive(Debug, Clone, Default)]
pub struct DkimConfig {
    /// A mail gets a signature from each key whose domain may speak for its sender.
    pub keys: Vec<DkimKey>,
}

/// A key and where its public half is published.
#[derive(Debug, Clone)]
pub struct DkimKey {
    /// The name of the key in DNS (`s=`): `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The domain that signs (`d=`), in its ASCII form.
    pub domain: String,
    /// Where the key is.
    pub key_file: PathBuf,
    /// The key in PEM, not looked at yet.
    pub pem: SecretString,
}

impl DkimConfig {
    pub(super) fn read(reader: &mut Reader, mail: &MailConfig) -> Self {
        let own_domain = mail.from_domain();
        let mut names = Vec::new();
        let keys = reader.each("keys", |reader| {
            let selector = reader.required("selector", value::selector);
            let domain = reader.derived("domain", &own_domain, value::domain);
            let (key_file, pem) = reader.secret_file("key_file").unwrap_or_default();
            if !selector.is_empty() {
                let name = format!("{selector}._domainkey.{domain}");
                reader.unique("selector", &name, &mut names);
            }
            DkimKey {
                selector,
                domain,
                key_file,
                pem,
            }
        });
        Self { keys }
    }
}
