//! The relays: each is greeted, asked what it offers, logged in to where that is configured, and left again. Nothing is sent.

use std::net::IpAddr;
use std::time::Duration;

use super::{Finding, State};
use crate::app::relay;
use crate::config::{Config, ListConfig, SmtpConfig};
use crate::mail::compiled::CLIPPED_OCTETS;
use crate::mail::smtp::{Facts, SizeLimit};

/// Nobody wants to watch the five minutes that a relay has.
const PATIENCE: Duration = Duration::from_secs(30);
/// Room for a digest whose HTML is as long as it may be, with its text beside it.
const ROOM: u64 = 2 * CLIPPED_OCTETS as u64;

/// A relay that answered, and from where.
pub(super) struct Peer {
    /// Its name in the configuration.
    pub(super) relay: String,
    pub(super) address: IpAddr,
}

/// Looks at the relays that these lists may use, and those of confirmations.
pub(super) async fn look(config: &Config, lists: &[&ListConfig]) -> (Vec<Finding>, Vec<Peer>) {
    let (mut findings, mut peers) = (Vec::new(), Vec::new());
    let carries = |relays: &[String], name: &str| {
        relays.is_empty() || relays.iter().any(|relay| relay == name)
    };
    for smtp in &config.relays {
        let is_used = lists.iter().any(|list| carries(&list.relays, &smtp.name))
            || config.confirmation.relays.contains(&smtp.name);
        if !is_used {
            continue;
        }
        let check = format!("relay {}", smtp.name);
        match ask(smtp).await {
            Ok(facts) => {
                findings.extend(judge(smtp, &check, &facts));
                peers.extend(facts.peer.map(|address| Peer {
                    relay: smtp.name.clone(),
                    address,
                }));
            }
            // The error says what to do.
            Err(error) => findings.push(Finding::new(State::Fail, check, error)),
        }
    }
    (findings, peers)
}

async fn ask(smtp: &SmtpConfig) -> Result<Facts, String> {
    let connector = relay::connector(smtp).map_err(|error| error.to_string())?;
    let asked = async {
        let connection = connector
            .connect()
            .await
            .map_err(|error| error.to_string())?;
        let facts = connection.facts();
        connection.quit().await;
        Ok(facts)
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(format!(
            "{}:{} did not answer within {PATIENCE:?}; check its host and port, and firewalls between",
            smtp.host, smtp.port
        ))
    })
}

fn judge(smtp: &SmtpConfig, check: &str, facts: &Facts) -> Vec<Finding> {
    let place = format!("{}:{}", smtp.host, smtp.port);
    let way = match facts.tls {
        Some(version) => format!("{place} answers over {version}, its certificate is good"),
        None => format!("{place} answers in clear"),
    };
    let log_in = if smtp.credentials.is_some() {
        "the log-in is accepted"
    } else {
        "no log-in is configured"
    };
    let what = format!("{way}; {log_in}");
    let is_here = facts.peer.is_some_and(|peer| peer.is_loopback());
    let mut findings = vec![if facts.tls.is_none() && !is_here {
        let advice = "let it speak TLS and set tls = \"starttls\" (V1)";
        Finding::warn(check, what, advice)
    } else {
        Finding::ok(check, what)
    }];
    findings.push(Finding::ok(check, offers(facts)));
    if !facts.smtputf8 {
        findings.push(Finding::warn(
            check,
            "no SMTPUTF8: addresses with other letters than ASCII before the @ cannot sign up",
            "fine if your readers have none; else switch it on at the relay",
        ));
    }
    if !facts.pipelining {
        findings.push(Finding::warn(
            check,
            "no PIPELINING: each mail takes four round trips",
            "switch it on at the relay, or allow more connections",
        ));
    }
    if let SizeLimit::Octets(limit) = facts.size
        && limit < ROOM
    {
        findings.push(Finding::warn(
            check,
            format!("it takes {limit} octets at most; a long digest has {ROOM}"),
            "raise the limit at the relay (Postfix: message_size_limit), or lower the limits of the sections",
        ));
    }
    findings
}

fn offers(facts: &Facts) -> String {
    let size = match facts.size {
        SizeLimit::Unsaid => String::new(),
        SizeLimit::Unlimited => "SIZE without a limit".to_owned(),
        SizeLimit::Octets(octets) => format!("SIZE {octets}"),
    };
    let words = [
        (facts.pipelining, "PIPELINING".to_owned()),
        (facts.smtputf8, "SMTPUTF8".to_owned()),
        (facts.eight_bit, "8BITMIME".to_owned()),
        (!size.is_empty(), size),
    ];
    let words: Vec<String> = words
        .into_iter()
        .filter_map(|(offered, word)| offered.then_some(word))
        .collect();
    if words.is_empty() {
        "it offers none of PIPELINING, SMTPUTF8, 8BITMIME and SIZE".to_owned()
    } else {
        format!("it offers {}", words.join(", "))
    }
}
