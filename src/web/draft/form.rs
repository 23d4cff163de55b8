//! The form of a draft: what stands in it, and what it decides. Fields of an article are named `field.ID`, of a section `shown.KEY`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::digest::Decision;
use crate::domain::editing::{Editing, InvalidEdit};
use crate::domain::list::List;
use crate::service::compose::Draft;

/// The fields of a form in the order in which they came.
pub type Fields = Vec<(String, String)>;

/// The first field of this name, or nothing.
pub fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// What stands in the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The version that the page showed.
    pub version: i64,
    /// What the fields decide.
    pub editing: Editing,
    /// What cannot be taken of it.
    pub problems: Vec<InvalidEdit>,
    /// The order in which the page shows each section.
    pub shown: BTreeMap<String, Vec<i64>>,
    /// The sections that were put in this order by hand, and are not saved so yet.
    pub ordered: BTreeSet<String>,
    /// What is saved at present, where another editor was faster.
    pub stored: Option<Box<Typed>>,
}

/// What a place in the digest is called in the form.
pub fn place(editing: &Editing, article: i64) -> &'static str {
    if editing.dropped.contains(&article) {
        "drop"
    } else if editing.pinned.contains(&article) {
        "pin"
    } else {
        "auto"
    }
}

impl Typed {
    /// The fields as they show what is saved.
    pub fn of(list: &List, draft: &Draft) -> Self {
        Self {
            version: draft.edits.version,
            editing: draft.edits.editing.clone(),
            problems: Vec::new(),
            shown: shown(list, draft),
            ordered: BTreeSet::new(),
            stored: None,
        }
    }

    /// What was typed. An article that the form does not show stays as it was decided.
    pub fn read(list: &List, draft: &Draft, fields: &Fields) -> Self {
        let mut typed = Self::of(list, draft);
        typed.version = field(fields, "version").parse().unwrap_or(-1);
        let by_name: HashMap<&str, &str> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let editing = &mut typed.editing;
        if let Some(text) = by_name.get("introduction") {
            editing.introduce(text);
        }
        // Before the places: what is left out there leads no more.
        if let Some(lead) = by_name.get("lead") {
            let is_known = |lead: &i64| draft.articles.iter().any(|one| one.id == *lead);
            editing.lead_with(lead.parse().ok().filter(is_known));
        }
        for article in &draft.articles {
            let of = |name: &str| by_name.get(format!("{name}.{}", article.id).as_str());
            if let Some(title) = of("title") {
                // Its own title as the page showed it: the source may have changed it since, and that is no edit.
                let own = of("own").copied().unwrap_or(&article.title);
                editing.call(article.id, title, own);
            }
            match of("place").copied() {
                Some(wanted) if wanted == place(editing, article.id) => {}
                Some("pin") => editing.pin(article.id),
                Some("drop") => editing.leave_out(article.id),
                Some("auto") => {
                    let lead = editing.lead;
                    editing.let_be(article.id);
                    editing.lead = lead;
                }
                _ => {}
            }
        }
        let is_of = |id: i64, key: &str| {
            let mut decided = draft.selection.decisions.iter();
            decided.any(|one| one.article_id == id && one.section == key)
        };
        for section in &list.sections {
            let of = |name: &str| by_name.get(format!("{name}.{}", section.key).as_str());
            let Some(shown) = of("shown") else {
                continue;
            };
            let mut seen = BTreeSet::new();
            let shown = shown.split(',').filter_map(|id| id.parse().ok());
            let shown = shown.filter(|id| is_of(*id, &section.key) && seen.insert(*id));
            let shown: Vec<i64> = shown.collect();
            let position = |id: i64| by_name.get(format!("at.{id}").as_str()).copied();
            let order = order(&shown, position);
            if order != shown || of("ordered").is_some() {
                // The story that leads comes first, should another lead.
                let lead = draft.selection.edition.lead.iter();
                let lead = lead.map(|lead| lead.article_id);
                let lead = lead.filter(|lead| is_of(*lead, &section.key));
                let all = lead.chain(order.iter().copied()).collect();
                editing.order.insert(section.key.clone(), all);
                typed.ordered.insert(section.key.clone());
            }
            typed.shown.insert(section.key.clone(), order);
        }
        typed.problems = typed.editing.problems();
        typed
    }

    /// What was typed, over what another editor has saved meanwhile. What was put in order stays in it; what is new in a section stands
    /// behind, and what does not stand there any more is gone.
    pub fn beside(self, stored: Self) -> Self {
        let shown = stored.shown.iter().map(|(section, theirs)| {
            let mine = self
                .shown
                .get(section)
                .filter(|_| self.ordered.contains(section));
            let mine = mine.into_iter().flatten().filter(|id| theirs.contains(id));
            let mut order: Vec<i64> = mine.copied().collect();
            order.extend(
                theirs
                    .iter()
                    .filter(|id| !order.contains(id))
                    .collect::<Vec<_>>(),
            );
            (section.clone(), order)
        });
        Self {
            version: stored.version,
            shown: shown.collect(),
            stored: Some(Box::new(stored)),
            ..self
        }
    }

    /// Why a title cannot be taken, or the introduction (`None`).
    pub fn is_wrong(&self, article: Option<i64>) -> bool {
        self.problems.iter().any(|problem| match problem {
            InvalidEdit::Introduction(_) => article.is_none(),
            InvalidEdit::Title { article: id, .. } => article == Some(*id),
        })
    }
}

/// What stands in each section of the draft now, in its order, without the lead.
fn shown(list: &List, draft: &Draft) -> BTreeMap<String, Vec<i64>> {
    let sections = list.sections.iter().map(|section| {
        let stands = |decision| matches!(decision, Decision::Chosen | Decision::Pinned);
        let decided = draft.selection.decisions.iter();
        let decided = decided.filter(|one| one.section == section.key && stands(one.decision));
        (
            section.key.clone(),
            decided.map(|one| one.article_id).collect(),
        )
    });
    sections.collect()
}

/// The order that the typed positions ask for: who was moved up to a number stands before who had it, who was moved down behind.
fn order<'a>(shown: &[i64], position: impl Fn(i64) -> Option<&'a str>) -> Vec<i64> {
    let places = shown.iter().enumerate().map(|(before, id)| {
        let before = before as i64 + 1;
        let now = position(*id).and_then(in_digits).unwrap_or(before);
        let key = match now.cmp(&before) {
            std::cmp::Ordering::Less => 2 * now - 1,
            std::cmp::Ordering::Equal => 2 * now,
            std::cmp::Ordering::Greater => 2 * now + 1,
        };
        (key, *id)
    });
    let mut places: Vec<(i64, i64)> = places.collect();
    places.sort_by_key(|(key, _)| *key);
    places.into_iter().map(|(_, id)| id).collect()
}

/// A number of up to four digits, in whichever of our digits it was typed.
fn in_digits(text: &str) -> Option<i64> {
    let digits = text.trim().chars().map(|letter| match letter {
        '٠'..='٩' => Some(letter as i64 - '٠' as i64),
        '۰'..='۹' => Some(letter as i64 - '۰' as i64),
        _ => letter.to_digit(10).map(i64::from),
    });
    let digits: Option<Vec<i64>> = digits.collect();
    let digits = digits.filter(|digits| (1..=4).contains(&digits.len()))?;
    Some(
        digits
            .into_iter()
            .fold(0, |number, digit| number * 10 + digit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(typed: [&'static str; 4]) -> Vec<i64> {
        order(&[11, 12, 13, 14], move |id| Some(typed[id as usize - 11]))
    }

    #[test]
    fn a_typed_position_is_where_the_article_stands() {
        assert_eq!(ordered(["1", "2", "3", "4"]), [11, 12, 13, 14]);
        assert_eq!(ordered(["1", "2", "3", "1"]), [14, 11, 12, 13]);
        assert_eq!(ordered(["4", "2", "3", "4"]), [12, 13, 14, 11]);
        assert_eq!(ordered(["1", "3", "3", "4"]), [11, 13, 12, 14]);
        assert_eq!(ordered(["٤", "٣", "۲", "1"]), [14, 13, 12, 11]);
        assert_eq!(ordered(["", "x", "-1", "99999"]), [11, 12, 13, 14]);
        assert_eq!(ordered(["1", "2", "0", "4"]), [13, 11, 12, 14]);
    }
}
