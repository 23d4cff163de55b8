//! What stands between a form and its sign-up: the trap, the stamp, where the post comes from, the proof of work (D8, D9, D15).
//! The same for pages and for JSON, and no cookies.

mod proof;
mod step;

use axum::http::HeaderMap;

use super::form::SignUpForm;
use super::{Web, asset};
use crate::domain::sign_up::{HoldReason, ProofPolicy, Unstamped};
use crate::domain::token::challenge::Solved;
use crate::domain::token::fingerprint;
use crate::domain::token::stamp::{Page, Stamp};
use crate::store::throttle::Spent;

pub use proof::{challenge, with_script};
pub use step::{ask, text as step_text};

/// The name of the form that lets choose among lists; the form of one list has the list's.
pub const SEVERAL: &str = "*";

/// What a form carries for its protection; `templates/web/guard.html` shows it.
#[derive(Debug, Clone)]
pub struct Guard {
    /// When and for which form it was made.
    pub stamp: String,
    /// Where the script that does the work is, when work is asked for.
    pub script_url: Option<&'static str>,
}

impl Guard {
    /// For a form of this name that is shown, or shown again with what was wrong: then it keeps the stamp that it came with, so that
    /// mending one field is not too fast for a person.
    pub fn of_form(web: &Web, form: &str, posted: &str) -> Self {
        let fresh = Self::of(web, form, Page::Form);
        let now_ms = web.context.clock.now_ms();
        match Stamp::verify(&web.context.keyring, form, posted, now_ms) {
            Some(_) => Self {
                stamp: posted.to_owned(),
                ..fresh
            },
            None => fresh,
        }
    }

    /// For a form of this name.
    pub fn of(web: &Web, form: &str, page: Page) -> Self {
        let made_ms = web.context.clock.now_ms();
        let works = match web.context.sign_up.proof {
            ProofPolicy::Off => false,
            ProofPolicy::Doubtful => page != Page::Form,
            ProofPolicy::Always => true,
        };
        Self {
            stamp: Stamp { page, made_ms }.sign(&web.context.keyring, form),
            script_url: works.then_some(asset::PROOF_SCRIPT_URL),
        }
    }
}

/// What becomes of a form that was filled in rightly.
#[derive(Debug)]
pub enum Verdict {
    /// It counts.
    Pass(Passed),
    /// A program sent it: it gets the usual answer, and nothing happens.
    Forget,
    /// It takes one more step.
    Ask,
    /// It is refused.
    Refuse,
}

/// A form that counts.
#[derive(Debug, Default)]
pub struct Passed {
    /// What it used up.
    pub spends: Vec<Spent>,
    /// What speaks against it.
    pub doubts: Vec<HoldReason>,
    /// The page of ours that it was on, when a stamp proves it.
    pub page: Option<Page>,
}

/// Judges a form of this name; `origins` are the other sites that may hold it.
pub fn judge(
    web: &Web,
    name: &str,
    headers: &HeaderMap,
    origins: &[String],
    form: &SignUpForm,
) -> Verdict {
    let (context, rules) = (&web.context, &web.context.sign_up);
    let now_ms = context.clock.now_ms();
    if !form.website.is_empty() {
        return Verdict::Forget;
    }
    let stamp = Stamp::verify(&context.keyring, name, &form.stamp, now_ms);
    let fastest_ms = rules.min_fill.as_millis() as i64;
    if stamp.is_some_and(|stamp| stamp.page == Page::Form && now_ms - stamp.made_ms < fastest_ms) {
        return Verdict::Forget;
    }
    let proof = if rules.proof == ProofPolicy::Off {
        None
    } else {
        Solved::verify(&context.keyring, &form.altcha, now_ms)
    };
    let foreign = is_foreign(headers, &context.site.public_url, origins);
    let vouched = !foreign && (stamp.is_some() || proof.is_some());
    if !vouched {
        match rules.unstamped {
            Unstamped::Accept => {}
            Unstamped::Ask => return Verdict::Ask,
            Unstamped::Refuse => return Verdict::Refuse,
        }
    }
    let stamp = stamp.filter(|_| !foreign);
    let step = stamp.filter(|stamp| stamp.page != Page::Form);
    let works = match rules.proof {
        ProofPolicy::Off => false,
        ProofPolicy::Doubtful => step.is_some(),
        ProofPolicy::Always => true,
    };
    let lacks_proof = works && proof.is_none();
    // A proof may have expired while its reader typed: the next page has a fresh challenge. Who comes from there without one has a
    // browser that runs no scripts; a person looks at that.
    if lacks_proof && step.is_none() {
        return Verdict::Ask;
    }
    let proof = proof.map(|solved| Spent {
        challenge: solved.challenge,
        expires_ms: solved.expires_ms,
    });
    // The button of that page is good for one press, or one page would do for a day of sign-ups.
    let pressed = step.map(|stamp| Spent {
        challenge: format!("stamp:{}", fingerprint(form.stamp.as_bytes())),
        expires_ms: stamp.expires_ms(),
    });
    Verdict::Pass(Passed {
        spends: proof.into_iter().chain(pressed).collect(),
        doubts: lacks_proof
            .then_some(HoldReason::NoProof)
            .into_iter()
            .collect(),
        page: stamp.map(|stamp| stamp.page),
    })
}

/// Whether a browser says that another site's page sent it, one that is not among `origins`.
///
/// Under our own policy of no referrer a browser names its origin as `null`; then only `Sec-Fetch-Site` tells.
pub(super) fn is_foreign(headers: &HeaderMap, public_url: &str, origins: &[String]) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text("origin").filter(|origin| *origin != "null");
    let known = |origin: &str| {
        let same = |other: &str| other.trim_end_matches('/').eq_ignore_ascii_case(origin);
        origin_of(public_url).is_some_and(same) || origins.iter().any(|other| same(other))
    };
    match (text("sec-fetch-site"), origin) {
        (Some("cross-site"), origin) => !origin.is_some_and(known),
        (Some(_), _) | (None, None) => false,
        (None, Some(origin)) => !known(origin),
    }
}

/// Scheme and host of an address.
fn origin_of(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    Some(&url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d8_d15_another_site_is_known_by_what_the_browser_says() {
        let foreign = |fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().expect("a header"));
            }
            let friends = ["https://friend.example".to_owned()];
            is_foreign(&headers, "https://news.example/letters", &friends)
        };
        assert!(!foreign(&[]), "a program says nothing");
        assert!(!foreign(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null")
        ]));
        assert!(!foreign(&[("origin", "https://news.example")]));
        assert!(!foreign(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://friend.example")
        ]));
        assert!(foreign(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example")
        ]));
        assert!(foreign(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "null")
        ]));
        assert!(foreign(&[("origin", "https://news.example.evil.example")]));
    }
}
