//! Takes deliveries for a worker: mails outside digests one by one, digests in ranges, retries as they come due. Subscription
//! and suppression are looked at again in the same transaction (promise 3, S14); who left gets nothing.

use std::collections::HashSet;

use super::settle::{Standing, ended_before_sending};
use super::{Key, Leased, RangeKey, Records, editors};
use crate::domain::delivery::DeliveryKind;
use crate::domain::range::Range;
use crate::domain::subscription::SubscriptionStatus;
use crate::domain::token::ConfirmationToken;
use crate::service::letter::{About, Content, Welcome};
use crate::service::{Context, Error, change_address};
use crate::store::confirmation::Confirmation;
use crate::store::digest_range::Recipient;
use crate::store::pending::Pending;
use crate::store::{self, Tx};

/// Providers, and domains of none, that asked us to slow down and take no mail as before yet.
pub(super) struct Slowed(HashSet<String>);

impl Slowed {
    async fn read(tx: &mut Tx) -> Result<Self, Error> {
        let backoffs = store::pace::backoffs(tx).await?.into_iter();
        Ok(Self(backoffs.map(|backoff| backoff.name).collect()))
    }

    pub(super) fn holds(&self, context: &Context, leased: &Leased) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let mut providers = context.pacing.providers.iter();
        let provider = providers.find(|(id, _)| *id == leased.provider_id);
        let name = provider.map_or_else(
            || format!("domain:{}", leased.domain()),
            |(_, provider)| format!("provider:{}", provider.name),
        );
        self.0.contains(&name)
    }
}

/// Lists that another process's configuration names and this one's does not: their mail is left to that process. One that left
/// every configuration is not among them, and its mail is cancelled.
async fn foreign_lists(context: &Context, tx: &mut Tx) -> Result<Vec<i64>, Error> {
    let mut lists = store::list::in_use(tx).await?;
    lists.retain(|id| context.list_by_id(*id).is_none());
    Ok(lists)
}

/// Mails outside digests that were leased.
#[derive(Debug, Default)]
pub struct LeasedMails {
    /// Each with what goes into it.
    pub mails: Vec<(Leased, Content)>,
    /// How many ended without a mail: the reader had left.
    pub ended: u64,
}

/// Leases up to `most` due mails outside digests; confirmations go first.
pub async fn lease_mails(
    context: &Context,
    worker_id: i64,
    most: usize,
) -> Result<LeasedMails, Error> {
    const ORDER: [DeliveryKind; 3] = [
        DeliveryKind::Confirmation,
        DeliveryKind::Notice,
        DeliveryKind::Welcome,
    ];
    let now_ms = context.clock.now_ms();
    let mut found = LeasedMails::default();
    let mut ended = Vec::new();
    let mut tx = context.database.write().await?;
    let slowed = Slowed::read(&mut tx).await?;
    let not_of = foreign_lists(context, &mut tx).await?;
    for kind in ORDER {
        let room = most.saturating_sub(found.mails.len()) as i64;
        for row in store::delivery::lease(&mut tx, worker_id, kind, now_ms, &not_of, room).await? {
            let (subscription, lists) = standing_of_all(context, &mut tx, &row).await?;
            let list_id = lists.first().copied().unwrap_or(row.list_id);
            let leased = Leased {
                key: Key::Mail(row.id),
                kind,
                list_id,
                // A new address may have no subscription yet that would know it, and the list that knew it may be gone.
                provider_id: if row.move_id.is_some() || list_id != row.list_id {
                    provider_of(context, &row.address)
                } else {
                    row.provider_id
                },
                subscriber_id: row.subscriber_id,
                variant_id: 0,
                attempts: row.attempts,
                unknowns: row.unknowns,
                created_ms: row.created_ms,
                address: row.address,
                name: row.name,
            };
            let standing = Standing {
                subscription: Some(subscription),
                suppressed: row.suppressed,
                slowed: slowed.holds(context, &leased),
            };
            if let Some(verdict) = ended_before_sending(context, &leased, &standing, now_ms) {
                ended.push(Records::mail(row.id, verdict));
            } else {
                let also = lists.get(1..).unwrap_or_default().to_vec();
                let content =
                    content(context, &mut tx, &leased, (row.move_id, also), now_ms).await?;
                found.mails.push((leased, content));
            }
        }
    }
    if !ended.is_empty() {
        found.ended = store::delivery::record(&mut tx, worker_id, &ended).await?;
    }
    let room = most.saturating_sub(found.mails.len()) as i64;
    let within = (&slowed, not_of.as_slice());
    let (mails, over) = editors::lease(context, &mut tx, worker_id, within, room).await?;
    found.mails.extend(mails);
    found.ended += over;
    tx.commit().await?;
    Ok(found)
}

/// The mailbox provider of an address; 0: any other.
pub(super) fn provider_of(context: &Context, address: &str) -> i64 {
    let domain = address.rsplit('@').next().unwrap_or_default();
    let mut providers = context.pacing.providers.iter();
    let found = providers.find(|(_, provider)| provider.domains.iter().any(|own| own == domain));
    found.map_or(0, |(id, _)| *id)
}

/// Where the subscriptions stand that a mail is about, and the lists that it is still about, in its order: a confirmation has a
/// point while one of them waits for it, a notice while one is confirmed. A list that left the configuration is none of them, and
/// the mail goes under the masthead of the next.
async fn standing_of_all(
    context: &Context,
    tx: &mut Tx,
    row: &store::delivery::Leased,
) -> Result<(SubscriptionStatus, Vec<i64>), Error> {
    let wanted = match row.kind {
        DeliveryKind::Confirmation => SubscriptionStatus::Pending,
        _ => SubscriptionStatus::Confirmed,
    };
    let mut still = Vec::with_capacity(1 + row.also.len());
    if row.subscription == wanted && context.list_by_id(row.list_id).is_some() {
        still.push(row.list_id);
    }
    for &list_id in &row.also {
        let status = store::subscription::status(tx, list_id, row.subscriber_id).await?;
        if status == Some(wanted) && context.list_by_id(list_id).is_some() {
            still.push(list_id);
        }
    }
    let standing = if still.is_empty() {
        row.subscription
    } else {
        wanted
    };
    Ok((standing, still))
}

/// What the mail needs beside its delivery. A confirmation's token is made when its mail is: only its hash is ever stored (promise 9).
async fn content(
    context: &Context,
    tx: &mut Tx,
    leased: &Leased,
    (move_id, also): (Option<i64>, Vec<i64>),
    now_ms: i64,
) -> Result<Content, Error> {
    match leased.kind {
        DeliveryKind::Confirmation => {}
        DeliveryKind::Welcome => {
            return Ok(Content::Welcome(Box::new(
                Welcome::read(context, tx, leased).await?,
            )));
        }
        DeliveryKind::Notice | DeliveryKind::Digest | DeliveryKind::Editor => {
            return Ok(Content::Notice { also });
        }
    }
    let token = ConfirmationToken::generate();
    let expires_ms = now_ms + context.confirmation.expires.as_millis() as i64;
    let (list_id, subscriber_id) = (leased.list_id, leased.subscriber_id);
    let confirmation = Confirmation {
        lists: std::iter::once(list_id)
            .chain(also.iter().copied())
            .collect(),
        subscriber_id,
        expires_ms,
        used_ms: None,
        move_id,
    };
    store::confirmation::insert(tx, &token.hash(), &confirmation, now_ms).await?;
    let origin = store::consent::latest_origin(tx, list_id, subscriber_id)
        .await?
        .unwrap_or_default();
    let pending = Pending {
        list_id,
        subscriber_id,
    };
    let about = match move_id {
        // It waited when it was leased, just before.
        Some(move_id) => About::Move(
            change_address::terms(context, tx, move_id, list_id)
                .await?
                .unwrap_or_default(),
        ),
        None => match store::pending::reminded_of(tx, pending, leased.created_ms).await? {
            Some(made_ms) => About::Reminder(made_ms),
            None => About::SignUp,
        },
    };
    Ok(Content::Confirmation {
        token,
        also,
        origin,
        about,
    })
}

/// A range of a digest that was leased.
#[derive(Debug)]
pub struct LeasedRange {
    /// Its name.
    pub key: RangeKey,
    /// What is open in it.
    pub range: Range,
    /// The deliveries to make.
    pub deliveries: Vec<Leased>,
    /// How many ended without a mail.
    pub ended: u64,
}

/// Leases a range of a digest's deliveries to one mailbox provider: one that was given back first, else the next `most`; of no
/// list in `not_of`.
pub async fn lease_range(
    context: &Context,
    worker_id: i64,
    provider_id: i64,
    not_of: &[i64],
    most: usize,
) -> Result<Option<LeasedRange>, Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let not_of = [foreign_lists(context, &mut tx).await?, not_of.to_vec()].concat();
    let mut found =
        store::digest_range::lease_free(&mut tx, worker_id, provider_id, &not_of).await?;
    if found.is_none() {
        let most = most as i64;
        found =
            store::digest_range::lease_next(&mut tx, worker_id, provider_id, &not_of, most).await?;
    }
    let Some(mut found) = found else {
        // What was learnt of empty queues is kept.
        tx.commit().await?;
        return Ok(None);
    };
    let slowed = Slowed::read(&mut tx).await?;
    let mut deliveries = Vec::with_capacity(found.recipients.len());
    let mut ended = Vec::new();
    for recipient in found.recipients {
        let (subscription, suppressed) = (recipient.subscription, recipient.suppressed);
        let key = Key::First(found.key, recipient.subscriber_id);
        let leased = digest_delivery(
            key,
            found.key.provider_id,
            found.list_id,
            found.started_ms,
            recipient,
        );
        let standing = Standing {
            subscription,
            suppressed,
            slowed: slowed.holds(context, &leased),
        };
        match ended_before_sending(context, &leased, &standing, now_ms) {
            None => deliveries.push(leased),
            Some(verdict) => {
                found.range.settle(leased.subscriber_id, None);
                ended.extend(Records::attempt(&leased, verdict));
            }
        }
    }
    // A range that was given back may have nothing open; it is written as done all the same.
    if !ended.is_empty() || deliveries.is_empty() {
        store::digest_attempt::insert(&mut tx, &ended).await?;
        store::digest_range::record(&mut tx, worker_id, found.key, &found.range).await?;
    }
    tx.commit().await?;
    Ok(Some(LeasedRange {
        key: found.key,
        range: found.range,
        deliveries,
        ended: ended.len() as u64,
    }))
}

fn digest_delivery(
    key: Key,
    provider_id: i64,
    list_id: i64,
    created_ms: i64,
    recipient: Recipient,
) -> Leased {
    Leased {
        key,
        kind: DeliveryKind::Digest,
        list_id,
        provider_id,
        subscriber_id: recipient.subscriber_id,
        variant_id: recipient.variant_id,
        attempts: 0,
        unknowns: 0,
        created_ms,
        address: recipient.address,
        name: recipient.name,
    }
}

/// Leases retries of digests that are due, but none of these providers and these lists; also says how many ended without a mail.
pub async fn lease_retries(
    context: &Context,
    worker_id: i64,
    not_of: (&[i64], &[i64]),
    most: usize,
) -> Result<(Vec<Leased>, u64), Error> {
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    let slowed = Slowed::read(&mut tx).await?;
    let (providers, lists) = not_of;
    let lists = [foreign_lists(context, &mut tx).await?, lists.to_vec()].concat();
    let not_of = (providers, lists.as_slice());
    let mut deliveries = Vec::new();
    let mut ended = Vec::new();
    for row in store::digest_attempt::lease(&mut tx, worker_id, now_ms, not_of, most as i64).await?
    {
        let (subscription, suppressed) = (row.recipient.subscription, row.recipient.suppressed);
        let (digest_id, subscriber_id) = (row.key.digest_id, row.recipient.subscriber_id);
        let key = Key::Retry {
            digest_id,
            subscriber_id,
        };
        let leased = Leased {
            attempts: row.attempts,
            unknowns: row.unknowns,
            ..digest_delivery(
                key,
                row.key.provider_id,
                row.list_id,
                row.started_ms,
                row.recipient,
            )
        };
        let standing = Standing {
            subscription,
            suppressed,
            slowed: slowed.holds(context, &leased),
        };
        match ended_before_sending(context, &leased, &standing, now_ms) {
            None => deliveries.push(leased),
            Some(verdict) => ended.extend(Records::attempt(&leased, verdict)),
        }
    }
    store::digest_attempt::update(&mut tx, worker_id, &ended).await?;
    tx.commit().await?;
    Ok((deliveries, ended.len() as u64))
}
