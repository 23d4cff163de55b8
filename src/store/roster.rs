//! The readers of a list, page by page, with when and how they consented.

use super::engine::on;
use super::{Error, Tx};

/// One reader of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Entry {
    /// The subscriber.
    #[serde(skip)]
    pub subscriber_id: i64,
    /// Where mail goes.
    pub email: String,
    /// How to greet.
    pub name: Option<String>,
    /// Where the subscription stands.
    pub status: String,
    /// Since when, epoch milliseconds.
    pub created_ms: i64,
    /// When its status changed last.
    pub changed_ms: i64,
    /// When the reader confirmed last.
    pub confirmed_ms: Option<i64>,
    /// The page of that consent, or the source of an import.
    pub source: Option<String>,
    /// The language of mails.
    pub language: Option<String>,
}

/// The readers of a list in the order of subscribers, after `after`: in one status, or all.
pub async fn page(
    tx: &mut Tx,
    list_id: i64,
    status: Option<&str>,
    after: i64,
    most: i64,
) -> Result<Vec<Entry>, Error> {
    const SQL: &str = "SELECT u.subscriber_id, s.address AS email, u.name, u.status, u.created_ms, u.changed_ms, c.at_ms AS confirmed_ms,
            c.page AS source, u.language
        FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
        LEFT JOIN consents c ON c.id = (SELECT MAX(x.id) FROM consents x
            WHERE x.subscriber_id = u.subscriber_id AND x.list_id = u.list_id AND x.action = 'confirm')
        WHERE u.list_id = $1 AND u.status = COALESCE($2, u.status) AND u.subscriber_id > $3
        ORDER BY u.subscriber_id LIMIT $4";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(list_id).bind(status).bind(after).bind(most).fetch_all(conn).await?),
    )
}
