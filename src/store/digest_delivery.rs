//! Table `digest_deliveries`: who gets a digest, frozen once; and how its deliveries stand, read from their ranges and attempts.

use std::collections::BTreeMap;

use super::audience::{
    Placed, Turn, choosers, chooses, for_audience, has_its_turn, is_of_group, may_be_mailed, placed,
};
use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::digest::Audience;
use crate::domain::range::ByRelay;

/// Freezes the recipients of a digest: one delivery for every confirmed, unsuppressed subscription that has its turn, queued by
/// mailbox provider; those with choices in one of these groups, each with its variant and with what it is owed should the delivery
/// be taken back. To be called once, in the transaction that starts the digest.
pub async fn freeze(
    tx: &mut Tx,
    digest_id: i64,
    turn: &Turn,
    groups: &[Placed],
) -> Result<u64, Error> {
    const ALL: &str = concat!(
        "INSERT INTO digest_deliveries (digest_id, provider_id, subscriber_id)
        SELECT $2, u.provider_id, u.subscriber_id FROM subscriptions u WHERE ",
        may_be_mailed!(),
        " AND NOT ",
        chooses!()
    );
    const QUEUES: &str = "INSERT INTO digest_queues (digest_id, provider_id)
        SELECT DISTINCT digest_id, provider_id FROM digest_deliveries WHERE digest_id = $1";
    const COUNT: &str = "UPDATE digests SET recipients = $2 WHERE id = $1";
    let mut recipients = 0;
    if turn.audience == Audience::List {
        recipients += on!(&mut *tx, conn => sqlx::query(ALL).bind(turn.list_id).bind(digest_id).execute(conn).await?.rows_affected());
    }
    if !groups.is_empty() {
        let choosers = choosers_sql(turn.audience).text(tx);
        let groups = super::audience::placed_json(groups);
        recipients += on!(&mut *tx, conn => sqlx::query(choosers).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms)
            .bind(digest_id).bind(groups.as_str()).execute(conn).await?.rows_affected());
    }
    on!(&mut *tx, conn => sqlx::query(QUEUES).bind(digest_id).execute(conn).await.map(drop)?);
    on!(tx, conn => sqlx::query(COUNT).bind(digest_id).bind(recipients as i64).execute(conn).await.map(drop)?);
    Ok(recipients)
}

/// Freezes readers with choices. Each database has its own way to read a JSON array as a table.
pub(super) const fn choosers_sql(audience: Audience) -> Dialect {
    macro_rules! sql {
        ($database:ident, $audience:ident) => {
            concat!(
                "INSERT INTO digest_deliveries (digest_id, provider_id, subscriber_id, variant_id, owed)
                SELECT $4, u.provider_id, u.subscriber_id, r.variant, NULLIF(r.missed, '') FROM ",
                choosers!($database, $audience), " JOIN ", placed!($database, "$5"), " ON ", is_of_group!(), " WHERE ",
                may_be_mailed!(), " AND ", chooses!(), " AND ", has_its_turn!($audience)
            )
        };
    }
    for_audience!(audience, sql)
}

/// How many subscriptions a digest of the list could be frozen for.
pub async fn recipients(tx: &mut Tx, turn: &Turn) -> Result<i64, Error> {
    const SQL: &str = concat!(
        "SELECT COUNT(*) FROM subscriptions u WHERE ",
        may_be_mailed!(),
        " AND ",
        has_its_turn!(list)
    );
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms).fetch_one(conn).await?),
    )
}

/// The deliveries of a digest by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Still to do.
    pub queued: i64,
    /// Of these, tried before and waiting for another try.
    pub waiting: i64,
    /// Taken by the relay.
    pub sent: i64,
    /// Refused for ever.
    pub failed: i64,
    /// Perhaps taken: the answer was lost.
    pub unknown: i64,
    /// Not sent: the subscriber had left, or the digest was cancelled.
    pub cancelled: i64,
}

#[derive(sqlx::FromRow)]
struct Totals {
    status: String,
    pruned_ms: Option<i64>,
    recipients: i64,
    sent: i64,
    failed: i64,
    unknown: i64,
    cancelled: i64,
}

/// Counts the deliveries of a digest: exact at any moment, from one row for each range and each delivery that was not simply
/// sent; after pruning, from the digest's own row.
pub async fn counts(tx: &mut Tx, digest_id: i64) -> Result<Counts, Error> {
    const DIGEST: &str = "SELECT status, pruned_ms, recipients, sent, failed, unknown, cancelled FROM digests WHERE id = $1";
    const RANGES: &str =
        "SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT) FROM digest_ranges WHERE digest_id = $1";
    const ATTEMPTS: &str =
        "SELECT status, COUNT(*) FROM digest_attempts WHERE digest_id = $1 GROUP BY status";
    let digest: Option<Totals> =
        on!(&mut *tx, conn => sqlx::query_as(DIGEST).bind(digest_id).fetch_optional(conn).await?);
    let Some(digest) = digest else {
        return Ok(Counts::default());
    };
    if digest.pruned_ms.is_some() {
        let Totals {
            sent,
            failed,
            unknown,
            cancelled,
            ..
        } = digest;
        return Ok(Counts {
            sent,
            failed,
            unknown,
            cancelled,
            ..Counts::default()
        });
    }
    let mut counts = Counts {
        sent: on!(&mut *tx, conn => sqlx::query_scalar(RANGES).bind(digest_id).fetch_one(conn).await?),
        ..Counts::default()
    };
    let attempts: Vec<(String, i64)> =
        on!(tx, conn => sqlx::query_as(ATTEMPTS).bind(digest_id).fetch_all(conn).await?);
    for (status, number) in attempts {
        match status.as_str() {
            "waiting" => counts.waiting = number,
            "sent" => counts.sent += number,
            "failed" => counts.failed = number,
            "unknown" => counts.unknown = number,
            "cancelled" => counts.cancelled = number,
            _ => return Err(Error::Corrupt(format!("delivery status `{status}`"))),
        }
    }
    let open = digest.recipients - counts.sent - counts.failed - counts.unknown - counts.cancelled;
    if digest.status == "cancelled" {
        counts.cancelled += open;
        counts.waiting = 0;
    } else {
        counts.queued = open;
    }
    Ok(counts)
}

/// What each relay did for a digest: taken, and refused or not now at the last attempt.
pub async fn by_relay(tx: &mut Tx, digest_id: i64) -> Result<BTreeMap<String, RelayCounts>, Error> {
    const RANGES: &str =
        "SELECT relays, COUNT(*) FROM digest_ranges WHERE digest_id = $1 GROUP BY relays";
    const ATTEMPTS: &str = "SELECT relay, status, COUNT(*) FROM digest_attempts
        WHERE digest_id = $1 AND relay IS NOT NULL GROUP BY relay, status";
    let ranges: Vec<(String, i64)> =
        on!(&mut *tx, conn => sqlx::query_as(RANGES).bind(digest_id).fetch_all(conn).await?);
    let mut relays: BTreeMap<String, RelayCounts> = BTreeMap::new();
    for (json, ranges) in ranges {
        let sent: ByRelay = serde_json::from_str(&json)
            .map_err(|error| Error::Corrupt(format!("relays `{json}`: {error}")))?;
        for (relay, sent) in sent {
            relays.entry(relay).or_default().sent += sent * ranges;
        }
    }
    let attempts: Vec<(String, String, i64)> =
        on!(tx, conn => sqlx::query_as(ATTEMPTS).bind(digest_id).fetch_all(conn).await?);
    for (relay, status, number) in attempts {
        let counts = relays.entry(relay).or_default();
        match status.as_str() {
            "sent" => counts.sent += number,
            "waiting" => counts.waiting += number,
            "failed" => counts.failed += number,
            "unknown" => counts.unknown += number,
            // Cancelled: what the relay said is not why it ended.
            _ => {}
        }
    }
    Ok(relays)
}

/// What one relay did for a digest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct RelayCounts {
    /// Taken.
    pub sent: i64,
    /// Not taken at the last attempt, to be tried again.
    pub waiting: i64,
    /// Refused for ever, or given up.
    pub failed: i64,
    /// Perhaps taken.
    pub unknown: i64,
}

/// One delivery of a digest, as a person looks at it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct State {
    /// Its subscriber.
    pub subscriber_id: i64,
    /// Where it goes; `None`: its reader was erased.
    pub address: Option<String>,
    /// Where it stands.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, epoch milliseconds.
    pub due_ms: Option<i64>,
    /// The last reply's code, when it was not simply sent.
    pub code: Option<i64>,
    /// The last reply, when it was not simply sent.
    pub reply: Option<String>,
}

/// The deliveries of a digest in the order of subscribers, after `after`: in one status, or to one identity, or all.
pub async fn page(
    tx: &mut Tx,
    digest_id: i64,
    status: Option<&str>,
    identity: Option<&str>,
    after: i64,
    most: i64,
) -> Result<Vec<State>, Error> {
    const SQL: &str = "SELECT v.subscriber_id, NULLIF(s.address, '') AS address, v.status, v.attempts, v.due_ms, v.code, v.reply
        FROM digest_delivery_states v JOIN subscribers s ON s.id = v.subscriber_id
        WHERE v.digest_id = $1 AND v.status = COALESCE($2, v.status) AND s.identity = COALESCE($3, s.identity)
            AND v.subscriber_id > $4
        ORDER BY v.subscriber_id LIMIT $5";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(digest_id).bind(status).bind(identity).bind(after).bind(most)
        .fetch_all(conn).await?),
    )
}
