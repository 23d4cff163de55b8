//! A letter of any length is short enough for the clients that cut long ones, and its end is inside (M19, T13).

use proptest::prelude::*;

use super::sample::Sample;
use super::*;
use crate::domain::article::{Image, SafeHtml};
use crate::domain::digest::{Edition, EditionSection, Item};
use crate::domain::list::Layout;

const LAYOUTS: [Layout; 5] = [
    Layout::Lead,
    Layout::Cards,
    Layout::Headlines,
    Layout::Cartoon,
    Layout::Brief,
];

/// What may come in: short and long, Latin, Arabic and what takes the most octets when it is encoded.
fn any_item() -> impl Strategy<Value = (usize, usize, usize, bool)> {
    (0..4_usize, 1..300_usize, 0..320_usize, any::<bool>())
}

fn item(id: i64, (script, title, summary, pictured): (usize, usize, usize, bool)) -> Item {
    let letters = ["a ", "م ", "&<\"", "👨‍👩‍👧 "][script];
    let words = |number: usize| letters.chars().cycle().take(number).collect::<String>();
    Item {
        article_id: id,
        title: words(title),
        url: format!("https://news.example.org/a/{id}"),
        summary_html: SafeHtml::from_sanitised(words(summary).replace(['&', '<', '"'], "&amp;")),
        summary_text: words(summary),
        source: Some(words(title / 3)),
        image: pictured.then(|| Image {
            url: format!("https://news.example.org/i/{id}.png"),
            alt: words(title / 2),
        }),
        published_ms: 1_767_596_400_000 - id,
        related: Vec::new(),
    }
}

fn edition(items: &[(usize, usize, usize, bool)], sections: usize) -> Edition {
    let mut items = (0..).zip(items).map(|(id, given)| item(id, *given));
    let lead = items.next();
    let popular = items.by_ref().take(2).collect();
    let suggested = items.by_ref().take(2).collect();
    let items: Vec<Item> = items.collect();
    let chunks = items.chunks(items.len().div_ceil(sections).max(1));
    let sections = (0..)
        .zip(chunks)
        .map(|(number, items): (usize, &[Item])| EditionSection {
            key: format!("s{number}"),
            name: "قسم".into(),
            layout: LAYOUTS[number % LAYOUTS.len()],
            items: items.to_vec(),
        });
    Edition {
        lead,
        sections: sections.collect(),
        popular,
        suggested,
        ..Edition::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn m19_a_letter_is_never_cut_by_a_client(items in prop::collection::vec(any_item(), 1..160), sections in 1..6_usize) {
        let edition = edition(&items, sections);
        let sample = Sample::new("ar", &edition);
        let compiled = &sample.compiled;
        let copy = String::from_utf8(written(compiled, &LAYLA)).expect("7-bit");
        let (_, html) = copy.split_once("Content-Type: text/html").expect("HTML");
        prop_assert!(html.len() <= CLIPPED_OCTETS, "{}", html.len());
        let seen = compiled.preview(&LAYLA);
        for link in [LAYLA.unsubscribe_url, LAYLA.preferences_url] {
            prop_assert!(seen.html.contains(link) && seen.text.contains(link), "T13");
        }
        // What is left out is told, and nothing is lost or shown twice.
        let shown = |item: &Item| seen.text.lines().filter(|line| *line == item.url).count();
        let counts: Vec<usize> = edition.items().map(shown).collect();
        prop_assert!(counts.iter().all(|count| *count <= 1));
        prop_assert_eq!(counts.iter().filter(|count| **count == 0).count(), compiled.left_out());
        prop_assert_eq!(compiled.left_out() > 0, seen.html.contains("في الموقع أيضاً"));
        prop_assert!(counts[0] == 1, "the lead stays");
    }
}

#[test]
fn m19_the_least_weighty_go_first_and_the_room_is_used() {
    let whole = edition(&[(1, 60, 300, true); 155], 3);
    let sample = Sample::new("ar", &whole);
    let compiled = &sample.compiled;
    assert!(compiled.left_out() > 50, "{}", compiled.left_out());
    assert!(compiled.html_octets() > CLIPPED_OCTETS * 9 / 10);
    let seen = compiled.preview(&LAYLA).text;
    let shown: Vec<usize> = whole
        .sections
        .iter()
        .map(|section| {
            let shown = |item: &Item| seen.contains(&format!("{}\n", item.url));
            let first = section.items.iter().take_while(|item| shown(item)).count();
            assert!(
                !section.items[first..].iter().any(shown),
                "the first of a section stay"
            );
            first
        })
        .collect();
    assert!(
        shown.iter().max().unwrap() - shown.iter().min().unwrap() <= 1,
        "{shown:?}"
    );
    for other in whole.popular.iter().chain(&whole.suggested) {
        assert!(
            !seen.contains(&format!("{}\n", other.url)),
            "news go before what is popular"
        );
    }
}
