//! What greets a reader who has confirmed: a mail that says when the next digest comes and where the last one is, or the last
//! digest itself.

use super::{Frozen, address, chosen_locale, compile, reader_copy, sender, shown};
use crate::domain::correction::corrected;
use crate::domain::list::{self, List};
use crate::mail::message::Mail;
use crate::mail::template::WelcomeMail;
use crate::service::deliver::Leased;
use crate::service::{Context, Error, next};
use crate::store::digest::Digest;
use crate::store::{self, Tx};

/// What a welcome says, as it stands when it is written.
#[derive(Debug, Default)]
pub struct Welcome {
    /// The reader's own language, where one was chosen.
    language: Option<String>,
    /// When the next digest comes.
    next_ms: Option<i64>,
    /// The list's last digest, as it is corrected.
    latest: Option<Digest>,
}

impl Welcome {
    /// Reads it for one reader.
    pub async fn read(context: &Context, tx: &mut Tx, leased: &Leased) -> Result<Self, Error> {
        let Some(list) = context.list_by_id(leased.list_id) else {
            return Ok(Self::default());
        };
        let choices = store::choices::of(tx, leased.list_id, leased.subscriber_id)
            .await?
            .unwrap_or_default();
        let now_ms = context.clock.now_ms();
        let next_ms = match &choices.rhythm {
            Some(rhythm) => rhythm.next_after(now_ms),
            None => next::to_come(list, next::decided(tx, list).await?, now_ms + 1),
        };
        let mut latest = store::digest::published(tx, list.id, i64::MAX, 1)
            .await?
            .pop();
        if let Some(digest) = &mut latest {
            let corrections = store::correction::of(tx, &[digest.id]).await?;
            let corrections: Vec<_> = corrections.into_iter().map(|(_, one)| one).collect();
            digest.edition = corrected(std::mem::take(&mut digest.edition), &corrections);
        }
        Ok(Self {
            language: choices.language,
            next_ms,
            latest,
        })
    }
}

/// The mail: dated when the reader confirmed, also where it is a digest of last week.
pub(super) fn write(
    context: &Context,
    list: &List,
    leased: &Leased,
    welcome: &Welcome,
) -> Result<Mail, Error> {
    if let (list::Welcome::Digest, Some(digest)) = (list.welcome, &welcome.latest) {
        let frozen = Frozen {
            edition: &digest.edition,
            language: welcome.language.as_deref(),
            period_ms: digest.period_ms,
            public_id: &digest.public_id,
            started_ms: leased.created_ms,
            rows: (digest.id, 0),
        };
        let mut wire = Vec::new();
        reader_copy(
            context,
            &compile(context, list, &frozen)?,
            leased,
            &mut wire,
        )?;
        let from = context.mail.bounce_address.as_str();
        return Ok(Mail::from_wire(from, &leased.address, &wire));
    }
    let locale = chosen_locale(list, welcome.language.as_deref())?;
    let latest = welcome.latest.as_ref().filter(|_| list.archive);
    let (list_id, subscriber_id) = (leased.list_id, leased.subscriber_id);
    let mail = WelcomeMail {
        locale: &locale,
        zone: list.schedule.zone(),
        site: sender(context, list),
        theme: &context.site.theme,
        list_name: &list.name,
        address: &shown(&leased.address),
        next_ms: welcome.next_ms,
        latest_url: latest.map(|digest| context.digest_url(&digest.public_id)),
        preferences_url: &context.preferences_url(list_id, subscriber_id),
        unsubscribe_url: &context.unsubscribe_url(list_id, subscriber_id),
    };
    let rendered = mail.render().map_err(crate::mail::Error::from)?;
    address(context, list, leased, (&locale, true), &rendered)
}
