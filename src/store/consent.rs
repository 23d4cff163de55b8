//! Table `consents`: the append-only proof of each step (standards D10, GDPR Art. 7(1)).

use super::engine::on;
use super::{Error, Tx};
use crate::domain::subscription::{ConsentAction, ConsentMethod};

/// One step to prove.
#[derive(Debug, Clone)]
pub struct Consent<'a> {
    /// The list.
    pub list_id: i64,
    /// Who.
    pub subscriber_id: i64,
    /// What was done.
    pub action: ConsentAction,
    /// By which way.
    pub method: ConsentMethod,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// Where from, and on which page.
    pub origin: &'a Origin,
    /// SHA-256 of the wording that was shown, in hexadecimal.
    pub wording: Option<&'a str>,
}

/// Where a step came from, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Origin {
    /// The reader's IP address.
    pub ip: Option<String>,
    /// The reader's program.
    pub user_agent: Option<String>,
    /// The page that held the form.
    pub page: Option<String>,
    /// The language of the page.
    pub locale: Option<String>,
}

/// Adds one step.
pub async fn record(tx: &mut Tx, consent: &Consent<'_>) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO consents (list_id, subscriber_id, action, method, at_ms, ip, user_agent, page, locale, wording)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    on!(tx, conn => sqlx::query(SQL)
        .bind(consent.list_id)
        .bind(consent.subscriber_id)
        .bind(consent.action.as_str())
        .bind(consent.method.as_str())
        .bind(consent.at_ms)
        .bind(&consent.origin.ip)
        .bind(&consent.origin.user_agent)
        .bind(&consent.origin.page)
        .bind(&consent.origin.locale)
        .bind(consent.wording)
        .execute(conn)
        .await
        .map(drop)?);
    Ok(())
}

/// Where the latest sign-up of a subscription came from: what its confirmation mail says of it.
pub async fn latest_origin(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
) -> Result<Option<Origin>, Error> {
    const SQL: &str = "SELECT ip, user_agent, page, locale FROM consents
        WHERE subscriber_id = $1 AND list_id = $2 AND action = 'subscribe' ORDER BY id DESC LIMIT 1";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).bind(list_id).fetch_optional(conn).await?),
    )
}

/// One step as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Recorded {
    /// What was done.
    pub action: String,
    /// By which way.
    pub method: String,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// The reader's IP address.
    pub ip: Option<String>,
    /// SHA-256 of the wording shown, in hexadecimal.
    pub wording: Option<String>,
}

/// All steps of a subscription, oldest first.
pub async fn of(tx: &mut Tx, list_id: i64, subscriber_id: i64) -> Result<Vec<Recorded>, Error> {
    const SQL: &str = "SELECT action, method, at_ms, ip, wording FROM consents
        WHERE subscriber_id = $1 AND list_id = $2 ORDER BY id";
    Ok(
        on!(tx, conn => sqlx::query_as(SQL).bind(subscriber_id).bind(list_id).fetch_all(conn).await?),
    )
}
