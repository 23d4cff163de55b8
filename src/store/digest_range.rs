//! Tables `digest_queues` and `digest_ranges`: the deliveries of a digest handed out in ranges, and how far each range is.
//!
//! A range has one holder. What its holder writes counts only while it is the holder, so a worker that lost its lease and
//! does not know it cannot count a delivery twice.

use super::engine::{Dialect, array, on};
use super::{Error, Tx};
use crate::domain::range::{ByRelay, Range};
use crate::domain::subscription::SubscriptionStatus;

/// Names a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RangeKey {
    /// Its digest.
    pub digest_id: i64,
    /// The mailbox provider of its recipients.
    pub provider_id: i64,
    /// Its first subscriber.
    pub first_id: i64,
}

/// One reader of a leased digest, as the subscription stands now (promise 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The subscriber.
    pub subscriber_id: i64,
    /// Which variant of the digest; 0: the digest's own edition.
    pub variant_id: i64,
    /// Where the mail goes.
    pub address: String,
    /// The reader's name, if given.
    pub name: Option<String>,
    /// The subscription at lease time; `None` when it is gone.
    pub subscription: Option<SubscriptionStatus>,
    /// Whether the address is suppressed at lease time.
    pub suppressed: bool,
}

/// A range that a worker has just taken.
#[derive(Debug)]
pub struct LeasedRange {
    /// Its name.
    pub key: RangeKey,
    /// The digest's list.
    pub list_id: i64,
    /// When the digest started, epoch milliseconds: the Date of its mails.
    pub started_ms: i64,
    /// What is open in it.
    pub range: Range,
    /// The readers whose deliveries are open.
    pub recipients: Vec<Recipient>,
}

/// The readers of digest $1 at provider $2, of list $3, after $4 and up to $5, at most $6.
macro_rules! recipients {
    () => {
        "SELECT d.subscriber_id, d.variant_id, s.address, u.name, u.status,
            CASE WHEN EXISTS (SELECT 1 FROM suppressions x WHERE x.identity = s.identity) THEN 1 ELSE 0 END AS suppressed
        FROM digest_deliveries d
        LEFT JOIN subscribers s ON s.id = d.subscriber_id
        LEFT JOIN subscriptions u ON u.list_id = $3 AND u.subscriber_id = d.subscriber_id
        WHERE d.digest_id = $1 AND d.provider_id = $2 AND d.subscriber_id > $4 AND d.subscriber_id <= $5
            AND NOT EXISTS (SELECT 1 FROM digest_attempts a WHERE a.digest_id = d.digest_id AND a.subscriber_id = d.subscriber_id)
        ORDER BY d.subscriber_id LIMIT $6"
    };
}

/// Subscriber, variant, address, name, subscription, whether suppressed.
type RecipientRow = (
    i64,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
);

fn recipient(row: RecipientRow) -> Result<Recipient, Error> {
    let (subscriber_id, variant_id, address, name, subscription, suppressed) = row;
    let subscription = subscription.map(|word| {
        SubscriptionStatus::parse(&word)
            .ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))
    });
    Ok(Recipient {
        subscriber_id,
        variant_id,
        address: address.unwrap_or_default(),
        name,
        subscription: subscription.transpose()?,
        suppressed: suppressed == 1,
    })
}

/// The rows as one JSON array, which each database makes in its own way: SQLite's driver hands rows over between threads one by
/// one, and that would cost more than all the rest of a lease.
const RECIPIENTS: Dialect = Dialect {
    sqlite: concat!(
        "SELECT json_group_array(json_array(subscriber_id, variant_id, address, name, status, suppressed)) FROM (",
        recipients!(),
        ")"
    ),
    postgres: concat!(
        "SELECT COALESCE(CAST(json_agg(json_build_array(subscriber_id, variant_id, address, name, status, suppressed)) AS TEXT), '[]') FROM (",
        recipients!(),
        ") AS r"
    ),
};

/// The readers of a digest at one provider after `after` and up to `until`; those with an attempt behind them are left out.
async fn recipients(
    tx: &mut Tx,
    key: (i64, i64, i64),
    after: i64,
    until: i64,
    most: i64,
) -> Result<Vec<Recipient>, Error> {
    let (digest_id, provider_id, list_id) = key;
    let sql = RECIPIENTS.text(tx);
    let json: String = on!(tx, conn => sqlx::query_scalar(sql).bind(digest_id).bind(provider_id).bind(list_id)
        .bind(after).bind(until).bind(most).fetch_one(conn).await?);
    let rows: Vec<RecipientRow> = serde_json::from_str(&json)
        .map_err(|error| Error::Corrupt(format!("recipients: {error}")))?;
    rows.into_iter().map(recipient).collect()
}

/// PostgreSQL locks the queue, so that two workers never hand out the same range; SQLite has one writer. It locks the digest as
/// well, which several workers may do at once: who pauses or cancels it waits until this lease is there to be seen, and a digest
/// that is just being decided about is passed over.
const NEXT: Dialect = Dialect {
    sqlite: "SELECT q.digest_id, g.list_id, g.started_ms, q.cursor_id FROM digest_queues q JOIN digests g ON g.id = q.digest_id
        WHERE q.provider_id = $1 AND q.exhausted = 0 AND g.status = 'sending' AND g.paused_ms IS NULL
            AND g.list_id NOT IN (SELECT value FROM json_each($2))
        ORDER BY q.digest_id LIMIT 1",
    postgres: "SELECT q.digest_id, g.list_id, g.started_ms, q.cursor_id FROM digest_queues q JOIN digests g ON g.id = q.digest_id
        WHERE q.provider_id = $1 AND q.exhausted = 0 AND g.status = 'sending' AND g.paused_ms IS NULL
            AND g.list_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($2 AS jsonb)))
        ORDER BY q.digest_id LIMIT 1 FOR SHARE OF g SKIP LOCKED FOR UPDATE OF q",
};

/// Takes the next range of the oldest digest that has readers left at this provider, up to `most` of them; but none of the lists
/// in `not_of`.
pub async fn lease_next(
    tx: &mut Tx,
    worker_id: i64,
    provider_id: i64,
    not_of: &[i64],
    most: i64,
) -> Result<Option<LeasedRange>, Error> {
    const ADVANCE: &str = "UPDATE digest_queues SET cursor_id = $3, exhausted = $4 WHERE digest_id = $1 AND provider_id = $2";
    const INSERT: &str =
        "INSERT INTO digest_ranges (digest_id, provider_id, first_id, last_id, done_id, worker_id)
        VALUES ($1, $2, $3, $4, $5, $6)";
    loop {
        let next = NEXT.text(tx);
        let found: Option<(i64, i64, i64, i64)> = on!(&mut *tx, conn => sqlx::query_as(next)
            .bind(provider_id).bind(array(not_of)).fetch_optional(conn).await?);
        let Some((digest_id, list_id, started_ms, cursor_id)) = found else {
            return Ok(None);
        };
        let key = (digest_id, provider_id, list_id);
        let recipients = recipients(tx, key, cursor_id, i64::MAX, most).await?;
        let exhausted = i64::from((recipients.len() as i64) < most);
        let ends = recipients.first().zip(recipients.last());
        let ends = ends.map(|(first, last)| (first.subscriber_id, last.subscriber_id));
        let cursor_id = ends.map_or(cursor_id, |(_, last_id)| last_id);
        on!(&mut *tx, conn => sqlx::query(ADVANCE).bind(digest_id).bind(provider_id).bind(cursor_id).bind(exhausted)
            .execute(conn).await.map(drop)?);
        let Some((first_id, last_id)) = ends else {
            continue;
        };
        on!(&mut *tx, conn => sqlx::query(INSERT).bind(digest_id).bind(provider_id).bind(first_id).bind(last_id)
            .bind(first_id - 1).bind(worker_id).execute(conn).await.map(drop)?);
        let open = recipients
            .iter()
            .map(|recipient| recipient.subscriber_id)
            .collect();
        return Ok(Some(LeasedRange {
            key: RangeKey {
                digest_id,
                provider_id,
                first_id,
            },
            list_id,
            started_ms,
            range: Range::new(last_id, open, Vec::new(), ByRelay::new()),
            recipients,
        }));
    }
}

/// PostgreSQL passes over ranges that another worker is just taking, and locks the digest as above.
const FREE: Dialect = Dialect {
    sqlite: "SELECT r.digest_id, r.first_id, r.last_id, r.done_id, r.beyond, r.relays, g.list_id, g.started_ms
        FROM digest_ranges r JOIN digests g ON g.id = r.digest_id
        WHERE r.worker_id IS NULL AND r.done_id < r.last_id AND r.provider_id = $1 AND g.status = 'sending' AND g.paused_ms IS NULL
            AND g.list_id NOT IN (SELECT value FROM json_each($2))
        ORDER BY r.digest_id, r.first_id LIMIT 1",
    postgres: "SELECT r.digest_id, r.first_id, r.last_id, r.done_id, r.beyond, r.relays, g.list_id, g.started_ms
        FROM digest_ranges r JOIN digests g ON g.id = r.digest_id
        WHERE r.worker_id IS NULL AND r.done_id < r.last_id AND r.provider_id = $1 AND g.status = 'sending' AND g.paused_ms IS NULL
            AND g.list_id NOT IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($2 AS jsonb)))
        ORDER BY r.digest_id, r.first_id LIMIT 1 FOR SHARE OF g SKIP LOCKED FOR UPDATE OF r SKIP LOCKED",
};

#[derive(sqlx::FromRow)]
struct FreeRow {
    digest_id: i64,
    first_id: i64,
    last_id: i64,
    done_id: i64,
    beyond: String,
    relays: String,
    list_id: i64,
    started_ms: i64,
}

/// Takes over a range that nobody holds and that is not done, of none of the lists in `not_of`: what is open in it.
pub async fn lease_free(
    tx: &mut Tx,
    worker_id: i64,
    provider_id: i64,
    not_of: &[i64],
) -> Result<Option<LeasedRange>, Error> {
    const TAKE: &str = "UPDATE digest_ranges SET worker_id = $4 WHERE digest_id = $1 AND provider_id = $2 AND first_id = $3";
    let free = FREE.text(tx);
    let found: Option<FreeRow> = on!(&mut *tx, conn => sqlx::query_as(free)
        .bind(provider_id).bind(array(not_of)).fetch_optional(conn).await?);
    let Some(row) = found else {
        return Ok(None);
    };
    let key = RangeKey {
        digest_id: row.digest_id,
        provider_id,
        first_id: row.first_id,
    };
    let corrupt = |error: serde_json::Error| Error::Corrupt(format!("range {key:?}: {error}"));
    let beyond: Vec<i64> = serde_json::from_str(&row.beyond).map_err(corrupt)?;
    let sent: ByRelay = serde_json::from_str(&row.relays).map_err(corrupt)?;
    let of = (row.digest_id, provider_id, row.list_id);
    let mut recipients = recipients(tx, of, row.done_id, row.last_id, i64::MAX).await?;
    recipients.retain(|recipient| !beyond.contains(&recipient.subscriber_id));
    on!(tx, conn => sqlx::query(TAKE).bind(key.digest_id).bind(key.provider_id).bind(key.first_id).bind(worker_id)
        .execute(conn).await.map(drop)?);
    let open = recipients
        .iter()
        .map(|recipient| recipient.subscriber_id)
        .collect();
    Ok(Some(LeasedRange {
        key,
        list_id: row.list_id,
        started_ms: row.started_ms,
        range: Range::new(row.last_id, open, beyond, sent),
        recipients,
    }))
}

/// Writes how far a range is; a range that is done is let go. False: this worker does not hold it any more, and nothing was
/// written. The same again changes nothing, so a commit whose answer was lost may be repeated.
pub async fn record(
    tx: &mut Tx,
    worker_id: i64,
    key: RangeKey,
    range: &Range,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE digest_ranges SET done_id = $5, beyond = $6, sent = $7, relays = $8,
            worker_id = CASE WHEN $5 = last_id THEN NULL ELSE worker_id END
        WHERE digest_id = $1 AND provider_id = $2 AND first_id = $3 AND worker_id = $4";
    let corrupt = |error: serde_json::Error| Error::Corrupt(error.to_string());
    let beyond = serde_json::to_string(&range.beyond()).map_err(corrupt)?;
    let relays = serde_json::to_string(range.by_relay()).map_err(corrupt)?;
    let rows = on!(tx, conn => sqlx::query(SQL).bind(key.digest_id).bind(key.provider_id).bind(key.first_id).bind(worker_id)
        .bind(range.done_id()).bind(beyond.as_str()).bind(range.sent()).bind(relays.as_str()).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// Lets go of a range that is not done.
pub async fn free(tx: &mut Tx, worker_id: i64, key: RangeKey) -> Result<(), Error> {
    const SQL: &str = "UPDATE digest_ranges SET worker_id = NULL
        WHERE digest_id = $1 AND provider_id = $2 AND first_id = $3 AND worker_id = $4";
    on!(tx, conn => sqlx::query(SQL).bind(key.digest_id).bind(key.provider_id).bind(key.first_id).bind(worker_id)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// How many leases of a digest any worker holds: ranges and single attempts.
pub async fn held(tx: &mut Tx, digest_id: i64) -> Result<i64, Error> {
    const SQL: &str =
        "SELECT (SELECT COUNT(*) FROM digest_ranges WHERE digest_id = $1 AND worker_id IS NOT NULL)
        + (SELECT COUNT(*) FROM digest_attempts WHERE digest_id = $1 AND worker_id IS NOT NULL)";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(digest_id).fetch_one(conn).await?))
}
