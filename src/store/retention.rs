//! What is forgotten when its time is over: the traces of readers' devices, used-up limits, spent proofs of work.

use super::engine::{Dialect, array, on};
use super::{Error, Tx};

/// Takes IP addresses and user agents out of up to `most` consents from before this time; the consents stay.
pub async fn traces(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const SQL: &str = "UPDATE consents SET ip = NULL, user_agent = NULL WHERE id IN (
        SELECT id FROM consents WHERE at_ms < $1 AND (ip IS NOT NULL OR user_agent IS NOT NULL) ORDER BY at_ms LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(before_ms).bind(most).execute(conn).await?.rows_affected()),
    )
}

/// How far a walk over the sign-ups that wait for their confirmation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Place {
    changed_ms: i64,
    list_id: i64,
    subscriber_id: i64,
}

impl Place {
    /// Before the first.
    pub const START: Self = Self {
        changed_ms: i64::MIN,
        list_id: 0,
        subscriber_id: 0,
    };
}

/// Where the page of up to `most` sign-ups behind a place ends; `None`: there are none.
pub async fn page_end(tx: &mut Tx, after: Place, most: i64) -> Result<Option<Place>, Error> {
    const SQL: &str = "SELECT changed_ms, list_id, subscriber_id FROM (
            SELECT changed_ms, list_id, subscriber_id FROM subscriptions
            WHERE status = 'pending' AND (changed_ms, list_id, subscriber_id) > ($1, $2, $3)
            ORDER BY changed_ms, list_id, subscriber_id LIMIT $4) AS page
        ORDER BY changed_ms DESC, list_id DESC, subscriber_id DESC LIMIT 1";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(after.changed_ms).bind(after.list_id).bind(after.subscriber_id).bind(most)
        .fetch_optional(conn).await?),
    )
}

/// Consents from before this time that still hold traces, of the sign-ups behind one place and up to another.
pub async fn pending_traces(
    tx: &mut Tx,
    before_ms: i64,
    after: Place,
    to: Place,
) -> Result<Vec<i64>, Error> {
    const SQL: &str = "SELECT c.id FROM subscriptions u JOIN consents c ON c.subscriber_id = u.subscriber_id AND c.list_id = u.list_id
        WHERE u.status = 'pending' AND (u.changed_ms, u.list_id, u.subscriber_id) > ($2, $3, $4)
            AND (u.changed_ms, u.list_id, u.subscriber_id) <= ($5, $6, $7)
            AND c.at_ms < $1 AND (c.ip IS NOT NULL OR c.user_agent IS NOT NULL)";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(before_ms)
        .bind(after.changed_ms).bind(after.list_id).bind(after.subscriber_id)
        .bind(to.changed_ms).bind(to.list_id).bind(to.subscriber_id).fetch_all(conn).await?))
}

/// Up to `most` such consents of changes of address that wait, to addresses without a subscription.
pub async fn traces_of_moves(tx: &mut Tx, before_ms: i64, most: i64) -> Result<Vec<i64>, Error> {
    const SQL: &str = "SELECT DISTINCT c.id FROM moves m JOIN consents c ON c.subscriber_id = m.subscriber_id
        WHERE m.done_ms IS NULL AND c.at_ms < $1 AND (c.ip IS NOT NULL OR c.user_agent IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.list_id = c.list_id AND u.subscriber_id = c.subscriber_id)
        LIMIT $2";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(before_ms).bind(most).fetch_all(conn).await?))
}

const CLEAR: Dialect = Dialect {
    sqlite: "UPDATE consents SET ip = NULL, user_agent = NULL WHERE id IN (SELECT value FROM json_each($1))
        AND NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.list_id = consents.list_id AND u.subscriber_id = consents.subscriber_id
            AND u.status <> 'pending')",
    postgres: "UPDATE consents SET ip = NULL, user_agent = NULL
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS jsonb)))
        AND NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.list_id = consents.list_id AND u.subscriber_id = consents.subscriber_id
            AND u.status <> 'pending')",
};

/// Takes the traces out of these consents, but for those that were confirmed meanwhile.
pub async fn clear(tx: &mut Tx, consents: &[i64]) -> Result<u64, Error> {
    let sql = CLEAR.text(tx);
    Ok(on!(tx, conn => sqlx::query(sql).bind(array(consents)).execute(conn).await?.rows_affected()))
}

/// Deletes up to `most` limits that are not used up any more, and as many proofs of work that have expired. One that is used again
/// while we wait for its row stays.
pub async fn spent(tx: &mut Tx, now_ms: i64, most: i64) -> Result<u64, Error> {
    const THROTTLES: &str = "DELETE FROM throttles WHERE bucket IN (SELECT bucket FROM throttles WHERE until_ms <= $1 LIMIT $2)
        AND until_ms <= $1";
    const CHALLENGES: &str = "DELETE FROM spent_challenges WHERE challenge IN (
        SELECT challenge FROM spent_challenges WHERE expires_ms <= $1 LIMIT $2)";
    let throttles = on!(&mut *tx, conn => sqlx::query(THROTTLES).bind(now_ms).bind(most).execute(conn).await?.rows_affected());
    let challenges = on!(tx, conn => sqlx::query(CHALLENGES).bind(now_ms).bind(most).execute(conn).await?.rows_affected());
    Ok(throttles + challenges)
}
