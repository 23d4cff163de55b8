//! Mails to editors on their way: leased like confirmations, to whom no subscription is asked for. Who is suppressed gets none, nor who
//! is no editor any more.

use super::lease::{Slowed, provider_of};
use super::settle::ended;
use super::{Key, Leased, Records};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryKind, DeliveryStatus};
use crate::domain::list::List;
use crate::service::letter::{Content, ToEditor};
use crate::service::{Context, Error};
use crate::store::{self, Tx};

/// Leases up to `most` mails; also says how many ended without one.
pub(super) async fn lease(
    context: &Context,
    tx: &mut Tx,
    worker_id: i64,
    (slowed, not_of): (&Slowed, &[i64]),
    most: i64,
) -> Result<(Vec<(Leased, Content)>, u64), Error> {
    let now_ms = context.clock.now_ms();
    let mut mails = Vec::new();
    let mut over = Vec::new();
    for row in store::editor_mail::lease(tx, worker_id, now_ms, not_of, most).await? {
        let leased = Leased {
            key: Key::Editor(row.id),
            kind: DeliveryKind::Editor,
            list_id: row.list_id,
            provider_id: provider_of(context, &row.address),
            // Nobody: links that are about a subscription lead nowhere.
            subscriber_id: 0,
            variant_id: 0,
            attempts: row.attempts,
            unknowns: row.unknowns,
            created_ms: row.created_ms,
            address: row.address,
            name: None,
        };
        let age_ms = now_ms - row.created_ms;
        let is_old = age_ms > context.delivery.retry.give_up.as_millis() as i64;
        let about = match ToEditor::read(&row.content) {
            Ok(about) => about,
            Err(error) => {
                // One row that cannot be read must not hold up what was leased with it.
                let why = Some(error.to_string());
                let verdict = ended(&leased, DeliveryStatus::Failed, None, why, now_ms);
                over.push(Records::mail(row.id, verdict));
                continue;
            }
        };
        let list = context.list_by_id(row.list_id);
        let why = if list.is_none() {
            "the list left the configuration"
        } else if list.is_some_and(|list| is_former(list, &about, &leased.address)) {
            "the address is no editor's any more"
        } else if row.suppressed {
            "the address is suppressed"
        } else if slowed.holds(context, &leased) && is_old {
            "given up: its provider asks us to slow down"
        } else {
            let period_ms = row.period_ms;
            mails.push((leased, Content::Editor { about, period_ms }));
            continue;
        };
        let why = Some(why.to_owned());
        let verdict = ended(&leased, DeliveryStatus::Cancelled, None, why, now_ms);
        over.push(Records::mail(row.id, verdict));
    }
    let ended = store::editor_mail::record(tx, worker_id, &over).await?;
    Ok((mails, ended))
}

/// Whether a draft would be told to somebody who is no editor any more.
fn is_former(list: &List, about: &ToEditor, address: &str) -> bool {
    let identity = EmailAddress::parse(address).map(|address| address.identity());
    let is_theirs = |editor: &EmailAddress| Ok(editor.identity()) == identity;
    matches!(about, ToEditor::Draft { .. }) && !list.editors.iter().any(is_theirs)
}
