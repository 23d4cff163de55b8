//! Everything that is kept of one subscriber, as JSON (GDPR Art. 15 and 20, standards D10, X12): the reader's own copy and the
//! operator's proof of consent.
//!
//! The shape is stable; keys may be added. Times are RFC 3339 in UTC, and what is not known is `null`:
//!
//! - `exported`: when
//! - `subscriber`: `null`, or `address`, `identity`, `since`, `moving_to` (addresses that wait for their confirmation: `address`, `since`),
//!   `former` (addresses that the person moved away from: `moved`, and all but `exported` of what is told of this one)
//! - `suppression`: `null`, or `reason`, `since`
//! - `subscriptions`: `list`, `list_name`, `status`, `name`, `since`, `changed`, `held` (`null`, or `reasons`, `since`), `choices`:
//!   `language`, `sections`, `rhythm` (`cadence`, `day`, `hour`, `zone`), `paused_until`
//! - `consents`: `list`, `action`, `method`, `at`, `ip`, `user_agent`, `page`, `locale`, `wording` (`null`, or `sha256`, `text`)
//! - `confirmations`: `list` (which sent it), `lists` (all that it is about), `change_of_address` (whether it is about one), `mailed`,
//!   `expires`, `used`
//! - `mails` (outside digests): `list`, `lists`, `change_of_address` (as of confirmations), `kind`, `status`, `attempts`, `queued`, `ended`, `code`, `reply`
//! - `digests`: `list`, `digest`, `url`, `subject`, `started`, `status`, `attempts`, `code`, `reply`
//!
//! Mails and digests are those that `[delivery] keep` still holds one by one.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{Context, Error};
use crate::domain::address::EmailAddress;
use crate::domain::choices::Choices;
use crate::store::{self, Tx, dossier};

/// Everything that is kept of a subscriber; `None`: there is none, or it was erased.
pub async fn export(context: &Context, subscriber_id: i64) -> Result<Option<Value>, Error> {
    let mut tx = context.database.read().await?;
    let mut seen = HashSet::from([subscriber_id]);
    let Some(mut all) = address(context, &mut tx, subscriber_id).await? else {
        return Ok(None);
    };
    // Who moves back has been at every address once.
    let mut former = Vec::new();
    let mut next = store::moves::former(&mut tx, subscriber_id).await?;
    while let Some((id, moved_ms)) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(mut told) = address(context, &mut tx, id).await? {
            told["moved"] = json!(stamp(moved_ms));
            former.push(told);
        }
        next.extend(store::moves::former(&mut tx, id).await?);
    }
    all["exported"] = json!(stamp(context.clock.now_ms()));
    all["subscriber"]["former"] = json!(former);
    Ok(Some(all))
}

/// Everything that is kept of an address, in the same shape: one that was suppressed need not be a subscriber's, and `subscriber` is
/// `null` then. `None`: nothing is known of it.
pub async fn of_address(context: &Context, address: &EmailAddress) -> Result<Option<Value>, Error> {
    let identity = address.identity();
    let mut tx = context.database.read().await?;
    if let Some(subscriber) = store::subscriber::by_identity(&mut tx, &identity).await? {
        drop(tx);
        return export(context, subscriber.id).await;
    }
    let suppression = dossier::suppression(&mut tx, &identity).await?;
    Ok(suppression.map(|found| {
        json!({ "exported": stamp(context.clock.now_ms()), "subscriber": null, "suppression": suppressed(&found),
            "subscriptions": [], "consents": [], "confirmations": [], "mails": [], "digests": [] })
    }))
}

fn suppressed((reason, since_ms): &(String, i64)) -> Value {
    json!({ "reason": reason, "since": stamp(*since_ms) })
}

/// What is kept of one address.
async fn address(
    context: &Context,
    tx: &mut Tx,
    subscriber_id: i64,
) -> Result<Option<Value>, Error> {
    let Some(subscriber) = store::subscriber::by_id(tx, subscriber_id).await? else {
        return Ok(None);
    };
    let moves = dossier::moves(tx, subscriber_id).await?.into_iter();
    let moves = moves.map(|(address, ms)| json!({ "address": address, "since": stamp(ms) }));
    let suppression = dossier::suppression(tx, &subscriber.identity).await?;
    Ok(Some(json!({
        "subscriber": {
            "address": subscriber.address,
            "identity": subscriber.identity,
            "since": stamp(subscriber.created_ms),
            "moving_to": moves.collect::<Vec<_>>(),
        },
        "suppression": suppression.as_ref().map(suppressed),
        "subscriptions": subscriptions(tx, subscriber_id).await?,
        "consents": consents(tx, subscriber_id).await?,
        "confirmations": confirmations(tx, subscriber_id).await?,
        "mails": mails(tx, subscriber_id).await?,
        "digests": digests(context, tx, subscriber_id).await?,
    })))
}

async fn subscriptions(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    for row in dossier::subscriptions(tx, subscriber_id).await? {
        let choices = store::choices::of(tx, row.list_id, subscriber_id).await?;
        let held = row.held_ms.map(|ms| {
            let reasons: Value = row
                .reasons
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok())
                .unwrap_or_default();
            json!({ "reasons": reasons, "since": stamp(ms) })
        });
        found.push(json!({
            "list": row.slug, "list_name": row.list_name, "status": row.status, "name": row.name,
            "since": stamp(row.created_ms), "changed": stamp(row.changed_ms), "held": held,
            "choices": self::choices(&choices.unwrap_or_default()),
        }));
    }
    Ok(found)
}

/// What a reader chose, as JSON.
pub fn choices(choices: &Choices) -> Value {
    let rhythm = choices.rhythm.as_ref().map(|rhythm| {
        json!({ "cadence": rhythm.cadence().as_str(), "day": rhythm.day(), "hour": rhythm.hour(), "zone": rhythm.zone() })
    });
    json!({ "language": choices.language, "sections": choices.sections, "rhythm": rhythm,
        "paused_until": choices.paused_until_ms.map(stamp) })
}

async fn consents(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Value>, Error> {
    let rows = dossier::consents(tx, subscriber_id).await?.into_iter();
    let rows = rows.map(|row| {
        let wording = row
            .wording
            .map(|hash| json!({ "sha256": hash, "text": row.text }));
        json!({ "list": row.slug, "action": row.action, "method": row.method, "at": stamp(row.at_ms), "ip": row.ip,
            "user_agent": row.user_agent, "page": row.page, "locale": row.locale, "wording": wording })
    });
    Ok(rows.collect())
}

async fn confirmations(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Value>, Error> {
    let slugs = dossier::slugs(tx).await?;
    let mut found = Vec::new();
    for row in dossier::confirmations(tx, subscriber_id).await? {
        let lists = named(&slugs, &row.lists()?);
        found.push(json!({
            "list": lists.first(), "lists": lists, "change_of_address": row.move_id.is_some(),
            "mailed": stamp(row.created_ms), "expires": stamp(row.expires_ms), "used": row.used_ms.map(stamp),
        }));
    }
    Ok(found)
}

async fn mails(tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Value>, Error> {
    let slugs = dossier::slugs(tx).await?;
    let mut found = Vec::new();
    for row in dossier::mails(tx, subscriber_id).await? {
        let lists = named(&slugs, &row.lists()?);
        found.push(json!({
            "list": lists.first(), "lists": lists, "change_of_address": row.move_id.is_some(), "kind": row.kind,
            "status": row.status, "attempts": row.attempts, "queued": stamp(row.created_ms), "ended": row.done_ms.map(stamp),
            "code": row.code, "reply": row.reply,
        }));
    }
    Ok(found)
}

/// The short names of lists, in the same order.
fn named<'a>(slugs: &'a HashMap<i64, String>, lists: &[i64]) -> Vec<&'a str> {
    let known = lists.iter().filter_map(|id| slugs.get(id));
    known.map(String::as_str).collect()
}

async fn digests(context: &Context, tx: &mut Tx, subscriber_id: i64) -> Result<Vec<Value>, Error> {
    let rows = dossier::digests(tx, subscriber_id).await?.into_iter();
    let rows = rows.map(|row| {
        json!({ "list": row.slug, "digest": row.digest_id, "url": context.digest_url(&row.public_id), "subject": row.subject,
            "started": row.started_ms.map(stamp), "status": row.status, "attempts": row.attempts, "code": row.code,
            "reply": row.reply })
    });
    Ok(rows.collect())
}

/// A moment in JSON.
fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
