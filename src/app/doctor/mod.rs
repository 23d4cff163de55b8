//! What stands between this configuration and delivered mail: the file, the database, keys, relays, DNS. Nothing is sent and
//! nothing is written; each finding is one line with one line of advice.

mod dns;
mod files;
mod relays;
mod reverse;
mod spf;
mod store;

use std::fmt;

use serde::Serialize;

use super::dkim;
use crate::config::{Config, ListConfig};

pub use reverse::reverse;

/// A finding says no more than so many characters.
const LONGEST: usize = 500;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Well.
    Ok,
    /// Mail leaves, and some of it may not be welcome.
    Warn,
    /// Something does not work.
    Fail,
    /// It could not be looked at, or need not.
    Skip,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        })
    }
}

/// What one look has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it stands.
    pub state: State,
    /// What was looked at: `relay main`, `spf example.org`.
    pub check: String,
    /// What is there.
    pub what: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    fn new(state: State, check: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            state,
            check: check.into(),
            what: one_line(&what.into()),
            advice: None,
        }
    }

    fn ok(check: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(State::Ok, check, what)
    }

    fn warn(check: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(State::Warn, check, what).advised(advice)
    }

    fn fail(check: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(State::Fail, check, what).advised(advice)
    }

    fn skip(check: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::new(State::Skip, check, format!("not checked: {why}"))
    }

    fn advised(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// What others say, in DNS or over SMTP, goes to a terminal: on one line, without what would steer it, and not endless.
fn one_line(text: &str) -> String {
    let mut letters = text.chars().map(|letter| {
        if letter.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    });
    let mut line: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        line.push('…');
    }
    line
}

/// Looks at everything, or at what one of the lists needs.
pub async fn examine(config: &Config, list: Option<&str>) -> Vec<Finding> {
    let is_asked = |of: &&ListConfig| list.is_none_or(|slug| of.slug == slug);
    let lists: Vec<&ListConfig> = config.lists.iter().filter(is_asked).collect();
    let mut findings = settings(config);
    if let Err(error) = super::theme(config) {
        let advice = "correct the file; docs/letter.md says what mail clients take";
        findings.push(Finding::fail("theme", error.to_string(), advice));
    }
    findings.extend(store::look(config).await);
    findings.extend(files::look(config));
    let keys = match dkim::keys(config) {
        Ok(keys) => keys,
        Err(error) => {
            let advice = "make another with `nashra dkim keygen`, or correct its key_file";
            findings.push(Finding::fail("dkim", error.to_string(), advice));
            Vec::new()
        }
    };
    let (relays, peers) = relays::look(config, &lists).await;
    findings.extend(relays);
    findings.extend(dns::look(config, &lists, &keys, &peers).await);
    findings
}

/// The configuration, which is good as far as it could be read.
fn settings(config: &Config) -> Vec<Finding> {
    let mut warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
    if let Ok(keys) = dkim::keys(config) {
        warnings.extend(dkim::warnings(config, &keys));
    }
    warnings.extend(config.ports_differ());
    let mut findings: Vec<Finding> = warnings
        .into_iter()
        .map(|warning| Finding::new(State::Warn, "config", warning))
        .collect();
    if findings.is_empty() {
        let (lists, relays) = (config.lists.len(), config.relays.len());
        findings.push(Finding::ok(
            "config",
            format!("it is good; lists: {lists}, relays: {relays}"),
        ));
    }
    let url = &config.site.public_url;
    findings.push(if url.starts_with("https://") {
        Finding::ok("public_url", url)
    } else {
        Finding::warn(
            "public_url",
            format!("{url} works on this machine alone"),
            "readers need an https address: see the reverse proxy in docs/operating.md",
        )
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_does_not_steer_a_terminal() {
        let hostile = format!("v=spf1 \u{1b}]0;x\u{7}\r\n{}", "a".repeat(LONGEST));
        let finding = Finding::ok("spf", hostile);
        assert!(!finding.what.contains(char::is_control), "{finding:?}");
        assert_eq!(finding.what.chars().count(), LONGEST + 1);
        assert_eq!(Finding::skip("dns", "why").what, "not checked: why");
    }
}
