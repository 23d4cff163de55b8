//! Table `subscriptions`, as those whom a digest is for: readers with choices in groups of equal ones, and how the window of each
//! goes on when a digest was frozen.
//!
//! Most readers of a list choose nothing. They are the ones for whom every column of choices is NULL; the others are found by an
//! index of their own, and only they cost more than one row of `digest_deliveries`.

use super::choices::rhythm;
use super::engine::on;
use super::{Error, Tx};
use crate::domain::digest::{Audience, LeftOut};

/// Whether a reader chose anything: word for word as in the index `subscriptions_choosers`.
macro_rules! chooses {
    () => {
        "(u.language IS NOT NULL OR u.sections IS NOT NULL OR u.cadence IS NOT NULL OR u.since_ms IS NOT NULL
            OR u.paused_until_ms IS NOT NULL)"
    };
}
pub(super) use chooses;

/// Who may be mailed. Suppressed are few: they are found first, and each subscription is only looked up among them.
macro_rules! may_be_mailed {
    () => {
        "u.list_id = $1 AND u.status = 'confirmed'
            AND u.subscriber_id NOT IN (SELECT s.id FROM suppressions x JOIN subscribers s ON s.identity = x.identity)"
    };
}
pub(super) use may_be_mailed;

/// Whose turn it is: of those with a rhythm, at an hour of $2 to $3. `$rhythmless` is whether the others have theirs.
macro_rules! has_its_turn {
    (list) => {
        "(u.cadence IS NULL OR u.next_ms >= $2 AND u.next_ms <= $3) AND (u.paused_until_ms IS NULL OR u.paused_until_ms <= $3)"
    };
    (own) => {
        "u.next_ms >= $2 AND u.next_ms <= $3 AND (u.paused_until_ms IS NULL OR u.paused_until_ms <= $3)"
    };
}
pub(super) use has_its_turn;

/// A moment at which readers have their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The list.
    pub list_id: i64,
    /// Whether the readers without a rhythm have theirs.
    pub audience: Audience,
    /// Hours before this are too late to be made up.
    pub from_ms: i64,
    /// The moment, epoch milliseconds.
    pub until_ms: i64,
}

/// Readers with equal choices and an equal window.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Group {
    /// The language of their mails.
    pub language: Option<String>,
    /// Their sections, as they are stored.
    pub sections: Option<String>,
    /// When articles were last looked at for them; `None`: by the list's last digest.
    pub since_ms: Option<i64>,
    /// How many they are.
    pub readers: i64,
}

/// The readers with choices who have their turn; the largest group first.
pub async fn groups(tx: &mut Tx, turn: &Turn) -> Result<Vec<Group>, Error> {
    macro_rules! sql {
        ($audience:ident) => {
            concat!(
                "SELECT u.language, u.sections, u.since_ms, COUNT(*) AS readers FROM subscriptions u WHERE ",
                may_be_mailed!(), " AND ", chooses!(), " AND ", has_its_turn!($audience),
                " GROUP BY u.language, u.sections, u.since_ms ORDER BY COUNT(*) DESC, u.since_ms, u.sections, u.language"
            )
        };
    }
    let sql = match turn.audience {
        Audience::List => sql!(list),
        Audience::Own => sql!(own),
    };
    Ok(
        on!(tx, conn => sqlx::query_as(sql).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms).fetch_all(conn).await?),
    )
}

/// How many readers would have had their turn, and why they have not.
pub async fn left_out(tx: &mut Tx, turn: &Turn) -> Result<LeftOut, Error> {
    macro_rules! sql {
        ($rhythmless:literal) => {
            concat!(
                "SELECT CAST(COALESCE(SUM(CASE WHEN u.next_ms < $2 THEN 0 ELSE 1 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN u.next_ms < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                FROM subscriptions u WHERE ", may_be_mailed!(), " AND ", chooses!(),
                " AND (u.next_ms <= $3 ", $rhythmless, ") AND (u.next_ms < $2 OR u.paused_until_ms > $3)"
            )
        };
    }
    let sql = match turn.audience {
        Audience::List => sql!("OR u.cadence IS NULL"),
        Audience::Own => sql!(""),
    };
    let (paused, late): (i64, i64) = on!(tx, conn => sqlx::query_as(sql)
        .bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms).fetch_one(conn).await?);
    Ok(LeftOut {
        paused,
        late,
        nothing_new: 0,
    })
}

/// When the first reader of a list with a rhythm is due.
pub async fn first_due(tx: &mut Tx, list_id: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = "SELECT MIN(next_ms) FROM subscriptions
        WHERE list_id = $1 AND status = 'confirmed' AND next_ms IS NOT NULL";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?))
}

/// What a digest that was just frozen changes in the windows of readers with choices.
#[derive(Debug, Clone, Copy)]
pub struct Frozen {
    /// The digest.
    pub digest_id: i64,
    /// When it looked at the articles.
    pub looked_ms: i64,
    /// When the list's digest before it did.
    pub before_ms: i64,
}

/// Goes on with the windows of readers with choices. Who got the digest has been shown what it looked at; one without a rhythm is
/// again where the list is. Who did not get it, while the list went on, stays where the list was before.
pub async fn go_on(tx: &mut Tx, turn: &Turn, frozen: Frozen) -> Result<(), Error> {
    const GOT: &str = concat!(
        "UPDATE subscriptions AS u SET since_ms = CASE WHEN u.cadence IS NULL THEN NULL ELSE CAST($3 AS BIGINT) END
        WHERE u.list_id = $1 AND ", chooses!(), " AND (u.cadence IS NOT NULL OR u.since_ms IS NOT NULL)
            AND EXISTS (SELECT 1 FROM digest_deliveries d
                WHERE d.digest_id = $2 AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id)"
    );
    const MISSED: &str = concat!(
        "UPDATE subscriptions AS u SET since_ms = $3
        WHERE u.list_id = $1 AND u.status = 'confirmed' AND ", chooses!(), " AND u.since_ms IS NULL
            AND NOT EXISTS (SELECT 1 FROM digest_deliveries d
                WHERE d.digest_id = $2 AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id)"
    );
    if turn.audience == Audience::List {
        on!(&mut *tx, conn => sqlx::query(MISSED).bind(turn.list_id).bind(frozen.digest_id).bind(frozen.before_ms)
            .execute(conn).await.map(drop)?);
    }
    on!(tx, conn => sqlx::query(GOT).bind(turn.list_id).bind(frozen.digest_id).bind(frozen.looked_ms)
        .execute(conn).await.map(drop)?);
    Ok(())
}

/// Cadence, day, hour, zone.
type DueRow = (String, Option<i64>, Option<i64>, Option<String>);

/// Sets the next hour of every reader whose own had come by the turn, whether or not there was a mail: the first after `after_ms`.
pub async fn set_next(tx: &mut Tx, turn: &Turn, after_ms: i64) -> Result<(), Error> {
    const DUE: &str = "SELECT DISTINCT cadence, day, hour, zone FROM subscriptions
        WHERE list_id = $1 AND status = 'confirmed' AND next_ms <= $2 AND cadence IS NOT NULL";
    const SET: &str = "UPDATE subscriptions SET next_ms = $7
        WHERE list_id = $1 AND status = 'confirmed' AND next_ms <= $2 AND cadence = $3 AND day = $4 AND hour = $5 AND zone = $6";
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let due: Vec<DueRow> = on!(&mut *tx, conn => sqlx::query_as(DUE)
        .bind(turn.list_id).bind(turn.until_ms).fetch_all(conn).await?);
    for (cadence, day, hour, zone) in due {
        // A zone that a newer build does not know any more must not hold up everybody's digests.
        let next = rhythm(Some(&cadence), day, hour, zone.as_deref());
        let next = next
            .inspect_err(|error| tracing::error!(list = turn.list_id, %error, "a reader's rhythm cannot be read"))
            .ok()
            .flatten()
            .and_then(|rhythm| rhythm.next_after(after_ms))
            .unwrap_or(after_ms + DAY_MS);
        on!(&mut *tx, conn => sqlx::query(SET).bind(turn.list_id).bind(turn.until_ms)
            .bind(cadence.as_str()).bind(day).bind(hour).bind(zone.as_deref()).bind(next).execute(conn).await.map(drop)?);
    }
    Ok(())
}
