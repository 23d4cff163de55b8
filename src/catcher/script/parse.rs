//! Reads the fault language; every mistake is told with its line, what was wrong, and what is allowed there.

use std::str::FromStr;
use std::time::Duration;

use super::{Action, Event, Fault, Rule, Script};

/// The longest delay that a rule may ask for.
const MAX_DELAY: Duration = Duration::from_hours(1);

/// A mistake in a script.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScriptError {
    /// Counted from 1.
    pub line: usize,
    /// What was wrong there, and what is allowed.
    pub problem: ScriptProblem,
}

/// What can be wrong with a line of a script.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptProblem {
    /// It does not begin as a rule.
    #[error("a rule starts with `on`, not with `{0}`")]
    NotARule(String),
    /// The event is unknown.
    #[error(
        "`{0}` is no event; there are connect, ehlo, starttls, auth, mail, rcpt, data, dot, rset, quit and any"
    )]
    UnknownEvent(String),
    /// Neither a modifier nor an action.
    #[error(
        "`{0}` is neither a modifier (to, after, every, times, delay) nor an action (reply, raw, drop, lose, hang)"
    )]
    UnknownWord(String),
    /// A recipient pattern where no recipient is known.
    #[error("no recipient is known there: `to` may follow rcpt, data, dot and any")]
    NoRecipient,
    /// A modifier without its value.
    #[error("`to` needs an address after it, in which * stands for anything")]
    NoPattern,
    /// A count that is not one.
    #[error("`{word}` needs a whole number {}, not `{found}`", if *.word == "after" { "from 0" } else { "from 1" })]
    BadCount {
        /// The modifier.
        word: &'static str,
        /// What stood after it.
        found: String,
    },
    /// A duration that is not one.
    #[error("`delay` needs a time such as 250ms, 2s or 1m (at most 60m), not `{0}`")]
    BadDelay(String),
    /// A code that is not one.
    #[error("`reply` needs a code from 200 to 599, not `{0}`")]
    BadCode(String),
    /// A reply text with a modifier at its end.
    #[error("`{0}` would be part of the answer: put it before `reply`")]
    ModifierInReply(String),
    /// An escape that is not one.
    #[error("`\\{0}` is no escape; there are \\r \\n \\t \\\\ and \\xHH")]
    BadEscape(String),
    /// Words after a complete rule.
    #[error("nothing may follow `{action}`, but `{rest}` does")]
    Trailing {
        /// The complete action.
        action: String,
        /// What followed.
        rest: String,
    },
    /// The rule does nothing.
    #[error(
        "the rule does nothing: end it with reply, raw, drop, lose or hang, or give it a delay"
    )]
    NoAction,
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            rules.push(rule(line).map_err(|problem| ScriptError {
                line: index + 1,
                problem,
            })?);
        }
        Ok(Self { rules })
    }
}

fn rule(line: &str) -> Result<Rule, ScriptProblem> {
    let (on, rest) = word(line);
    if on != "on" {
        return Err(ScriptProblem::NotARule(on.to_owned()));
    }
    let (name, mut rest) = word(rest);
    let mut rule = Rule {
        event: event(name)?,
        to: None,
        after: 0,
        every: 1,
        times: u64::MAX,
        fault: Fault::default(),
        seen: 0,
        made: 0,
    };
    while !rest.is_empty() {
        let (keyword, value) = word(rest);
        let (first, after) = word(value);
        match keyword {
            "to" => rule.to = Some(pattern(rule.event, first)?),
            "after" => rule.after = count("after", first, 0)?,
            "every" => rule.every = count("every", first, 1)?,
            "times" => rule.times = count("times", first, 1)?,
            "delay" => rule.fault.delay = delay(first)?,
            _ => {
                rule.fault.action = action(keyword, value)?;
                return Ok(rule);
            }
        }
        rest = after;
    }
    if rule.fault.delay.is_zero() {
        return Err(ScriptProblem::NoAction);
    }
    Ok(rule)
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.split_once(char::is_whitespace) {
        Some((first, rest)) => (first, rest.trim_start()),
        None => (text, ""),
    }
}

fn event(name: &str) -> Result<Event, ScriptProblem> {
    Ok(match name {
        "connect" => Event::Connect,
        "ehlo" => Event::Ehlo,
        "starttls" => Event::StartTls,
        "auth" => Event::Auth,
        "mail" => Event::Mail,
        "rcpt" => Event::Rcpt,
        "data" => Event::Data,
        "dot" => Event::Dot,
        "rset" => Event::Rset,
        "quit" => Event::Quit,
        "any" => Event::Any,
        _ => return Err(ScriptProblem::UnknownEvent(name.to_owned())),
    })
}

fn pattern(event: Event, value: &str) -> Result<String, ScriptProblem> {
    match event {
        _ if value.is_empty() => Err(ScriptProblem::NoPattern),
        Event::Rcpt | Event::Data | Event::Dot | Event::Any => Ok(value.to_ascii_lowercase()),
        _ => Err(ScriptProblem::NoRecipient),
    }
}

fn count(word: &'static str, value: &str, least: u64) -> Result<u64, ScriptProblem> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| ScriptProblem::BadCount {
        word,
        found: value.to_owned(),
    })
}

fn delay(value: &str) -> Result<Duration, ScriptProblem> {
    let unit = value.trim_start_matches(|it: char| it.is_ascii_digit());
    let number: Option<u64> = value[..value.len() - unit.len()].parse().ok();
    let duration = match unit {
        "ms" => number.map(Duration::from_millis),
        "s" => number.map(Duration::from_secs),
        "m" => number
            .and_then(|it| it.checked_mul(60))
            .map(Duration::from_secs),
        _ => None,
    };
    duration
        .filter(|it| !it.is_zero() && *it <= MAX_DELAY)
        .ok_or_else(|| ScriptProblem::BadDelay(value.to_owned()))
}

fn action(keyword: &str, value: &str) -> Result<Action, ScriptProblem> {
    let action = match keyword {
        "reply" => return reply(value),
        "raw" => return raw(value).map(Action::Raw),
        "drop" => Action::Drop,
        "lose" => Action::Lose,
        "hang" => Action::Hang,
        _ => return Err(ScriptProblem::UnknownWord(keyword.to_owned())),
    };
    if value.is_empty() {
        return Ok(action);
    }
    Err(ScriptProblem::Trailing {
        action: keyword.to_owned(),
        rest: value.to_owned(),
    })
}

fn reply(value: &str) -> Result<Action, ScriptProblem> {
    let (code, text) = word(value);
    let code: u16 = code
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))
        .ok_or_else(|| ScriptProblem::BadCode(code.to_owned()))?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [.., word @ ("after" | "every" | "times"), number] = words[..]
        && number.parse::<u64>().is_ok()
    {
        return Err(ScriptProblem::ModifierInReply(format!("{word} {number}")));
    }
    Ok(Action::Reply {
        code,
        text: text.to_owned(),
    })
}

fn raw(value: &str) -> Result<Vec<u8>, ScriptProblem> {
    let mut octets = Vec::new();
    let mut rest = value;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        octets.extend_from_slice(plain.as_bytes());
        let hex = escaped.strip_prefix('x').and_then(|hex| hex.get(..2));
        let (octet, length) = match (escaped.chars().next(), hex) {
            (Some('r'), _) => (b'\r', 1),
            (Some('n'), _) => (b'\n', 1),
            (Some('t'), _) => (b'\t', 1),
            (Some('\\'), _) => (b'\\', 1),
            (Some('x'), Some(hex)) => match u8::from_str_radix(hex, 16) {
                Ok(octet) => (octet, 3),
                Err(_) => return Err(ScriptProblem::BadEscape(format!("x{hex}"))),
            },
            (other, _) => {
                return Err(ScriptProblem::BadEscape(
                    other.map(String::from).unwrap_or_default(),
                ));
            }
        };
        octets.push(octet);
        rest = &escaped[length..];
    }
    octets.extend_from_slice(rest.as_bytes());
    Ok(octets)
}
