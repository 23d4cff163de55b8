//! What the senders' domains publish: SPF, DKIM, DMARC, MX, and the names of the relays. DNS may be changing at this very moment
//! and look otherwise elsewhere, so nothing here is more than a warning (K9).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::relays::Peer;
use super::{Finding, reverse, spf};
use crate::config::{Config, ListConfig};
use crate::dns::records::{Answer, Records};
use crate::domain::sender_records::{dmarc_fault, is_dmarc, tags};
use crate::mail::dkim::{Key, Signer};

/// A walk up the tree of names ends after so many (RFC 9989 §4.10).
const WALK: usize = 8;

pub(super) async fn look(
    config: &Config,
    lists: &[&ListConfig],
    keys: &[Arc<Key>],
    peers: &[Peer],
) -> Vec<Finding> {
    let records = match Records::new(config.addresses.resolver) {
        Ok(records) => records,
        Err(error) => {
            let why = format!(
                "the system's name servers are not known ({error}); name one as [addresses] resolver"
            );
            return vec![Finding::skip("dns", why)];
        }
    };
    if !records.knows_the_world().await {
        let why =
            "no name server answers for the outside; SPF, DKIM, DMARC, MX and PTR are left out";
        return vec![Finding::skip("dns", why)];
    }
    let senders: BTreeSet<String> = lists.iter().map(|list| list.from_domain()).collect();
    let bounces = config.mail.bounce_domain();
    let mut findings = vec![spf::look(&records, &bounces).await];
    findings.extend(dkim(&records, &senders, keys).await);
    for domain in &senders {
        findings.push(dmarc(&records, domain).await);
    }
    let mut takers = senders.clone();
    takers.insert(bounces);
    for domain in &takers {
        findings.push(mx(&records, domain).await);
    }
    for peer in peers {
        findings.push(reverse(&records, &peer.relay, peer.address).await);
    }
    findings
}

async fn dkim(records: &Records, senders: &BTreeSet<String>, keys: &[Arc<Key>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for domain in senders {
        if Signer::of(keys, domain).is_none() {
            let why = format!("no key of [[dkim.keys]] signs for {domain}, so the relay has to");
            findings.push(Finding::skip(format!("dkim {domain}"), why));
        }
    }
    for key in keys {
        findings.push(published(records, key).await);
    }
    findings
}

/// Whether the record of a key is there and is that of this key.
async fn published(records: &Records, key: &Key) -> Finding {
    let name = key.record_name();
    let check = format!("dkim {}", key.selector());
    let publish = || {
        format!(
            "publish what `nashra dkim record --selector {}` prints",
            key.selector()
        )
    };
    let texts = match records.txt(&name).await {
        Answer::Unknown => return Finding::skip(check, "DNS did not answer"),
        Answer::None => {
            return Finding::warn(
                check,
                format!("{name} has no record: signatures fail"),
                publish(),
            );
        }
        Answer::Found(texts) => texts,
    };
    let [text] = texts.as_slice() else {
        let what = format!(
            "{name} has {} records, of which verifiers take any",
            texts.len()
        );
        return Finding::warn(check, what, publish());
    };
    let tags = tags(text).unwrap_or_default();
    let public: String = tags
        .get("p")
        .map_or("", String::as_str)
        .split_whitespace()
        .collect();
    let kind = tags.get("k").map_or("rsa", String::as_str);
    if public.is_empty() {
        let what = format!("{name} says that the key is withdrawn");
        Finding::warn(check, what, publish())
    } else if public != key.public() || kind != key.kind().as_str() {
        let what = format!("{name} is of another key: signatures fail");
        Finding::warn(check, what, publish())
    } else if tags
        .get("t")
        .is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y"))
    {
        let what = format!("{name} says t=y, so verifiers may treat mail as if it were not signed");
        Finding::warn(check, what, "take t=y out when you are done with testing")
    } else {
        Finding::ok(check, format!("{name} is of this key"))
    }
}

async fn dmarc(records: &Records, domain: &str) -> Finding {
    let check = format!("dmarc {domain}");
    let labels: Vec<&str> = domain.split('.').collect();
    // Of a long name the lowest is asked, then only the upper ones; one label alone is nobody's.
    let upper = labels.len().saturating_sub(WALK - 1);
    let starts = std::iter::once(0).chain(upper.max(1)..labels.len().saturating_sub(1));
    for start in starts {
        let place = labels[start..].join(".");
        let found = match records.txt(&format!("_dmarc.{place}")).await {
            Answer::Unknown => return Finding::skip(check, "DNS did not answer"),
            Answer::None => continue,
            Answer::Found(texts) => texts,
        };
        let found: Vec<_> = found.into_iter().filter(|text| is_dmarc(text)).collect();
        let [text] = found.as_slice() else {
            if found.is_empty() {
                continue;
            }
            let what = format!("_dmarc.{place} has {} records, so none counts", found.len());
            return Finding::warn(check, what, "make one of them");
        };
        return match dmarc_fault(text) {
            Some(fault) => Finding::warn(check, format!("_dmarc.{place}: {fault}"), "correct it"),
            None => Finding::ok(check, format!("_dmarc.{place}: {text}")),
        };
    }
    let advice = format!(
        "publish a TXT record at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:…\" to begin with (V2)"
    );
    Finding::warn(check, "there is no record", advice)
}

/// Whether answers and non-delivery reports have somewhere to go (V14).
async fn mx(records: &Records, domain: &str) -> Finding {
    let check = format!("mx {domain}");
    match records.mail_exchangers(domain).await {
        Answer::Unknown => Finding::skip(check, "DNS did not answer"),
        Answer::Found(hosts) if hosts.iter().all(String::is_empty) => Finding::warn(
            check,
            "it says that it takes no mail (null MX), and mailbox providers refuse such senders",
            "give it a mail exchanger, or send from a domain that has one",
        ),
        Answer::Found(hosts) => Finding::ok(check, hosts.join(", ")),
        Answer::None => match records.addresses(domain).await {
            Answer::Found(_) => Finding::ok(check, "it has none; its address stands for one"),
            Answer::Unknown => Finding::skip(check, "DNS did not answer"),
            Answer::None => Finding::warn(
                check,
                "it has no mail exchanger and no address: answers and non-delivery reports are lost",
                format!("publish an MX record at {domain}"),
            ),
        },
    }
}
