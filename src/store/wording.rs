//! Table `wordings`: the texts that were shown when a consent was given, by the hash that the consent keeps (standards D10).

use super::engine::on;
use super::{Error, Tx};

/// Keeps a text; one that is known stays as it is.
pub async fn keep(tx: &mut Tx, hash: &str, text: &str, now_ms: i64) -> Result<(), Error> {
    const SQL: &str = "INSERT INTO wordings (hash, text, seen_ms) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
    on!(tx, conn => sqlx::query(SQL).bind(hash).bind(text).bind(now_ms).execute(conn).await.map(drop)?);
    Ok(())
}
