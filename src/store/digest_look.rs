//! Table `digests`, as those that have looked at a list's articles: which count, in which order, from where to where, for whom.

use std::collections::BTreeSet;

use super::engine::on;
use super::owed::Owed;
use super::{Error, Tx};

/// Whether what digest d has looked at counts as looked at. It does once d has started, also when d was taken back then (who did
/// not get it is owed it), except by a version that did not keep account of that.
macro_rules! counts {
    () => {
        "d.started_ms IS NOT NULL AND (d.status <> 'cancelled' OR d.looked IS NOT NULL)"
    };
}
pub(super) use counts;

/// The windows for which a digest's articles were looked at; `None`: an older version did not write them down.
pub async fn windows(tx: &mut Tx, id: i64) -> Result<Option<BTreeSet<(i64, Vec<Owed>)>>, Error> {
    const SQL: &str = "SELECT looked FROM digests WHERE id = $1";
    let json: Option<String> =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(id).fetch_one(conn).await?);
    let read = |json: String| {
        serde_json::from_str(&json)
            .map_err(|error| Error::Corrupt(format!("windows of digest {id}: {error}")))
    };
    json.map(read).transpose()
}

/// When a list's articles are looked at that are looked at now: later than ever before, also after the clock has gone back. To be
/// called when the list is locked.
pub async fn now(tx: &mut Tx, list_id: i64, now_ms: i64) -> Result<i64, Error> {
    const SQL: &str = "SELECT MAX(composed_ms) FROM digests WHERE list_id = $1";
    let last: Option<i64> =
        on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?);
    Ok(last.map_or(now_ms, |last| now_ms.max(last + 1)))
}

/// The latest period of a list's schedule that was decided, composed or skipped.
pub async fn latest_period(tx: &mut Tx, list_id: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = "SELECT MAX(period_ms) FROM digests WHERE list_id = $1 AND audience = 'list'";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?))
}

/// What the latest period of a list that has a digest or was skipped looked at (since, until), and whether that counts as looked at.
pub async fn latest_window(tx: &mut Tx, list_id: i64) -> Result<Option<(i64, i64, bool)>, Error> {
    const SQL: &str = concat!(
        "SELECT d.since_ms, d.until_ms, CASE WHEN ",
        counts!(),
        " THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
        FROM digests d WHERE d.list_id = $1 AND d.audience = 'list' ORDER BY d.period_ms DESC LIMIT 1"
    );
    let row: Option<(i64, i64, i64)> =
        on!(tx, conn => sqlx::query_as(SQL).bind(list_id).fetch_optional(conn).await?);
    Ok(row.map(|(since_ms, until_ms, counts)| (since_ms, until_ms, counts == 1)))
}

/// Where a list is: when its last digest looked at the articles, but for digest `but` (0: of all of them).
pub async fn seen(tx: &mut Tx, list_id: i64, but: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = concat!(
        "SELECT MAX(d.composed_ms) FROM digests d WHERE d.list_id = $1 AND d.audience = 'list' AND d.id <> $2 AND ",
        counts!()
    );
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(but).fetch_one(conn).await?))
}

/// Where a list was before a look at its articles.
pub async fn seen_before(tx: &mut Tx, list_id: i64, look_ms: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = concat!(
        "SELECT MAX(d.composed_ms) FROM digests d
        WHERE d.list_id = $1 AND d.audience = 'list' AND d.composed_ms < $2 AND ",
        counts!()
    );
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(look_ms).fetch_one(conn).await?))
}

/// The list's own digest that is composed and has not started, if there is one.
pub async fn ready(tx: &mut Tx, list_id: i64) -> Result<Option<i64>, Error> {
    const SQL: &str =
        "SELECT MIN(id) FROM digests WHERE list_id = $1 AND audience = 'list' AND status = 'ready'";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).fetch_one(conn).await?))
}

/// Whether a digest for readers' own hours cannot be made now: this minute has one already, or one is about to be frozen. One that
/// is held is not waited for: its readers get the next, and nobody is left for it.
pub async fn own_hours_wait(tx: &mut Tx, list_id: i64, minute_ms: i64) -> Result<bool, Error> {
    const SQL: &str = "SELECT COUNT(*) FROM digests
        WHERE list_id = $1 AND (period_ms = $2 OR audience = 'own' AND status = 'ready' AND paused_ms IS NULL)";
    let digests: i64 = on!(tx, conn => sqlx::query_scalar(SQL).bind(list_id).bind(minute_ms).fetch_one(conn).await?);
    Ok(digests > 0)
}
