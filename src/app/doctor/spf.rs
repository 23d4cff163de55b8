//! SPF of the envelope sender's domain: one record, readable, with no more look-ups than verifiers make (RFC 7208 §4.6.4).

use std::collections::BTreeMap;

use super::Finding;
use crate::dns::records::{Answer, Records};
use crate::domain::sender_records::{SPF_LOOKUPS, Spf};

pub(super) async fn look(records: &Records, domain: &str) -> Finding {
    let check = format!("spf {domain}");
    let found = match records.txt(domain).await {
        Answer::Unknown => return Finding::skip(check, "DNS did not answer"),
        Answer::None => Vec::new(),
        Answer::Found(texts) => spf_records(&texts),
    };
    let [(text, spf)] = found.as_slice() else {
        return if found.is_empty() {
            let advice = format!(
                "publish a TXT record at {domain}: \"v=spf1 … -all\", with what your relay's operator names (V2)"
            );
            Finding::warn(check, "there is no record", advice)
        } else {
            let what = format!("there are {} records, which is an error", found.len());
            Finding::warn(check, what, "make one of them")
        };
    };
    if !spf.unknown.is_empty() {
        let what = format!("{} is nothing that SPF knows", spf.unknown.join(" "));
        return Finding::warn(
            check,
            what,
            "correct it: verifiers give up the whole record",
        );
    }
    if spf.all == Some('+') {
        let what = "+all lets anybody send in your name";
        return Finding::warn(check, what, "end it with -all or ~all");
    }
    if !spf.lets_some {
        let what = format!("{text} lets nobody send, your relay neither");
        return Finding::warn(
            check,
            what,
            "name the relay's addresses or include its record",
        );
    }
    match lookups(records, spf).await {
        Ok(lookups) if lookups > SPF_LOOKUPS => Finding::warn(
            check,
            format!("it takes {lookups} look-ups, and verifiers stop after {SPF_LOOKUPS}"),
            "take out includes that you do not need, or name their addresses with ip4: and ip6:",
        ),
        Ok(lookups) => Finding::ok(
            check,
            format!("{text} ({lookups} of {SPF_LOOKUPS} look-ups)"),
        ),
        Err(domain) => {
            let what = format!("{domain}, which it includes, has no record");
            Finding::warn(
                check,
                what,
                "take it out: verifiers give up the whole record",
            )
        }
    }
}

fn spf_records(texts: &[String]) -> Vec<(String, Spf)> {
    let found = texts.iter();
    found
        .filter_map(|text| Some((text.clone(), Spf::parse(text)?)))
        .collect()
}

/// The look-ups of a record and of all that it includes; an error names a domain that is included and has no record. What DNS does
/// not answer counts for itself alone.
async fn lookups(records: &Records, spf: &Spf) -> Result<usize, String> {
    let mut count = spf.lookups;
    let mut waiting = spf.follows.clone();
    // Asked for once, counted as often as it is included: verifiers do.
    let mut known: BTreeMap<String, Spf> = BTreeMap::new();
    while let Some(domain) = waiting.pop() {
        // Beyond the limit the number does not matter, and circles end; a macro is expanded for each mail anew.
        if count > 2 * SPF_LOOKUPS || domain.contains('%') {
            continue;
        }
        if let Some(included) = known.get(&domain) {
            count += included.lookups;
            waiting.extend(included.follows.iter().cloned());
            continue;
        }
        let texts = match records.txt(&domain).await {
            Answer::Found(texts) => texts,
            Answer::None => Vec::new(),
            Answer::Unknown => continue,
        };
        let Some((_, included)) = spf_records(&texts).into_iter().next() else {
            return Err(domain);
        };
        count += included.lookups;
        waiting.extend(included.follows.iter().cloned());
        known.insert(domain, included);
    }
    Ok(count)
}
