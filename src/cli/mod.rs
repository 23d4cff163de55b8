//! The commands, one file each. Here: the command line, how an error becomes an exit code, and nothing else.
//!
//! Exit codes: 0 done · 1 failed · 2 usage or configuration · 10 nothing due · 11 work left (the last two: `digest run`).

mod article;
mod catch;
mod completions;
mod config;
mod demo;
mod digest;
mod dkim;
mod doctor;
mod feed;
mod list;
mod migrate;
mod output;
mod quarantine;
mod serve;
mod signal;
mod subscriber;
mod suppression;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::config::{Config, ConfigErrors};
use crate::telemetry;

/// Everything went well.
pub const DONE: u8 = 0;
/// Something failed; standard error says what.
pub const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
pub const USAGE: u8 = 2;
/// `digest run`: no digest was due and the queue was empty.
pub const NOTHING_DUE: u8 = 10;
/// `digest run`: mails are still in the queue.
pub const WORK_LEFT: u8 = 11;

/// Newsletter sign-up and digest mailer: the site's articles become a digest, sent once to each reader who confirmed.
#[derive(Debug, Parser)]
#[command(name = "nashra", version, about, max_term_width = 100)]
#[command(
    after_help = "Try it: nashra demo\nStart:  nashra config example > nashra.toml && nashra serve"
)]
struct Cli {
    /// The configuration file [default: nashra.toml, else config/nashra.toml]
    #[arg(long, short, global = true, env = "NASHRA_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say more on standard error (-vv: everything)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Log in JSON lines
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole journey with nothing but this program: two sample sites, two readers, their digests
    Demo(demo::DemoArgs),
    /// Run the pages and the mailer until told to stop
    Serve(serve::ServeArgs),
    /// Make, send and look at digests
    #[command(subcommand, after_help = "Example: nashra digest list")]
    Digest(digest::DigestCommand),
    /// Add and list articles
    #[command(subcommand, after_help = "Example: nashra article list --list weekly")]
    Article(article::ArticleCommand),
    /// Read and check feeds
    #[command(
        subcommand,
        after_help = "Example: nashra feed check https://example.org/feed.xml"
    )]
    Feed(feed::FeedCommand),
    /// Look at the lists
    #[command(subcommand, after_help = "Example: nashra list show")]
    List(list::ListCommand),
    /// Look at readers, and take them in and out
    #[command(
        subcommand,
        after_help = "Example: nashra subscriber why reader@example.org"
    )]
    Subscriber(subscriber::SubscriberCommand),
    /// Sign-ups that are held
    #[command(subcommand, after_help = "Example: nashra quarantine list")]
    Quarantine(quarantine::QuarantineCommand),
    /// Addresses that are never mailed
    #[command(subcommand, after_help = "Example: nashra suppression list")]
    Suppression(suppression::SuppressionCommand),
    /// Run a local SMTP server that keeps what it is sent and shows it in a browser
    Catch(catch::CatchArgs),
    /// Bring the database to this program's schema
    Migrate(migrate::MigrateArgs),
    /// Look at the configuration
    #[command(subcommand, after_help = "Example: nashra config check")]
    Config(config::ConfigCommand),
    /// Look at everything that mail needs to arrive: configuration, database, keys, relays, DNS
    Doctor(doctor::DoctorArgs),
    /// Make the keys that mail is signed with, and show their DNS records
    #[command(
        subcommand,
        after_help = "Example: nashra dkim keygen --selector s1 --out data/dkim-s1.pem"
    )]
    Dkim(dkim::DkimCommand),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
}

/// Parses the command line, runs the command, and says how it went.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Help and version are answers, not errors.
            return ExitCode::from(if error.use_stderr() { USAGE } else { DONE });
        }
    };
    let quiet_by_default = !matches!(cli.command, Command::Serve(_) | Command::Catch(_));
    telemetry::init(cli.verbose, quiet_by_default, cli.log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return fail(&anyhow::Error::new(error).context("the runtime cannot be started"));
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<u8> {
    let at = Where { file: cli.config };
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(&at, args).await,
        Command::Digest(command) => Box::pin(digest::run(&at, command)).await,
        Command::Article(command) => article::run(&at, command).await,
        Command::Feed(command) => feed::run(&at, command).await,
        Command::List(command) => list::run(&at, command).await,
        Command::Subscriber(command) => subscriber::run(&at, command).await,
        Command::Quarantine(command) => quarantine::run(&at, command).await,
        Command::Suppression(command) => suppression::run(&at, command).await,
        Command::Catch(args) => catch::run(args).await,
        Command::Migrate(args) => migrate::run(&at, args).await,
        Command::Config(command) => config::run(&at, &command),
        Command::Doctor(args) => doctor::run(&at, &args).await,
        Command::Dkim(command) => dkim::run(&at, &command),
        Command::Completions(args) => Ok(completions::run(&args)),
    }
}

/// Where the configuration is.
struct Where {
    file: Option<PathBuf>,
}

impl Where {
    fn config(&self) -> Result<Config, ConfigErrors> {
        let here = Path::new("nashra.toml");
        let file = self
            .file
            .as_deref()
            .or_else(|| here.exists().then_some(here));
        crate::config::load(file, crate::config::environment())
    }

    /// The program, to look only.
    async fn look(&self) -> anyhow::Result<App> {
        Ok(App::look(self.config()?, Clock::System).await?)
    }

    /// The program, ready: database open and migrated, lists synchronised.
    async fn app(&self) -> anyhow::Result<App> {
        Ok(App::open(self.config()?, Clock::System).await?)
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // An error whose text already holds its cause's is not said twice.
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    output::failed(said);
    let usage = error.is::<ConfigErrors>()
        || error
            .downcast_ref::<AppError>()
            .is_some_and(AppError::is_configuration);
    ExitCode::from(if usage { USAGE } else { FAILED })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
