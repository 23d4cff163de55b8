//! Addresses that can be mailed and may still not be a reader's: throw-away domains (A14) and the mailboxes of functions.

use std::collections::HashSet;

use super::EmailAddress;

/// What becomes of a sign-up with such an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// It is like any other.
    #[default]
    Off,
    /// It is held until a person has looked.
    Flag,
    /// It is refused.
    Refuse,
}

/// Services that hide a reader's own address and hand mail on. They look like throw-away domains to some lists; their readers
/// are readers.
pub const RELAYS: &[&str] = &[
    "duck.com",
    "mozmail.com",
    "relay.firefox.com",
    "privaterelay.appleid.com",
    "icloud.com",
    "simplelogin.com",
    "simplelogin.co",
    "simplelogin.fr",
    "slmail.me",
    "slmails.com",
    "silomails.com",
    "aleeas.com",
    "8shield.net",
    "8alias.com",
    "dralias.com",
    "addy.io",
    "anonaddy.com",
    "anonaddy.me",
    "passmail.net",
    "passmail.com",
    "passinbox.com",
    "passfwd.com",
];

/// Mailboxes that nobody reads a newsletter in: machines answer, or complaints are taken (RFC 2142 §4 and §5).
const NOBODY: [&str; 10] = [
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "postmaster",
    "abuse",
    "hostmaster",
    "spam",
    "bounce",
];

/// Mailboxes of functions rather than persons (RFC 2142 §3, §5, §7 and common use).
const ROLES: [&str; 20] = [
    "info",
    "admin",
    "administrator",
    "marketing",
    "sales",
    "support",
    "contact",
    "office",
    "help",
    "helpdesk",
    "hello",
    "team",
    "webmaster",
    "root",
    "security",
    "noc",
    "news",
    "billing",
    "accounts",
    "hr",
];

/// Domains that give out throw-away mailboxes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisposableDomains(HashSet<String>);

impl DisposableDomains {
    /// Reads a list: one domain a line, `#` begins a remark. Privacy relays are left out whatever it says, and so is what is
    /// no domain.
    pub fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let domains = lines
            .filter(|line| !line.is_empty())
            .filter_map(|line| EmailAddress::parse(&format!("reader@{line}")).ok())
            .map(|address| address.domain().to_owned())
            .filter(|domain| !is_relay(domain));
        Self(domains.collect())
    }

    /// Whether this domain, or one that it is part of, is on the list.
    pub fn hold(&self, domain: &str) -> bool {
        !is_relay(domain) && suffixes(domain).any(|suffix| self.0.contains(suffix))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What an address belongs to by the part before the `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// A person, as far as one can see.
    Person,
    /// A function, such as `info@`.
    Role,
    /// Nobody who reads, such as `noreply@`.
    Nobody,
}

/// Whose mailbox this seems to be.
pub fn mailbox(address: &EmailAddress) -> Mailbox {
    let local = address.local().to_ascii_lowercase();
    let name = local.split('+').next().unwrap_or_default();
    if NOBODY.contains(&name) {
        Mailbox::Nobody
    } else if ROLES.contains(&name) {
        Mailbox::Role
    } else {
        Mailbox::Person
    }
}

fn is_relay(domain: &str) -> bool {
    suffixes(domain).any(|suffix| RELAYS.contains(&suffix))
}

/// The domain and each domain that it is part of: whole labels only.
fn suffixes(domain: &str) -> impl Iterator<Item = &str> {
    let rests = domain.match_indices('.').map(|(dot, _)| &domain[dot + 1..]);
    std::iter::once(domain).chain(rests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a14_domains_are_matched_by_whole_labels() {
        let domains = DisposableDomains::parse(
            "# remark\nmailinator.com\n\nyopmail.fr # another\nBÜCHER.example\nnot a domain\n",
        );
        assert_eq!(domains.len(), 3);
        for held in [
            "mailinator.com",
            "a.b.mailinator.com",
            "yopmail.fr",
            "xn--bcher-kva.example",
        ] {
            assert!(domains.hold(held), "{held}");
        }
        for free in [
            "notmailinator.com",
            "mailinator.com.example",
            "com",
            "example.org",
            "",
        ] {
            assert!(!domains.hold(free), "{free}");
        }
    }

    #[test]
    fn privacy_relays_are_never_disposable() {
        let domains = DisposableDomains::parse(&RELAYS.join("\n"));
        assert!(domains.is_empty());
        // Not even by a list that takes a whole domain above them.
        let domains = DisposableDomains::parse("appleid.com\ncom");
        for relay in RELAYS {
            assert!(
                !domains.hold(relay) && !domains.hold(&format!("x.{relay}")),
                "{relay}"
            );
        }
    }

    #[test]
    fn mailboxes_of_functions() {
        let of =
            |local: &str| mailbox(&EmailAddress::parse(&format!("{local}@example.org")).unwrap());
        assert_eq!(
            [of("info"), of("INFO"), of("info+news")],
            [Mailbox::Role; 3]
        );
        assert_eq!(
            [of("noreply"), of("Abuse"), of("mailer-daemon")],
            [Mailbox::Nobody; 3]
        );
        assert_eq!(
            [of("information"), of("layla"), of("admin.layla")],
            [Mailbox::Person; 3]
        );
    }
}
