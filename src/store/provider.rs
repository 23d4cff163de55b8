//! Tables `providers` and `provider_domains`: which recipients' domains share a mailbox provider's limits (S9).

use super::engine::{Dialect, on};
use super::{Error, Tx};

/// The row of a provider; it is made when it is new. Rows are never taken away: digests that were frozen with one keep it.
pub async fn ensure(tx: &mut Tx, name: &str) -> Result<i64, Error> {
    const SQL: &str = "INSERT INTO providers (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id";
    Ok(on!(tx, conn => sqlx::query_scalar(SQL).bind(name).fetch_one(conn).await?))
}

/// Every provider that there is or was.
pub async fn all(tx: &mut Tx) -> Result<Vec<(i64, String)>, Error> {
    const SQL: &str = "SELECT id, name FROM providers ORDER BY id";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// The domains and the provider of each.
pub async fn domains(tx: &mut Tx) -> Result<Vec<(String, i64)>, Error> {
    const SQL: &str = "SELECT domain, provider_id FROM provider_domains ORDER BY domain";
    Ok(on!(tx, conn => sqlx::query_as(SQL).fetch_all(conn).await?))
}

/// The domain of an address is cut out by each database in its own way.
const ASSIGN: Dialect = Dialect {
    sqlite: "UPDATE subscriptions SET provider_id = COALESCE((SELECT p.provider_id FROM subscribers s JOIN provider_domains p
            ON p.domain = substr(s.identity, instr(s.identity, '@') + 1) WHERE s.id = subscriptions.subscriber_id), 0)",
    postgres: "UPDATE subscriptions SET provider_id = COALESCE((SELECT p.provider_id FROM subscribers s JOIN provider_domains p
            ON p.domain = split_part(s.identity, '@', 2) WHERE s.id = subscriptions.subscriber_id), 0)",
};

/// Puts these domains in the place of all others, and every subscription with its provider.
pub async fn set_domains(tx: &mut Tx, domains: &[(String, i64)]) -> Result<(), Error> {
    const CLEAR: &str = "DELETE FROM provider_domains";
    const INSERT: &str = "INSERT INTO provider_domains (domain, provider_id) VALUES ($1, $2)";
    on!(&mut *tx, conn => sqlx::query(CLEAR).execute(conn).await.map(drop)?);
    for (domain, provider_id) in domains {
        on!(&mut *tx, conn => sqlx::query(INSERT).bind(domain).bind(provider_id).execute(conn).await.map(drop)?);
    }
    let assign = ASSIGN.text(tx);
    on!(tx, conn => sqlx::query(assign).execute(conn).await.map(drop)?);
    Ok(())
}
