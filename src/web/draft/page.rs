//! The pages of a draft as data for their templates.

use askama::Template;

use super::form::{Typed, place};
use crate::domain::digest::{Decision, Edition};
use crate::domain::editing::{INTRODUCTION_CHARS, TITLE_CHARS};
use crate::domain::list::List;
use crate::locale::Locale;
use crate::service::compose::Draft;
use crate::service::editing::COMMAND;
use crate::web::page::SiteView;

/// So many articles of a section that would be left out are shown.
const MOST_LEFT_OUT: usize = 30;
/// The places of an article, as the form names them.
const PLACES: [&str; 3] = ["auto", "pin", "drop"];

/// A draft that can be edited. Posts to its own address; `do` says what else is wanted.
#[derive(Debug, Template)]
#[template(path = "web/draft.html")]
pub struct DraftPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list: &'a List,
    /// Whose link it is.
    pub address: String,
    /// The draft.
    pub draft: &'a Draft,
    /// What stands in the fields.
    pub typed: &'a Typed,
    /// What was just done: the end of the text's key, `editing-note-<word>`.
    pub note: Option<&'static str>,
    /// The sections.
    pub sections: Vec<SectionView<'a>>,
}

/// A section of a draft.
#[derive(Debug)]
pub struct SectionView<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The articles that stand in it, in their order, without the lead.
    pub shown: String,
    /// Whether they were put in this order by hand, and are not saved so yet.
    pub by_hand: bool,
    /// All that may stand in it.
    pub pieces: Vec<Piece<'a>>,
}

/// An article of a draft.
#[derive(Debug)]
pub struct Piece<'a> {
    /// Its row.
    pub id: i64,
    /// The title in its field.
    pub title: &'a str,
    /// Its own title: what stands in the field counts as an edit where it is another.
    pub own: &'a str,
    /// The same, where the field holds another.
    pub own_title: Option<&'a str>,
    /// Its source.
    pub source: Option<&'a str>,
    /// Epoch milliseconds.
    pub published_ms: i64,
    /// Where it stands in its section; none for one that is left out, and for the lead.
    pub position: Option<usize>,
    /// Where it shall stand: one of [`PLACES`].
    pub place: &'static str,
    /// What becomes of it, beside standing in its section: the end of `editing-is-<word>`.
    pub state: Option<&'static str>,
    /// Whether its title cannot be taken.
    pub is_wrong: bool,
    /// What is saved at present, where another editor was faster and it is another.
    pub stored_title: Option<&'a str>,
    /// The same of its place.
    pub stored_place: Option<&'static str>,
}

/// The sections of a draft with what stands in them, what does not, and what was left out.
pub fn sections<'a>(list: &'a List, draft: &'a Draft, typed: &'a Typed) -> Vec<SectionView<'a>> {
    let sections = list.sections.iter().map(|section| {
        let of_section = |wanted: fn(Decision) -> bool| {
            let decided = draft.selection.decisions.iter();
            decided.filter(move |one| one.section == section.key && wanted(one.decision))
        };
        let lead = of_section(|decision| decision == Decision::Lead);
        let lead = lead.map(|one| (one.article_id, None, Some("lead")));
        let shown = typed.shown.get(&section.key).cloned().unwrap_or_default();
        let dropped = of_section(|decision| decision == Decision::Dropped);
        let dropped = dropped.map(|one| (one.article_id, None, Some("dropped")));
        let stands = |decision| {
            matches!(
                decision,
                Decision::Lead | Decision::Chosen | Decision::Pinned | Decision::Dropped
            )
        };
        let left_out = draft.selection.decisions.iter();
        let left_out = left_out.filter(|one| one.section == section.key && !stands(one.decision));
        let left_out = left_out.map(|one| (one.article_id, None, Some("full")));
        let in_order = shown.iter().enumerate().map(|(at, id)| {
            let pinned = typed.editing.pinned.contains(id).then_some("pinned");
            (*id, Some(at + 1), pinned)
        });
        let pieces = lead
            .chain(in_order)
            .chain(left_out.take(MOST_LEFT_OUT))
            .chain(dropped)
            .filter_map(|(id, position, state)| piece(draft, typed, id, position, state));
        SectionView {
            by_hand: typed.ordered.contains(&section.key),
            key: &section.key,
            name: &section.name,
            pieces: pieces.collect(),
            shown: shown
                .iter()
                .map(i64::to_string)
                .collect::<Vec<_>>()
                .join(","),
        }
    });
    sections
        .filter(|section| !section.pieces.is_empty())
        .collect()
}

fn piece<'a>(
    draft: &'a Draft,
    typed: &'a Typed,
    id: i64,
    position: Option<usize>,
    state: Option<&'static str>,
) -> Option<Piece<'a>> {
    let article = draft.articles.iter().find(|article| article.id == id)?;
    let called = |typed: &'a Typed| typed.editing.titles.get(&id).map(String::as_str);
    let title = called(typed).unwrap_or(&article.title);
    let wanted = place(&typed.editing, id);
    let stored = typed.stored.as_deref();
    let stored_title = stored.map(|stored| called(stored).unwrap_or(&article.title));
    let stored_place = stored.map(|stored| place(&stored.editing, id));
    Some(Piece {
        id,
        title,
        own: &article.title,
        own_title: (title != article.title).then_some(article.title.as_str()),
        source: article.source.as_deref(),
        published_ms: article.published_ms,
        position,
        place: wanted,
        state,
        is_wrong: typed.is_wrong(Some(id)),
        stored_title: stored_title.filter(|stored| *stored != title),
        stored_place: stored_place.filter(|stored| *stored != wanted),
    })
}

impl Piece<'_> {
    fn is_at(&self, place: &str) -> bool {
        self.place == place
    }
}

impl DraftPage<'_> {
    /// Whether it is the first field at fault, which has the focus.
    fn is_first_wrong(&self, piece: &Piece<'_>) -> bool {
        let mut pieces = self.sections.iter().flat_map(|section| &section.pieces);
        let first = pieces.find(|piece| piece.is_wrong);
        !self.typed.is_wrong(None) && first.is_some_and(|first| first.id == piece.id)
    }

    fn place(&self, word: &str) -> String {
        self.locale.text(&format!("editing-place-{word}"))
    }

    fn goes_out(&self) -> String {
        let zone = self.list.schedule.zone();
        let values = [
            (
                "time",
                self.locale.date_time(self.draft.period_ms, zone).into(),
            ),
            ("zone", self.locale.zone_city_of(zone).into()),
        ];
        self.locale.text_with("editing-goes-out", &values)
    }

    /// Who changed it last, by name.
    fn who(&self) -> Option<String> {
        self.draft.edits.edited_ms?;
        Some(match self.draft.edits.edited_by.as_deref() {
            Some(COMMAND) | None => self.locale.text("editing-command"),
            Some(address) => address.to_owned(),
        })
    }

    fn changed(&self) -> Option<String> {
        let zone = self.list.schedule.zone();
        let time = self.locale.date_time(self.draft.edits.edited_ms?, zone);
        let values = [("who", self.who()?.into()), ("time", time.into())];
        Some(self.locale.text_with("editing-changed", &values))
    }

    fn note(&self) -> Option<String> {
        let key = format!("editing-note-{}", self.note?);
        let values = [("address", self.address.as_str().into())];
        Some(self.locale.text_with(&key, &values))
    }

    fn stale(&self) -> Option<String> {
        self.typed.stored.as_ref()?;
        let values = [("who", self.who().unwrap_or_default().into())];
        Some(self.locale.text_with("editing-stale", &values))
    }

    fn introduction(&self) -> &str {
        self.typed
            .editing
            .introduction
            .as_deref()
            .unwrap_or_default()
    }

    /// What is saved at present as introduction, where that is another.
    fn stored_introduction(&self) -> Option<&str> {
        let stored = self.typed.stored.as_ref()?;
        let stored = stored.editing.introduction.as_deref().unwrap_or_default();
        (stored != self.introduction()).then_some(stored)
    }

    /// The articles that may lead, those of the digest first.
    fn leads(&self) -> Vec<(i64, &str)> {
        let pieces = self.sections.iter().flat_map(|section| &section.pieces);
        let pieces = pieces.filter(|piece| piece.place != "drop");
        pieces.map(|piece| (piece.id, piece.title)).collect()
    }

    fn leads_with(&self, article: i64) -> bool {
        self.typed.editing.lead == Some(article)
    }

    /// What leads as saved at present, where that is another.
    fn stored_lead(&self) -> Option<String> {
        let stored = self.typed.stored.as_ref()?;
        if stored.editing.lead == self.typed.editing.lead {
            return None;
        }
        let leads = self.leads();
        let title = leads
            .iter()
            .find(|(id, _)| stored.editing.lead == Some(*id));
        Some(title.map_or_else(
            || self.locale.text("editing-lead-auto"),
            |(_, title)| (*title).to_owned(),
        ))
    }

    fn stored(&self, value: &str) -> String {
        self.locale
            .text_with("editing-stored", &[("value", value.into())])
    }

    fn stored_place(&self, word: &str) -> String {
        self.stored(&self.place(word))
    }

    fn introduction_too_long(&self) -> String {
        self.too_long(INTRODUCTION_CHARS)
    }

    fn title_too_long(&self) -> String {
        self.too_long(TITLE_CHARS)
    }

    fn too_long(&self, most: usize) -> String {
        let most = self.locale.number(most);
        self.locale
            .text_with("editing-too-long", &[("most", most.into())])
    }
}

/// A digest that is made: what its readers get, and nothing to change.
#[derive(Debug, Template)]
#[template(path = "web/draft_made.html")]
pub struct MadePage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list: &'a List,
    /// The period, epoch milliseconds.
    pub period_ms: i64,
    /// What it says.
    pub edition: &'a Edition,
    /// Its page, once it has one.
    pub url: Option<String>,
}

/// A draft for which no digest goes out.
#[derive(Debug, Template)]
#[template(path = "web/draft_closed.html")]
pub struct ClosedPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// The list.
    pub list: &'a List,
    /// The period, epoch milliseconds.
    pub period_ms: i64,
}

/// What some readers would get of a draft.
#[derive(Debug, Template)]
#[template(path = "web/draft_preview.html")]
pub struct PreviewPage<'a> {
    /// The language of the page.
    pub locale: &'a Locale,
    /// The site.
    pub site: &'a SiteView<'a>,
    /// Whose link it is.
    pub address: String,
    /// What was just done: the end of the text's key, `editing-note-<word>`.
    pub note: Option<&'static str>,
    /// Where the HTML part is.
    pub letter_url: String,
    /// The draft.
    pub draft_url: String,
    /// The subject; none when they would get nothing.
    pub subject: Option<String>,
    /// The text part.
    pub text: Option<String>,
    /// The language of the letter.
    pub letter_locale: &'a Locale,
    /// All who would get it, and which of them are shown.
    pub variants: Vec<VariantView>,
}

/// Readers who would get the same.
#[derive(Debug)]
pub struct VariantView {
    /// Their sections and their language.
    pub name: String,
    /// How many they are.
    pub readers: i64,
    /// What they would get.
    pub url: String,
    /// Whether that is shown.
    pub is_shown: bool,
}

impl PreviewPage<'_> {
    fn note(&self) -> Option<String> {
        let key = format!("preview-note-{}", self.note?);
        let values = [("address", self.address.as_str().into())];
        Some(self.locale.text_with(&key, &values))
    }

    fn readers(&self, variant: &VariantView) -> String {
        match usize::try_from(variant.readers) {
            Ok(readers @ 1..) => self.locale.count("count-readers", readers),
            _ => self.locale.text("preview-nobody"),
        }
    }
}
