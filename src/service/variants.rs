//! What readers with choices of their own get of a digest: from where on articles are new for each, and one variant for all who
//! chose alike. A variant holds nothing but what its digest has looked at, so that the digest's record is the record of all.

use std::collections::{BTreeSet, HashSet};

use super::shelf::Shelf;
use super::{Context, Error, letter};
use crate::domain::choices::Choices;
use crate::domain::digest::{Audience, Decided, Decision, Edition, Why};
use crate::domain::list::List;
use crate::domain::selection::Selection;
use crate::domain::token;
use crate::locale::SUPPORTED;
use crate::store::article::Window;
use crate::store::audience::{Group, Placed, Turn};
use crate::store::digest::Digest;
use crate::store::digest_variant::Variant;
use crate::store::owed::{self, Owed};
use crate::store::{self, Tx};

/// From where on articles are new for the readers of a list.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// For those who are where the list is.
    pub(super) list: Window,
    /// How far back an article may be dated that comes late.
    pub(super) one_period_ms: i64,
}

impl Windows {
    /// For the readers of a group.
    pub(super) fn of(&self, group: &Group) -> Result<Window, Error> {
        let (oldest_ms, seen_ms) = match group.since_ms {
            None => (self.list.oldest_ms, self.list.seen_ms),
            Some(since_ms) => (since_ms - self.one_period_ms, since_ms),
        };
        Ok(Window {
            oldest_ms,
            seen_ms,
            owed: owed::parse(group.owed.as_deref())?,
        })
    }
}

/// How long the period of the list's schedule is that holds this moment.
pub(super) fn one_period_ms(list: &List, at_ms: i64) -> i64 {
    let period_ms = list.schedule.latest_at_or_before(at_ms).unwrap_or(at_ms);
    let previous = list.schedule.previous(period_ms);
    previous.map_or(0, |previous| period_ms - previous)
}

/// Whose turn it is at a moment; own hours before it that the list's lateness still covers are among them.
pub(super) fn turn(list: &List, audience: Audience, until_ms: i64) -> Turn {
    Turn {
        list_id: list.id,
        audience,
        from_ms: until_ms - list.lateness.as_millis() as i64,
        until_ms,
    }
}

/// Whether it is worth a mail.
pub(super) fn is_enough(list: &List, edition: &Edition) -> bool {
    edition.article_count() >= list.min_articles.max(1)
}

/// The sections of a group, of those that the list has now.
pub(super) fn sections(list: &List, group: &Group) -> Result<Option<Vec<String>>, Error> {
    let chosen = store::choices::sections(group.sections.as_deref())?.unwrap_or_default();
    let offered: Vec<&str> = list.sections.iter().map(|one| one.key.as_str()).collect();
    Ok(Choices::ticked(chosen.iter().map(String::as_str), &offered))
}

/// The record of a digest: the decisions of its own edition, and that all else was looked at for other readers.
pub(super) fn decisions(list: &List, selection: &Selection, shelf: &Shelf) -> Vec<Decided> {
    let mut decided = selection.decisions.clone();
    for one in &mut decided {
        let is_another = one.decision == Decision::NoSection
            && list.sections.iter().any(|known| known.key == one.section);
        if is_another {
            one.decision = Decision::OtherReaders;
        }
    }
    let mut known: HashSet<i64> = decided.iter().map(|one| one.article_id).collect();
    for article in shelf.articles() {
        if known.insert(article.id) {
            decided.push(Decided {
                article_id: article.id,
                decision: Decision::OtherReaders,
                section: article.section.clone(),
                position: decided.len() as i64,
                other_id: None,
                why: Why::default(),
            });
        }
    }
    decided
}

/// What a digest that is being frozen is for whom.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Who gets what.
    pub(super) placed: Vec<Placed>,
    /// Who would find nothing in it.
    pub(super) empty: Vec<Placed>,
    /// For how many readers there is too little.
    pub(super) nothing_new: i64,
    /// Whether there are readers whose window is none of those that were looked at: a digest was taken back meanwhile, or they have
    /// their turn by a choice of this moment. They wait for the next digest, or what it did not look at would be lost.
    pub(super) others: bool,
}

/// Makes the variants of a digest that is being frozen, and says which readers get which.
pub(super) async fn make(
    context: &Context,
    tx: &mut Tx,
    list: &List,
    digest: &Digest,
    turn: &Turn,
    windows: &Windows,
) -> Result<Made, Error> {
    let span = (windows.list.oldest_ms, digest.until_ms);
    let mut shelf = Shelf::open(tx, list, span, (digest.audience, Some(digest.id))).await?;
    let own_news = digest.edition.news();
    let looked: Option<BTreeSet<_>> = store::digest_look::windows(tx, digest.id).await?;
    let mut variants: Vec<Variant> = Vec::new();
    // The news of each, by which they are told apart: what stands beside it follows from it.
    let mut news: Vec<Edition> = Vec::new();
    let mut made = Made::default();
    // What editors decided is about the list's digest of one hour, not about readers' own hours.
    if digest.audience == Audience::List {
        let draft = store::draft::read(tx, list.id, digest.period_ms).await?;
        shelf.edit(draft.editing);
    }
    for group in store::audience::groups(tx, turn).await? {
        let window = windows.of(&group)?;
        let key = window.key();
        let is_the_lists = digest.audience == Audience::List && key == windows.list.key();
        if !is_the_lists && looked.as_ref().is_some_and(|looked| !looked.contains(&key)) {
            made.others = true;
            continue;
        }
        shelf.look(tx, &window, is_the_lists).await?;
        let sections = sections(list, &group)?;
        let language = group.language.clone().filter(|language| {
            SUPPORTED.contains(&language.as_str()) && *language != list.language
        });
        let mut selection = shelf.choose(sections.as_deref(), &key);
        let is_told = digest.audience == Audience::List && group.since_ms.is_none();
        selection.edition.corrections = if is_told {
            digest.edition.corrections.clone()
        } else {
            // Told by the list's digests, or by theirs: what came since the last look for them.
            let (after_ms, until_ms) = (window.seen_ms, digest.composed_ms);
            store::correction::between(tx, list.id, after_ms, until_ms).await?
        };
        let owed: Vec<i64> = window.owed.iter().map(|Owed(digest, _)| *digest).collect();
        if !owed.is_empty() {
            // A digest that did not reach them was to tell it.
            let mut notes = store::correction::told_in(tx, &owed).await?;
            notes.append(&mut selection.edition.corrections);
            let mut known = HashSet::new();
            notes.retain(|note| known.insert(note.clone()));
            selection.edition.corrections = notes;
        }
        let edition = selection.edition.clone();
        if !is_enough(list, &edition) {
            made.nothing_new += group.readers;
            if edition.article_count() == 0 {
                made.empty.push(placed(group, 0, String::new()));
            }
            continue;
        }
        let missed = missed(digest, &window, windows)?;
        let is_plain = language.is_none() && sections.is_none() && edition == own_news;
        if digest.audience == Audience::List && is_plain {
            made.placed.push(placed(group, 0, missed));
            continue;
        }
        let alike = variants.iter().zip(&news).position(|(one, news)| {
            one.language == language && one.sections == sections && *news == edition
        });
        let place = alike.unwrap_or(variants.len());
        if alike.is_none() {
            shelf.add_extras(sections.as_deref(), &key, &mut selection);
            news.push(edition);
            let edition = selection.edition;
            variants.push(Variant {
                id: 0,
                digest_id: digest.id,
                subject: letter::subject(
                    context,
                    list,
                    &edition,
                    language.as_deref(),
                    digest.period_ms,
                )?,
                public_id: token::random_id(),
                language,
                sections,
                since_ms: group.since_ms,
                edition,
                recipients: 0,
            });
        }
        variants[place].recipients += group.readers;
        made.placed.push(placed(group, place as i64 + 1, missed));
    }
    for variant in &mut variants {
        variant.id = store::digest_variant::insert(tx, variant).await?;
    }
    // Places, from 1, become rows.
    for placed in made.placed.iter_mut().filter(|one| one.variant_id > 0) {
        placed.variant_id = variants[placed.variant_id as usize - 1].id;
    }
    Ok(made)
}

fn placed(group: Group, variant_id: i64, missed: String) -> Placed {
    Placed {
        group,
        variant_id,
        missed,
    }
}

/// What readers of this window are owed should they not get the digest: empty where it is nothing but the list's own.
fn missed(digest: &Digest, window: &Window, windows: &Windows) -> Result<String, Error> {
    if digest.audience == Audience::List && window.key() == windows.list.key() {
        return Ok(String::new());
    }
    let mut owed = window.owed.clone();
    owed.push(Owed(digest.id, window.seen_ms));
    Ok(owed::json(&owed)?)
}
