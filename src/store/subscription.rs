//! Table `subscriptions`: subscriber × list.

use super::digest_look::counts;
use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::subscription::SubscriptionStatus;

/// Where a subscription stands, if there is one.
pub async fn status(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
) -> Result<Option<SubscriptionStatus>, Error> {
    const SQL: &str = "SELECT status FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2";
    let word: Option<String> = on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(subscriber_id).fetch_optional(conn).await?);
    word.map(|word| {
        SubscriptionStatus::parse(&word)
            .ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))
    })
    .transpose()
}

/// What becomes of a subscription that is there.
macro_rules! pending_again {
    () => {
        "ON CONFLICT (list_id, subscriber_id) DO UPDATE SET status = 'pending',
            name = COALESCE(excluded.name, subscriptions.name), changed_ms = excluded.changed_ms,
            reminded_ms = CASE WHEN subscriptions.status = 'pending' THEN subscriptions.reminded_ms END,
            language = NULL, sections = NULL, cadence = NULL, day = NULL, hour = NULL, zone = NULL, paused_until_ms = NULL,
            next_ms = NULL, since_ms = NULL, owed = NULL
        WHERE subscriptions.status <> 'confirmed'"
    };
}
pub(super) use pending_again;

/// The domain of an address is cut out by each database in its own way.
const SET_PENDING: Dialect = Dialect {
    sqlite: concat!(
        "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id)
        SELECT $1, $2, 'pending', $3, $4, $4, COALESCE((SELECT p.provider_id FROM subscribers s JOIN provider_domains p
            ON p.domain = substr(s.identity, instr(s.identity, '@') + 1) WHERE s.id = $2), 0) WHERE TRUE ",
        pending_again!()
    ),
    postgres: concat!(
        "INSERT INTO subscriptions (list_id, subscriber_id, status, name, created_ms, changed_ms, provider_id)
        SELECT $1, $2, 'pending', $3, $4, $4, COALESCE((SELECT p.provider_id FROM subscribers s JOIN provider_domains p
            ON p.domain = split_part(s.identity, '@', 2) WHERE s.id = $2), 0) WHERE TRUE ",
        pending_again!()
    ),
};

/// Makes it pending unless it is confirmed; the name is taken only then, so that nobody renames a confirmed reader. Who comes
/// back begins without the choices of before, and with the next digest.
pub async fn set_pending(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    name: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    let sql = SET_PENDING.text(tx);
    on!(tx, conn => sqlx::query(sql).bind(list_id).bind(subscriber_id).bind(name).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// pending → confirmed; says whether this call did it.
pub async fn confirm(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE subscriptions SET status = 'confirmed', changed_ms = $3
        WHERE list_id = $1 AND subscriber_id = $2 AND status = 'pending'";
    change(tx, SQL, list_id, subscriber_id, now_ms).await
}

/// pending or confirmed → unsubscribed; says whether this call did it.
pub async fn unsubscribe(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE subscriptions SET status = 'unsubscribed', changed_ms = $3
        WHERE list_id = $1 AND subscriber_id = $2 AND status <> 'unsubscribed'";
    change(tx, SQL, list_id, subscriber_id, now_ms).await
}

/// confirmed → unsubscribed, and stays where the list is: should it be taken back, what the list went on with meanwhile is new.
/// Says whether this call did it.
pub async fn leave(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    // A list of which none has started is where its first looks from, composed or passed over.
    const SQL: &str = concat!(
        "UPDATE subscriptions SET status = 'unsubscribed', changed_ms = $3, since_ms = COALESCE(since_ms,
            (SELECT MAX(d.composed_ms) FROM digests d WHERE d.list_id = $1 AND d.audience = 'list' AND ",
        counts!(),
        "), (SELECT MIN(d.since_ms) FROM digests d
                WHERE d.list_id = $1 AND d.audience = 'list' AND d.status IN ('ready', 'skipped', 'cancelled')), $3)
        WHERE list_id = $1 AND subscriber_id = $2 AND status = 'confirmed'"
    );
    change(tx, SQL, list_id, subscriber_id, now_ms).await
}

/// unsubscribed → confirmed, with the choices it had, if it was left just at `left_ms`; says whether this call did it. A digest
/// that was just being frozen for it when it was left counts as one that it got.
pub async fn restore(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    left_ms: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    const SQL: &str = "UPDATE subscriptions AS u SET status = 'confirmed', changed_ms = $4,
            since_ms = COALESCE((SELECT MAX(g.composed_ms) FROM digests g JOIN digest_deliveries d ON d.digest_id = g.id
                    AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id
                WHERE g.list_id = u.list_id AND g.composed_ms > u.since_ms
                    AND (g.status <> 'cancelled' OR g.looked IS NOT NULL)), u.since_ms)
        WHERE u.list_id = $1 AND u.subscriber_id = $2 AND u.status = 'unsubscribed' AND u.changed_ms = $3";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(subscriber_id).bind(left_ms).bind(now_ms)
        .execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// The lists that a subscriber is confirmed for, each with the time since when, oldest list first.
pub async fn confirmed_of(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<(i64, i64)>, Error> {
    const SQL: &str = "SELECT list_id, changed_ms FROM subscriptions
        WHERE subscriber_id = $1 AND status = 'confirmed' ORDER BY list_id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_all(conn).await?))
}

async fn change(
    tx: &mut Tx,
    sql: &'static str,
    list_id: i64,
    subscriber_id: i64,
    now_ms: i64,
) -> Result<bool, Error> {
    let rows = on!(tx, conn => sqlx::query(sql).bind(list_id).bind(subscriber_id).bind(now_ms)
        .execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// The subscriptions of a subscriber that have not ended: each one's list, and where it stands.
pub async fn of_subscriber(
    tx: &mut Tx,
    subscriber_id: i64,
) -> Result<Vec<(i64, SubscriptionStatus)>, Error> {
    const SQL: &str = "SELECT list_id, status FROM subscriptions WHERE subscriber_id = $1 AND status <> 'unsubscribed' ORDER BY list_id";
    let rows: Vec<(i64, String)> =
        on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_all(conn).await?);
    rows.into_iter()
        .map(|(list_id, word)| {
            SubscriptionStatus::parse(&word)
                .map(|status| (list_id, status))
                .ok_or_else(|| Error::Corrupt(format!("subscription status `{word}`")))
        })
        .collect()
}

/// How many subscriptions of a list stand in each status: (pending, confirmed, unsubscribed).
pub async fn counts(tx: &mut Tx, list_id: i64) -> Result<(i64, i64, i64), Error> {
    const SQL: &str =
        "SELECT CAST(COALESCE(SUM(CASE WHEN status = 'pending' THEN 1 ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN status = 'confirmed' THEN 1 ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN status = 'unsubscribed' THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM subscriptions WHERE list_id = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(list_id).fetch_one(conn).await?))
}
