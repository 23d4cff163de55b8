//! `nashra subscriber`: what is kept of a reader, why nothing came, and getting readers in and out.

mod erase;
mod export;
mod import;
mod show;
mod why;

use clap::Subcommand;

use super::Where;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::store::{self, subscriber::Subscriber};

/// Look at readers, and take them in and out.
#[derive(Debug, Subcommand)]
pub enum SubscriberCommand {
    Show(show::ShowArgs),
    Why(why::WhyArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Erase(erase::EraseArgs),
}

pub async fn run(at: &Where, command: SubscriberCommand) -> anyhow::Result<u8> {
    match command {
        SubscriberCommand::Show(args) => show::run(at, args).await,
        SubscriberCommand::Why(args) => why::run(at, args).await,
        SubscriberCommand::Export(args) => export::run(at, args).await,
        SubscriberCommand::Import(args) => import::run(at, args).await,
        SubscriberCommand::Erase(args) => erase::run(at, args).await,
    }
}

/// What an address stands for.
enum Found {
    /// A subscriber.
    Subscriber(Subscriber),
    /// Nobody's, and never to be mailed.
    Suppressed {
        /// Why.
        reason: String,
        /// Since when, epoch milliseconds.
        since_ms: i64,
    },
    /// Erased: only a hash is kept.
    Erased,
    /// Nothing is known of it.
    Unknown,
}

async fn find(app: &App, address: &EmailAddress) -> anyhow::Result<Found> {
    let identity = address.identity();
    let hashes = app.context.keyring.erasure_hashes(&identity);
    let mut tx = app.context.database.read().await?;
    if let Some(subscriber) = store::subscriber::by_identity(&mut tx, &identity).await? {
        return Ok(Found::Subscriber(subscriber));
    }
    if let Some((reason, since_ms)) = store::dossier::suppression(&mut tx, &identity).await? {
        return Ok(Found::Suppressed { reason, since_ms });
    }
    if store::erasure::holds(&mut tx, &hashes).await? {
        return Ok(Found::Erased);
    }
    Ok(Found::Unknown)
}

impl Found {
    /// The sentence for an address without a subscriber.
    fn nobody(&self) -> &'static str {
        match self {
            Self::Erased => {
                "erased: only a hash of the address is kept; `nashra suppression remove ADDRESS` permits it again"
            }
            Self::Subscriber(_) | Self::Suppressed { .. } | Self::Unknown => {
                "no subscriber has this address"
            }
        }
    }
}
