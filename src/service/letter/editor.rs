//! What is mailed to editors: that a draft is open, and what its readers would get.

use serde::{Deserialize, Serialize};

use super::{Frozen, address, compile, compile_marked, locale, reader_copy, sender, with_reader};
use crate::domain::address::EmailAddress;
use crate::domain::digest::Edition;
use crate::domain::list::List;
use crate::domain::token::DraftToken;
use crate::mail::message::Mail;
use crate::mail::template::{AlertMail, DraftMail, Rendered};
use crate::service::deliver::Leased;
use crate::service::{Context, Error};
use crate::store;

/// What a mail to an editor says, as it is kept until it has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToEditor {
    /// A draft is open.
    Draft {
        /// What it holds so far.
        titles: Vec<String>,
    },
    /// A feed fails.
    Alert {
        /// Its address in the configuration.
        feed: String,
        /// Since when, epoch milliseconds.
        since_ms: i64,
        /// Why.
        error: String,
    },
    /// What readers would get.
    Test {
        /// In this language, where it is not the list's.
        language: Option<String>,
        /// What it says.
        edition: Box<Edition>,
    },
}

impl ToEditor {
    /// As it is kept.
    pub fn json(&self) -> Result<String, store::Error> {
        serde_json::to_string(self).map_err(|error| store::Error::Corrupt(error.to_string()))
    }

    /// Reads what was kept.
    pub fn read(json: &str) -> Result<Self, store::Error> {
        let corrupt = |error| store::Error::Corrupt(format!("a mail to an editor: {error}"));
        serde_json::from_str(json).map_err(corrupt)
    }
}

/// The mail about the draft of a period.
pub(super) fn write(
    context: &Context,
    list: &List,
    leased: &Leased,
    (about, period_ms): (&ToEditor, i64),
) -> Result<Mail, Error> {
    match about {
        ToEditor::Draft { titles } => {
            let locale = locale(list)?;
            let mail = DraftMail {
                locale: &locale,
                zone: list.schedule.zone(),
                site: sender(context, list),
                theme: &context.site.theme,
                list_name: &list.name,
                titles,
                sends_ms: period_ms,
                edit_url: &edit_url(context, list, period_ms, &leased.address),
            };
            let rendered = mail.render().map_err(crate::mail::Error::from)?;
            address(context, list, leased, (&locale, false), &rendered)
        }
        ToEditor::Alert {
            feed,
            since_ms,
            error,
        } => {
            let locale = locale(list)?;
            let mail = AlertMail {
                locale: &locale,
                zone: list.schedule.zone(),
                site: sender(context, list),
                theme: &context.site.theme,
                list_name: &list.name,
                feed,
                since_ms: *since_ms,
                error,
            };
            let rendered = mail.render().map_err(crate::mail::Error::from)?;
            address(context, list, leased, (&locale, false), &rendered)
        }
        ToEditor::Test { language, edition } => {
            let frozen = Frozen {
                edition,
                language: language.as_deref(),
                period_ms,
                public_id: "preview",
                rows: (0, 0),
                started_ms: leased.created_ms,
            };
            let mut wire = Vec::new();
            let compiled = compile_marked(context, list, &frozen)?;
            reader_copy(context, &compiled, leased, &mut wire)?;
            let from = context.mail.bounce_address.as_str();
            Ok(Mail::from_wire(from, &leased.address, &wire))
        }
    }
}

/// What some readers would get of an edition, with nobody's links.
pub fn example(
    context: &Context,
    list: &List,
    edition: &Edition,
    language: Option<&str>,
    period_ms: i64,
) -> Result<Rendered, Error> {
    let frozen = Frozen {
        public_id: "preview",
        ..Frozen::unnamed(edition, language, period_ms)
    };
    let compiled = compile(context, list, &frozen)?;
    let nobody = Leased::example(list.id, period_ms);
    Ok(with_reader(context, &nobody, |reader| {
        compiled.preview(reader)
    }))
}

/// The page where this editor edits the draft of a period.
pub fn edit_url(context: &Context, list: &List, period_ms: i64, editor: &str) -> String {
    let token = DraftToken {
        list_id: list.id,
        period_ms,
    };
    let identity =
        EmailAddress::parse(editor).map_or_else(|_| editor.to_owned(), |own| own.identity());
    let token = token.sign(&context.keyring, &identity);
    format!("{}/draft/{token}", context.site.public_url)
}
