//! The configuration: one TOML file, overridden by `NASHRA__SECTION__KEY` variables, checked as a whole.
//!
//! Every problem is reported at once, with its key and line. Relative paths count from the current directory.
//! Each section of the file has its own module here, which holds its keys, their defaults and their checks.

mod addresses;
mod api;
mod clicks;
mod confirmation;
mod database;
mod delivery;
mod digest;
mod dkim;
mod environment;
mod feeds;
mod lists;
mod mail;
mod number;
mod pacing;
mod privacy;
mod problem;
mod reader;
mod redaction;
mod report;
mod secrets;
mod server;
mod sign_up;
mod site;
mod smtp;
mod suggestion;
mod theme;
mod typed;
mod value;

use std::path::Path;

use toml::de::DeTable;

pub use self::addresses::AddressesConfig;
pub use self::api::{ApiConfig, ApiToken};
pub use self::clicks::ClicksConfig;
pub use self::confirmation::{AddressLimits, ConfirmationConfig};
pub use self::database::DatabaseConfig;
pub use self::delivery::DeliveryConfig;
pub use self::digest::DigestConfig;
pub use self::dkim::{DkimConfig, DkimKey};
pub use self::environment::environment;
pub use self::feeds::FeedsConfig;
pub use self::lists::ListConfig;
pub use self::mail::MailConfig;
pub use self::pacing::PacingConfig;
pub use self::privacy::PrivacyConfig;
pub use self::problem::{ConfigErrors, Problem};
pub use self::secrets::KeySource;
pub use self::server::ServerConfig;
pub use self::sign_up::{NetworkLimits, SignUpConfig};
pub use self::site::SiteConfig;
pub use self::smtp::{Credentials, SmtpConfig, SmtpTimeouts, Tls};
pub use self::value::{SUPPORTED_LANGUAGES, domain, selector};

use self::reader::Reader;
use self::report::Report;

/// The file that is read when no other is named.
pub const DEFAULT_PATH: &str = "config/nashra.toml";

/// The shipped file: it runs as it is and documents every key.
pub const EXAMPLE: &str = include_str!("../../config/nashra.toml");

/// Everything that the operator decides, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[site]`: what readers see around their list.
    pub site: SiteConfig,
    /// `[server]`: where the pages are served.
    pub server: ServerConfig,
    /// `[database]`: where everything is kept.
    pub database: DatabaseConfig,
    /// `[smtp]` and `[[relays]]`: the relays that mail is handed to; that of `[smtp]` is the first.
    pub relays: Vec<SmtpConfig>,
    /// `[pacing]`: how fast mail leaves.
    pub pacing: PacingConfig,
    /// `[mail]`: whom mail comes from.
    pub mail: MailConfig,
    /// `[dkim]`: the keys that mail is signed with.
    pub dkim: DkimConfig,
    /// `[secrets]`: the key behind the personal links.
    pub key: KeySource,
    /// `[confirmation]`: the double opt-in.
    pub confirmation: ConfirmationConfig,
    /// `[addresses]`: which addresses may sign up.
    pub addresses: AddressesConfig,
    /// `[sign_up]`: what protects the forms.
    pub sign_up: SignUpConfig,
    /// `[delivery]`: retries, leases and retention.
    pub delivery: DeliveryConfig,
    /// `[privacy]`: how long traces of readers' devices are kept.
    pub privacy: PrivacyConfig,
    /// `[clicks]`: whether it is counted which articles are read.
    pub clicks: ClicksConfig,
    /// `[feeds]`: how articles are fetched.
    pub feeds: FeedsConfig,
    /// `[api]`: who may send articles.
    pub api: ApiConfig,
    /// `[digest]`: what holds for every list's digest.
    pub digest: DigestConfig,
    /// `[[lists]]`: the newsletters, at least one.
    pub lists: Vec<ListConfig>,
    /// What works but is better changed.
    pub warnings: Vec<Problem>,
    shown: String,
}

/// Reads the file (or [`DEFAULT_PATH`]) and the `NASHRA__…` variables among `env` (see [`environment`]).
pub fn load(
    path: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigErrors> {
    let path = path.unwrap_or(Path::new(DEFAULT_PATH));
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, env),
        Err(error) => Err(ConfigErrors(vec![Problem {
            key: path.display().to_string(),
            line: None,
            reason: format!(
                "cannot be read ({error}); name another file with --config, or write one with `nashra config example`"
            ),
        }])),
    }
}

/// Reads the text of a configuration file and the `NASHRA__…` variables among `env`.
pub fn parse(
    text: &str,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigErrors> {
    let mut report = Report::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What could be recovered from broken TOML would only raise problems that are not there.
        for error in &errors {
            report.syntax(error);
        }
        return Err(report.into_errors());
    }
    let mut table = document.into_inner();
    environment::overlay(&mut table, env, &mut report);
    let mut config = Reader::root(&mut report, table, read);
    if report.has_problems() {
        return Err(report.into_errors());
    }
    (config.warnings, config.shown) = report.into_warnings_and_shown();
    Ok(config)
}

/// Scalars of a section come before its sub-sections, because `config show` prints them in the order of reading.
fn read(reader: &mut Reader) -> Config {
    let site = reader.section("site", SiteConfig::read);
    let server = reader.section("server", ServerConfig::read);
    let database = reader.section("database", DatabaseConfig::read);
    let relays = smtp::read(reader, &site);
    let pacing = reader.section("pacing", PacingConfig::read);
    let mail = reader.section("mail", |reader| MailConfig::read(reader, &site));
    let dkim = reader.section("dkim", |reader| DkimConfig::read(reader, &mail));
    let key = reader.section("secrets", KeySource::read);
    let confirmation = reader.section("confirmation", |reader| {
        ConfirmationConfig::read(reader, &relays)
    });
    let addresses = reader.section("addresses", AddressesConfig::read);
    let sign_up = reader.section("sign_up", SignUpConfig::read);
    let delivery = reader.section("delivery", DeliveryConfig::read);
    let privacy = reader.section("privacy", PrivacyConfig::read);
    let clicks = reader.section("clicks", ClicksConfig::read);
    let feeds = reader.section("feeds", FeedsConfig::read);
    let api = reader.section("api", ApiConfig::read);
    let digest = reader.section("digest", DigestConfig::read);
    let lists = lists::read(reader, &site, &relays, &mail, &digest);
    Config {
        site,
        server,
        database,
        relays,
        pacing,
        mail,
        dkim,
        key,
        confirmation,
        addresses,
        sign_up,
        delivery,
        privacy,
        clicks,
        feeds,
        api,
        digest,
        lists,
        warnings: Vec::new(),
        shown: String::new(),
    }
}

impl Config {
    /// The effective configuration as TOML, defaults filled in, secrets replaced.
    pub fn to_redacted_toml(&self) -> String {
        self.shown.clone()
    }

    /// Says when links lead to a port of this machine where no pages are. Something may forward one to the other, and then it
    /// is well: only who checks the configuration is told.
    pub fn ports_differ(&self) -> Option<String> {
        let (url, listens) = (&self.site.public_url, self.server.listen.port());
        let port = self.site.local_port().filter(|port| *port != listens)?;
        Some(format!(
            "site.public_url: {url} leads to port {port}, but server.listen has the pages on port {listens}: no link will work \
             unless something forwards them"
        ))
    }
}
