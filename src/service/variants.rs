//! What readers with choices of their own get of a digest: from where on articles are new for each, and one variant for all who
//! chose alike. A variant holds nothing but what its digest has looked at, so that the digest's record is the record of all.

use std::collections::HashSet;
use std::collections::btree_map::{BTreeMap, Entry};

use super::{Context, Error, letter};
use crate::domain::article::Article;
use crate::domain::choices::Choices;
use crate::domain::digest::{Audience, Decided, Decision, Edition};
use crate::domain::list::{List, Section};
use crate::domain::selection::{Selection, select};
use crate::domain::token;
use crate::locale::SUPPORTED;
use crate::store::article::Window;
use crate::store::audience::{Group, Turn};
use crate::store::digest::Digest;
use crate::store::digest_variant::Variant;
use crate::store::{self, Tx};

/// From where on articles are new for the readers of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// For those who are where the list is.
    pub(super) list: Window,
    /// How far back an article may be dated that comes late.
    pub(super) one_period_ms: i64,
}

impl Windows {
    /// For readers for whom articles were last looked at then.
    pub(super) fn since(&self, since_ms: Option<i64>) -> Window {
        since_ms.map_or(self.list, |since_ms| Window {
            oldest_ms: since_ms - self.one_period_ms,
            seen_ms: since_ms,
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

/// Chooses what readers of these sections get.
pub(super) fn choose(list: &List, keys: Option<&[String]>, articles: Vec<Article>) -> Selection {
    let Some(keys) = keys else {
        return select(&list.sections, list.lead, articles);
    };
    let sections = list.sections.iter().filter(|one| keys.contains(&one.key));
    let sections: Vec<Section> = sections.cloned().collect();
    select(&sections, list.lead, articles)
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
pub(super) fn decisions(
    list: &List,
    selection: &Selection,
    looked_at: impl IntoIterator<Item = Article>,
) -> Vec<Decided> {
    let mut decided = selection.decisions.clone();
    for one in &mut decided {
        let is_another = one.decision == Decision::NoSection
            && list.sections.iter().any(|known| known.key == one.section);
        if is_another {
            one.decision = Decision::OtherReaders;
        }
    }
    let mut known: HashSet<i64> = decided.iter().map(|one| one.article_id).collect();
    for article in looked_at {
        if known.insert(article.id) {
            decided.push(Decided {
                article_id: article.id,
                decision: Decision::OtherReaders,
                section: article.section,
                position: decided.len() as i64,
            });
        }
    }
    decided
}

/// Makes the variants of a digest that is being frozen: which readers get which (0: the digest's own edition), and for how many
/// there is too little.
pub(super) async fn make(
    context: &Context,
    tx: &mut Tx,
    list: &List,
    digest: &Digest,
    turn: &Turn,
    windows: &Windows,
) -> Result<(Vec<(Group, i64)>, i64), Error> {
    let mut looked_at: BTreeMap<Option<i64>, Vec<Article>> = BTreeMap::new();
    let mut variants: Vec<Variant> = Vec::new();
    // Each group with the place of its variant; `None`: the digest's own edition.
    let mut placed: Vec<(Group, Option<usize>)> = Vec::new();
    let mut nothing_new = 0;
    for group in store::audience::groups(tx, turn).await? {
        if let Entry::Vacant(new) = looked_at.entry(group.since_ms) {
            let window = windows.since(group.since_ms);
            let articles =
                store::article::new_in(tx, list.id, window, digest.until_ms, digest.id).await?;
            new.insert(articles);
        }
        let articles = looked_at.get(&group.since_ms).cloned().unwrap_or_default();
        let sections = sections(list, &group)?;
        let language = group.language.clone().filter(|language| {
            SUPPORTED.contains(&language.as_str()) && *language != list.language
        });
        let edition = choose(list, sections.as_deref(), articles).edition;
        if !is_enough(list, &edition) {
            nothing_new += group.readers;
            continue;
        }
        let is_the_lists = language.is_none() && sections.is_none() && edition == digest.edition;
        if digest.audience == Audience::List && is_the_lists {
            placed.push((group, None));
            continue;
        }
        let alike = variants.iter().position(|one| {
            one.language == language && one.sections == sections && one.edition == edition
        });
        let place = alike.unwrap_or(variants.len());
        if alike.is_none() {
            let public_id = token::random_id();
            let chosen = language.as_deref();
            variants.push(Variant {
                id: 0,
                digest_id: digest.id,
                subject: letter::subject(
                    context,
                    list,
                    &edition,
                    chosen,
                    digest.period_ms,
                    &public_id,
                )?,
                public_id,
                language,
                sections,
                since_ms: group.since_ms,
                edition,
                recipients: 0,
            });
        }
        variants[place].recipients += group.readers;
        placed.push((group, Some(place)));
    }
    for variant in &mut variants {
        variant.id = store::digest_variant::insert(tx, variant).await?;
    }
    let placed = placed.into_iter();
    let with_rows = placed.map(|(group, place)| (group, place.map_or(0, |at| variants[at].id)));
    Ok((with_rows.collect(), nothing_new))
}
