//! What editors decide about a draft: an overlay on what would be chosen without them. Without edits a digest is exactly what it would
//! have been, and articles that arrive after an edit still take part.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::article::{Article, is_turning};
use super::digest::{Decided, Decision, Edition, EditionSection, Item, Why};
use super::list::Section;
use super::selection::{Selection, item};

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 300;
/// The longest introduction, in characters.
pub const INTRODUCTION_CHARS: usize = 5_000;

/// What editors decided about the digest of one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Editing {
    /// Words before the first story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// Articles that stand first in their section, in this order, whether or not there is room.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<i64>,
    /// The lead story, where it is not the one that would be taken. It is in the digest whether or not there is room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<i64>,
    /// Articles that are left out. They count as looked at: the next digest does not bring them either.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<i64>,
    /// The order of a section's articles; what is not named here stands after those that are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub order: BTreeMap<String, Vec<i64>>,
    /// What articles are called in this digest alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<i64, String>,
}

/// An edit that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEdit {
    /// The introduction is too long.
    #[error("the introduction has {0} characters, {INTRODUCTION_CHARS} at most")]
    Introduction(usize),
    /// A title is too long.
    #[error("the title of article {article} has {length} characters, {TITLE_CHARS} at most")]
    Title {
        /// The article.
        article: i64,
        /// How long it is, in characters.
        length: usize,
    },
}

impl Editing {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The articles that stand in the digest whatever else arrives.
    pub fn held(&self) -> HashSet<i64> {
        self.lead.iter().chain(&self.pinned).copied().collect()
    }

    /// The article stands first in its section, after those that were pinned before.
    pub fn pin(&mut self, article: i64) {
        self.dropped.remove(&article);
        if !self.pinned.contains(&article) {
            self.pinned.push(article);
        }
    }

    /// The article is left out.
    pub fn leave_out(&mut self, article: i64) {
        self.let_be(article);
        self.dropped.insert(article);
    }

    /// The article is neither pinned nor left out nor the chosen lead.
    pub fn let_be(&mut self, article: i64) {
        self.dropped.remove(&article);
        self.pinned.retain(|pinned| *pinned != article);
        self.lead = self.lead.filter(|lead| *lead != article);
    }

    /// The article leads the digest; `None`: the one that would without anybody's word.
    pub fn lead_with(&mut self, article: Option<i64>) {
        self.lead = article;
        if let Some(article) = article {
            self.dropped.remove(&article);
        }
    }

    /// What the article is called in this digest, on one line; nothing, or `own`: its own title.
    pub fn call(&mut self, article: i64, title: &str, own: &str) {
        let title = one_line(title);
        if title.is_empty() || title == one_line(own) {
            self.titles.remove(&article);
        } else {
            self.titles.insert(article, title);
        }
    }

    /// Words before the first story; none when there are none.
    pub fn introduce(&mut self, text: &str) {
        self.introduction = Some(paragraphs(text)).filter(|text| !text.is_empty());
    }

    /// What cannot be taken of it.
    pub fn problems(&self) -> Vec<InvalidEdit> {
        let length = |text: &str| text.chars().count();
        let introduction = self.introduction.as_deref().map_or(0, length);
        let introduction =
            (introduction > INTRODUCTION_CHARS).then_some(InvalidEdit::Introduction(introduction));
        let titles = self.titles.iter();
        let titles = titles.map(|(article, title)| InvalidEdit::Title {
            article: *article,
            length: length(title),
        });
        let long = |edit: &InvalidEdit| matches!(edit, InvalidEdit::Title { length, .. } if *length > TITLE_CHARS);
        introduction
            .into_iter()
            .chain(titles.filter(long))
            .collect()
    }

    /// Chooses from `articles` as `select` does, with what was decided here laid over it. `sections` are those that are chosen for.
    pub fn apply(
        &self,
        sections: &[Section],
        mut articles: Vec<Article>,
        select: impl FnOnce(Vec<Article>) -> Selection,
    ) -> Selection {
        if self.is_empty() {
            return select(articles);
        }
        for article in &mut articles {
            if let Some(title) = self.titles.get(&article.id) {
                article.title.clone_from(title);
            }
        }
        let (dropped, kept): (Vec<_>, Vec<_>) = articles
            .into_iter()
            .partition(|article| self.dropped.contains(&article.id));
        let is_held = self.held();
        let held: Vec<Article> = kept
            .iter()
            .filter(|article| is_held.contains(&article.id))
            .cloned()
            .collect();
        let Selection {
            edition,
            decisions,
            extras,
        } = select(kept);
        // Where it stands, which is the fallback where its section gave it away.
        let section_of = decisions
            .iter()
            .map(|one| (one.article_id, one.section.clone()));
        let section_of: HashMap<i64, String> = section_of.collect();
        let mut layout = Laid::out(sections, edition, &section_of);
        layout.put_in(held);
        if let Some(lead) = self.lead {
            layout.lead_with(lead);
        }
        layout.make_room(self);
        layout.put_in_order(self);
        let edition = layout.edition(self.introduction.clone());
        let decisions = self.decisions(&edition, &decisions, dropped);
        Selection {
            edition,
            decisions,
            extras,
        }
    }

    /// The decisions as they are now: the letter's, in its order, those left out, and those that the editors left out.
    fn decisions(
        &self,
        edition: &Edition,
        before: &[Decided],
        dropped: Vec<Article>,
    ) -> Vec<Decided> {
        let lead = edition.lead.as_ref().map(|lead| lead.article_id);
        let places: HashMap<i64, &Decided> =
            before.iter().map(|one| (one.article_id, one)).collect();
        let shown: HashSet<i64> = edition.items().map(|item| item.article_id).collect();
        let known = edition
            .items()
            .filter_map(|item| places.get(&item.article_id));
        let chosen = known.map(|one| {
            let decision = if lead == Some(one.article_id) {
                Decision::Lead
            } else if self.pinned.contains(&one.article_id) {
                Decision::Pinned
            } else {
                Decision::Chosen
            };
            now(one, decision)
        });
        let others = before.iter().filter(|one| !shown.contains(&one.article_id));
        let others = others.map(|one| match one.decision {
            // A pinned one took its place.
            Decision::Lead | Decision::Chosen => now(one, Decision::SectionFull),
            _ => one.clone(),
        });
        let dropped = dropped.into_iter().map(|article| Decided {
            article_id: article.id,
            decision: Decision::Dropped,
            section: article.section,
            position: 0,
            other_id: None,
            why: Why::default(),
        });
        let all = (0..).zip(chosen.chain(others).chain(dropped));
        all.map(|(position, one)| Decided { position, ..one })
            .collect()
    }
}

/// What was decided once more: the reasons of another decision no longer hold.
fn now(before: &Decided, decision: Decision) -> Decided {
    let is_same = matches!(before.decision, Decision::Lead | Decision::Chosen);
    Decided {
        decision,
        other_id: before.other_id.filter(|_| is_same),
        why: if is_same {
            before.why.clone()
        } else {
            Why::default()
        },
        ..before.clone()
    }
}

/// An edition taken apart: its lead, and the items of each section of the list.
struct Laid<'a> {
    sections: &'a [Section],
    section_of: &'a HashMap<i64, String>,
    edition: Edition,
    /// In the list's order; empty ones too.
    items: Vec<Vec<Item>>,
}

impl<'a> Laid<'a> {
    fn out(
        sections: &'a [Section],
        mut edition: Edition,
        section_of: &'a HashMap<i64, String>,
    ) -> Self {
        let mut shown = std::mem::take(&mut edition.sections);
        let items = sections.iter().map(|section| {
            let found = shown.iter_mut().find(|shown| shown.key == section.key);
            found.map_or_else(Vec::new, |shown| std::mem::take(&mut shown.items))
        });
        Self {
            items: items.collect(),
            sections,
            section_of,
            edition,
        }
    }

    fn place(&self, article: i64) -> Option<usize> {
        let key = self.section_of.get(&article)?;
        self.sections.iter().position(|section| section.key == *key)
    }

    /// What is held and was not chosen comes to its section.
    fn put_in(&mut self, held: Vec<Article>) {
        for article in held {
            let mut shown = self.edition.lead.iter().chain(self.items.iter().flatten());
            if shown.any(|item| item.article_id == article.id) {
                continue;
            }
            if let Some(place) = self.place(article.id) {
                self.items[place].push(item(article));
            }
        }
    }

    /// The lead that there was stands first in its section again.
    fn lead_with(&mut self, article: i64) {
        let Some(place) = self.place(article) else {
            return;
        };
        let mut items = self.items[place].iter();
        let Some(found) = items.position(|item| item.article_id == article) else {
            return;
        };
        let lead = self.items[place].remove(found);
        let Some(former) = self.edition.lead.replace(lead) else {
            return;
        };
        if let Some(place) = self.place(former.article_id) {
            self.items[place].insert(0, former);
        }
    }

    /// A full section loses the last of those that nobody holds. The lead is from its section's share.
    fn make_room(&mut self, editing: &Editing) {
        let lead = self.edition.lead.as_ref().map(|lead| lead.article_id);
        let of_lead = lead.and_then(|lead| self.place(lead));
        let held = editing.held();
        for (place, items) in self.items.iter_mut().enumerate() {
            let share = usize::from(of_lead == Some(place));
            let room = self.sections[place].limit.saturating_sub(share);
            while items.len() > room {
                let free = |item: &Item| !held.contains(&item.article_id);
                let Some(last) = items.iter().rposition(free) else {
                    break;
                };
                items.remove(last);
            }
        }
    }

    /// Pinned ones first; then the order that was asked for; then what nobody put in order.
    fn put_in_order(&mut self, editing: &Editing) {
        for (section, items) in self.sections.iter().zip(&mut self.items) {
            let order = editing.order.get(&section.key);
            let place_in = |order: &[i64], article| {
                let found = order.iter().position(|one| *one == article);
                found.unwrap_or(usize::MAX)
            };
            items.sort_by_key(|item| {
                let pinned = place_in(&editing.pinned, item.article_id);
                let ordered = order.map_or(0, |order| place_in(order, item.article_id));
                (pinned == usize::MAX, ordered, pinned)
            });
        }
    }

    fn edition(self, introduction: Option<String>) -> Edition {
        let sections = self.sections.iter().zip(self.items);
        let sections = sections.filter(|(_, items)| !items.is_empty());
        let sections = sections.map(|(section, items)| EditionSection {
            key: section.key.clone(),
            name: section.name.clone(),
            layout: section.layout,
            items,
        });
        Edition {
            introduction,
            sections: sections.collect(),
            ..self.edition
        }
    }
}

/// A title: one line, without control characters and what turns the text around it.
fn one_line(text: &str) -> String {
    text.split_whitespace()
        .map(|word| word.replace(|letter: char| letter.is_control() || is_turning(letter), ""))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Plain text: lines end with LF, none ends in white space, and nothing else controls or turns anything.
fn paragraphs(text: &str) -> String {
    let lines = text.lines().map(|line| {
        line.trim_end().replace(
            |letter: char| letter.is_control() && letter != '\t' || is_turning(letter),
            "",
        )
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
#[path = "editing_tests.rs"]
mod tests;
