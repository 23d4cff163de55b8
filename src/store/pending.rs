//! Sign-ups that nobody confirmed, across the tables that know of them: which are to be reminded, which are to go, and that
//! nothing of them is left.

use super::delivery::is_about;
use super::engine::{Dialect, on};
use super::{Error, Tx};

/// A subscription that waits for its confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Pending {
    /// Its list.
    pub list_id: i64,
    /// Who signed up.
    pub subscriber_id: i64,
}

/// PostgreSQL passes over a sign-up that is just being changed or reminded; SQLite has one writer and no such clause.
macro_rules! forgotten_by_their_readers {
    ($lock:literal) => {
        concat!(
            "SELECT u.list_id, u.subscriber_id FROM subscriptions u
            WHERE u.status = 'pending' AND u.changed_ms > $1 AND u.changed_ms <= $2 AND u.reminded_ms IS NULL
                AND NOT EXISTS (SELECT 1 FROM subscribers s JOIN suppressions x ON x.identity = s.identity WHERE s.id = u.subscriber_id)
                AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.list_id = u.list_id AND q.subscriber_id = u.subscriber_id)
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = u.subscriber_id
                    AND d.status = 'queued' AND d.move_id IS NULL AND ",
            is_about!("d", "u.list_id"),
            ")
            ORDER BY u.changed_ms LIMIT $3",
            $lock
        )
    };
}

const TO_REMIND: Dialect = Dialect {
    sqlite: forgotten_by_their_readers!(""),
    postgres: forgotten_by_their_readers!(" FOR UPDATE OF u SKIP LOCKED"),
};

/// Up to `most` sign-ups made after `after_ms` and up to `until_ms` that were never reminded. None is held in quarantine, suppressed,
/// or waits for its first mail.
pub async fn to_remind(
    tx: &mut Tx,
    after_ms: i64,
    until_ms: i64,
    most: i64,
) -> Result<Vec<Pending>, Error> {
    let sql = TO_REMIND.text(tx);
    Ok(
        on!(tx, conn => sqlx::query_as(sql).bind(after_ms).bind(until_ms).bind(most).fetch_all(conn).await?),
    )
}

/// Notes that a sign-up has had its reminder.
pub async fn mark_reminded(tx: &mut Tx, pending: Pending, now_ms: i64) -> Result<(), Error> {
    const SQL: &str =
        "UPDATE subscriptions SET reminded_ms = $3 WHERE list_id = $1 AND subscriber_id = $2";
    on!(tx, conn => sqlx::query(SQL).bind(pending.list_id).bind(pending.subscriber_id).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Of which sign-up a mail is the reminder: when that was made. `None`: the mail queued at `queued_ms` is no reminder, because it is
/// older, or because its reader has asked for one since.
pub async fn reminded_of(
    tx: &mut Tx,
    pending: Pending,
    queued_ms: i64,
) -> Result<Option<i64>, Error> {
    const SQL: &str = "SELECT changed_ms FROM subscriptions
        WHERE list_id = $1 AND subscriber_id = $2 AND reminded_ms <= $3 AND changed_ms < reminded_ms";
    Ok(
        on!(tx, conn => sqlx::query_scalar(SQL).bind(pending.list_id).bind(pending.subscriber_id).bind(queued_ms)
        .fetch_optional(conn).await?),
    )
}

/// A sign-up whose mail is still to go, as of a long import, or on the wire, stays. On PostgreSQL one that is just being changed is passed over; its subscriber is locked
/// too, before anything is deleted, as a sign-up locks them: one that comes meanwhile waits, and then begins anew.
macro_rules! older_than {
    ($lock:literal) => {
        concat!(
            "SELECT u.list_id, u.subscriber_id FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
            WHERE u.status = 'pending' AND u.changed_ms <= $1
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = u.subscriber_id
                    AND d.status = 'queued' AND d.move_id IS NULL AND ",
            is_about!("d", "u.list_id"),
            ")
            ORDER BY u.changed_ms LIMIT $2",
            $lock
        )
    };
}

const OLDER_THAN: Dialect = Dialect {
    sqlite: older_than!(""),
    postgres: older_than!(" FOR UPDATE OF u, s SKIP LOCKED"),
};

/// Up to `most` sign-ups that were made at this time or before.
pub async fn older_than(tx: &mut Tx, until_ms: i64, most: i64) -> Result<Vec<Pending>, Error> {
    let sql = OLDER_THAN.text(tx);
    Ok(on!(tx, conn => sqlx::query_as(sql).bind(until_ms).bind(most).fetch_all(conn).await?))
}

/// PostgreSQL waits for whoever is just confirming it, in the order in which they lock; SQLite has one writer.
const STILL_PENDING: Dialect = Dialect {
    sqlite: "SELECT 1 FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2 AND status = 'pending'",
    postgres: "SELECT CAST(1 AS BIGINT) FROM subscriptions
        WHERE list_id = $1 AND subscriber_id = $2 AND status = 'pending' FOR UPDATE",
};

/// The rows that are about a sign-up, and about no other list that the subscriber waits for or reads: a form's link stays for the
/// others. A change of address to the same mailbox is a wish of its own, with links of its own.
macro_rules! delete_of_it_alone {
    ($table:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE subscriber_id = $2 AND move_id IS NULL AND ",
            is_about!($table, "$1"),
            " AND NOT EXISTS (SELECT 1 FROM subscriptions o WHERE o.subscriber_id = $2 AND o.list_id <> $1
                AND o.status <> 'unsubscribed' AND ",
            is_about!($table, "o.list_id"),
            ")"
        )
    };
}

/// Takes a sign-up back, unless it was confirmed meanwhile. Who had been a reader before is one who left; of anybody else nothing stays, and the subscriber goes when
/// nothing else refers to them.
pub async fn forget(tx: &mut Tx, pending: Pending, now_ms: i64) -> Result<(), Error> {
    const DROP: [&str; 2] = [
        delete_of_it_alone!("confirmations"),
        "DELETE FROM quarantine WHERE list_id = $1 AND subscriber_id = $2",
    ];
    const LEAVE: &str = "UPDATE subscriptions SET status = 'unsubscribed', changed_ms = $3
        WHERE list_id = $1 AND subscriber_id = $2 AND status = 'pending'
            AND EXISTS (SELECT 1 FROM consents c WHERE c.subscriber_id = $2 AND c.list_id = $1 AND c.action <> 'subscribe')";
    const ALL: [&str; 3] = [
        "DELETE FROM consents WHERE list_id = $1 AND subscriber_id = $2
            AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.subscriber_id = $2 AND m.done_ms IS NULL)",
        delete_of_it_alone!("deliveries"),
        "DELETE FROM subscriptions WHERE list_id = $1 AND subscriber_id = $2 AND status = 'pending'",
    ];
    let (list_id, subscriber_id) = (pending.list_id, pending.subscriber_id);
    let still = STILL_PENDING.text(tx);
    let still: Option<i64> = on!(&mut *tx, conn => sqlx::query_scalar(still).bind(list_id).bind(subscriber_id)
        .fetch_optional(conn).await?);
    if still.is_none() {
        return Ok(());
    }
    for sql in DROP {
        delete(tx, sql, pending).await?;
    }
    let left = on!(&mut *tx, conn => sqlx::query(LEAVE).bind(list_id).bind(subscriber_id).bind(now_ms)
        .execute(conn).await?.rows_affected());
    if left > 0 {
        return Ok(());
    }
    for sql in ALL {
        delete(tx, sql, pending).await?;
    }
    super::subscriber::forget_unless_known(tx, subscriber_id).await
}

async fn delete(tx: &mut Tx, sql: &'static str, pending: Pending) -> Result<(), Error> {
    on!(tx, conn => sqlx::query(sql).bind(pending.list_id).bind(pending.subscriber_id).execute(conn).await.map(drop)?);
    Ok(())
}
