//! What every use case needs: the database, the clock, the keys, and the rules the operator chose.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::Error;
use super::address::AddressRules;
use super::clicks::Clicks;
use super::push::Door;
use crate::clock::Clock;
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{RetrySchedule, UnknownPolicy};
use crate::domain::list::List;
use crate::domain::pace::{Limits, Provider};
use crate::domain::sign_up::{ProofPolicy, Unstamped};
use crate::domain::theme::Theme;
use crate::domain::token::{Keyring, Purpose, SubscriptionToken};
use crate::mail::dkim::{Key, Signer};
use crate::service::sign_up::queue::Queue;
use crate::store::{self, Database};

/// The site that the lists belong to.
#[derive(Debug, Clone)]
pub struct Site {
    /// The masthead of pages and mails.
    pub name: String,
    /// The address that links are built from (promise 9), without a trailing slash.
    pub public_url: String,
    /// The postal address in the footer of digests (T13).
    pub postal_address: Option<String>,
    /// The privacy page, linked from forms and mails.
    pub privacy_url: Option<String>,
    /// The language of pages that belong to no list.
    pub language: String,
    /// Colours of pages and mails.
    pub theme: Theme,
}

/// How messages name their sender.
#[derive(Debug, Clone)]
pub struct MailRules {
    /// The envelope sender: where bounces go (S16).
    pub bounce_address: EmailAddress,
    /// The right side of Message-ID (M9).
    pub message_id_domain: String,
    /// The domain under which List-Id names are made (H12).
    pub list_id_domain: String,
}

/// How confirmations are mailed and how long they hold (D3, D7).
#[derive(Debug, Clone)]
pub struct ConfirmationRules {
    /// How long a token works.
    pub expires: Duration,
    /// A sign-up that waits for so long is reminded, once; `None`: never.
    pub remind_after: Option<Duration>,
    /// A sign-up that waits for so long is deleted (D12).
    pub purge_after: Duration,
    /// At least this long between two mails to one address.
    pub min_interval: Duration,
    /// At most this many mails to one address in 24 hours.
    pub per_day: usize,
    /// At most this many in 30 days.
    pub per_month: usize,
    /// The relays for confirmations, notices and welcomes; none named: those of the list (V23).
    pub relays: Vec<String>,
}

/// How sign-ups are protected (D7, D8, D9); a limit of zero is none.
#[derive(Debug, Clone)]
pub struct SignUpRules {
    /// At most so many sign-ups from one network in an hour.
    pub per_network_hour: u32,
    /// At most so many in 24 hours.
    pub per_network_day: u32,
    /// At most so many confirmations to the addresses of one domain in an hour.
    pub per_domain_hour: u32,
    /// Domains whose mailboxes belong to everybody: they have no such limit.
    pub open_domains: HashSet<String>,
    /// At most so many confirmations for one list in an hour.
    pub per_list_hour: u32,
    /// At most so many confirmations in a minute.
    pub per_minute: u32,
    /// Nobody fills in a form faster.
    pub min_fill: Duration,
    /// What becomes of a form that has no stamp of ours.
    pub unstamped: Unstamped,
    /// When a proof of work is asked for.
    pub proof: ProofPolicy,
    /// How many numbers a proof of work may have to try.
    pub difficulty: u32,
}

/// How deliveries are made.
#[derive(Debug, Clone)]
pub struct DeliveryRules {
    /// When to try again after 4xx.
    pub retry: RetrySchedule,
    /// A digest is not tried any more after this age; `None`: as `retry` says.
    pub stale_after: Option<Duration>,
    /// For digests; confirmations and notices are always sent once more.
    pub unknown: UnknownPolicy,
    /// A worker not seen for this long has lost its leases.
    pub lease_ttl: Duration,
    /// Deliveries leased at a time.
    pub batch: usize,
    /// How long finished deliveries are kept one by one.
    pub keep: Duration,
    /// So many mails in a row that a relay refuses because of us pause the digest (V26).
    pub sender_faults: u32,
}

/// How long traces of readers' devices are kept (X12).
#[derive(Debug, Clone, Copy)]
pub struct PrivacyRules {
    /// IP addresses and user agents of the consent ledger.
    pub ip_retention: Duration,
    /// The same of sign-ups that nobody confirmed.
    pub pending_ip_retention: Duration,
}

/// How fast mail may leave, whichever relay takes it.
#[derive(Debug, Clone, Default)]
pub struct Pacing {
    /// The limits of all mail.
    pub limits: Limits,
    /// At most so many connections of all workers together.
    pub connections: Option<usize>,
    /// The mailbox providers that have limits of their own or are looked at on their own, each with its row.
    pub providers: Vec<(i64, Provider)>,
}

/// How feeds are read, and when it is said that one fails.
#[derive(Debug, Clone)]
pub struct FeedRules {
    /// How old the last reading of a feed may be when nothing is due.
    pub interval: Duration,
    /// How many are read at a time, of all hosts.
    pub parallel: usize,
    /// The operator is told of a feed that fails for this long.
    pub alert_after: Duration,
    /// Who gets that by mail too.
    pub alert_to: Vec<EmailAddress>,
}

/// What every use case needs.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub database: Database,
    /// The only source of "now".
    pub clock: Clock,
    /// Keys of links and Message-IDs.
    pub keyring: Arc<Keyring>,
    /// The site.
    pub site: Arc<Site>,
    /// The lists that the configuration declares, in its order.
    pub lists: Arc<Vec<Arc<List>>>,
    /// How messages name their sender.
    pub mail: Arc<MailRules>,
    /// The keys that mail is signed with (DKIM).
    pub keys: Arc<Vec<Arc<Key>>>,
    /// How confirmations work.
    pub confirmation: Arc<ConfirmationRules>,
    /// Which addresses may sign up.
    pub addresses: Arc<AddressRules>,
    /// How sign-ups are protected.
    pub sign_up: Arc<SignUpRules>,
    /// The sign-ups of this process that wait to be written.
    pub sign_ups: Arc<Queue>,
    /// Which articles are read, when that is counted.
    pub clicks: Arc<Clicks>,
    /// Who may send articles.
    pub api: Arc<Door>,
    /// How deliveries work.
    pub delivery: Arc<DeliveryRules>,
    /// How long traces of readers' devices are kept.
    pub privacy: PrivacyRules,
    /// How fast mail leaves.
    pub pacing: Arc<Pacing>,
    /// How feeds are read.
    pub feeds: FeedRules,
    /// Whether the relay takes addresses with a UTF-8 local part (A7), as its latest greeting said; false until it is known.
    pub relay_takes_utf8: Arc<AtomicBool>,
    /// Wakes the sender of this process: a mail outside digests was queued.
    pub wake: Arc<Notify>,
    /// The same for digests.
    pub wake_digests: Arc<Notify>,
    /// Turns of readers who change what they chose; see [`Context::turn_to_choose`].
    pub choosing: Arc<Semaphore>,
}

/// How long a reader who changes a choice waits for a turn.
const CHOOSING: Duration = Duration::from_secs(3);

impl Context {
    /// The list with this short name.
    pub fn list(&self, slug: &str) -> Option<&Arc<List>> {
        self.lists.iter().find(|list| list.slug == slug)
    }

    /// The list with this row, unless it left the configuration.
    pub fn list_by_id(&self, id: i64) -> Option<&Arc<List>> {
        self.lists.iter().find(|list| list.id == id)
    }

    /// A turn to change what a reader chose. Who changes it may have to wait for a digest that is being frozen; the few who may do
    /// so at once leave the database's connections to everybody else. When none comes soon it is an error that waiting may help.
    pub async fn turn_to_choose(&self) -> Result<SemaphorePermit<'_>, Error> {
        let turn = tokio::time::timeout(CHOOSING, self.choosing.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            let why = "many readers wait to change what they chose".to_owned();
            Error::Store(store::Error::Unavailable(why))
        })
    }

    /// Who signs a list's mail; nobody where no key may speak for its sender.
    pub fn signer(&self, list: &List) -> Option<Signer> {
        Signer::of(&self.keys, list.sender.address.domain())
    }

    /// The page of a digest.
    pub fn digest_url(&self, public_id: &str) -> String {
        format!("{}/d/{public_id}", self.site.public_url)
    }

    /// The archive of a list.
    pub fn archive_url(&self, list: &List) -> String {
        format!("{}/archive/{}", self.site.public_url, list.slug)
    }

    /// The form of a list.
    pub fn subscribe_url(&self, list: &List) -> String {
        format!("{}/subscribe/{}", self.site.public_url, list.slug)
    }

    /// The page and one-click address that ends one subscription (H2, H4).
    pub fn unsubscribe_url(&self, list_id: i64, subscriber_id: i64) -> String {
        self.signed_url("u", Purpose::Unsubscribe, list_id, subscriber_id)
    }

    /// The page where a reader changes what comes, and when.
    pub fn preferences_url(&self, list_id: i64, subscriber_id: i64) -> String {
        self.signed_url("p", Purpose::Preferences, list_id, subscriber_id)
    }

    /// The page that never mails a reader again (D6).
    pub fn never_url(&self, list_id: i64, subscriber_id: i64) -> String {
        self.signed_url("never", Purpose::Never, list_id, subscriber_id)
    }

    fn signed_url(&self, path: &str, purpose: Purpose, list_id: i64, subscriber_id: i64) -> String {
        let token = SubscriptionToken {
            subscriber_id,
            list_id,
        };
        let token = token.sign(&self.keyring, purpose);
        format!("{}/{path}/{token}", self.site.public_url)
    }
}
