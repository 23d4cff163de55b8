//! Pairs as agencies write them: the same story twice, and stories that only sound the same.

use proptest::prelude::*;

use super::*;

/// Title and lead.
type Told = (&'static str, &'static str);

/// The lines of each block of a file of pairs.
fn blocks(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let blocks = text.split("\n\n").skip(1);
    blocks.map(|block| block.lines().collect())
}

fn told(line: &'static str) -> Told {
    let (title, lead) = line.split_once('|').expect("headline | lead");
    (title.trim(), lead.trim())
}

/// The same story from two agencies, or from one by two ways.
fn same() -> Vec<(Told, Told)> {
    let blocks = blocks(include_str!("same.txt"));
    blocks
        .map(|lines| (told(lines[0]), told(lines[1])))
        .collect()
}

/// Other stories, however much they sound alike; with the hours between them.
fn other() -> Vec<(Told, Told, i64)> {
    let blocks = blocks(include_str!("other.txt"));
    let read = |lines: Vec<&'static str>| {
        let hours = lines[0].parse().expect("hours");
        (told(lines[1]), told(lines[2]), hours)
    };
    blocks.map(read).collect()
}

const HOUR: i64 = 60 * 60 * 1_000;

fn alike(a: Told, b: Told, hours: i64) -> Option<u8> {
    let mut lexicon: Vec<String> = Vec::new();
    let mut print = |(title, lead): Told, published_ms| {
        let mut numbered = |text: &str| {
            let number = |word: String| {
                let known = lexicon.iter().position(|one| *one == word);
                known.unwrap_or_else(|| {
                    lexicon.push(word);
                    lexicon.len() - 1
                }) as u32
            };
            words(text).into_iter().map(number).collect::<Vec<u32>>()
        };
        let sorted = |mut words: Vec<u32>| {
            words.sort_unstable();
            words.dedup();
            words
        };
        let (of_title, of_lead) = (numbered(title), numbered(lead));
        Print {
            lead: sorted(of_lead),
            title: sorted(of_title),
            title_numbers: numbers(title),
            lead_numbers: numbers(lead),
            published_ms,
        }
    };
    let (a, b) = (print(a, 0), print(b, hours * HOUR));
    let found = same_story(&a, &b);
    assert_eq!(found, same_story(&b, &a), "it is as like the other way");
    found
}

#[test]
fn the_same_story_of_two_agencies_is_one() {
    assert_eq!(same().len(), 14);
    let missed: Vec<_> = same()
        .iter()
        .filter(|(a, b)| alike(*a, *b, 3).is_none())
        .map(|(a, b)| (a.0, b.0))
        .collect();
    assert_eq!(missed, []);
}

#[test]
fn stories_that_only_sound_alike_are_two() {
    assert_eq!(other().len(), 20);
    let folded: Vec<_> = other()
        .iter()
        .filter_map(|(a, b, hours)| Some((alike(*a, *b, *hours)?, a.0, b.0)))
        .collect();
    assert_eq!(folded, []);
}

#[test]
fn a_story_of_another_week_is_another() {
    for (a, b) in same() {
        assert_eq!(alike(a, b, 49), None, "{}", a.0);
    }
}

#[test]
fn what_writers_of_arabic_vary_is_one() {
    for (a, b) in [
        ("إعـــادةُ الفَتْحِ", "اعاده الفتح"),
        ("مصطفى", "مصطفي"),
        ("مسؤول ورئيس", "مسوول ورييس"),
        ("ٱلْقُرْآن", "القران"),
        ("کتاب یزد", "كتاب يزد"),
        ("١٢٬٣٤٥ و٦٫٢", "12345 و6.2"),
        ("۱۴۰۴", "1404"),
        ("«مرحباً»\u{200f}، يا عالم!", "مرحبا يا عالم"),
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("L’ÉTÉ à Beyrouth", "l ete a beyrouth"),
        ("İstanbul", "istanbul"),
        ("שָׁלוֹם", "שלום"),
    ] {
        assert_eq!(normalised(a), normalised(b), "{a}");
        assert_eq!(normalised(a), b, "{a}");
    }
}

/// Every word of the table is as normalised text has it, or it would never be met.
#[test]
fn tables_of_words_are_normalised() {
    let numbers = NUMBERS.iter().flat_map(|(_, names)| names.split(' '));
    for word in numbers.chain(STOP.split_whitespace()) {
        assert_eq!(normalised(word), word);
    }
}

#[test]
fn words_lose_what_does_not_tell_them_apart() {
    assert_eq!(words("والمدرسةُ في المدينة"), ["مدرس", "مدين"]);
    assert_eq!(
        words("ال، لا، إلى: دم"),
        ["ال", "دم"],
        "nothing is left of a short word"
    );
    assert_eq!(words("The ministers of the press"), ["minister", "press"]);
    let named = |text| {
        let mut found: Vec<String> = numbers(text).into_iter().collect();
        found.sort();
        found
    };
    assert_eq!(named("مقتل ثلاثة يوم الإثنين ٢٣"), ["23", "3", "monday"]);
}

proptest! {
    #[test]
    fn to_normalise_twice_changes_nothing(text in ".{0,60}", arabic in "[\u{600}-\u{6ff}0-9., ]{0,40}") {
        for text in [text, arabic] {
            let once = normalised(&text);
            prop_assert_eq!(normalised(&once), once.clone());
            let _ = (words(&text), numbers(&text));
        }
    }
}
