//! Table `subscriptions`, as those whom a digest is for: readers with choices in groups of equal ones, and how the window of each
//! goes on when a digest was frozen.
//!
//! Most readers of a list choose nothing. They are the ones for whom every column of choices is NULL; the others are found by an
//! index of their own, and only they cost more than one row of `digest_deliveries`.

use super::choices::rhythm;
use super::engine::{Dialect, on};
use super::{Error, Tx};
use crate::domain::digest::{Audience, LeftOut};

/// Whether a reader chose anything: word for word as in the index `subscriptions_choosers`.
macro_rules! chooses {
    () => {
        "(u.language IS NOT NULL OR u.sections IS NOT NULL OR u.cadence IS NOT NULL OR u.since_ms IS NOT NULL
            OR u.paused_until_ms IS NOT NULL OR u.owed IS NOT NULL)"
    };
}
pub(super) use chooses;

/// Table u, as those who chose anything are looked for in it. SQLite does not know how few they are, and would read all of a list by
/// its key; those with an own hour it finds by an index of their hours.
macro_rules! choosers {
    (sqlite, list) => {
        "subscriptions AS u INDEXED BY subscriptions_choosers"
    };
    ($database:ident, $audience:ident) => {
        "subscriptions AS u"
    };
}
pub(super) use choosers;

/// A statement for each audience and database.
macro_rules! for_audience {
    ($audience:expr, $sql:ident) => {
        match $audience {
            Audience::List => Dialect {
                sqlite: $sql!(sqlite, list),
                postgres: $sql!(postgres, list),
            },
            Audience::Own => Dialect {
                sqlite: $sql!(sqlite, own),
                postgres: $sql!(postgres, own),
            },
        }
    };
}
pub(super) use for_audience;

/// Who may be mailed. PostgreSQL joins the suppressed once, however many they are (for NOT IN it would compare each subscription
/// with all of them, once they are too many for a table in memory); SQLite has two look-ups for each subscription.
macro_rules! may_be_mailed {
    () => {
        "u.list_id = $1 AND u.status = 'confirmed' AND NOT EXISTS (SELECT 1 FROM suppressions x
            JOIN subscribers s ON s.identity = x.identity WHERE s.id = u.subscriber_id)"
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
    /// The digests that they are owed, as they are stored.
    pub owed: Option<String>,
    /// How many they are.
    pub readers: i64,
}

/// A group that gets a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The group.
    pub group: Group,
    /// Which variant it gets; 0: the digest's own edition.
    pub variant_id: i64,
    /// What it is owed should the delivery be taken back, as it is stored.
    pub missed: String,
}

/// Groups as one JSON parameter. What is not chosen stands for itself, so that they are joined by equality.
pub(super) fn placed_json(placed: &[Placed]) -> String {
    let rows = placed.iter().map(|placed| {
        let group = &placed.group;
        serde_json::json!({
            "language": group.language.as_deref().unwrap_or(""), "sections": group.sections.as_deref().unwrap_or(""),
            "since_ms": group.since_ms.unwrap_or(-1), "owed": group.owed.as_deref().unwrap_or(""),
            "variant": placed.variant_id, "missed": placed.missed,
        })
    });
    rows.collect::<serde_json::Value>().to_string()
}

/// The groups of a JSON parameter as table r. Each database has its own way to read a JSON array as a table.
macro_rules! placed {
    (sqlite, $json:literal) => {
        concat!(
            "(SELECT value ->> 'language' AS language, value ->> 'sections' AS sections, value ->> 'since_ms' AS since_ms,
                value ->> 'owed' AS owed, value ->> 'variant' AS variant, value ->> 'missed' AS missed FROM json_each(",
            $json,
            ")) AS r"
        )
    };
    (postgres, $json:literal) => {
        concat!(
            "jsonb_to_recordset(CAST(",
            $json,
            " AS jsonb)) AS r(language TEXT, sections TEXT, since_ms BIGINT, owed TEXT, variant BIGINT, missed TEXT)"
        )
    };
}
pub(super) use placed;

/// Whether subscription u is of group r.
macro_rules! is_of_group {
    () => {
        "COALESCE(u.language, '') = r.language AND COALESCE(u.sections, '') = r.sections
            AND COALESCE(u.since_ms, -1) = r.since_ms AND COALESCE(u.owed, '') = r.owed"
    };
}
pub(super) use is_of_group;

const fn groups_sql(audience: Audience) -> Dialect {
    macro_rules! sql {
        ($database:ident, $audience:ident) => {
            concat!(
                "SELECT u.language, u.sections, u.since_ms, u.owed, COUNT(*) AS readers FROM ",
                choosers!($database, $audience),
                " WHERE ",
                may_be_mailed!(),
                " AND ",
                chooses!(),
                " AND ",
                has_its_turn!($audience),
                " GROUP BY u.language, u.sections, u.since_ms, u.owed
                ORDER BY COUNT(*) DESC, u.since_ms, u.sections, u.language, u.owed"
            )
        };
    }
    for_audience!(audience, sql)
}

/// The readers with choices who have their turn; the largest group first.
pub async fn groups(tx: &mut Tx, turn: &Turn) -> Result<Vec<Group>, Error> {
    let sql = groups_sql(turn.audience).text(tx);
    Ok(
        on!(tx, conn => sqlx::query_as(sql).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms).fetch_all(conn).await?),
    )
}

const fn left_out_sql(audience: Audience) -> Dialect {
    macro_rules! come {
        (list) => {
            "(u.next_ms <= $3 OR u.cadence IS NULL)"
        };
        (own) => {
            "u.next_ms <= $3"
        };
    }
    macro_rules! sql {
        ($database:ident, $audience:ident) => {
            concat!(
                "SELECT CAST(COALESCE(SUM(CASE WHEN u.next_ms < $2 THEN 0 ELSE 1 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN u.next_ms < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                FROM ", choosers!($database, $audience), " WHERE ", may_be_mailed!(), " AND ", chooses!(), " AND ",
                come!($audience), " AND (u.next_ms < $2 OR u.paused_until_ms > $3)"
            )
        };
    }
    for_audience!(audience, sql)
}

/// How many readers would have had their turn, and why they have not.
pub async fn left_out(tx: &mut Tx, turn: &Turn) -> Result<LeftOut, Error> {
    let sql = left_out_sql(turn.audience).text(tx);
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

/// Whose turn it is, of those with choices, as one that changes them is written.
macro_rules! changes {
    ($set:literal, $database:ident, $audience:ident, $more:expr) => {
        concat!(
            "UPDATE ",
            choosers!($database, $audience),
            " SET ",
            $set,
            " WHERE u.list_id = $1 AND u.status = 'confirmed' AND ",
            chooses!(),
            " AND ",
            has_its_turn!($audience),
            $more
        )
    };
}

/// Who got the digest.
const fn got_sql(audience: Audience) -> Dialect {
    macro_rules! sql {
        ($database:ident, $audience:ident) => {
            changes!(
                "since_ms = CASE WHEN u.cadence IS NULL AND COALESCE(u.since_ms, $5) <= $5 THEN NULL
                    WHEN COALESCE(u.since_ms, $5) <= $5 THEN CAST($5 AS BIGINT) ELSE u.since_ms END, owed = NULL",
                $database,
                $audience,
                " AND (u.cadence IS NOT NULL OR u.since_ms IS NOT NULL OR u.owed IS NOT NULL)
                    AND EXISTS (SELECT 1 FROM digest_deliveries d
                        WHERE d.digest_id = $4 AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id)"
            )
        };
    }
    for_audience!(audience, sql)
}

/// Who would find nothing in the digest.
const fn empty_sql(audience: Audience) -> Dialect {
    macro_rules! sql {
        ($database:ident, $audience:ident) => {
            changes!(
                "since_ms = CASE WHEN COALESCE(u.since_ms, $4) <= $4 THEN CAST($4 AS BIGINT) ELSE u.since_ms END, owed = NULL",
                $database,
                $audience,
                concat!(" AND EXISTS (SELECT 1 FROM ", placed!($database, "$5"), " WHERE ", is_of_group!(), ")")
            )
        };
    }
    for_audience!(audience, sql)
}

macro_rules! missed {
    ($database:ident) => {
        concat!(
            "UPDATE ", choosers!($database, list), " SET since_ms = $3
            WHERE u.list_id = $1 AND u.status = 'confirmed' AND ", chooses!(), " AND u.since_ms IS NULL
                AND NOT EXISTS (SELECT 1 FROM digest_deliveries d
                    WHERE d.digest_id = $2 AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id)"
        )
    };
}

/// Who did not get it.
const MISSED: Dialect = Dialect {
    sqlite: missed!(sqlite),
    postgres: missed!(postgres),
};

/// Goes on with the windows of readers with choices who have their turn. Who got the digest has been shown what it looked at, and
/// so has who would find nothing in it (`empty`); one without a rhythm who got it is again where the list is. Nobody goes back:
/// who got a later one meanwhile stays there. Who did not get it, while the list went on, stays where the list was before.
pub async fn go_on(
    tx: &mut Tx,
    turn: &Turn,
    frozen: Frozen,
    empty: &[Placed],
) -> Result<(), Error> {
    if !empty.is_empty() {
        let sql = empty_sql(turn.audience).text(tx);
        on!(&mut *tx, conn => sqlx::query(sql).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms)
            .bind(frozen.looked_ms).bind(placed_json(empty)).execute(conn).await.map(drop)?);
    }
    if turn.audience == Audience::List {
        let sql = MISSED.text(tx);
        on!(&mut *tx, conn => sqlx::query(sql).bind(turn.list_id).bind(frozen.digest_id).bind(frozen.before_ms)
            .execute(conn).await.map(drop)?);
    }
    let sql = got_sql(turn.audience).text(tx);
    on!(tx, conn => sqlx::query(sql).bind(turn.list_id).bind(turn.from_ms).bind(turn.until_ms).bind(frozen.digest_id)
        .bind(frozen.looked_ms).execute(conn).await.map(drop)?);
    Ok(())
}

/// Cadence, day, hour, zone.
type DueRow = (String, Option<i64>, Option<i64>, Option<String>);

/// Sets the next hour of every reader whose own had come by the turn, whether or not there was a mail: the first after `after_ms`.
/// With `got`, of those alone that are frozen into this digest: the others have their turn again.
pub async fn set_next(
    tx: &mut Tx,
    turn: &Turn,
    after_ms: i64,
    got: Option<i64>,
) -> Result<(), Error> {
    const DUE: &str = "SELECT DISTINCT cadence, day, hour, zone FROM subscriptions
        WHERE list_id = $1 AND status = 'confirmed' AND next_ms <= $2 AND cadence IS NOT NULL";
    const SET: &str = "UPDATE subscriptions AS u SET next_ms = $7
        WHERE u.list_id = $1 AND u.status = 'confirmed' AND u.next_ms <= $2 AND u.cadence = $3 AND u.day = $4 AND u.hour = $5
            AND u.zone = $6 AND ($8 = 0 OR EXISTS (SELECT 1 FROM digest_deliveries d
                WHERE d.digest_id = $8 AND d.provider_id = u.provider_id AND d.subscriber_id = u.subscriber_id))";
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
            .bind(cadence.as_str()).bind(day).bind(hour).bind(zone.as_deref()).bind(next).bind(got.unwrap_or(0)).execute(conn).await.map(drop)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, digest_delivery, migrate};

    /// A million readers without choices cost nothing where those with choices are looked for.
    #[tokio::test]
    async fn sqlite_finds_readers_with_choices_by_their_index() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("plan.db").display());
        let database = Database::connect(&crate::store::Settings::new(url))
            .await
            .unwrap();
        migrate::run(&database).await.unwrap();
        let mut tx = database.read().await.unwrap();
        for audience in [Audience::List, Audience::Own] {
            let (index, missed) = match audience {
                Audience::List => ("USING INDEX subscriptions_choosers", Some(MISSED)),
                Audience::Own => ("USING INDEX subscriptions_due", None),
            };
            let statements = [
                groups_sql(audience),
                left_out_sql(audience),
                got_sql(audience),
                empty_sql(audience),
                digest_delivery::choosers_sql(audience),
            ];
            for sql in statements.into_iter().chain(missed) {
                let explain = format!("EXPLAIN QUERY PLAN {}", sql.sqlite);
                let plan: Vec<(i64, i64, i64, String)> = on!(&mut tx, conn => sqlx::query_as(sqlx::AssertSqlSafe(explain))
                    .fetch_all(conn).await.unwrap());
                let plan: Vec<String> = plan.into_iter().map(|row| row.3).collect();
                assert!(
                    plan.iter().any(|step| step.contains(index)),
                    "{}: {plan:#?}",
                    sql.sqlite
                );
            }
        }
    }
}
