//! What readers are owed of digests that were taken back before they reached them: columns `owed` of `subscriptions`, of
//! `digest_deliveries`, and `owes` of `digests`.

use super::audience::{choosers, chooses};
use super::engine::{Dialect, on};
use super::many;
use super::moves::places;
use super::{Error, Tx, digest_delivery};

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
    many::json(&owed)
}

/// The digests that were taken back and whose readers are not told yet, with their lists.
pub async fn digests(tx: &mut Tx) -> Result<Vec<(i64, i64)>, Error> {
    const SQL: &str = "SELECT id, list_id FROM digests WHERE owes = 1 ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// Whether a digest was taken back and its readers are not told yet.
pub async fn owes(tx: &mut Tx, digest_id: i64) -> Result<bool, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM digests WHERE id = $1 AND owes = 1";
    let owing: i64 =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(digest_id).fetch_one(conn).await?);
    Ok(owing == 1)
}

/// Whether a digest that was taken back can be as if it had never started: nobody got anything of it, nobody has looked at the list's
/// articles since, nothing of it is put down yet, and it was to bring nobody who is where the list is what an earlier one owed.
pub async fn was_nothing(tx: &mut Tx, digest_id: i64) -> Result<bool, Error> {
    const SQL: &str = concat!(
        "SELECT (SELECT COUNT(*) FROM digests d JOIN digests o ON o.list_id = d.list_id AND o.composed_ms > d.composed_ms
            WHERE d.id = $1 AND (o.audience = 'list' OR o.status <> 'skipped'))
        + (SELECT COUNT(*) FROM digest_queues WHERE digest_id = $1 AND (cursor_id > 0 OR exhausted = 1))
        + (SELECT COUNT(*) FROM digest_deliveries d JOIN digests g ON g.id = d.digest_id
            WHERE d.digest_id = $1 AND d.owed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subscriptions u
                WHERE u.list_id = g.list_id AND u.subscriber_id = d.subscriber_id AND ",
        chooses!(),
        "))"
    );
    let counts = digest_delivery::counts(tx, digest_id).await?;
    if counts.sent + counts.failed + counts.unknown > 0 {
        return Ok(false);
    }
    let signs: i64 =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(digest_id).fetch_one(conn).await?);
    Ok(signs == 0)
}

/// Two arrays become one; the second is `$owed`.
macro_rules! together {
    ($owed:literal) => {
        concat!(
            "CASE WHEN u.owed IS NULL THEN ",
            $owed,
            " ELSE SUBSTR(u.owed, 1, LENGTH(u.owed) - 1) || ',' || SUBSTR(",
            $owed,
            ", 2) END"
        )
    };
}

/// The delivery of digest $1 to reader u, whose provider may be another by now. CROSS JOIN keeps SQLite from reading all deliveries
/// of the digest before it asks for the few queues.
macro_rules! delivery {
    () => {
        " FROM digest_queues q CROSS JOIN digest_deliveries d
        WHERE q.digest_id = $1 AND d.digest_id = q.digest_id AND d.provider_id = q.provider_id AND d.subscriber_id = u.subscriber_id"
    };
}

macro_rules! undo {
    ($database:ident) => {
        concat!(
            "UPDATE ",
            choosers!($database, list),
            " SET owed = (SELECT ",
            together!("COALESCE(d.owed, $3)"),
            delivery!(),
            ")
            WHERE u.list_id = $2 AND ",
            chooses!(),
            " AND EXISTS (SELECT 1",
            delivery!(),
            ")"
        )
    };
}

/// What is owed to readers with choices.
const UNDO: Dialect = Dialect {
    sqlite: undo!(sqlite),
    postgres: undo!(postgres),
};

/// PostgreSQL locks readers in the order in which others do who take several.
const LOCK_CHOOSERS: Dialect = Dialect {
    sqlite: "SELECT 1 WHERE $1 = 0",
    postgres: concat!(
        "SELECT 1 FROM subscriptions u WHERE u.list_id = $1 AND ",
        chooses!(),
        " ORDER BY u.subscriber_id FOR NO KEY UPDATE"
    ),
};

/// A digest that was nothing does not count as one that looked at articles any more: the list, and with it everyone who is where the
/// list is, is again where it was before. Readers with choices may have gone on by themselves and are owed it; says how many.
pub async fn undo(tx: &mut Tx, digest_id: i64, list_id: i64, before_ms: i64) -> Result<u64, Error> {
    const UNCOUNT: &str = "UPDATE digests SET looked = NULL, owes = 0 WHERE id = $1";
    let plain = json(&[Owed(digest_id, before_ms)])?;
    let (lock, undo) = (LOCK_CHOOSERS.text(tx), UNDO.text(tx));
    on!(&mut *tx, conn => sqlx::query(UNCOUNT).bind(digest_id).execute(conn).await.map(drop)?);
    on!(&mut *tx, conn => sqlx::query(lock).bind(list_id).execute(conn).await.map(drop)?);
    Ok(
        on!(tx, conn => sqlx::query(undo).bind(digest_id).bind(list_id).bind(plain.as_str())
        .execute(conn).await?.rows_affected()),
    )
}

/// As [`LOCK_CHOOSERS`], the readers of deliveries after $4 and up to $5.
const LOCK: Dialect = Dialect {
    sqlite: "SELECT 1 WHERE $1 + $2 + $3 + $4 + $5 < 0",
    postgres: "SELECT 1 FROM subscriptions u JOIN digest_deliveries d
            ON d.digest_id = $1 AND d.provider_id = $3 AND d.subscriber_id > $4 AND d.subscriber_id <= $5
        WHERE u.list_id = $2 AND u.subscriber_id = d.subscriber_id ORDER BY u.subscriber_id FOR NO KEY UPDATE OF u",
};

/// Puts down in the subscriptions of a digest's next readers, of `most` deliveries, what did not reach them, each once; says whether there are more.
/// The digest's queues, which nobody is served from any more, hold how far it is. To be called when the list is locked and no worker
/// holds anything of the digest any more: what has left is known only then.
pub async fn put_down(
    tx: &mut Tx,
    digest_id: i64,
    list_id: i64,
    before_ms: i64,
    most: i64,
) -> Result<bool, Error> {
    const QUEUE: &str =
        "SELECT provider_id, cursor_id FROM digest_queues WHERE digest_id = $1 AND exhausted = 0
        ORDER BY provider_id LIMIT 1";
    const LAST: &str = "SELECT MAX(c.subscriber_id), COUNT(*) FROM (SELECT subscriber_id FROM digest_deliveries
        WHERE digest_id = $1 AND provider_id = $2 AND subscriber_id > $3 ORDER BY subscriber_id LIMIT $4) AS c";
    // Who moved meanwhile is owed it where they are now, unless they have the digest there already. Few moved.
    const READERS: &str = concat!(
        "UPDATE subscriptions AS u SET owed = ",
        together!("x.owed"),
        "
        FROM (SELECT CASE WHEN EXISTS (SELECT 1 FROM moves o WHERE o.from_id = d.subscriber_id AND o.done_ms IS NOT NULL) THEN (",
        places!("d.subscriber_id", "CAST(0 AS BIGINT)", "$2", "d.digest_id"),
        " SELECT p.id FROM places p JOIN subscriptions s ON s.list_id = $2 AND s.subscriber_id = p.id
                    ORDER BY CASE WHEN s.status = 'confirmed' THEN 0 ELSE 1 END, p.at_ms DESC LIMIT 1)
                ELSE d.subscriber_id END AS subscriber_id, COALESCE(d.owed, $3) AS owed
            FROM digest_delivery_states v JOIN digest_deliveries d
                ON d.digest_id = v.digest_id AND d.provider_id = v.provider_id AND d.subscriber_id = v.subscriber_id
            WHERE v.digest_id = $1 AND v.provider_id = $4 AND v.subscriber_id > $5 AND v.subscriber_id <= $6
                AND v.status = 'cancelled') AS x
        WHERE u.list_id = $2 AND u.subscriber_id = x.subscriber_id"
    );
    const ADVANCE: &str = "UPDATE digest_queues SET cursor_id = $3, exhausted = $4 WHERE digest_id = $1 AND provider_id = $2";
    const DONE: &str = "UPDATE digests SET owes = 0 WHERE id = $1";
    let queue: Option<(i64, i64)> =
        on!(&mut *tx, conn => sqlx::query_as(QUEUE).bind(digest_id).fetch_optional(conn).await?);
    let Some((provider_id, after)) = queue else {
        on!(tx, conn => sqlx::query(DONE).bind(digest_id).execute(conn).await.map(drop)?);
        return Ok(false);
    };
    let (last, found): (Option<i64>, i64) = on!(&mut *tx, conn => sqlx::query_as(LAST).bind(digest_id).bind(provider_id)
        .bind(after).bind(most).fetch_one(conn).await?);
    let last = last.unwrap_or(after);
    let lock = LOCK.text(tx);
    on!(&mut *tx, conn => sqlx::query(lock).bind(digest_id).bind(list_id).bind(provider_id).bind(after).bind(last)
        .execute(conn).await.map(drop)?);
    let plain = json(&[Owed(digest_id, before_ms)])?;
    on!(&mut *tx, conn => sqlx::query(READERS).bind(digest_id).bind(list_id).bind(plain.as_str()).bind(provider_id).bind(after).bind(last)
        .execute(conn).await.map(drop)?);
    on!(tx, conn => sqlx::query(ADVANCE).bind(digest_id).bind(provider_id).bind(last).bind(i64::from(found < most))
        .execute(conn).await.map(drop)?);
    Ok(true)
}
