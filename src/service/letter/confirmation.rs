//! What asks the owner of an address: to confirm a sign-up, once more, or to confirm a change of address.

use super::sender;
use crate::domain::list::List;
use crate::domain::token::ConfirmationToken;
use crate::locale::Locale;
use crate::mail::template::{Asks, ConfirmationMail, Rendered};
use crate::service::change_address::Terms;
use crate::service::deliver::Leased;
use crate::service::{Context, Error};
use crate::store::consent::Origin;

/// What a confirmation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A sign-up that was just made.
    SignUp,
    /// A sign-up that was made at this time, epoch milliseconds: it is its one reminder.
    Reminder(i64),
    /// A change of address.
    Move(Terms),
}

/// Its texts.
pub(super) fn render(
    context: &Context,
    (list, names): (&List, &str),
    leased: &Leased,
    locale: &Locale,
    (token, origin, about): (&ConfirmationToken, &Origin, &About),
) -> Result<Rendered, Error> {
    let (asks, requested_ms) = match about {
        About::SignUp => (Asks::SignUp, leased.created_ms),
        About::Reminder(made_ms) => (Asks::Reminder, *made_ms),
        About::Move(Terms { from, lists }) => (Asks::Move { from, lists }, leased.created_ms),
    };
    let mail = ConfirmationMail {
        locale,
        zone: list.schedule.zone(),
        site: sender(context, list),
        theme: &context.site.theme,
        list_name: names,
        confirm_url: &format!("{}/confirm/{}", context.site.public_url, token.as_str()),
        never_url: &context.never_url(leased.list_id, leased.subscriber_id),
        asks,
        requested_ms,
        expires_ms: context.clock.now_ms() + context.confirmation.expires.as_millis() as i64,
        ip: origin.ip.as_deref(),
    };
    Ok(mail.render().map_err(crate::mail::Error::from)?)
}
