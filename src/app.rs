//! Puts the program together: what the configuration says becomes the context that the services use.

mod addresses;
pub mod dkim;
pub mod doctor;
mod key;
mod list;
mod relay;
mod theme;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret;
use tokio::sync::{Notify, Semaphore};

pub use theme::theme;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::RetrySchedule;
use crate::domain::list::List;
use crate::domain::network::Network;
use crate::domain::pace::Limits;
use crate::domain::token::bearer::Bearer;
use crate::feed::{FetchLimits, Fetcher};
use crate::mail::route::Route;
use crate::mail::transport::Transport;
use crate::service::clicks::Clicks;
use crate::service::push::Door;
use crate::service::{
    self, ConfirmationRules, Context, DeliveryRules, FeedRules, MailRules, Pacing, PrivacyRules,
    SignUpRules, Site,
};
use crate::store::{self, Database, migrate};

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A value of the configuration that only shows itself when it is used.
    #[error("{key}: {reason}")]
    Configuration {
        /// The key.
        key: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// A list that is not declared.
    #[error("there is no list `{slug}`; there are {known}")]
    UnknownList {
        /// The name that was asked for.
        slug: String,
        /// Those that are declared.
        known: String,
    },
    /// The key file.
    #[error("the key file {path} cannot be {what}: {reason}")]
    KeyFile {
        /// Its path.
        path: String,
        /// `read`, `created` or `used`.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The lists.
    #[error(transparent)]
    Service(#[from] service::Error),
}

impl AppError {
    /// Whether the configuration or the command line is at fault (exit code 2).
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Configuration { .. }
                | Self::UnknownList { .. }
                | Self::Store(store::Error::Url(_))
        )
    }

    fn configuration(key: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Configuration {
            key: key.into(),
            reason: reason.to_string(),
        }
    }
}

/// The program, ready to work.
pub struct App {
    /// What the operator decided.
    pub config: Config,
    /// What the services use.
    pub context: Context,
}

/// Which database the configuration names.
pub fn settings(config: &Config) -> store::Settings {
    store::Settings {
        url: config.database.url.expose_secret().to_owned(),
        max_connections: config.database.max_connections,
        busy_timeout: config.database.busy_timeout,
    }
}

impl App {
    /// Opens the database, brings it to this program's schema, and synchronises the lists.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, AppError> {
        Self::start(config, clock, true).await
    }

    /// Opens the database to look only: a schema that is behind is refused, and nothing is written (unless the database is new).
    pub async fn look(config: Config, clock: Clock) -> Result<Self, AppError> {
        Self::start(config, clock, false).await
    }

    async fn start(config: Config, clock: Clock, to_work: bool) -> Result<Self, AppError> {
        let mut lists = config
            .lists
            .iter()
            .map(list::list)
            .collect::<Result<Vec<_>, _>>()?;
        let keyring = key::keyring(&config.key)?;
        let keys = dkim::keys(&config)?;
        let warnings = config.warnings.iter().map(ToString::to_string);
        for warning in warnings.chain(dkim::warnings(&config, &keys)) {
            tracing::warn!("configuration: {warning}");
        }
        let database = Database::connect(&settings(&config)).await?;
        let declared = &config.pacing.providers;
        let providers = if to_work || migrate::is_new(&database).await? {
            migrate::run(&database).await?;
            service::sync::lists(&database, &mut lists, clock.now_ms()).await?;
            service::sync::providers(&database, declared).await?
        } else {
            migrate::require(&database).await?;
            service::sync::known(&database, &mut lists).await?;
            service::sync::known_providers(&database, declared).await?
        };
        let context = Context {
            database,
            clock,
            keyring: Arc::new(keyring),
            site: Arc::new(site(&config)?),
            lists: Arc::new(lists.into_iter().map(Arc::new).collect()),
            mail: Arc::new(MailRules {
                bounce_address: address("mail.bounce_address", &config.mail.bounce_address)?,
                message_id_domain: config.mail.message_id_domain.clone(),
                list_id_domain: config.mail.list_id_domain.clone(),
            }),
            keys: Arc::new(keys),
            confirmation: Arc::new(ConfirmationRules {
                expires: config.confirmation.expires,
                remind_after: config.confirmation.remind_after,
                purge_after: config.confirmation.purge_after,
                min_interval: config.confirmation.per_address.min_interval,
                per_day: config.confirmation.per_address.per_day as usize,
                per_month: config.confirmation.per_address.per_month as usize,
                relays: config.confirmation.relays.clone(),
            }),
            addresses: Arc::new(addresses::rules(&config.addresses)?),
            sign_up: Arc::new(sign_up_rules(&config)),
            sign_ups: Arc::default(),
            clicks: Arc::new(Clicks::new(config.clicks.count)),
            api: Arc::new(door(&config)),
            delivery: Arc::new(delivery(&config)),
            privacy: PrivacyRules {
                ip_retention: config.privacy.ip_retention,
                pending_ip_retention: config.privacy.pending_ip_retention,
            },
            pacing: Arc::new(Pacing {
                limits: config.pacing.limits,
                connections: config.pacing.connections,
                providers,
            }),
            feeds: FeedRules {
                interval: config.feeds.interval,
                parallel: config.feeds.parallel,
                alert_after: config.feeds.alert_after,
                alert_to: addresses("feeds.alert_to", &config.feeds.alert_to)?,
            },
            relay_takes_utf8: Arc::new(AtomicBool::new(false)),
            wake: Arc::new(Notify::new()),
            wake_digests: Arc::new(Notify::new()),
            choosing: Arc::new(Semaphore::new(2)),
        };
        Ok(Self { config, context })
    }

    /// A list by its short name, or an error that names those there are.
    pub fn list(&self, slug: &str) -> Result<Arc<List>, AppError> {
        let known = || {
            let names = self.context.lists.iter().map(|list| list.slug.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let found = self.context.list(slug).cloned();
        found.ok_or_else(|| AppError::UnknownList {
            slug: slug.to_owned(),
            known: known(),
        })
    }

    /// The ways out for mail: the relays, or a directory in their place.
    pub fn routes(&self, sink: Option<&Path>) -> anyhow::Result<Vec<Route>> {
        if let Some(directory) = sink {
            std::fs::create_dir_all(directory)
                .with_context(|| format!("{} cannot be created", directory.display()))?;
            return Ok(vec![Route {
                name: "directory".to_owned(),
                weight: 1,
                connections: 1,
                messages_per_connection: u64::MAX,
                limits: Limits::default(),
                warm_up: None,
                transport: Transport::File(directory.to_owned()),
            }]);
        }
        Ok(self
            .config
            .relays
            .iter()
            .map(relay::route)
            .collect::<Result<_, _>>()?)
    }

    /// The reader of feeds.
    pub fn fetcher(&self) -> anyhow::Result<Fetcher> {
        fetcher(&self.config)
    }

    /// Where `serve` listens.
    pub fn listen_address(&self) -> String {
        self.config.server.listen.to_string()
    }

    /// The proxies that are believed.
    pub fn trusted_proxies(&self) -> Vec<Network> {
        self.config.server.trusted_proxies.clone()
    }

    /// How long one request may take.
    pub fn request_timeout(&self) -> Duration {
        self.config.server.request_timeout
    }

    /// Asks each relay what it takes (A7), without holding up the start, until it answers; the sender asks again with every
    /// connection.
    pub fn ask_relays_in_background(&self) -> anyhow::Result<()> {
        const PAUSE: Duration = Duration::from_mins(1);
        for route in self.routes(None)? {
            let answer = Arc::clone(&self.context.relay_takes_utf8);
            tokio::spawn(async move {
                loop {
                    match route.transport.open().await {
                        Ok(session) => {
                            // One that does is enough: mail that needs it goes there.
                            answer.fetch_or(session.takes_utf8(), Ordering::Relaxed);
                            session.close().await;
                            return;
                        }
                        Err(error) => {
                            tracing::warn!(
                                relay = route.name,
                                "the relay cannot be asked what it takes: {error}"
                            );
                        }
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        Ok(())
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.context.database.close().await;
    }
}

/// The reader of feeds that the configuration describes.
pub fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    let feeds = &config.feeds;
    Ok(Fetcher::new(FetchLimits {
        connect: feeds.connect_timeout,
        total: feeds.timeout,
        max_bytes: usize::try_from(feeds.max_bytes).unwrap_or(usize::MAX),
        max_items: feeds.max_items,
        allow_private: feeds.allow_private,
        ..FetchLimits::default()
    })?)
}

fn address(key: &str, text: &str) -> Result<EmailAddress, AppError> {
    EmailAddress::parse(text).map_err(|error| AppError::configuration(key, error))
}

fn addresses(key: &str, texts: &[String]) -> Result<Vec<EmailAddress>, AppError> {
    texts.iter().map(|text| address(key, text)).collect()
}

fn site(config: &Config) -> Result<Site, AppError> {
    Ok(Site {
        name: config.site.name.clone(),
        public_url: config.site.public_url.clone(),
        postal_address: config.site.postal_address.clone(),
        privacy_url: config.site.privacy_url.clone(),
        language: list::language(&config.site.locale).to_owned(),
        theme: theme::theme(config)?,
    })
}

fn sign_up_rules(config: &Config) -> SignUpRules {
    let sign_up = &config.sign_up;
    let providers = &config.pacing.providers;
    SignUpRules {
        per_network_hour: sign_up.per_network.per_hour,
        per_network_day: sign_up.per_network.per_day,
        per_domain_hour: sign_up.per_domain,
        open_domains: providers
            .iter()
            .flat_map(|provider| provider.domains.iter().cloned())
            .collect(),
        per_list_hour: sign_up.per_list,
        per_minute: sign_up.per_minute,
        min_fill: sign_up.min_fill,
        unstamped: sign_up.unstamped,
        proof: sign_up.proof_of_work,
        difficulty: sign_up.difficulty,
    }
}

/// Keeps no more of the tokens than their hashes.
fn door(config: &Config) -> Door {
    let tokens = config.api.tokens.iter();
    Door::new(
        tokens
            .map(|api| Bearer::new(&api.name, api.token.expose_secret()))
            .collect(),
    )
}

fn delivery(config: &Config) -> DeliveryRules {
    DeliveryRules {
        retry: RetrySchedule {
            delays: config.delivery.retry.clone(),
            give_up: config.delivery.give_up,
        },
        stale_after: config.delivery.stale_after,
        unknown: config.delivery.unknown,
        lease_ttl: config.delivery.lease_ttl,
        batch: config.delivery.batch,
        keep: config.delivery.keep,
        sender_faults: config.delivery.sender_faults,
    }
}
