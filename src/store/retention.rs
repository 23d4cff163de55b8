//! What is forgotten when its time is over: the traces of readers' devices, used-up limits, spent proofs of work.

use super::engine::on;
use super::{Error, Tx};

/// Takes IP addresses and user agents out of up to `most` consents from before this time; the consents stay.
pub async fn traces(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const SQL: &str = "UPDATE consents SET ip = NULL, user_agent = NULL WHERE id IN (
        SELECT id FROM consents WHERE at_ms < $1 AND (ip IS NOT NULL OR user_agent IS NOT NULL) ORDER BY at_ms LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(before_ms).bind(most).execute(conn).await?.rows_affected()),
    )
}

/// The same, of subscriptions that are still to be confirmed.
pub async fn pending_traces(tx: &mut Tx, before_ms: i64, most: i64) -> Result<u64, Error> {
    const SQL: &str = "UPDATE consents SET ip = NULL, user_agent = NULL WHERE id IN (
        SELECT c.id FROM consents c JOIN subscriptions u ON u.list_id = c.list_id AND u.subscriber_id = c.subscriber_id
        WHERE u.status = 'pending' AND c.at_ms < $1 AND (c.ip IS NOT NULL OR c.user_agent IS NOT NULL) LIMIT $2)";
    Ok(
        on!(tx, conn => sqlx::query(SQL).bind(before_ms).bind(most).execute(conn).await?.rows_affected()),
    )
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
