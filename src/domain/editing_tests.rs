//! The overlay of editors: what is pinned, dropped, put in order and called otherwise; and that nothing happens without it.

use proptest::prelude::*;

use super::*;
use crate::domain::article::SafeHtml;
use crate::domain::list::testing;
use crate::domain::selection::Rules;

fn sections() -> Vec<Section> {
    [("a", 3), ("b", 2)]
        .map(|(key, limit)| testing::section(key, limit))
        .to_vec()
}

fn article(id: i64, section: &str) -> Article {
    Article {
        id,
        url: format!("https://news.example/{id}"),
        title: format!("Title {id}"),
        summary_html: SafeHtml::default(),
        summary_text: String::new(),
        source: None,
        image: None,
        published_ms: 1_000 - id,
        section: section.into(),
        categories: Vec::new(),
    }
}

/// Six of section a, three of section b, newest first.
fn articles() -> Vec<Article> {
    (1..=6)
        .map(|id| article(id, "a"))
        .chain((7..=9).map(|id| article(id, "b")))
        .collect()
}

/// Without folding.
fn select(sections: &[Section], articles: Vec<Article>) -> Selection {
    let rules = Rules {
        sections,
        with_lead: true,
        stories: None,
        sent: &HashSet::new(),
        held: &HashSet::new(),
    };
    crate::domain::selection::select(&rules, articles)
}

fn edited(editing: &Editing) -> Selection {
    let all = sections();
    editing.apply(&all, articles(), |articles| select(&all, articles))
}

fn shown(selection: &Selection) -> (Option<i64>, Vec<Vec<i64>>) {
    let edition = &selection.edition;
    let ids = |section: &EditionSection| section.items.iter().map(|item| item.article_id).collect();
    (
        edition.lead.as_ref().map(|lead| lead.article_id),
        edition.sections.iter().map(ids).collect(),
    )
}

fn decision(selection: &Selection, article: i64) -> &'static str {
    let mut decided = selection.decisions.iter();
    let found = decided.find(|one| one.article_id == article);
    found.expect("every article is decided").decision.as_str()
}

#[test]
fn without_edits_nothing_is_different() {
    assert_eq!(edited(&Editing::default()), select(&sections(), articles()));
    assert_eq!(
        shown(&edited(&Editing::default())),
        (Some(1), vec![vec![2, 3], vec![7, 8]])
    );
}

#[test]
fn a_pinned_article_takes_the_place_of_the_last() {
    let mut editing = Editing::default();
    editing.pin(6);
    editing.pin(9);
    let selection = edited(&editing);
    assert_eq!(shown(&selection), (Some(1), vec![vec![6, 2], vec![9, 7]]));
    assert_eq!(decision(&selection, 6), "pinned");
    assert_eq!(decision(&selection, 3), "section_full");
    assert_eq!(decision(&selection, 2), "chosen");
}

#[test]
fn more_pins_than_room_all_stand() {
    let mut editing = Editing::default();
    for article in [9, 8, 7] {
        editing.pin(article);
    }
    assert_eq!(
        shown(&edited(&editing)),
        (Some(1), vec![vec![2, 3], vec![9, 8, 7]])
    );
}

#[test]
fn a_chosen_lead_leaves_the_former_first_in_its_section() {
    let mut editing = Editing::default();
    editing.lead_with(Some(5));
    assert_eq!(
        shown(&edited(&editing)),
        (Some(5), vec![vec![1, 2], vec![7, 8]])
    );
    editing.lead_with(Some(7));
    assert_eq!(
        shown(&edited(&editing)),
        (Some(7), vec![vec![1, 2, 3], vec![8]])
    );
    assert_eq!(decision(&edited(&editing), 7), "lead");
}

#[test]
fn a_chosen_lead_is_found_where_its_section_gave_it() {
    let mut all = sections();
    (all[1].min, all[1].fallback) = (3, Some("a".to_owned()));
    let few = || {
        [1, 2]
            .map(|id| article(id, "a"))
            .into_iter()
            .chain([article(7, "b")])
    };
    let mut editing = Editing::default();
    editing.lead_with(Some(7));
    let selection = editing.apply(&all, few().collect(), |articles| select(&all, articles));
    assert_eq!(shown(&selection), (Some(7), vec![vec![1, 2]]));
}

#[test]
fn m17_what_turns_the_text_around_it_is_taken_out() {
    let mut editing = Editing::default();
    editing.call(2, "\u{202e}An \u{2066}other\u{2069} \u{202a}", "Title 2");
    editing.introduce("\u{202b}می\u{200c}شود\u{202c}");
    assert_eq!(editing.titles[&2], "An other");
    assert_eq!(editing.introduction.as_deref(), Some("می\u{200c}شود"));
}

#[test]
fn what_is_dropped_makes_room_and_is_told() {
    let mut editing = Editing::default();
    editing.pin(1);
    editing.leave_out(1);
    let selection = edited(&editing);
    assert_eq!(shown(&selection), (Some(2), vec![vec![3, 4], vec![7, 8]]));
    assert_eq!(decision(&selection, 1), "dropped");
    editing.let_be(1);
    assert!(editing.is_empty());
}

#[test]
fn an_order_holds_and_what_arrives_later_stands_after_it() {
    let editing = Editing {
        order: BTreeMap::from([("a".to_owned(), vec![3, 2])]),
        ..Editing::default()
    };
    assert_eq!(shown(&edited(&editing)).1[0], [3, 2]);
    let all = sections();
    let mut more = articles();
    more.insert(0, article(0, "a"));
    more.insert(1, article(-1, "a"));
    let later = editing.apply(&all, more, |articles| select(&all, articles));
    assert_eq!(shown(&later), (Some(0), vec![vec![-1, 1], vec![7, 8]]));
}

#[test]
fn a_title_is_of_this_digest_and_an_empty_one_is_the_articles_own() {
    let mut editing = Editing::default();
    editing.call(2, " Another\n title ", "Title 2");
    editing.call(3, "Title 3", "Title 3");
    editing.introduce("Good morning.\r\n\r\nThis week:\u{7}  \r\n");
    let edition = edited(&editing).edition;
    let titles: Vec<_> = edition.items().map(|item| item.title.as_str()).collect();
    assert_eq!(titles[..3], ["Title 1", "Another title", "Title 3"]);
    assert_eq!(
        edition.introduction.as_deref(),
        Some("Good morning.\n\nThis week:")
    );
    editing.call(2, "", "Title 2");
    editing.introduce(" ");
    assert!(editing.is_empty());
}

#[test]
fn what_is_too_long_is_named() {
    let mut editing = Editing::default();
    editing.call(2, &"x".repeat(301), "");
    editing.introduce(&"é".repeat(5_001));
    assert_eq!(
        editing.problems(),
        [
            InvalidEdit::Introduction(5_001),
            InvalidEdit::Title {
                article: 2,
                length: 301
            }
        ]
    );
    editing.call(2, &"é".repeat(300), "");
    editing.introduce(&"é".repeat(5_000));
    assert!(editing.problems().is_empty());
}

#[test]
fn it_is_kept_as_json_and_read_again() {
    let mut editing = Editing::default();
    editing.pin(4);
    editing.leave_out(1);
    editing.call(2, "Other", "Title 2");
    let json = serde_json::to_string(&editing).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Editing>(&json).expect("the same"),
        editing
    );
    assert_eq!(
        serde_json::from_str::<Editing>("{}").expect("none"),
        Editing::default()
    );
}

proptest! {
    /// Whatever is asked for, with ids that are none of the draft's too: each article is decided once, none is shown twice, nothing
    /// dropped is shown, everything held is, and a section goes over its limit for pins alone.
    #[test]
    fn no_edit_breaks_a_digest(
        pinned in prop::collection::vec(0..12_i64, 0..6), lead in prop::option::of(0..12_i64),
        dropped in prop::collection::btree_set(0..12_i64, 0..6), order in prop::collection::vec(0..12_i64, 0..12),
    ) {
        let editing = Editing { pinned, lead, dropped, order: BTreeMap::from([("a".to_owned(), order)]), ..Editing::default() };
        let selection = edited(&editing);
        let mut decided: Vec<i64> = selection.decisions.iter().map(|one| one.article_id).collect();
        decided.sort_unstable();
        prop_assert_eq!(decided, (1..=9).collect::<Vec<_>>());
        let mut items: Vec<i64> = selection.edition.items().map(|item| item.article_id).collect();
        items.sort_unstable();
        prop_assert!(items.windows(2).all(|two| two[0] != two[1]));
        for article in 1..=9 {
            let is_shown = items.contains(&article);
            prop_assert!(!is_shown || !editing.dropped.contains(&article));
            prop_assert!(is_shown || !editing.held().contains(&article) || editing.dropped.contains(&article));
        }
        for section in &selection.edition.sections {
            let limit = if section.key == "a" { 3 } else { 2 };
            let free = section.items.iter().any(|item| !editing.held().contains(&item.article_id));
            prop_assert!(section.items.len() <= limit || !free);
        }
    }
}
