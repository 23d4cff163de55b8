//! What readers are owed of digests that were taken back before they reached them: columns `owed` of `subscriptions`, of
//! `digest_deliveries`, and `owes` of `digests`.

use super::engine::on;
use super::{Error, Tx};

/// A digest that did not reach a reader.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Owed(
    /// The digest.
    pub i64,
    /// When articles had been looked at for the reader before it, epoch milliseconds.
    pub i64,
);

/// As it is stored.
pub fn parse(json: Option<&str>) -> Result<Vec<Owed>, Error> {
    let json = json.unwrap_or("[]");
    serde_json::from_str(json).map_err(|error| Error::Corrupt(format!("owed `{json}`: {error}")))
}

/// As it is to be stored.
pub fn json(owed: &[Owed]) -> Result<String, Error> {
    serde_json::to_string(owed).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The digests that were taken back and whose readers are not told yet, with their lists.
pub async fn digests(tx: &mut Tx) -> Result<Vec<(i64, i64)>, Error> {
    const SQL: &str = "SELECT id, list_id FROM digests WHERE owes = 1 ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// Puts down in the subscriptions of a digest's readers what did not reach them, once; says of how many. To be called when the
/// list is locked and no worker holds anything of the digest any more: what has left is known only then.
pub async fn put_down(
    tx: &mut Tx,
    digest_id: i64,
    list_id: i64,
    before_ms: i64,
) -> Result<u64, Error> {
    const DONE: &str = "UPDATE digests SET owes = 0 WHERE id = $1 AND owes = 1";
    // Two arrays become one. Who moved meanwhile is owed it at the new address, unless it has the digest already.
    const READERS: &str = "UPDATE subscriptions AS u SET owed = CASE WHEN u.owed IS NULL THEN x.owed
            ELSE SUBSTR(u.owed, 1, LENGTH(u.owed) - 1) || ',' || SUBSTR(x.owed, 2) END
        FROM (SELECT COALESCE((SELECT m.subscriber_id FROM moves m WHERE m.from_id = d.subscriber_id
                    AND EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.subscriber_id AND c.list_id = $2
                        AND c.action = 'confirm' AND c.at_ms = m.done_ms)
                    AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.from_id AND c.list_id = $2
                        AND c.action = 'confirm' AND c.at_ms > m.done_ms)
                    AND NOT EXISTS (SELECT 1 FROM digest_queues q JOIN digest_deliveries h ON h.digest_id = q.digest_id
                        AND h.provider_id = q.provider_id AND h.subscriber_id = m.subscriber_id WHERE q.digest_id = d.digest_id)
                    ORDER BY m.done_ms DESC LIMIT 1), d.subscriber_id) AS subscriber_id, COALESCE(d.owed, $3) AS owed
            FROM digest_delivery_states v JOIN digest_deliveries d
                ON d.digest_id = v.digest_id AND d.provider_id = v.provider_id AND d.subscriber_id = v.subscriber_id
            WHERE v.digest_id = $1 AND v.status = 'cancelled') AS x
        WHERE u.list_id = $2 AND u.subscriber_id = x.subscriber_id";
    let rows = on!(&mut *tx, conn => sqlx::query(DONE).bind(digest_id).execute(conn).await?.rows_affected());
    if rows == 0 {
        return Ok(0);
    }
    let plain = json(&[Owed(digest_id, before_ms)])?;
    Ok(
        on!(tx, conn => sqlx::query(READERS).bind(digest_id).bind(list_id).bind(plain.as_str())
        .execute(conn).await?.rows_affected()),
    )
}
