//! The texts that a sender publishes in DNS: SPF (RFC 7208), DKIM keys (RFC 6376) and DMARC (RFC 9989), read as far as it takes to
//! tell their owner what is wrong with them.

use std::collections::BTreeMap;

/// The look-ups that an SPF record may cost (RFC 7208 §4.6.4).
pub const SPF_LOOKUPS: usize = 10;

/// An SPF record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spf {
    /// The look-ups that it costs by itself, without those of the records that it includes.
    pub lookups: usize,
    /// The domains whose records are looked up in its course: `include:` and `redirect=`.
    pub follows: Vec<String>,
    /// What `all` says of everybody else: `+`, `-`, `~` or `?`; `None` without it.
    pub all: Option<char>,
    /// Whether it lets anybody send: a mechanism besides `all`, or another record in its place.
    pub lets_some: bool,
    /// Terms that are none (RFC 7208 §4.6: the whole record is then an error).
    pub unknown: Vec<String>,
}

impl Spf {
    /// Reads a TXT record; `None` when it is no SPF record (RFC 7208 §4.5).
    pub fn parse(record: &str) -> Option<Self> {
        let mut terms = record.split_ascii_whitespace();
        if !terms.next()?.eq_ignore_ascii_case("v=spf1") {
            return None;
        }
        let mut spf = Self::default();
        let mut redirect = None;
        for term in terms {
            spf.read(&term.to_ascii_lowercase(), &mut redirect);
        }
        // RFC 7208 §6.1: with `all` a redirect counts for nothing.
        if let (Some(domain), None) = (redirect, spf.all) {
            spf.lookups += 1;
            spf.lets_some = true;
            spf.follows.push(domain);
        }
        Some(spf)
    }

    fn read(&mut self, term: &str, redirect: &mut Option<String>) {
        if let Some((name, value)) = term.split_once('=')
            && !name.contains([':', '/'])
        {
            if name == "redirect" {
                *redirect = Some(value.to_owned());
            }
            // Other modifiers are for whoever knows them (RFC 7208 §6).
            return;
        }
        let (qualifier, mechanism) = match term.chars().next() {
            Some(sign @ ('+' | '-' | '~' | '?')) => (sign, &term[1..]),
            _ => ('+', term),
        };
        let name = mechanism.split([':', '/']).next().unwrap_or_default();
        self.lets_some |= name != "all" && qualifier == '+';
        match name {
            "all" => self.all = Some(qualifier),
            "include" => {
                self.lookups += 1;
                let domain = mechanism.strip_prefix("include:");
                self.follows.extend(domain.map(str::to_owned));
            }
            "a" | "mx" | "ptr" | "exists" => self.lookups += 1,
            "ip4" | "ip6" => {}
            _ => self.unknown.push(term.to_owned()),
        }
    }
}

/// The tags of a DKIM key record or a DMARC record (RFC 6376 §3.2), names in lower case; `None` when the text is no list of tags.
pub fn tags(record: &str) -> Option<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for tag in record.split(';').filter(|tag| !tag.trim().is_empty()) {
        let (name, value) = tag.split_once('=')?;
        tags.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
    }
    Some(tags)
}

/// Whether a TXT record is a DMARC record at all.
pub fn is_dmarc(record: &str) -> bool {
    let first = record.split(';').next().unwrap_or_default();
    let words = first
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()));
    words == Some(("v", "DMARC1"))
}

/// What is wrong with a DMARC record, if anything.
pub fn dmarc_fault(record: &str) -> Option<String> {
    let Some(tags) = tags(record) else {
        return Some("it is not a list of tags".to_owned());
    };
    let policies = ["p", "sp", "np"];
    for (name, value) in &tags {
        let is_policy = policies.contains(&name.as_str());
        if is_policy
            && !["none", "quarantine", "reject"].contains(&value.to_ascii_lowercase().as_str())
        {
            return Some(format!("{name}={value} is not none, quarantine or reject"));
        }
    }
    if !tags.contains_key("p") {
        return Some("it has no p=".to_owned());
    }
    let gone = ["pct", "rf", "ri"]
        .into_iter()
        .filter(|name| tags.contains_key(*name));
    let gone: Vec<_> = gone.collect();
    (!gone.is_empty()).then(|| format!("{} mean nothing any more (RFC 9989)", gone.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k9_look_ups_of_spf_are_counted() {
        let spf = |record| Spf::parse(record).unwrap();
        let plain = spf("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all");
        assert_eq!(
            (plain.lookups, plain.all, plain.follows.len()),
            (0, Some('-'), 0)
        );
        let much = spf(
            "V=SPF1 a mx/24 a:x.example/24//64 ptr exists:%{i}.example Include:_spf.example.net ~ALL exp=why.example",
        );
        assert_eq!(much.lookups, 6);
        assert_eq!(much.follows, ["_spf.example.net"]);
        assert_eq!((much.all, much.unknown.len()), (Some('~'), 0));
        let led = spf("v=spf1 redirect=other.example");
        assert_eq!(
            (led.lookups, led.follows),
            (1, vec!["other.example".to_owned()])
        );
        assert_eq!(spf("v=spf1 all redirect=other.example").lookups, 0);
        assert!(!spf("v=spf1 -all").lets_some && spf("v=spf1 mx -all").lets_some);
        assert_eq!(
            spf("v=spf1 ipv4:192.0.2.1 -all").unknown,
            ["ipv4:192.0.2.1"]
        );
        for other in [
            "",
            "v=spf10 -all",
            "google-site-verification=1",
            "spf2.0/pra",
        ] {
            assert_eq!(Spf::parse(other), None, "{other}");
        }
    }

    #[test]
    fn k9_dmarc_is_read_as_rfc_9989_has_it() {
        assert!(
            is_dmarc("v=DMARC1; p=none")
                && is_dmarc("v = DMARC1 ;p=none")
                && !is_dmarc("v=dmarc1; p=none")
        );
        for (record, words) in [
            ("v=DMARC1; p=none; rua=mailto:d@example.org", None),
            ("v=DMARC1; p=reject; np=reject; psd=n; t=y; adkim=r", None),
            ("v=DMARC1; rua=mailto:d@example.org", Some("no p=")),
            ("v=DMARC1; p=monitor", Some("p=monitor is not")),
            (
                "v=DMARC1; p=none; pct=50; ri=1",
                Some("pct, ri mean nothing"),
            ),
            ("v=DMARC1; p", Some("not a list of tags")),
        ] {
            let fault = dmarc_fault(record);
            assert_eq!(fault.is_some(), words.is_some(), "{record}: {fault:?}");
            assert!(
                fault
                    .unwrap_or_default()
                    .contains(words.unwrap_or_default()),
                "{record}"
            );
        }
    }

    #[test]
    fn a_key_record_is_a_list_of_tags() {
        let key = tags(" v=DKIM1 ;k=rsa;\tp=MIIB IjAN== ; ").unwrap();
        assert_eq!(
            (key["v"].as_str(), key["p"].as_str()),
            ("DKIM1", "MIIB IjAN==")
        );
        assert_eq!(tags("v=DKIM1; p"), None);
    }
}
