//! `[addresses]`: which addresses may sign up, beyond what makes one valid.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::reader::Reader;
use super::value;
use crate::domain::address::policy::Policy;

/// Which addresses may sign up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressesConfig {
    /// Whether the domain is asked if it takes mail (A12).
    pub mx_check: bool,
    /// The name server to ask; by default those of the system.
    pub resolver: Option<SocketAddr>,
    /// What becomes of throw-away addresses (A14).
    pub disposable: Policy,
    /// A list of their domains in place of the built-in one.
    pub disposable_file: Option<PathBuf>,
    /// What becomes of addresses of functions.
    pub role: Policy,
}

const POLICIES: [(&str, Policy); 3] = [
    ("off", Policy::Off),
    ("flag", Policy::Flag),
    ("refuse", Policy::Refuse),
];

impl AddressesConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let policy = |text: &str| value::choice(text, &POLICIES);
        Self {
            mx_check: reader.flag("mx_check", true),
            resolver: reader.optional("resolver", |text| {
                text.parse()
                    .map_err(|_| "is not an IP address with a port, such as 127.0.0.1:53")
            }),
            disposable: reader.or("disposable", "off", policy),
            disposable_file: reader.optional("disposable_file", |text| {
                Ok::<_, &'static str>(PathBuf::from(text))
            }),
            role: reader.or("role", "off", policy),
        }
    }
}
