//! `nashra dkim`: keys to sign mail with, and the DNS records that let others verify it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret;

use super::{DONE, Where, output};
use crate::app::dkim::{self, Record};
use crate::config::ConfigErrors;

/// Make the keys that mail is signed with, and show their DNS records.
#[derive(Debug, Subcommand)]
pub enum DkimCommand {
    /// Make a key, and print the DNS record to publish for it
    #[command(after_help = "Example: nashra dkim keygen --selector s1 --out data/dkim-s1.pem")]
    Keygen(KeygenArgs),
    /// Print the DNS records of the keys in the configuration
    #[command(after_help = "Example: nashra dkim record")]
    Record(RecordArgs),
}

#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// The key's name in DNS; use another for each key
    #[arg(long, value_name = "NAME")]
    selector: String,
    /// The domain that signs [default: that of `[mail] from`]
    #[arg(long)]
    domain: Option<String>,
    /// What kind of key; Ed25519 only beside an RSA key
    #[arg(long, value_enum, default_value_t = Algorithm::Rsa)]
    algorithm: Algorithm,
    /// The file for the private key, which must not exist yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Algorithm {
    /// RSA with 2048 bits, which everybody verifies
    Rsa,
    /// Ed25519 (RFC 8463)
    Ed25519,
}

#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Only the key with this name
    #[arg(long, value_name = "NAME")]
    selector: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(at: &Where, command: &DkimCommand) -> anyhow::Result<u8> {
    match command {
        DkimCommand::Keygen(args) => keygen(at, args),
        DkimCommand::Record(args) => record(at, args),
    }
}

fn keygen(at: &Where, args: &KeygenArgs) -> anyhow::Result<u8> {
    let domain = match &args.domain {
        Some(domain) => domain.clone(),
        None => own_domain(at)?,
    };
    let made = dkim::generate(
        &args.selector,
        &domain,
        args.algorithm == Algorithm::Ed25519,
    )?;
    write(&args.out, made.pem.expose_secret())?;
    let file = args.out.display();
    output::line(format!(
        "The private key is in {file}, for its owner's eyes only. Publish its other half in DNS:\n"
    ));
    print(&made.record);
    output::line(
        "\nWhen it is there, name the key, and run `nashra doctor` before `nashra serve` starts again:\n",
    );
    let (selector, domain) = (&made.record.selector, &made.record.domain);
    output::line(format!(
        "[[dkim.keys]]\nselector = \"{selector}\"\ndomain = \"{domain}\"\nkey_file = \"{file}\""
    ));
    Ok(DONE)
}

fn own_domain(at: &Where) -> anyhow::Result<String> {
    let config = at.config().map_err(|errors: ConfigErrors| {
        anyhow::Error::new(errors)
            .context("name the domain with --domain, or mend the configuration")
    })?;
    Ok(dkim::own_domain(&config))
}

/// Never over another key: mail that is signed with it may be on its way.
fn write(path: &Path, pem: &str) -> anyhow::Result<()> {
    let opened = output::private().create_new(true).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    });
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!(
            "{} is there already; choose another file, and another selector with it",
            path.display()
        ),
        other => other.with_context(|| format!("{} cannot be written", path.display())),
    }
}

fn record(at: &Where, args: &RecordArgs) -> anyhow::Result<u8> {
    let config = at.config()?;
    let mut records = dkim::records(&config)?;
    if let Some(selector) = &args.selector {
        records.retain(|record| record.selector == *selector);
    }
    if args.json {
        output::json(&records)?;
        return Ok(DONE);
    }
    if records.is_empty() {
        bail!("there is no such key in [[dkim.keys]]; make one with `nashra dkim keygen`");
    }
    for (at, record) in records.iter().enumerate() {
        if at > 0 {
            output::line("");
        }
        print(record);
    }
    Ok(DONE)
}

fn print(record: &Record) {
    output::line(format!("name   {}", record.name));
    output::line("type   TXT");
    output::line(format!("value  {}", record.value));
    if record.strings.len() > 1 {
        let strings = record.strings.iter().map(|text| format!("\"{text}\""));
        let strings = strings.collect::<Vec<_>>().join(" ");
        output::line("\nThe same for a zone file, in strings of at most 255 octets:");
        output::line(format!("{}. IN TXT ( {strings} )", record.name));
    }
}
