//! Table `quarantine`: sign-ups that are held until a person has looked.

use super::engine::on;
use super::{Error, Tx};

/// Holds a sign-up for these reasons; one that is held already keeps its time and gets the new reasons.
pub async fn hold(
    tx: &mut Tx,
    list_id: i64,
    subscriber_id: i64,
    reasons: &[&str],
    now_ms: i64,
) -> Result<(), Error> {
    const SQL: &str =
        "INSERT INTO quarantine (list_id, subscriber_id, reasons, held_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (list_id, subscriber_id) DO UPDATE SET reasons = excluded.reasons";
    let reasons = serde_json::Value::from(reasons.to_vec()).to_string();
    on!(tx, conn => sqlx::query(SQL)
        .bind(list_id)
        .bind(subscriber_id)
        .bind(&reasons)
        .bind(now_ms)
        .execute(conn)
        .await
        .map(drop)?);
    Ok(())
}
