//! The mails say the same in both parts, keep to the rules of HTML mail, and take hostile content calmly.

mod languages;
mod sample;

use regex::Regex;

use super::*;
use crate::domain::digest::Edition;
use sample::*;

/// Subject and text with the direction marks made visible.
fn shown(mail: &Rendered) -> String {
    format!("{}\n\n{}", mail.subject, mail.text)
        .replace('\u{2068}', "[FSI]")
        .replace('\u{2069}', "[PDI]")
        .replace('\u{200F}', "[RLM]")
}

fn everything() -> Vec<(String, Rendered)> {
    ["ar", "en"]
        .into_iter()
        .flat_map(|language| {
            [
                (
                    format!("digest_{language}"),
                    digest(language, &edition(language)),
                ),
                (
                    format!("digest_edited_{language}"),
                    digest(language, &edited(language)),
                ),
                (
                    format!("confirmation_{language}"),
                    confirmation(language, Some("192.0.2.7")),
                ),
                (format!("reminder_{language}"), reminder(language)),
                (format!("move_{language}"), moving(language)),
                (format!("notice_{language}"), notice(language)),
                (
                    format!("welcome_{language}"),
                    welcome(language, Some("https://news.example.org/d/3f9a")),
                ),
            ]
        })
        .collect()
}

#[test]
fn subjects_and_texts() {
    for (name, mail) in everything() {
        insta::assert_snapshot!(name, shown(&mail));
    }
}

#[test]
fn every_link_is_in_both_parts() {
    let href = Regex::new(r#"href="([^"]+)""#).unwrap();
    for (name, mail) in everything() {
        let mut links = 0;
        for found in href.captures_iter(&mail.html) {
            let link = found[1].replace("&amp;", "&");
            let home_in_masthead =
                link == "https://news.example.org/" && !name.starts_with("digest");
            assert!(
                home_in_masthead || mail.text.lines().any(|line| line == link),
                "{name}: {link} is not alone on a line (M20)"
            );
            links += 1;
        }
        assert!(links >= 3, "{name}: found {links} links");
        for line in mail.text.lines().filter(|line| line.starts_with("http")) {
            assert!(
                mail.html.replace("&amp;", "&").contains(line),
                "{name}: {line} is not in the HTML part"
            );
        }
    }
}

#[test]
fn html_keeps_to_the_rules_of_mail() {
    let tag = Regex::new(r"<(table|td|img|body|html)\b[^>]*>").unwrap();
    let comment = Regex::new(r"(?s)<!--.*?-->").unwrap();
    let logical =
        Regex::new(r"(margin|padding|border)-(inline|block)|text-align:\s*(start|end)").unwrap();
    let colour = Regex::new(r"(rgb|hsl)a?\(|var\(").unwrap();
    for (name, mail) in everything() {
        let html = comment.replace_all(&mail.html, "");
        let (dir, lang, side) = if name.ends_with("ar") {
            ("rtl", "ar", "right")
        } else {
            ("ltr", "en", "left")
        };
        for found in tag.find_iter(&html).map(|found| found.as_str()) {
            if found.starts_with("<img") {
                for needed in ["width=\"", "height=\"", "alt=\"", "display:block"] {
                    assert!(
                        found.replace(": ", ":").contains(needed),
                        "{name}: {needed} is missing (T8): {found}"
                    );
                }
            } else {
                assert!(
                    found.contains(&format!("dir=\"{dir}\""))
                        && found.contains(&format!("lang=\"{lang}\"")),
                    "{name}: direction and language (T1): {found}"
                );
            }
            if found.starts_with("<td") {
                let style = found.replace(": ", ":");
                assert!(
                    style.contains(&format!("direction:{dir}")) && style.contains("text-align:"),
                    "{name}: inline direction (T1): {found}"
                );
            }
        }
        assert!(
            html.contains(&format!("text-align:{side}")),
            "{name}: physical sides (T3)"
        );
        assert!(
            !html.contains("<bdi") && !logical.is_match(&html),
            "{name}: T2, T3"
        );
        assert!(!colour.is_match(&html), "{name}: hex colours only (T6)");
        assert!(
            !html.contains("font-style") && !html.contains("letter-spacing"),
            "{name}: T7"
        );
        assert!(
            html.find("charset=").is_some_and(|at| at < 1024),
            "{name}: the character set comes first"
        );
        assert!(
            html.contains("prefers-color-scheme") && html.contains("name=\"color-scheme\""),
            "{name}: T9"
        );
        assert!(mail.html.contains("[if mso]"), "{name}: T4");
        assert!(html.matches("<h1").count() == 1, "{name}: one h1 (T12)");
        assert!(html.len() < 100_000, "{name}: {} octets (T17)", html.len());
        for forbidden in ["<script", "<form", "<link", "<iframe", "position:"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden} (T11)");
        }
    }
}

#[test]
fn the_preheader_is_short_and_comes_first() {
    let mut long = edition("ar");
    for item in &mut long.sections[0].items {
        item.title = "عنوان طويل جداً ".repeat(20).trim().to_owned();
    }
    let html = digest("ar", &long).html;
    let first = Regex::new(r#"(?s)<body.*?mso-hide:\s*all[^>]*>([^<]*)<"#).unwrap();
    let text = first.captures(&html).expect("a preheader")[1].to_owned();
    assert!(
        (1..=100).contains(&text.graphemes(true).count()),
        "T10: {text}"
    );
    assert!(text.ends_with('…'), "{text}");
}

#[test]
fn a_long_headline_is_cut_in_the_subject() {
    let mut long = edition("ar");
    long.lead.as_mut().unwrap().title = "Wholly English words ".repeat(12).trim().to_owned();
    let subject = digest("ar", &long).subject;
    assert!(subject.chars().count() <= 120, "M18: {subject}");
    assert!(
        subject.ends_with("…\u{2069}"),
        "M17, the isolate is closed: {subject}"
    );
}

#[test]
fn hostile_content_stays_text() {
    let hostile = r#"<script>alert(1)</script> " onload="x {{ 7 * 7 }} {% if %} --> ]]>"#;
    let mut bad = edition("ar");
    let lead = bad.lead.as_mut().unwrap();
    lead.title = hostile.to_owned();
    lead.source = Some(hostile.to_owned());
    lead.image.as_mut().unwrap().alt = hostile.to_owned();
    bad.sections[0].name = hostile.to_owned();
    let mail = digest("ar", &bad);
    // In an attribute, `<` is text and may stand as it is; the quotation mark must not.
    let as_value = "<script>alert(1)</script> &quot; onload=&quot;x";
    assert!(mail.html.contains(as_value));
    assert!(
        !mail.html.replace(as_value, "").contains("<script"),
        "{}",
        mail.html
    );
    assert!(mail.text.contains(hostile) && mail.subject.contains("{{ 7 * 7 }}"));
}

#[test]
fn an_article_cannot_ask_for_a_readers_data() {
    let mut bad = edition("en");
    bad.lead.as_mut().unwrap().url = format!("https://evil.example/?u={SLOT_UNSUBSCRIBE}");
    bad.sections[0].items[0].title = SLOT_ADDRESS.to_owned();
    let mail = digest("en", &bad);
    assert_eq!(mail.text.matches(SLOT_UNSUBSCRIBE).count(), 1);
    assert_eq!(mail.html.matches(SLOT_UNSUBSCRIBE).count(), 1);
    assert_eq!(mail.html.matches(SLOT_ADDRESS).count(), 1);
}

#[test]
fn slots_take_a_readers_values_and_nothing_else() {
    let mail = digest("ar", &edition("ar"));
    let greeting = Greeting::new(&locale("ar"));
    let greeting = greeting.to(Some("<b>\"NASHRASLOTADDRESS"));
    let personal = Personal {
        salutation: &greeting,
        address: "layla&co@example.org",
        unsubscribe_url: "https://news.example.org/u/abc?l=1&s=2",
        preferences_url: "https://news.example.org/p/abc?l=1&s=2",
    };
    let html = personal.fill(&mail.html, Place::Html);
    let text = personal.fill(&mail.text, Place::Text);
    assert!(html.contains("&#60;b&#62;") && !html.contains("<b>"));
    assert!(html.contains("layla&#38;co@example.org") && html.contains("/u/abc?l=1&#38;s=2"));
    assert!(
        text.contains("layla&co@example.org")
            && text.contains("\nhttps://news.example.org/p/abc?l=1&s=2\n")
            && text.contains("\nhttps://news.example.org/u/abc?l=1&s=2\n")
    );
    // A value is not looked into again.
    assert_eq!(text.matches("layla&co").count(), 1);
    for slot in [SLOT_SALUTATION, SLOT_UNSUBSCRIBE, SLOT_PREFERENCES] {
        assert!(!html.contains(slot) && !text.contains(slot));
    }
}

#[test]
fn the_greeting_has_two_wordings() {
    let (arabic, english) = (Greeting::new(&locale("ar")), Greeting::new(&locale("en")));
    for nobody in [
        None,
        Some(""),
        Some("  "),
        Some("\r\n\u{feff}\u{202e}\u{0}"),
    ] {
        assert_eq!(arabic.to(nobody), "مرحباً،");
    }
    assert_eq!(english.to(Some("Layla")), "Hello \u{2068}Layla\u{2069},");
}

#[test]
fn m16_m17_x1_a_name_keeps_to_its_line_and_its_direction() {
    let greeting = Greeting::new(&locale("en"));
    let greeted = |name: &str| {
        let greeting = greeting.to(Some(name)).into_owned();
        let name = greeting.strip_prefix("Hello \u{2068}").unwrap();
        name.strip_suffix("\u{2069},").unwrap().to_owned()
    };
    for (name, seen) in [
        (
            "Layla\r\nBcc: eve@example.org",
            "Layla Bcc: eve@example.org",
        ),
        (" \tليلى \u{2028} حدّاد ", "ليلى حدّاد"),
        ("\u{202e}moc\u{202c} a\u{2066}b\u{2069}\u{2069}", "moc ab"),
        ("\u{feff}O\u{0}m\u{85}ar\u{7f}", "Omar"),
        ("Zoe\u{308}", "Zo\u{eb}"),
        (
            "{{ 7 * 7 }} %s NASHRASLOTADDRESS <b>",
            "{{ 7 * 7 }} %s NASHRASLOTADDRESS <b>",
        ),
    ] {
        assert_eq!(greeted(name), seen);
    }
    let long = greeted(&"ليلى ".repeat(2_000));
    assert_eq!(long, format!("{}ليلى…", "ليلى ".repeat(19)));
    assert_eq!(greeted(&"é".repeat(100)), "é".repeat(100));
    assert_eq!(greeted(&"é".repeat(10_000)), format!("{}…", "é".repeat(99)));
}

#[test]
fn a_confirmation_without_an_address_of_the_network() {
    assert!(
        confirmation("en", Some("192.0.2.7"))
            .text
            .contains("192.0.2.7")
    );
    assert!(!confirmation("en", None).text.contains("network"));
}

#[test]
fn a_welcome_without_a_digest_has_no_button() {
    let first = welcome("en", None);
    assert!(!first.html.contains("class=\"button\"") && !first.text.contains("latest edition"));
}

#[test]
fn an_edition_may_be_short() {
    let lead_only = Edition {
        sections: Vec::new(),
        ..edition("ar")
    };
    assert!(
        digest("ar", &lead_only)
            .text
            .contains("ما نشرناه: مادة واحدة.")
    );
    let no_lead = Edition {
        lead: None,
        ..edition("en")
    };
    assert!(digest("en", &no_lead).subject.contains("Green Coast"));
    let empty = Edition::default();
    assert!(digest("en", &empty).subject.contains("23 November 2026"));
}
