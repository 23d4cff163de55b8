//! The limits of sign-ups (D7), as they stand in the database while a batch is written: read once, counted here, written once.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::network::household;
use crate::domain::sign_up::{AddressRules, HoldReason, Limit, MONTH_MS, Mark, Used};
use crate::store::throttle::Throttle;
use crate::store::{self, Tx};

const MINUTE_MS: i64 = 60 * 1_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The bucket of all confirmations.
const ALL: &str = "all";
/// The bucket that is there while the circuit breaker is open.
pub(super) const BREAKER: &str = "breaker";

/// What is used up of the limits that a batch touches.
pub(super) struct Budget {
    buckets: HashMap<String, Throttle>,
    changed: HashSet<String>,
    now_ms: i64,
    network: [(&'static str, Limit); 2],
    domain: Limit,
    list: Limit,
    all: Limit,
    address: AddressRules,
    /// Whether this batch opened the breaker.
    pub(super) opened: bool,
}

/// The names of the buckets that one address has to do with.
pub(super) struct Names {
    address: String,
    domain: Option<String>,
}

impl Names {
    /// What one address has to do with one list is remembered by this, where it is not kept.
    pub(super) fn of_list(&self, list_id: i64) -> String {
        format!("{}:{list_id}", self.address)
    }

    /// A reader's bucket is named by a keyed hash; a domain whose mailboxes belong to everybody has none.
    pub(super) fn of(context: &Context, address: &EmailAddress) -> Self {
        let domain = address.domain();
        let open = context.sign_up.open_domains.contains(domain);
        Self {
            address: hashed(context, "address", &address.throttle_key()),
            domain: (!open).then(|| format!("domain:{domain}")),
        }
    }
}

/// Forgets what counts against an address: it is being erased.
pub(in crate::service) async fn forget(
    context: &Context,
    tx: &mut Tx,
    address: &EmailAddress,
) -> Result<(), Error> {
    store::throttle::forget(tx, &Names::of(context, address).address).await?;
    Ok(())
}

fn hashed(context: &Context, kind: &str, value: &str) -> String {
    let mac = context
        .keyring
        .mac("throttle", format!("{kind}:{value}").as_bytes());
    format!("{kind}:{}", Base64UrlUnpadded::encode_string(&mac[..16]))
}

/// The bucket of a reader's network.
pub(super) fn network(context: &Context, ip: Option<&str>) -> Option<String> {
    let ip: IpAddr = ip?.parse().ok()?;
    Some(hashed(context, "network", &household(ip)))
}

/// The bucket of the links of one reader, by which mail can be had for any address.
pub(super) fn mover(context: &Context, subscriber_id: i64) -> String {
    hashed(context, "mover", &subscriber_id.to_string())
}

fn list_bucket(list_id: i64) -> String {
    format!("list:{list_id}")
}

impl Budget {
    /// Reads what is used up of everything that these addresses, networks and lists have to do with.
    pub(super) async fn read(
        context: &Context,
        tx: &mut Tx,
        names: &[&Names],
        networks: &[&str],
        lists: &[i64],
        now_ms: i64,
    ) -> Result<Self, Error> {
        let rules = &context.sign_up;
        let limit = |most, span_ms| Limit { most, span_ms };
        let network = [
            ("hour", limit(rules.per_network_hour, HOUR_MS)),
            ("day", limit(rules.per_network_day, DAY_MS)),
        ];
        let mut wanted: HashSet<String> = [ALL.to_owned(), BREAKER.to_owned()].into();
        for name in names {
            wanted.insert(name.address.clone());
            wanted.extend(name.domain.clone());
        }
        for name in networks {
            wanted.extend(network.map(|(span, _)| format!("{name}:{span}")));
        }
        wanted.extend(lists.iter().map(|list| list_bucket(*list)));
        let wanted: Vec<String> = wanted.into_iter().collect();
        let rows = store::throttle::read(tx, &wanted).await?;
        let confirmation = &context.confirmation;
        Ok(Self {
            buckets: rows
                .into_iter()
                .map(|row| (row.bucket.clone(), row))
                .collect(),
            changed: HashSet::new(),
            now_ms,
            network,
            domain: limit(rules.per_domain_hour, HOUR_MS),
            list: limit(rules.per_list_hour, HOUR_MS),
            all: limit(rules.per_minute, MINUTE_MS),
            address: AddressRules {
                interval_ms: confirmation.min_interval.as_millis() as i64,
                per_day: confirmation.per_day,
                per_month: confirmation.per_month,
            },
            opened: false,
        })
    }

    /// Counts a sign-up of a network; says how long it has to wait when it had too many.
    pub(super) fn admit(&mut self, network: &str) -> Option<i64> {
        let limits = self
            .network
            .map(|(span, limit)| (format!("{network}:{span}"), limit));
        let waits = limits
            .iter()
            .filter_map(|(bucket, limit)| self.wait_ms(bucket, *limit));
        if let Some(wait) = waits.max() {
            return Some(wait);
        }
        for (bucket, limit) in limits {
            self.count(bucket, limit);
        }
        None
    }

    /// When a mail may go to an address, `None` when it had enough of them lately.
    pub(super) fn due(&self, names: &Names) -> Option<i64> {
        self.address.next(&self.marks(&names.address), self.now_ms)
    }

    /// Whether a mail about a list, or about what else its mark names, would only repeat one ([`AddressRules::repeats`]).
    pub(super) fn repeats(&self, names: &Names, list: i64, needed: bool) -> bool {
        let marks = self.marks(&names.address);
        self.address.repeats(&marks, list, needed, self.now_ms)
    }

    /// Which of the common limits leave no room for one more confirmation. The first that finds the budget of all used up opens the
    /// breaker; until it closes, everything takes its place behind what is held.
    pub(super) fn full(&mut self, names: &Names, list_id: i64) -> Vec<HoldReason> {
        let mut reasons = Vec::new();
        if self.all_used() || self.is_open() {
            reasons.push(HoldReason::Budget);
            self.open();
        }
        if self.wait_ms(&list_bucket(list_id), self.list).is_some() {
            reasons.push(HoldReason::List);
        }
        let domain = names.domain.as_deref();
        if domain.is_some_and(|bucket| self.wait_ms(bucket, self.domain).is_some()) {
            reasons.push(HoldReason::Domain);
        }
        reasons
    }

    /// As [`Budget::full`] for what is held already: the breaker does not matter.
    pub(super) fn leaves_room(&self, names: &Names, list_id: i64) -> bool {
        !self.all_used() && self.own_wait_ms(names, list_id).is_none()
    }

    /// How long the limits of a list and of an address's domain leave no room, `None` when they do.
    pub(super) fn own_wait_ms(&self, names: &Names, list_id: i64) -> Option<i64> {
        let domain = names.domain.as_deref();
        let domain = domain.and_then(|bucket| self.wait_ms(bucket, self.domain));
        self.wait_ms(&list_bucket(list_id), self.list).max(domain)
    }

    /// Whether the confirmations of this minute are used up.
    pub(super) fn all_used(&self) -> bool {
        self.wait_ms(ALL, self.all).is_some()
    }

    /// Whether the breaker is open.
    pub(super) fn is_open(&self) -> bool {
        self.buckets.contains_key(BREAKER)
    }

    fn open(&mut self) {
        if !self.is_open() {
            self.opened = true;
            let row = Throttle {
                bucket: BREAKER.to_owned(),
                started_ms: self.now_ms,
                marks: "[]".to_owned(),
                // It closes when nothing is held any more, not by time.
                until_ms: i64::MAX,
                ..Throttle::default()
            };
            self.put(row);
        }
    }

    /// Counts a mail about these lists against the limits of its address and against the common ones.
    pub(super) fn spend(&mut self, names: &Names, (list, also): (i64, &[i64]), due_ms: i64) {
        self.mark(
            names,
            Mark {
                list,
                also: also.to_vec(),
                due: due_ms,
            },
        );
        self.spend_common(names, std::iter::once(&list).chain(also));
    }

    /// Counts a mail against the limits of its address.
    pub(super) fn mark(&mut self, names: &Names, mark: Mark) {
        let mut marks = self.marks(&names.address);
        marks.retain(|mark| mark.due > self.now_ms - MONTH_MS);
        marks.push(mark);
        let last = marks.iter().map(|mark| mark.due).max();
        self.put(Throttle {
            bucket: names.address.clone(),
            marks: serde_json::json!(marks).to_string(),
            until_ms: last.unwrap_or(self.now_ms) + MONTH_MS,
            ..Throttle::default()
        });
    }

    /// Counts a mail about these lists against the common limits.
    pub(super) fn spend_common<'a>(
        &mut self,
        names: &Names,
        lists: impl IntoIterator<Item = &'a i64>,
    ) {
        self.count(ALL.to_owned(), self.all);
        for list_id in lists {
            self.count(list_bucket(*list_id), self.list);
        }
        if let Some(bucket) = &names.domain {
            self.count(bucket.clone(), self.domain);
        }
    }

    /// Writes what changed.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), Error> {
        let mut buckets = self.buckets;
        let mut rows: Vec<Throttle> = self
            .changed
            .iter()
            .filter_map(|bucket| buckets.remove(bucket))
            .collect();
        rows.sort_by(|a, b| a.bucket.cmp(&b.bucket));
        if !rows.is_empty() {
            store::throttle::write(tx, &rows).await?;
        }
        Ok(())
    }

    fn used(&self, bucket: &str) -> Used {
        self.buckets
            .get(bucket)
            .map_or_else(Used::default, |row| Used {
                started_ms: row.started_ms,
                used: row.used,
            })
    }

    fn wait_ms(&self, bucket: &str, limit: Limit) -> Option<i64> {
        limit.wait_ms(self.used(bucket), self.now_ms)
    }

    fn count(&mut self, bucket: String, limit: Limit) {
        if limit.most == 0 {
            return;
        }
        let used = limit.count(self.used(&bucket), self.now_ms);
        self.put(Throttle {
            bucket,
            started_ms: used.started_ms,
            used: used.used,
            marks: "[]".to_owned(),
            until_ms: used.started_ms + limit.span_ms,
        });
    }

    fn marks(&self, bucket: &str) -> Vec<Mark> {
        let row = self.buckets.get(bucket);
        row.and_then(|row| serde_json::from_str(&row.marks).ok())
            .unwrap_or_default()
    }

    fn put(&mut self, row: Throttle) {
        self.changed.insert(row.bucket.clone());
        self.buckets.insert(row.bucket.clone(), row);
    }
}
