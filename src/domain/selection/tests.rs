//! Each article is decided about once, stands once, and limits, minima, fallbacks and folding hold together.

use proptest::prelude::*;

use super::*;
use crate::domain::article::{Image, SafeHtml};
use crate::domain::list::testing;

fn section(key: &str, limit: usize, layout: Layout) -> Section {
    Section {
        layout,
        ..testing::section(key, limit)
    }
}

fn article(id: i64, section: &str, picture: bool) -> Article {
    Article {
        id,
        url: format!("https://news.example/{id}"),
        title: format!("Title {id}"),
        summary_html: SafeHtml::default(),
        summary_text: String::new(),
        source: None,
        image: picture.then(|| Image {
            url: format!("https://news.example/{id}.png"),
            alt: String::new(),
        }),
        published_ms: 1_000 - id,
        categories: Vec::new(),
        section: section.into(),
    }
}

fn chosen(sections: &[Section], articles: Vec<Article>) -> Selection {
    with_sent(sections, articles, &[])
}

fn with_sent(sections: &[Section], articles: Vec<Article>, sent: &[Article]) -> Selection {
    let mut stories = Stories::default();
    sent.iter()
        .chain(&articles)
        .for_each(|one| stories.add(one));
    let rules = Rules {
        sections,
        with_lead: true,
        stories: Some(&stories),
        sent: &sent.iter().map(|one| one.id).collect(),
        held: &HashSet::new(),
    };
    select(&rules, articles)
}

#[test]
fn what_an_editor_holds_stands_and_what_tells_its_story_is_folded_into_it() {
    let sections = [testing::section("news", 5)];
    let told = |id, picture| Article {
        title: "the harbour opens again today".into(),
        ..article(id, "news", picture)
    };
    let articles = vec![told(1, true), told(2, false)];
    let mut stories = Stories::default();
    for one in &articles {
        stories.add(one);
    }
    for (held, stands, folded) in [(None, 1, 2), (Some(2), 2, 1)] {
        let rules = Rules {
            sections: &sections,
            with_lead: true,
            stories: Some(&stories),
            sent: &HashSet::new(),
            held: &held.into_iter().collect(),
        };
        let selection = select(&rules, articles.clone());
        assert_eq!(
            words(&selection),
            [(stands, "lead", "news"), (folded, "folded", "news")]
        );
        assert_eq!(selection.decisions[1].other_id, Some(stands));
    }
}

fn words(selection: &Selection) -> Vec<(i64, &'static str, &str)> {
    let decisions = selection.decisions.iter();
    decisions
        .map(|one| (one.article_id, one.decision.as_str(), one.section.as_str()))
        .collect()
}

#[test]
fn the_lead_is_the_newest_with_a_picture_of_the_first_section_of_cards() {
    let sections = [
        section("brief", 5, Layout::Headlines),
        section("reports", 5, Layout::Cards),
    ];
    let articles = vec![
        article(1, "brief", true),
        article(2, "reports", false),
        article(3, "reports", true),
    ];
    let selection = chosen(&sections, articles);
    assert_eq!(selection.edition.lead.expect("a lead").article_id, 3);
    let keys: Vec<_> = selection
        .edition
        .sections
        .iter()
        .map(|section| section.key.as_str())
        .collect();
    assert_eq!(keys, ["brief", "reports"], "the list's order");
}

#[test]
fn every_article_has_one_decision_and_limits_hold() {
    let sections = [
        section("a", 2, Layout::Cards),
        section("b", 1, Layout::Headlines),
    ];
    let articles: Vec<_> = (1..=4)
        .map(|id| article(id, "a", false))
        .chain([article(5, "b", false), article(6, "gone", false)])
        .collect();
    let selection = chosen(&sections, articles);
    assert_eq!(
        words(&selection),
        [
            (1, "lead", "a"),
            (2, "chosen", "a"),
            (5, "chosen", "b"),
            (3, "section_full", "a"),
            (4, "section_full", "a"),
            (6, "no_section", "gone")
        ]
    );
    assert_eq!(selection.decisions[3].why.newer, Some(2));
    assert_eq!(selection.edition.article_count(), 3);
}

#[test]
fn nothing_comes_of_nothing() {
    let selection = chosen(&[section("a", 2, Layout::Cards)], Vec::new());
    assert_eq!(selection.edition.article_count(), 0);
    assert!(selection.edition.sections.is_empty());
}

/// Health needs three and falls back on reports, reports need two and fall back on news; cartoons need two and have no fallback.
fn with_minima() -> Vec<Section> {
    let min = |key: &str, min, fallback: Option<&str>| Section {
        min,
        fallback: fallback.map(str::to_owned),
        ..testing::section(key, 3)
    };
    vec![
        min("health", 3, Some("reports")),
        min("news", 0, None),
        min("cartoons", 2, None),
        min("reports", 2, Some("news")),
    ]
}

#[test]
fn a_section_with_too_few_falls_back_or_is_left_out() {
    let sections = with_minima();
    let articles = vec![article(1, "health", false), article(2, "cartoons", false)];
    let selection = chosen(&sections, articles);
    assert_eq!(
        words(&selection),
        [(1, "lead", "news"), (2, "section_short", "cartoons")]
    );
    assert_eq!(
        selection.decisions[0].why.from.as_deref(),
        Some("health"),
        "where it began"
    );
    let why = &selection.decisions[1].why;
    assert_eq!((why.had, why.min), (Some(1), Some(2)));
    let edition = &selection.edition;
    assert!(
        edition.sections.is_empty(),
        "the one that stands leads: {edition:?}"
    );

    // One from health makes two reports, in the order of their dates.
    let articles = vec![
        article(1, "reports", false),
        article(2, "health", false),
        article(3, "news", false),
    ];
    let selection = chosen(&sections, articles);
    assert_eq!(
        words(&selection),
        [
            (3, "lead", "news"),
            (1, "chosen", "reports"),
            (2, "chosen", "reports")
        ]
    );
}

#[test]
fn readers_without_the_fallback_keep_what_their_section_has() {
    let sections: Vec<Section> = with_minima()
        .into_iter()
        .filter(|one| one.key == "health")
        .collect();
    let selection = chosen(&sections, vec![article(1, "health", false)]);
    assert_eq!(words(&selection), [(1, "lead", "health")]);
}

fn story(id: i64, section: &str, picture: bool) -> Article {
    Article {
        title: "إعادة فتح ميناء بيروت بعد أعمال الترميم".into(),
        ..article(id, section, picture)
    }
}

#[test]
fn one_of_a_story_stands_where_there_is_room_and_the_picture_goes_first() {
    let sections = [
        section("a", 1, Layout::Headlines),
        section("b", 2, Layout::Headlines),
    ];
    let articles = vec![
        story(1, "b", false),
        story(2, "b", true),
        article(3, "b", false),
    ];
    let selection = chosen(&sections, articles.clone());
    assert_eq!(
        words(&selection),
        [(2, "chosen", "b"), (3, "chosen", "b"), (1, "folded", "b")]
    );
    let folded = &selection.decisions[2];
    assert_eq!(
        (folded.other_id, folded.why.alike, folded.why.sent),
        (Some(2), Some(100), false)
    );
    // In a there is no room for the one with the picture.
    let articles = vec![
        article(4, "a", false),
        story(5, "a", true),
        story(6, "b", false),
    ];
    let selection = chosen(&sections, articles);
    assert_eq!(
        words(&selection),
        [(4, "chosen", "a"), (6, "chosen", "b"), (5, "folded", "a")]
    );
}

#[test]
fn articles_of_one_story_take_one_place() {
    let sections = [section("a", 2, Layout::Headlines)];
    let articles = vec![
        story(1, "a", false),
        article(2, "a", false),
        story(3, "a", true),
        article(4, "a", false),
    ];
    let selection = chosen(&sections, articles);
    let expected = [
        (2, "chosen", "a"),
        (3, "chosen", "a"),
        (1, "folded", "a"),
        (4, "section_full", "a"),
    ];
    assert_eq!(words(&selection), expected);
}

#[test]
fn a_story_that_was_sent_does_not_come_again() {
    let sections = [section("a", 5, Layout::Headlines)];
    let sent = [story(1, "a", false)];
    let selection = with_sent(
        &sections,
        vec![story(2, "a", true), article(3, "a", false)],
        &sent,
    );
    assert_eq!(words(&selection), [(3, "chosen", "a"), (2, "folded", "a")]);
    assert_eq!(
        (
            selection.decisions[1].other_id,
            selection.decisions[1].why.sent
        ),
        (Some(1), true)
    );
}

proptest! {
    #[test]
    fn each_article_is_decided_about_once_and_stands_once(
        rules in proptest::collection::vec((1..4_usize, 0..4_usize, proptest::option::of(0..5_usize)), 5),
        given in proptest::collection::vec((0..6_usize, 0..4_usize, any::<bool>()), 0..25),
        sent in 0..4_usize,
        with_lead in any::<bool>(),
    ) {
        let key = |place: usize| format!("s{place}");
        let sections: Vec<Section> = rules
            .iter()
            .enumerate()
            .map(|(place, (limit, min, fallback))| Section {
                min: *min.min(limit),
                // Never back, so never in a circle.
                fallback: fallback.filter(|to| *to > place).map(key),
                ..testing::section(&key(place), *limit)
            })
            .collect();
        let titles = ["the harbour opens again today", "harbour opens again", "school year begins late", "olive harvest begins"];
        let told = |id: i64, (section, title, picture): &(usize, usize, bool)| Article {
            title: titles[*title].into(),
            ..article(id, &key(*section), *picture)
        };
        let articles: Vec<Article> = given.iter().zip(1..).map(|(one, id)| told(id, one)).collect();
        let sent: Vec<Article> = (0..sent).map(|title| told(100 + title as i64, &(0, title, false))).collect();
        let mut stories = Stories::default();
        articles.iter().chain(&sent).for_each(|one| stories.add(one));
        let sent: HashSet<i64> = sent.iter().map(|one| one.id).collect();
        let rules = Rules { sections: &sections, with_lead, stories: Some(&stories), sent: &sent, held: &HashSet::new() };
        let selection = select(&rules, articles.clone());
        let mut decided: Vec<i64> = selection.decisions.iter().map(|one| one.article_id).collect();
        decided.sort_unstable();
        prop_assert_eq!(decided, articles.iter().map(|one| one.id).collect::<Vec<_>>());
        let stands: Vec<i64> = selection.edition.items().map(|item| item.article_id).collect();
        let standing: HashSet<i64> = stands.iter().copied().collect();
        prop_assert_eq!(stands.len(), standing.len());
        for id in &stands {
            for twin in stories.twins(*id) {
                prop_assert!(!standing.contains(&twin.id) && !sent.contains(&twin.id));
            }
        }
        for one in &selection.decisions {
            let is_in = matches!(one.decision, Decision::Lead | Decision::Chosen);
            prop_assert_eq!(is_in, standing.contains(&one.article_id));
            prop_assert_eq!(one.decision == Decision::Folded, one.other_id.is_some());
        }
        for section in &selection.edition.sections {
            let rule = sections.iter().find(|one| one.key == section.key).unwrap();
            prop_assert!(section.items.len() <= rule.limit);
            prop_assert!(section.items.is_sorted_by_key(|item| Reverse(item.published_ms)));
        }
    }
}
