//! `[mail]`: whom mail comes from, and the domains that name messages and lists.

use super::reader::Reader;
use super::site::SiteConfig;
use super::value;

/// A List-Id holds the list's slug (40), a dot and the domain, 255 octets in all (RFC 2919 §3, H12).
const LONGEST_LIST_ID_DOMAIN: usize = 255 - 40 - 1;

/// Whom mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The address in From.
    pub from: String,
    /// The name in From.
    pub from_name: String,
    /// Where replies go, when not to `from`.
    pub reply_to: Option<String>,
    /// The envelope sender, which non-delivery reports go to.
    pub bounce_address: String,
    /// The right side of every Message-ID.
    pub message_id_domain: String,
    /// What follows a list's slug in its List-Id.
    pub list_id_domain: String,
}

impl MailConfig {
    /// The domain in From, in its ASCII form.
    pub fn from_domain(&self) -> String {
        value::domain_of(&self.from)
    }

    /// The domain of the envelope sender, in its ASCII form.
    pub fn bounce_domain(&self) -> String {
        value::domain_of(&self.bounce_address)
    }

    pub(super) fn read(reader: &mut Reader, site: &SiteConfig) -> Self {
        let from = reader.required("from", value::address);
        warn_of_noreply(reader, "from", Some(&from));
        let own_domain = value::domain_of(&from);
        let mail = Self {
            from_name: reader.derived("from_name", &site.name, value::line),
            reply_to: reader.optional("reply_to", value::address),
            bounce_address: reader.derived("bounce_address", &from, value::address),
            message_id_domain: reader.derived("message_id_domain", &own_domain, value::domain),
            list_id_domain: reader.derived("list_id_domain", &own_domain, value::domain),
            from,
        };
        warn_of_noreply(reader, "reply_to", mail.reply_to.as_deref());
        if mail.list_id_domain.len() > LONGEST_LIST_ID_DOMAIN {
            reader.problem(
                "list_id_domain",
                format!("must have at most {LONGEST_LIST_ID_DOMAIN} letters"),
            );
        }
        mail
    }
}

/// Mailbox providers ask for a sender that takes replies (V18).
pub(super) fn warn_of_noreply(reader: &mut Reader, key: &'static str, address: Option<&str>) {
    let local = address
        .and_then(|address| address.split('@').next())
        .unwrap_or_default();
    let letters: String = local
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    if letters.starts_with("noreply") || letters.starts_with("donotreply") {
        reader.warning(
            key,
            "should take replies: mailbox providers ask for it, and readers answer newsletters",
        );
    }
}
