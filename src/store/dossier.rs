//! Everything that is kept of one subscriber, read across the tables: what an export holds and `subscriber show` tells.

use std::collections::HashMap;

use super::delivery::further_lists;
use super::engine::on;
use super::{Error, Tx};

/// A subscription with its list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscription {
    /// The list's row.
    pub list_id: i64,
    /// The list's short name.
    pub slug: String,
    /// The list's name.
    pub list_name: String,
    /// Where it stands.
    pub status: String,
    /// The reader's name, if given.
    pub name: Option<String>,
    /// Since when, epoch milliseconds.
    pub created_ms: i64,
    /// When its status changed last.
    pub changed_ms: i64,
    /// With a rhythm of the reader's own: when the next digest is due.
    pub next_ms: Option<i64>,
    /// Why the sign-up is held, as a JSON array of words.
    pub reasons: Option<String>,
    /// Since when it is held.
    pub held_ms: Option<i64>,
}

/// A step of the consent ledger, with the wording that was shown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Consent {
    /// The list's short name.
    pub slug: String,
    /// What was done.
    pub action: String,
    /// By which way.
    pub method: String,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// The reader's IP address, until its retention time is over.
    pub ip: Option<String>,
    /// The reader's program, until then.
    pub user_agent: Option<String>,
    /// The page that held the form, or where an import came from.
    pub page: Option<String>,
    /// The language of the page.
    pub locale: Option<String>,
    /// The hash of the wording shown.
    pub wording: Option<String>,
    /// The wording itself.
    pub text: Option<String>,
}

/// A confirmation that was mailed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Confirmation {
    list_id: i64,
    also: Option<String>,
    /// The change of address that it is about; `None`: a sign-up.
    pub move_id: Option<i64>,
    /// When it was mailed, epoch milliseconds.
    pub created_ms: i64,
    /// Up to when it works.
    pub expires_ms: i64,
    /// When it was used.
    pub used_ms: Option<i64>,
}

impl Confirmation {
    /// The lists that it is about, the one that sent it first.
    pub fn lists(&self) -> Result<Vec<i64>, Error> {
        lists(self.list_id, self.also.as_deref())
    }
}

fn lists(first: i64, also: Option<&str>) -> Result<Vec<i64>, Error> {
    let mut lists = vec![first];
    lists.extend(further_lists(also)?);
    Ok(lists)
}

/// A mail outside digests.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Mail {
    /// The row of the list that sends it.
    pub list_id: i64,
    also: Option<String>,
    /// The change of address that it is about.
    pub move_id: Option<i64>,
    /// What kind of mail.
    pub kind: String,
    /// Where it stands.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued, epoch milliseconds.
    pub created_ms: i64,
    /// When it is tried, or tried again.
    pub due_ms: i64,
    /// When it ended.
    pub done_ms: Option<i64>,
    /// The last reply's code.
    pub code: Option<i64>,
    /// The last reply.
    pub reply: Option<String>,
}

impl Mail {
    /// The lists that it is about, the one that sends it first.
    pub fn lists(&self) -> Result<Vec<i64>, Error> {
        lists(self.list_id, self.also.as_deref())
    }
}

/// A digest that the subscriber was to get.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Digest {
    /// The digest's row.
    pub digest_id: i64,
    /// Names its page.
    pub public_id: String,
    /// The list's row.
    pub list_id: i64,
    /// The list's short name.
    pub slug: String,
    /// Its subject.
    pub subject: String,
    /// When it started, epoch milliseconds.
    pub started_ms: Option<i64>,
    /// Where the delivery stands.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The last reply's code, when it was not simply sent.
    pub code: Option<i64>,
    /// The last reply, when it was not simply sent.
    pub reply: Option<String>,
}

/// Reads all rows of one subscriber.
macro_rules! rows {
    ($tx:expr, $sql:expr, $subscriber_id:expr) => {
        Ok(on!($tx, conn => sqlx::query_as($sql).bind($subscriber_id).fetch_all(conn).await?))
    };
}

/// The short names of all lists, also of those that left the configuration, by their rows.
pub async fn slugs(tx: &mut Tx) -> Result<HashMap<i64, String>, Error> {
    const SQL: &str = "SELECT id, slug FROM lists";
    let rows: Vec<(i64, String)> = on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?);
    Ok(rows.into_iter().collect())
}

/// The subscriptions, by list.
pub async fn subscriptions(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Subscription>, Error> {
    const SQL: &str = "SELECT u.list_id, l.slug, l.name AS list_name, u.status, u.name, u.created_ms, u.changed_ms, u.next_ms,
            q.reasons, q.held_ms
        FROM subscriptions u JOIN lists l ON l.id = u.list_id
        LEFT JOIN quarantine q ON q.list_id = u.list_id AND q.subscriber_id = u.subscriber_id
        WHERE u.subscriber_id = $1 ORDER BY l.slug";
    rows!(tx, SQL, subscriber_id)
}

/// The consent ledger, oldest first.
pub async fn consents(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Consent>, Error> {
    const SQL: &str = "SELECT l.slug, c.action, c.method, c.at_ms, c.ip, c.user_agent, c.page, c.locale, c.wording, w.text
        FROM consents c JOIN lists l ON l.id = c.list_id LEFT JOIN wordings w ON w.hash = c.wording
        WHERE c.subscriber_id = $1 ORDER BY c.id";
    rows!(tx, SQL, subscriber_id)
}

/// The confirmations that were mailed, oldest first.
pub async fn confirmations(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Confirmation>, Error> {
    const SQL: &str = "SELECT list_id, also, move_id, created_ms, expires_ms, used_ms
        FROM confirmations WHERE subscriber_id = $1 ORDER BY created_ms, list_id";
    rows!(tx, SQL, subscriber_id)
}

/// The mails outside digests that are still kept, oldest first.
pub async fn mails(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Mail>, Error> {
    const SQL: &str = "SELECT list_id, also, move_id, kind, status, attempts, created_ms, due_ms, done_ms, code, reply
        FROM deliveries WHERE subscriber_id = $1 ORDER BY created_ms, id";
    rows!(tx, SQL, subscriber_id)
}

/// The digests whose deliveries are still kept one by one, oldest first. Each is found by the key of its deliveries, which begins
/// with digest and provider.
pub async fn digests(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Digest>, Error> {
    const SQL: &str = "SELECT g.id AS digest_id, g.public_id, g.list_id, l.slug, g.subject, g.started_ms, v.status, v.attempts, v.code, v.reply
        FROM digest_delivery_states v JOIN digests g ON g.id = v.digest_id JOIN lists l ON l.id = g.list_id
        WHERE v.subscriber_id = $1 AND v.digest_id IN (SELECT id FROM digests WHERE pruned_ms IS NULL)
            AND v.provider_id IN (SELECT 0 UNION SELECT id FROM providers)
        ORDER BY g.started_ms, v.digest_id";
    rows!(tx, SQL, subscriber_id)
}

/// Why and since when the address is suppressed, epoch milliseconds.
pub async fn suppression(tx: &mut Tx, identity: &str) -> Result<Option<(String, i64)>, Error> {
    const SQL: &str = "SELECT reason, created_ms FROM suppressions WHERE identity = $1";
    Ok(on!(tx, conn => sqlx::query_as(SQL).bind(identity).fetch_optional(conn).await?))
}

/// Addresses that wait for a confirmation to take this one's place, and since when, epoch milliseconds.
pub async fn moves(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<(String, i64)>, Error> {
    const SQL: &str =
        "SELECT s.address, m.created_ms FROM moves m JOIN subscribers s ON s.id = m.subscriber_id
        WHERE m.from_id = $1 AND m.done_ms IS NULL ORDER BY m.created_ms";
    rows!(tx, SQL, subscriber_id)
}

/// Addresses that took this one's place, and when, epoch milliseconds.
pub async fn moved_to(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<(String, i64)>, Error> {
    const SQL: &str =
        "SELECT s.address, m.done_ms FROM moves m JOIN subscribers s ON s.id = m.subscriber_id
        WHERE m.from_id = $1 AND m.done_ms IS NOT NULL ORDER BY m.done_ms";
    rows!(tx, SQL, subscriber_id)
}
