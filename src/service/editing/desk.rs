//! What an editor's link shows: the draft with what it may hold, or what became of it; what each reader would get; and a test of that.

use std::sync::Arc;

use super::Context;
use crate::domain::address::EmailAddress;
use crate::domain::digest::{Audience, DigestStatus, Edition};
use crate::domain::list::List;
use crate::domain::token::DraftToken;
use crate::locale::SUPPORTED;
use crate::mail::template::Rendered;
use crate::service::compose::{self, Draft};
use crate::service::letter::{self, ToEditor};
use crate::service::variants::{is_enough, sections, turn};
use crate::service::{Error, next};
use crate::store;
use crate::store::digest::Digest;
use crate::store::editor_mail::{self, EditorMail};

/// A link shows what became of its draft for so long after its hour.
const READABLE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// So many tests of one draft an editor gets by mail.
pub const MOST_TESTS: i64 = 10;

/// Who holds a genuine link, and for which draft.
#[derive(Debug, Clone)]
pub struct Editor {
    /// The list.
    pub list: Arc<List>,
    /// The period, epoch milliseconds.
    pub period_ms: i64,
    /// The editor's address.
    pub address: EmailAddress,
}

/// Whom a link is for; `None`: not one of ours, of somebody who is no editor any more, or too old.
pub fn editor(context: &Context, link: &str) -> Option<Editor> {
    let token = DraftToken::read(link)?;
    let list = context.list_by_id(token.list_id)?;
    let is_theirs =
        |editor: &&EmailAddress| token.is_of(&context.keyring, link, &editor.identity());
    let address = list.editors.iter().find(is_theirs)?;
    let readable = context.clock.now_ms() < token.period_ms.saturating_add(READABLE_MS);
    readable.then(|| Editor {
        list: Arc::clone(list),
        period_ms: token.period_ms,
        address: address.clone(),
    })
}

/// What became of a draft.
#[derive(Debug, Clone)]
pub enum Desk {
    /// It can be edited.
    Open(Box<Draft>),
    /// Its digest is made and cannot be changed any more.
    Made(Box<Digest>),
    /// No digest goes out for it.
    Closed,
}

/// Shows an editor the draft; changes nothing.
pub async fn look(context: &Context, editor: &Editor) -> Result<Desk, Error> {
    let Editor {
        list, period_ms, ..
    } = editor;
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.read().await?;
    if let Some(digest) = store::digest::of_period(&mut tx, list.id, *period_ms).await? {
        let is_none = matches!(
            digest.status,
            DigestStatus::Skipped | DigestStatus::Cancelled
        );
        return Ok(if is_none {
            Desk::Closed
        } else {
            Desk::Made(Box::new(digest))
        });
    }
    let decided = next::decided(&mut tx, list).await?;
    if !next::is_open(list, decided, *period_ms, now_ms) {
        return Ok(Desk::Closed);
    }
    let draft = compose::draft(&mut tx, list, *period_ms, now_ms).await?;
    Ok(Desk::Open(Box::new(draft)))
}

/// Readers who would get the same of a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variant {
    /// Their language, where it is not the list's.
    pub language: Option<String>,
    /// Their sections; `None`: all of the list's.
    pub sections: Option<Vec<String>>,
    /// How many they are now.
    pub readers: i64,
}

/// Who would get a draft: the list's own edition first, then readers who chose otherwise, the most first.
pub async fn variants(
    context: &Context,
    list: &List,
    period_ms: i64,
) -> Result<Vec<Variant>, Error> {
    let mut tx = context.database.read().await?;
    let turn = turn(list, Audience::List, period_ms);
    let mut variants = vec![Variant::default()];
    let mut others = 0;
    for group in store::audience::groups(&mut tx, &turn).await? {
        others += group.readers;
        let sections = sections(list, &group)?;
        let language = group.language.filter(|own| is_another(list, own));
        let mut known = variants.iter_mut();
        let alike = known.find(|one| one.language == language && one.sections == sections);
        match alike {
            Some(one) => one.readers += group.readers,
            None => variants.push(Variant {
                language,
                sections,
                readers: group.readers,
            }),
        }
    }
    let all = store::digest_delivery::recipients(&mut tx, &turn).await?;
    variants[0].readers += all - others;
    variants[1..].sort_by_key(|one| std::cmp::Reverse(one.readers));
    Ok(variants)
}

fn is_another(list: &List, language: &str) -> bool {
    SUPPORTED.contains(&language) && language != list.language
}

impl Variant {
    /// What was asked for, as far as the list has it.
    pub fn asked(list: &List, sections: Option<&str>, language: Option<&str>) -> Self {
        let keys = sections.map(|text| text.split(',').map(str::to_owned).collect());
        let keys = keys.map(|mut keys: Vec<String>| {
            keys.retain(|key| list.sections.iter().any(|one| one.key == *key));
            keys
        });
        Self {
            language: language
                .filter(|language| is_another(list, language))
                .map(str::to_owned),
            sections: keys.filter(|keys| !keys.is_empty()),
            readers: 0,
        }
    }

    /// What they would get of a draft; `None`: too little for a mail.
    pub fn edition(&self, list: &List, draft: &Draft) -> Option<Edition> {
        let edition = draft.choose(self.sections.as_deref()).edition;
        is_enough(list, &edition).then_some(edition)
    }

    /// The mail that they would get, with nobody's links; `None`: there would be none.
    pub fn letter(
        &self,
        context: &Context,
        list: &List,
        draft: &Draft,
    ) -> Result<Option<Rendered>, Error> {
        let Some(edition) = self.edition(list, draft) else {
            return Ok(None);
        };
        let language = self.language.as_deref();
        letter::example(context, list, &edition, language, draft.period_ms).map(Some)
    }
}

/// What came of asking for a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tested {
    /// It is queued.
    Queued,
    /// This address has got as many as it gets.
    TooMany,
    /// Its readers would get nothing, so there is nothing to send.
    Nothing,
}

/// Queues what readers would get of a draft as a mail to this address alone; `most`: so many of one draft.
pub async fn test(
    context: &Context,
    list: &List,
    draft: &Draft,
    variant: &Variant,
    (to, most): (&EmailAddress, Option<i64>),
) -> Result<Tested, Error> {
    let Some(edition) = variant.edition(list, draft) else {
        return Ok(Tested::Nothing);
    };
    let content = ToEditor::Test {
        language: variant.language.clone(),
        edition: Box::new(edition),
    };
    let content = content.json()?;
    let about = (list.id, draft.period_ms);
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    // Presses of one editor are counted one after the other.
    store::list::lock_soon(&mut tx, list.id).await?;
    let before = editor_mail::tests(&mut tx, about, to).await?;
    if most.is_some_and(|most| before >= most) {
        return Ok(Tested::TooMany);
    }
    editor_mail::enqueue(&mut tx, EditorMail::Test, about, to, &content, now_ms).await?;
    tx.commit().await?;
    context.wake.notify_one();
    Ok(Tested::Queued)
}
