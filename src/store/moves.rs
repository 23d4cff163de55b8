//! Table `moves`: changes of address. One waits until its new address is confirmed, and from then on tells that the other is a
//! former address of the same person.

use super::consent::Origin;
use super::engine::on;
use super::{Error, Tx};

/// Change m took the subscription to a list away from its old address, which nobody confirmed for that list since: who did is a reader
/// there again.
macro_rules! took {
    ($list:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.from_id AND c.list_id = ",
            $list,
            " AND c.action = 'unsubscribe' AND c.at_ms = m.done_ms)
                AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.from_id AND c.list_id = ",
            $list,
            " AND c.action = 'confirm' AND c.at_ms > m.done_ms)"
        )
    };
}

/// `WITH RECURSIVE places (id, at_ms)`: an address, and those that took its place for a list one after the other since a time, as far
/// as none has anything to do with a digest by itself: one that has goes on from there. That is only where the change confirmed the
/// new address; one that was a reader already stays that reader. Each change is followed once, so circles end.
macro_rules! places {
    ($from:literal, $since:literal, $list:literal, $digest:literal) => {
        concat!(
            "WITH RECURSIVE places (id, at_ms) AS (
                SELECT ",
            $from,
            ", ",
            $since,
            " UNION SELECT m.subscriber_id, m.done_ms FROM places p JOIN moves m ON m.from_id = p.id AND m.done_ms >= p.at_ms
                WHERE ",
            $crate::store::moves::took!($list),
            " AND EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = m.subscriber_id AND c.list_id = ",
            $list,
            " AND c.action = 'confirm' AND c.at_ms = m.done_ms)
                AND NOT EXISTS (SELECT 1 FROM digest_attempts h WHERE h.digest_id = ",
            $digest,
            " AND h.subscriber_id = m.subscriber_id)
                AND NOT EXISTS (SELECT 1 FROM digest_queues q CROSS JOIN digest_deliveries h WHERE q.digest_id = ",
            $digest,
            " AND h.digest_id = q.digest_id AND h.provider_id = q.provider_id AND h.subscriber_id = m.subscriber_id))"
        )
    };
}
pub(super) use {places, took};

/// A change of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Move {
    /// Its row.
    pub id: i64,
    /// The new address.
    pub subscriber_id: i64,
    /// Whose place it takes.
    pub from_id: i64,
    /// When it was confirmed, epoch milliseconds.
    pub done_ms: Option<i64>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The new address and its identity. `None`: it gets no mail, and the same statements write nothing.
    pub to: Option<(&'a str, &'a str)>,
    /// Whose place is taken.
    pub from_id: i64,
    /// The list under whose masthead its mail goes.
    pub list_id: i64,
    /// Now, epoch milliseconds.
    pub now_ms: i64,
    /// When the mail may go.
    pub due_ms: i64,
}

/// Whether a change to this identity waits already.
pub async fn waits(tx: &mut Tx, identity: &str, from_id: i64) -> Result<bool, Error> {
    const SQL: &str = "SELECT m.id FROM moves m JOIN subscribers s ON s.id = m.subscriber_id
        WHERE s.identity = $1 AND m.from_id = $2 AND m.done_ms IS NULL";
    let id: Option<i64> = on!(tx, conn => sqlx::query_scalar(SQL).bind(identity).bind(from_id).fetch_optional(conn).await?);
    Ok(id.is_some())
}

/// Notes a change of address and queues its mail, with one step of the consent ledger for each list that is to go over. Asked for
/// again, it waits on from now.
pub async fn ask(tx: &mut Tx, ask: &Ask<'_>, origin: &Origin) -> Result<(), Error> {
    const SUBSCRIBER: &str = "INSERT INTO subscribers (identity, address, created_ms) SELECT $1, $2, $3 WHERE $1 IS NOT NULL
        ON CONFLICT (identity) DO NOTHING";
    const MOVE: &str = "INSERT INTO moves (subscriber_id, from_id, created_ms) SELECT s.id, $2, $3 FROM subscribers s WHERE s.identity = $1
        ON CONFLICT (subscriber_id, from_id) WHERE done_ms IS NULL DO UPDATE SET created_ms = excluded.created_ms";
    const CONSENTS: &str = "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale)
        SELECT u.list_id, s.id, 'subscribe', 'form', $3, $4, $5, $6, $7 FROM subscribers s JOIN subscriptions u ON u.subscriber_id = $2
        WHERE s.identity = $1 AND u.status = 'confirmed' ORDER BY u.list_id";
    const MAIL: &str = "INSERT INTO deliveries (kind, list_id, subscriber_id, status, created_ms, due_ms, move_id)
        SELECT 'confirmation', $3, s.id, 'queued', $4, $5, m.id FROM subscribers s JOIN moves m ON m.subscriber_id = s.id
        WHERE s.identity = $1 AND m.from_id = $2 AND m.done_ms IS NULL";
    let (identity, address) = ask.to.unzip();
    on!(&mut *tx, conn => sqlx::query(SUBSCRIBER).bind(identity).bind(address).bind(ask.now_ms).execute(conn).await.map(drop)?);
    on!(&mut *tx, conn => sqlx::query(MOVE).bind(identity).bind(ask.from_id).bind(ask.now_ms).execute(conn).await.map(drop)?);
    on!(&mut *tx, conn => sqlx::query(CONSENTS).bind(identity).bind(ask.from_id).bind(ask.now_ms).bind(&origin.ip)
        .bind(&origin.user_agent).bind(&origin.page).bind(&origin.locale).execute(conn).await.map(drop)?);
    on!(tx, conn => sqlx::query(MAIL).bind(identity).bind(ask.from_id).bind(ask.list_id).bind(ask.now_ms).bind(ask.due_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// A change of address.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Move>, Error> {
    const SQL: &str = "SELECT id, subscriber_id, from_id, done_ms FROM moves WHERE id = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(id).fetch_optional(conn).await?))
}

/// The change that a link is about, while it waits.
pub async fn by_link(tx: &mut Tx, hash: &[u8]) -> Result<Option<Move>, Error> {
    const SQL: &str = "SELECT m.id, m.subscriber_id, m.from_id, m.done_ms FROM confirmations k JOIN moves m ON m.id = k.move_id
        WHERE k.token_hash = $1 AND m.done_ms IS NULL";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(hash).fetch_optional(conn).await?))
}

/// A change of address is done; says whether this call did it.
pub async fn finish(tx: &mut Tx, id: i64, now_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "UPDATE moves SET done_ms = $2 WHERE id = $1 AND done_ms IS NULL";
    let rows = on!(tx, conn => sqlx::query(SQL).bind(id).bind(now_ms).execute(conn).await?.rows_affected());
    Ok(rows == 1)
}

/// The former addresses of a subscriber, each with the time of the change, oldest first. One that was confirmed anew since, or gets
/// mail, is a reader of its own again: who moved back, or somebody else whose mailbox it is by now, and be it for a while.
pub async fn former(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<(i64, i64)>, Error> {
    const SQL: &str = "SELECT m.from_id, MAX(m.done_ms) AS moved_ms FROM moves m
        WHERE m.subscriber_id = $1 AND m.done_ms IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.subscriber_id = m.from_id AND u.status = 'confirmed')
            AND NOT EXISTS (SELECT 1 FROM consents c
                WHERE c.subscriber_id = m.from_id AND c.action = 'confirm' AND c.at_ms > m.done_ms)
        GROUP BY m.from_id ORDER BY moved_ms, m.from_id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_all(conn).await?))
}

/// When a subscription ended because its reader moved to another address, epoch milliseconds; `None`: it did not.
pub async fn ended_by(tx: &mut Tx, list_id: i64, subscriber_id: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = concat!(
        "SELECT MAX(m.done_ms) FROM moves m JOIN subscriptions u ON u.list_id = $1 AND u.subscriber_id = m.from_id
            AND u.status = 'unsubscribed' WHERE m.from_id = $2 AND ",
        took!("$1")
    );
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(subscriber_id).fetch_one(conn).await?),
    )
}

/// Up to `most` changes that were asked for at this time or before and never confirmed, and whose mail has had its turn.
pub async fn older_than(tx: &mut Tx, until_ms: i64, most: i64) -> Result<Vec<Move>, Error> {
    const SQL: &str = "SELECT m.id, m.subscriber_id, m.from_id, m.done_ms FROM moves m WHERE m.done_ms IS NULL AND m.created_ms <= $1
            AND NOT EXISTS (SELECT 1 FROM deliveries d
                WHERE d.subscriber_id = m.subscriber_id AND d.move_id = m.id AND d.status = 'queued')
        ORDER BY m.created_ms, m.id LIMIT $2";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(until_ms).bind(most).fetch_all(conn).await?))
}

/// The changes that wait to a subscriber's address, or away from it.
pub async fn waiting(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Move>, Error> {
    const SQL: &str = "SELECT id, subscriber_id, from_id, done_ms FROM moves
        WHERE (subscriber_id = $1 OR from_id = $1) AND done_ms IS NULL ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).fetch_all(conn).await?))
}

/// Takes a change back that nobody confirmed, with its mails and links; of an address that nothing else is known of nothing stays.
pub async fn forget(tx: &mut Tx, waiting: Move) -> Result<(), Error> {
    const MOVE: &str = "DELETE FROM moves WHERE id = $1 AND done_ms IS NULL";
    const OF_MOVE: [&str; 2] = [
        "DELETE FROM confirmations WHERE subscriber_id = $2 AND move_id = $1",
        "DELETE FROM deliveries WHERE subscriber_id = $2 AND move_id = $1",
    ];
    // The ledger of an address without a subscription holds nothing but what this change, or another that waits, asked for.
    const CONSENTS: &str = "DELETE FROM consents WHERE subscriber_id = $1
        AND NOT EXISTS (SELECT 1 FROM subscriptions u WHERE u.subscriber_id = $1 AND u.list_id = consents.list_id)
        AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.subscriber_id = $1 AND m.done_ms IS NULL)";
    let subscriber_id = waiting.subscriber_id;
    let rows = on!(&mut *tx, conn => sqlx::query(MOVE).bind(waiting.id).execute(conn).await?.rows_affected());
    if rows == 0 {
        // Somebody was quicker: it is confirmed, or gone.
        return Ok(());
    }
    for sql in OF_MOVE {
        on!(&mut *tx, conn => sqlx::query(sql).bind(waiting.id).bind(subscriber_id).execute(conn).await.map(drop)?);
    }
    on!(&mut *tx, conn => sqlx::query(CONSENTS).bind(subscriber_id).execute(conn).await.map(drop)?);
    super::subscriber::forget_unless_known(tx, subscriber_id).await
}

/// Copies name, choices and window of one subscriber's subscription to another's. Its time goes along: the digests that were
/// received at the old address count as received.
pub async fn copy(tx: &mut Tx, list_id: i64, from_id: i64, to_id: i64) -> Result<(), Error> {
    const SQL: &str = "UPDATE subscriptions SET name = COALESCE(o.name, subscriptions.name), language = o.language, sections = o.sections, cadence = o.cadence,
            day = o.day, hour = o.hour, zone = o.zone, paused_until_ms = o.paused_until_ms, next_ms = o.next_ms,
            since_ms = o.since_ms, owed = o.owed, changed_ms = o.changed_ms
        FROM subscriptions AS o
        WHERE subscriptions.list_id = $1 AND subscriptions.subscriber_id = $3 AND o.list_id = $1 AND o.subscriber_id = $2";
    on!(tx, conn => sqlx::query(SQL).bind(list_id).bind(from_id).bind(to_id).execute(conn).await.map(drop)?);
    Ok(())
}
