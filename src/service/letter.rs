//! What each kind of mail says to its reader: data of the database and the lists become the mail's texts and headers.

mod cache;
mod confirmation;
mod editor;
mod welcome;

use std::borrow::Cow;

use super::compose::Draft;
use super::deliver::{Key, Leased};
use super::{Context, Error, clicks};
use crate::domain::address::EmailAddress;
use crate::domain::digest::Edition;
use crate::domain::list::List;
use crate::domain::token::ConfirmationToken;
use crate::locale::{Locale, SUPPORTED};
use crate::mail::compiled::{CompiledDigest, DigestHeaders, Reader};
use crate::mail::message::{self, Envelope, ListHeaders, Mail};
use crate::mail::template::{DigestMail, NoticeMail, Rendered, Sender};
use crate::store;
use crate::store::consent::Origin;

pub use cache::Letters;
pub use confirmation::About;
pub use editor::{ToEditor, edit_url, example};
pub use welcome::Welcome;

/// What goes into one mail beside the reader's own data.
#[derive(Debug)]
pub enum Content {
    /// A confirmation: its fresh token, and where the request came from.
    Confirmation {
        /// The token whose hash is stored.
        token: ConfirmationToken,
        /// The further lists that it confirms.
        also: Vec<i64>,
        /// Where the form was sent from.
        origin: Origin,
        /// What is to be confirmed.
        about: About,
    },
    /// "Welcome".
    Welcome(Box<Welcome>),
    /// To an editor, about the draft of a period.
    Editor {
        /// What it says.
        about: ToEditor,
        /// The period, epoch milliseconds.
        period_ms: i64,
    },
    /// "You are already subscribed".
    Notice {
        /// The further lists that it is about.
        also: Vec<i64>,
    },
}

/// The message of one delivery outside digests.
pub fn write(context: &Context, leased: &Leased, content: &Content) -> Result<Mail, Error> {
    let list = context.list_by_id(leased.list_id).ok_or_else(|| {
        let (key, list_id) = (leased.key, leased.list_id);
        store::Error::Corrupt(format!(
            "{key:?} belongs to list {list_id}, which left the configuration"
        ))
    })?;
    match content {
        Content::Confirmation {
            token,
            also,
            origin,
            about,
        } => {
            let locale = chosen_locale(list, origin.locale.as_deref())?;
            let names = list_names(context, list, also, &locale);
            let asked = (token, origin, about);
            let rendered = confirmation::render(context, (list, &names), leased, &locale, asked)?;
            address(context, list, leased, (&locale, false), &rendered)
        }
        Content::Welcome(content) => welcome::write(context, list, leased, content),
        Content::Editor { about, period_ms } => {
            editor::write(context, list, leased, (about, *period_ms))
        }
        Content::Notice { also } => {
            let locale = locale(list)?;
            let names = list_names(context, list, also, &locale);
            let rendered = notice(context, (list, &names), leased, &locale)?;
            address(context, list, leased, (&locale, true), &rendered)
        }
    }
}

/// The language of a list's mails.
pub fn locale(list: &List) -> Result<Locale, Error> {
    Locale::new(&list.language, list.formats.as_deref()).map_err(|error| Error::Language {
        list: list.slug.clone(),
        reason: error.to_string(),
    })
}

fn sender<'a>(context: &'a Context, list: &'a List) -> Sender<'a> {
    Sender {
        name: &list.masthead,
        home_url: &context.site.public_url,
        postal_address: context.site.postal_address.as_deref(),
        privacy_url: context.site.privacy_url.as_deref(),
    }
}

/// What a digest says to some of its readers, and when.
struct Frozen<'a> {
    edition: &'a Edition,
    /// The language, where it is not the list's.
    language: Option<&'a str>,
    period_ms: i64,
    public_id: &'a str,
    /// The Date of its copies.
    started_ms: i64,
    /// The rows of the digest and the variant that its links are counted for; 0 for none.
    rows: (i64, i64),
}

impl<'a> Frozen<'a> {
    /// An edition that has no page yet.
    fn unnamed(edition: &'a Edition, language: Option<&'a str>, period_ms: i64) -> Self {
        Self {
            edition,
            language,
            period_ms,
            public_id: "",
            started_ms: period_ms,
            rows: (0, 0),
        }
    }

    /// A draft as if it were sent at the hour that it stands for.
    fn draft(draft: &'a Draft, public_id: &'a str) -> Self {
        Self {
            edition: &draft.selection.edition,
            language: None,
            period_ms: draft.period_ms,
            public_id,
            started_ms: draft.period_ms,
            rows: (0, 0),
        }
    }
}

/// Does something with an edition as a mail in its language.
fn with_mail<T>(
    context: &Context,
    list: &List,
    frozen: &Frozen<'_>,
    then: impl FnOnce(&DigestMail<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let locale = chosen_locale(list, frozen.language)?;
    let archive_url = list.archive.then(|| context.archive_url(list));
    let (edition, decoy_url) = clicks::linked(context, frozen.edition, frozen.rows);
    then(&DigestMail {
        locale: &locale,
        zone: list.schedule.zone(),
        site: sender(context, list),
        theme: &context.site.theme,
        list_name: &list.name,
        subject: list.subject.as_ref(),
        edition: &edition,
        left_out: 0,
        date_ms: frozen.period_ms,
        view_url: &context.digest_url(frozen.public_id),
        archive_url: archive_url.as_deref(),
        decoy_url: decoy_url.as_deref(),
    })
}

/// Renders and encodes an edition once for all its readers.
fn compile(context: &Context, list: &List, frozen: &Frozen<'_>) -> Result<CompiledDigest, Error> {
    with_mail(context, list, frozen, |mail| {
        encode(context, list, frozen, mail, None)
    })
}

/// The same for an editor who wants to see it: its subject says that it is a test.
fn compile_marked(
    context: &Context,
    list: &List,
    frozen: &Frozen<'_>,
) -> Result<CompiledDigest, Error> {
    with_mail(context, list, frozen, |mail| {
        let mark = mail.locale.text("draft-test-mark");
        encode(context, list, frozen, mail, Some(&mark))
    })
}

fn encode(
    context: &Context,
    list: &List,
    frozen: &Frozen<'_>,
    mail: &DigestMail<'_>,
    mark: Option<&str>,
) -> Result<CompiledDigest, Error> {
    let headers = DigestHeaders {
        sender: &list.sender,
        date_ms: frozen.started_ms,
        language: mail.locale.lang(),
        list_name: &list.name,
        list_id: &list_id(context, list),
        archive_url: mail.archive_url,
        mark,
    };
    let compiled = CompiledDigest::compile(mail, &headers)?.signed_by(context.signer(list));
    if compiled.is_cut() {
        tracing::error!(
            list = list.slug,
            "the introduction and the corrections are so long that Gmail cuts the letter before its end, where the link to unsubscribe is: shorten them"
        );
    }
    if compiled.left_out() > 0 {
        tracing::warn!(
            list = list.slug,
            articles = compiled.left_out(),
            "the letter has no room for all articles: those of least weight are on the digest's page alone"
        );
    }
    Ok(compiled)
}

/// The subject of an edition, after the whole was rendered: one that cannot be fails here, before anything is stored.
pub fn check(
    context: &Context,
    list: &List,
    edition: &Edition,
    language: Option<&str>,
    period_ms: i64,
) -> Result<String, Error> {
    let frozen = Frozen::unnamed(edition, language, period_ms);
    Ok(compile(context, list, &frozen)?.subject().to_owned())
}

/// The subject of an edition alone.
pub fn subject(
    context: &Context,
    list: &List,
    edition: &Edition,
    language: Option<&str>,
    period_ms: i64,
) -> Result<String, Error> {
    let frozen = Frozen::unnamed(edition, language, period_ms);
    with_mail(context, list, &frozen, |mail| {
        Ok(mail.subject().map_err(crate::mail::Error::from)?)
    })
}

/// A reader's copy of a draft, as `digest preview` shows it: nobody's link, nobody's address.
pub fn preview(context: &Context, list: &List, draft: &Draft) -> Result<(Rendered, Mail), Error> {
    let compiled = compile(context, list, &Frozen::draft(draft, "preview"))?;
    let leased = Leased::example(list.id, draft.period_ms);
    let rendered = with_reader(context, &leased, |reader| compiled.preview(reader));
    let mut wire = Vec::new();
    reader_copy(context, &compiled, &leased, &mut wire)?;
    let from = context.mail.bounce_address.as_str();
    Ok((rendered, Mail::from_wire(from, &leased.address, &wire)))
}

/// Appends the copy of one reader as it goes over the wire, without the final dot.
pub fn reader_copy(
    context: &Context,
    compiled: &CompiledDigest,
    leased: &Leased,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    with_reader(context, leased, |reader| compiled.write(reader, out))?;
    Ok(())
}

fn with_reader<T>(context: &Context, leased: &Leased, then: impl FnOnce(&Reader<'_>) -> T) -> T {
    then(&Reader {
        to: &leased.address,
        name: leased.name.as_deref(),
        shown: &shown(&leased.address),
        unsubscribe_url: &context.unsubscribe_url(leased.list_id, leased.subscriber_id),
        preferences_url: &context.preferences_url(leased.list_id, leased.subscriber_id),
        message_id: &message_id(context, leased),
    })
}

/// A language that a reader chose; the list's formats only go with the list's language.
pub fn chosen_locale(list: &List, chosen: Option<&str>) -> Result<Locale, Error> {
    match chosen.filter(|chosen| SUPPORTED.contains(chosen) && *chosen != list.language) {
        Some(chosen) => Locale::new(chosen, None).map_err(|error| Error::Language {
            list: list.slug.clone(),
            reason: error.to_string(),
        }),
        None => locale(list),
    }
}

/// What a mail about several lists calls them; one that left the configuration has no name.
fn list_names(context: &Context, list: &List, also: &[i64], locale: &Locale) -> String {
    let further = also.iter().filter_map(|id| context.list_by_id(*id));
    let further = further.map(|list| list.name.as_str());
    locale.several(std::iter::once(list.name.as_str()).chain(further))
}

fn notice(
    context: &Context,
    (list, names): (&List, &str),
    leased: &Leased,
    locale: &Locale,
) -> Result<Rendered, Error> {
    let mail = NoticeMail {
        locale,
        site: sender(context, list),
        theme: &context.site.theme,
        list_name: names,
        unsubscribe_url: &context.unsubscribe_url(leased.list_id, leased.subscriber_id),
        never_url: &context.never_url(leased.list_id, leased.subscriber_id),
    };
    Ok(mail.render().map_err(crate::mail::Error::from)?)
}

/// Adds the headers of an answer to the reader, in its language. A confirmation is not list mail: its reader is no subscriber yet.
fn address(
    context: &Context,
    list: &List,
    leased: &Leased,
    (locale, subscribed): (&Locale, bool),
    rendered: &Rendered,
) -> Result<Mail, Error> {
    let list_id = list_id(context, list);
    let unsubscribe_url = context.unsubscribe_url(leased.list_id, leased.subscriber_id);
    let archive_url = list.archive.then(|| context.archive_url(list));
    let envelope = Envelope {
        sender: &list.sender,
        bounce_address: context.mail.bounce_address.as_str(),
        to: &leased.address,
        message_id: &message_id(context, leased),
        date_ms: leased.created_ms,
        language: locale.lang(),
        list: subscribed.then(|| ListHeaders {
            name: &list.name,
            id: &list_id,
            unsubscribe_url: &unsubscribe_url,
            archive_url: archive_url.as_deref(),
            bulk: false,
        }),
    };
    let mut mail = message::build(&envelope, rendered)?;
    if let Some(signer) = context.signer(list) {
        mail.sign(&signer, envelope.date_ms)?;
    }
    Ok(mail)
}

fn message_id(context: &Context, leased: &Leased) -> String {
    let tag = match leased.key {
        Key::Mail(id) => context.keyring.message_id_tag(&[id]),
        // Three numbers, which no other mail has.
        Key::Editor(id) => context.keyring.message_id_tag(&[0, 0, id]),
        Key::First(range, _) => context
            .keyring
            .message_id_tag(&[range.digest_id, leased.subscriber_id]),
        Key::Retry {
            digest_id,
            subscriber_id,
        } => context.keyring.message_id_tag(&[digest_id, subscriber_id]),
    };
    format!("{tag}@{}", context.mail.message_id_domain)
}

fn list_id(context: &Context, list: &List) -> String {
    format!("{}.{}", list.slug, context.mail.list_id_domain)
}

/// An address as its owner writes it: a domain in its own script (A5).
fn shown(address: &str) -> Cow<'_, str> {
    if !address.contains("xn--") {
        return Cow::Borrowed(address);
    }
    EmailAddress::parse(address).map_or(Cow::Borrowed(address), |parsed| {
        Cow::Owned(format!("{}@{}", parsed.local(), parsed.domain_unicode()))
    })
}
