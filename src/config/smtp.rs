//! `[smtp]` and `[[relays]]`, each with `timeouts`: the relays that mail is handed to.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::pacing;
use super::reader::Reader;
use super::redaction::REDACTED;
use super::site::SiteConfig;
use super::value;
use crate::domain::pace::{Limits, WarmUp};

/// How the connection to the relay is protected (V1, S11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS, without which nothing is sent.
    Starttls,
    /// From the first octet.
    Implicit,
}

/// A relay that mail is handed to.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// What lists and the log call it, unique.
    pub name: String,
    /// Its name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Whether mail may go in plain text to another machine.
    pub allow_plaintext: bool,
    /// What to log in with, when the relay asks for it.
    pub credentials: Option<Credentials>,
    /// The name to greet with: a domain in ASCII or an address literal.
    pub helo: String,
    /// How many connections are used at once.
    pub connections: usize,
    /// How many messages one connection carries before it is replaced.
    pub messages_per_connection: usize,
    /// Its share of the mails beside the other relays' weights.
    pub weight: u32,
    /// How many mails it takes in a time.
    pub limits: Limits,
    /// The daily caps of its first days (V19).
    pub warm_up: Option<WarmUp>,
    /// Certificates (PEM) to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// How long each step may take.
    pub timeouts: SmtpTimeouts,
}

/// What to log in to the relay with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// How long each step of a session may take (RFC 5321 §4.5.3.2, S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the relay's first line.
    pub greeting: Duration,
    /// Until the reply to a command.
    pub command: Duration,
    /// Until the reply to DATA.
    pub data_init: Duration,
    /// Until a block of the message is taken.
    pub data_block: Duration,
    /// Until the reply to the final dot.
    pub final_dot: Duration,
}

const TLS: [(&str, Tls); 3] = [
    ("none", Tls::None),
    ("starttls", Tls::Starttls),
    ("implicit", Tls::Implicit),
];

/// A mail knows the relays that may carry it by one bit each.
const MOST: usize = 64;

/// Reads the first relay, which has a section of its own, and those beside it.
pub(super) fn read(reader: &mut Reader, site: &SiteConfig) -> Vec<SmtpConfig> {
    let mut names = Vec::new();
    let first = reader.section("smtp", |reader| {
        let name = reader.or("name", "main", value::slug);
        reader.unique("name", &name, &mut names);
        SmtpConfig::read(reader, site, name)
    });
    let others = reader.each("relays", |reader| {
        let name = reader.required("name", value::slug);
        reader.unique("name", &name, &mut names);
        SmtpConfig::read(reader, site, name)
    });
    if others.len() >= MOST {
        reader.problem("relays", format!("must be fewer than {MOST}"));
    }
    std::iter::once(first).chain(others).collect()
}

/// Reads which relays may carry some mails.
pub(super) fn relay_names(reader: &mut Reader, relays: &[SmtpConfig]) -> Vec<String> {
    let names = reader.several("relays", &[], |text| {
        if relays.iter().any(|relay| relay.name == text) {
            return Ok(text.to_owned());
        }
        let known: Vec<&str> = relays.iter().map(|relay| relay.name.as_str()).collect();
        Err(format!(
            "is not the name of a relay; there are: {}",
            known.join(", ")
        ))
    });
    let twice = |at: usize| names[..at].contains(&names[at]);
    if let Some(at) = (1..names.len()).find(|&at| twice(at)) {
        reader.problem("relays", format!("names {:?} twice", names[at]));
    }
    names
}

impl SmtpConfig {
    fn read(reader: &mut Reader, site: &SiteConfig, name: String) -> Self {
        let host = reader.required("host", relay_host);
        let tls = reader.or("tls", "starttls", |text| value::choice(text, &TLS));
        let usual_port = match tls {
            Tls::None => 25,
            Tls::Starttls => 587,
            Tls::Implicit => 465,
        };
        let smtp = Self {
            port: reader.number("port", usual_port, 1..=u16::MAX),
            allow_plaintext: reader.flag("allow_plaintext", false),
            credentials: credentials(reader),
            helo: reader.derived("helo", &site.helo(), value::helo),
            connections: reader.number("connections", 4, 1..=500),
            messages_per_connection: reader.number("messages_per_connection", 100, 1..=1_000_000),
            weight: reader.number("weight", 1, 1..=1000),
            limits: pacing::limits(reader),
            warm_up: pacing::warm_up(reader),
            ca_file: reader.optional("ca_file", existing_file),
            timeouts: reader.section("timeouts", SmtpTimeouts::read),
            name,
            host,
            tls,
        };
        smtp.check(reader);
        smtp
    }

    fn check(&self, reader: &mut Reader) {
        let in_the_open =
            self.tls == Tls::None && !self.host.is_empty() && !value::is_loopback(&self.host);
        if in_the_open && !self.allow_plaintext {
            reader.problem(
                "tls",
                "\"none\" would send mail in plain text to another machine; use \"starttls\" or \"implicit\", or say allow_plaintext = true",
            );
        }
        if in_the_open && self.credentials.is_some() {
            reader.problem(
                "username",
                "and password are never sent to another machine without TLS",
            );
        }
        match (self.tls, self.port) {
            (Tls::Starttls, 465) => reader.warning("port", "is usually for tls = \"implicit\""),
            (Tls::Implicit, 25 | 587) => {
                reader.warning("port", "is usually for tls = \"starttls\"");
            }
            _ => {}
        }
    }
}

fn credentials(reader: &mut Reader) -> Option<Credentials> {
    let named = reader.has("username");
    let secured = reader.has("password") || reader.has("password_file");
    let username = reader.optional("username", value::line);
    let password = reader.secret("password", "password_file", None, |_| REDACTED.to_owned());
    if named && !secured {
        reader.problem("username", "needs a password or password_file beside it");
    }
    if secured && !named {
        reader.problem("username", "is missing, though there is a password");
    }
    username
        .zip(password)
        .map(|(username, password)| Credentials { username, password })
}

impl SmtpTimeouts {
    fn read(reader: &mut Reader) -> Self {
        Self {
            connect: reader.or("connect", "30s", value::duration),
            greeting: reader.or("greeting", "5m", value::duration),
            command: reader.or("command", "5m", value::duration),
            data_init: reader.or("data_init", "2m", value::duration),
            data_block: reader.or("data_block", "3m", value::duration),
            final_dot: reader.or("final_dot", "10m", value::duration),
        }
    }
}

fn relay_host(text: &str) -> Result<String, &'static str> {
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    value::domain(text)
        .map_err(|_| "is not a host name or IP address; the port has a key of its own")
}

fn existing_file(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    if path.is_file() {
        Ok(path)
    } else {
        Err("is not a file that can be found")
    }
}
