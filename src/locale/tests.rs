//! Every language is complete and counts, dates and directions are what its readers expect.

mod languages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

use super::*;

const MONDAY: i64 = 1_795_424_400_000; // 2026-11-23 09:00 UTC

fn arabic() -> Locale {
    Locale::new("ar", Some("ar-LB-u-nu-latn")).unwrap()
}

fn english() -> Locale {
    Locale::new("en", None).unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Each key of a language with the variables of its text.
fn keys(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let variable = Regex::new(r"\$([a-z]+)").unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("locales")
            .join(language),
    ) {
        let mut key = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line
                .split_once(" =")
                .filter(|_| !line.starts_with([' ', '}']))
            {
                name.clone_into(&mut key);
                let seen = found.insert(key.clone(), BTreeSet::new());
                assert!(seen.is_none(), "{language}: {key} is written twice");
            }
            let variables = variable
                .captures_iter(line)
                .map(|found| found[1].to_owned());
            found.entry(key.clone()).or_default().extend(variables);
        }
    }
    found.remove("");
    found
}

fn files(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(files(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            texts.push(text);
        }
    }
    texts
}

#[test]
fn every_language_has_every_key_with_the_same_variables() {
    let first = keys(SUPPORTED[0]);
    assert!(first.len() > 80, "found only {} keys", first.len());
    for language in SUPPORTED {
        assert_eq!(keys(language), first, "{language}");
    }
}

#[test]
fn every_key_resolves_and_its_values_appear() {
    for language in SUPPORTED {
        let locale = Locale::new(language, None).unwrap();
        for (key, variables) in keys(language) {
            let values: Vec<(&'static str, Value<'_>)> = [
                "list",
                "lists",
                "from",
                "site",
                "title",
                "name",
                "n",
                "nf",
                "articles",
                "sections",
                "address",
                "time",
                "zone",
                "ip",
                "date",
                "suggestion",
                "character",
                "id",
                "who",
                "value",
                "most",
            ]
            .into_iter()
            .map(|name| {
                (
                    name,
                    if name == "n" {
                        11.into()
                    } else {
                        format!("<{name}>").into()
                    },
                )
            })
            .collect();
            let text = locale.plain_with(&key, &values);
            assert_ne!(text, key, "{language}: {key} does not resolve");
            for name in variables.iter().filter(|name| *name != "n") {
                assert!(
                    text.contains(&format!("<{name}>")),
                    "{language}: {key} lost {name}: {text}"
                );
            }
        }
    }
}

#[test]
fn every_key_that_a_template_names_exists() {
    let known = keys(SUPPORTED[0]);
    let call =
        Regex::new(r#"\.\s*(?:text|text_with|plain_with|count)\(\s*"([a-z0-9-]+)""#).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for file in files(&root.join("templates"))
        .into_iter()
        .chain(files(&root.join("src")))
    {
        for found in call.captures_iter(&file) {
            assert!(known.contains_key(&found[1]), "no text for {}", &found[1]);
            named += 1;
        }
    }
    assert!(named > 60, "found only {named} uses");
}

#[test]
fn arabic_counts_in_six_forms() {
    let counts = |key| {
        [0, 1, 2, 3, 11, 100]
            .map(|n| arabic().count(key, n))
            .join(" | ")
    };
    insta::assert_snapshot!(counts("count-articles"), @"لا مواد | مادة واحدة | مادتان | 3 مواد | 11 مادة | 100 مادة");
    insta::assert_snapshot!(counts("in-sections"), @"بلا أقسام | في قسم واحد | في قسمين | في 3 أقسام | في 11 قسماً | في 100 قسم");
    assert_eq!(english().count("count-articles", 1), "one article");
    assert_eq!(english().count("count-articles", 1500), "1,500 articles");
}

#[test]
fn dates_and_digits_follow_the_formats() {
    let beirut = zone("Asia/Beirut");
    assert_eq!(
        arabic().date_long(MONDAY, &beirut),
        "الاثنين، 23 تشرين الثاني 2026"
    );
    assert_eq!(arabic().date_day(MONDAY, &beirut), "23 تشرين الثاني");
    assert_eq!(arabic().number(1500), "1.500");
    let egypt = Locale::new("ar", Some("ar-EG")).unwrap();
    assert_eq!(egypt.date_day(MONDAY, &beirut), "٢٣ نوفمبر");
    assert_eq!(egypt.number(1500), "١٬٥٠٠");
    assert_eq!(
        english().date_long(MONDAY, &zone("UTC")),
        "Monday, 23 November 2026"
    );
    assert_eq!(english().date_day(MONDAY, &zone("UTC")), "23 November");
    assert_eq!(
        english().date_time(MONDAY, &zone("UTC")),
        "Monday, 23 November 2026 at 09:00"
    );
    // The day is the zone's: one minute before midnight in London it is the next day in Beirut.
    let late = MONDAY + (14 * 60 + 59) * 60_000;
    assert_eq!(
        english().date_day(late, &zone("Europe/London")),
        "23 November"
    );
    assert_eq!(english().date_day(late, &beirut), "24 November");
    // Out of range is no panic.
    assert_eq!(
        english().date_long(i64::MAX, &zone("UTC")),
        "Thursday, 1 January 1970"
    );
}

#[test]
fn hours_weekdays_and_zones_are_named() {
    assert_eq!(arabic().weekday(1), "الاثنين");
    assert_eq!(english().weekday(7), "Sunday");
    assert_eq!(english().hour(7), "07:00");
    assert!(arabic().hour(19).starts_with("7:00"));
    assert_eq!(arabic().zone_city("Asia/Beirut"), "بيروت");
    assert_eq!(english().zone_city("America/New_York"), "New York");
    assert_eq!(english().zone_city("UTC"), "UTC");
}

#[test]
fn a_locale_that_cannot_be_is_refused_with_advice() {
    assert!(
        Locale::new("tlh", None)
            .unwrap_err()
            .to_string()
            .contains("ar, en")
    );
    let error = Locale::new("ar", Some("not a tag"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("not a tag") && error.contains("ar-LB-u-nu-latn"),
        "{error}"
    );
}

#[test]
fn directions_and_sides() {
    assert_eq!(
        (arabic().dir(), arabic().start(), arabic().end()),
        ("rtl", "right", "left")
    );
    assert_eq!(
        (english().dir(), english().start(), english().end()),
        ("ltr", "left", "right")
    );
    assert_eq!(arabic().others()[0], ("en", "English".to_owned()));
}

#[test]
fn values_are_isolated_and_plain_ones_are_not() {
    let values = [("name", "Layla".into())];
    assert_eq!(
        arabic().text_with("salutation-name", &values),
        "مرحباً \u{2068}Layla\u{2069}،"
    );
    assert_eq!(
        arabic().plain_with("salutation-name", &values),
        "مرحباً Layla،"
    );
}

#[test]
fn a_text_runs_as_most_of_its_letters_do() {
    for (text, dir) in [
        ("جمعية Green Coast تجمع 3 أطنان", "rtl"),
        ("Green Coast تجمع 3 أطنان من البلاستيك", "rtl"),
        ("The Green Coast collects three tonnes", "ltr"),
        ("2026", "rtl"),
    ] {
        assert_eq!(arabic().dir_of(text), dir, "{text}");
    }
    assert_eq!(
        english().dir_of("Record: “مرفأ” (Marfa’), six songs"),
        "ltr"
    );
    assert_eq!(english().dir_of("الميناء القديم"), "rtl");
    assert_eq!(arabic().isolate("Reuters"), "\u{2068}Reuters\u{2069}");
    assert_eq!(arabic().isolate("وكالات"), "وكالات");
}

#[test]
fn a_line_of_arabic_text_begins_right_to_left() {
    assert_eq!(
        arabic().line("Green Coast تجمع 3 أطنان"),
        "\u{200F}Green Coast تجمع 3 أطنان"
    );
    assert_eq!(arabic().line("جمعية Green Coast"), "جمعية Green Coast");
    assert_eq!(arabic().line("Green Coast"), "Green Coast");
    assert_eq!(english().line("Green Coast"), "Green Coast");
}

#[test]
fn the_language_of_a_page_is_negotiated() {
    assert_eq!(negotiate(Some("en"), Some("ar"), "ar"), "en");
    assert_eq!(
        negotiate(Some("xx"), Some("de, en-GB;q=0.8, ar;q=0.9"), "en"),
        "ar"
    );
    assert_eq!(negotiate(None, Some("de, ar;q=0, *;q=0.1"), "en"), "en");
    assert_eq!(negotiate(None, Some("fr-CA, ar;q=0.5"), "en"), "fr");
    assert_eq!(negotiate(None, Some("AR-lb"), "en"), "ar");
    assert_eq!(negotiate(None, Some(";;q=,\u{1}"), "xx"), "ar");
    assert_eq!(negotiate(None, None, "en"), "en");
}
