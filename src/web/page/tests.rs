//! The pages are complete, in the reader's language, and repeat what was typed without obeying it.

mod sample;

use jiff::tz::TimeZone;

use super::*;
use crate::domain::address::AddressProblem;
use sample::*;

#[test]
fn every_page_has_language_direction_and_one_heading() {
    for language in crate::locale::SUPPORTED {
        let rtl = ["ar", "fa", "he", "ur"].contains(&language);
        let dir = if rtl { "rtl" } else { "ltr" };
        let other = if language == "ar" { "en" } else { "ar" };
        for page in all_pages(&locale(language)) {
            assert!(
                page.contains(&format!("<html lang=\"{language}\" dir=\"{dir}\">")),
                "D16: {page}"
            );
            assert!(page.contains(&format!("href=\"?lang={other}\"")), "{page}");
            assert_eq!(page.matches("<h1>").count(), 1, "{page}");
            for forbidden in ["<script", "style=", "<style", "NASHRASLOT", "error-"] {
                assert!(!page.contains(forbidden), "{forbidden}: {page}");
            }
        }
    }
}

#[test]
fn pages_with_a_token_in_their_address_post_to_themselves() {
    let locale = locale("ar");
    let site = site();
    for page in [
        ConfirmPage {
            locale: &locale,
            site: &site,
            list_name: "س",
        }
        .render(),
        UnsubscribePage {
            locale: &locale,
            site: &site,
            list_name: "س",
            instead: None,
            preferences_url: String::new(),
        }
        .render(),
        NeverPage {
            locale: &locale,
            site: &site,
            stage: Stage::Asked,
        }
        .render(),
        MovingPage {
            locale: &locale,
            site: &site,
            stage: Moving::Asked {
                from: "l***@example.org",
                lists: &["س".to_owned()],
            },
        }
        .render(),
        MovingPage {
            locale: &locale,
            site: &site,
            stage: Moving::Expired,
        }
        .render(),
        ExpiredPage {
            locale: &locale,
            site: &site,
            list_name: "س",
        }
        .render(),
    ] {
        let page = page.unwrap();
        assert!(
            page.contains("<form method=\"post\">") && page.matches("<button").count() == 1,
            "D1, H8: {page}"
        );
    }
}

#[test]
fn the_address_field_is_as_a10_wants_it() {
    let (locale, site) = (locale("ar"), site());
    let page = form(&locale, &site).render().unwrap();
    let wanted = r#"type="text" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" dir="ltr""#;
    assert!(page.contains(wanted), "A10: {page}");
    assert!(!page.contains("aria-invalid") && !page.contains("email-remark"));
}

#[test]
fn a_refused_address_is_kept_and_explained_beside_its_field() {
    let (locale, site) = (locale("ar"), site());
    let page = SubscribePage {
        form: FormView {
            email: HOSTILE,
            error: Some(AddressError {
                code: "bad-character",
                character: Some('<'),
            }),
            asks_name: true,
            name: HOSTILE,
            name_refused: true,
            source: HOSTILE,
            ..FormView::default()
        },
        ..form(&locale, &site)
    }
    .render()
    .unwrap();
    assert!(
        page.contains("aria-describedby=\"email-remark\"") && page.contains("id=\"email-remark\""),
        "D16: {page}"
    );
    assert!(
        page.contains("لا يجوز الرمز \u{2068}&#60;\u{2069}"),
        "{page}"
    );
    assert!(page.contains("<title>خطأ: "), "{page}");
    assert_eq!(
        page.matches("value=\"&#60;script&#62;").count(),
        3,
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("\" autofocus onfocus"),
        "{page}"
    );
}

#[test]
fn a_suggestion_is_a_second_button() {
    let (locale, site) = (locale("en"), site());
    let page = SubscribePage {
        form: FormView {
            email: "a@gmial.com",
            error: Some(AddressError {
                code: "typo",
                character: None,
            }),
            suggestion: Some("a@gmail.com"),
            ..FormView::default()
        },
        ..form(&locale, &site)
    }
    .render()
    .unwrap();
    let subscribe = page.find("<button type=\"submit\">").unwrap();
    let suggestion = page
        .find("name=\"suggestion\" value=\"a@gmail.com\"")
        .unwrap();
    // The first button is the one that the Enter key presses.
    assert!(subscribe < suggestion);
    assert!(page.contains("Did you mean"));
}

#[test]
fn every_refusal_has_a_sentence_in_every_language() {
    for language in crate::locale::SUPPORTED {
        for code in AddressProblem::CODES.into_iter().chain(["needs-smtputf8"]) {
            let error = AddressError {
                code,
                character: Some('%'),
            };
            let sentence = address_error(&locale(language), &error, Some("a@b.example"));
            assert!(
                !sentence.starts_with("address-error") && sentence.len() > 20,
                "{language} {code}: {sentence}"
            );
            let suggests = ["arabic-digits", "full-width"].contains(&code);
            assert_eq!(
                sentence.contains("a@b.example"),
                suggests,
                "{language} {code}: {sentence}"
            );
        }
    }
}

#[test]
fn a_digest_page_prints_titles_as_text_and_summaries_as_html() {
    let (locale, site) = (locale("ar"), site());
    let edition = edition(HOSTILE);
    let image = edition.lead.as_ref().unwrap().image.as_ref();
    let page = DigestPage {
        corrections: Vec::new(),
        locale: &locale,
        site: &site,
        list_name: HOSTILE,
        preview: preview(HOSTILE, image),
        zone: &TimeZone::UTC,
        date_ms: MONDAY,
        edition: &edition,
        subscribe_url: "/s".into(),
        archive_url: None,
    }
    .render()
    .unwrap();
    assert!(
        !page.contains("<script") && page.contains("<b>عادت</b>"),
        "{page}"
    );
    assert!(
        page.contains("<meta name=\"robots\" content=\"noindex\">"),
        "T14: {page}"
    );
    assert!(
        page.contains(r#"<meta property="og:image" content="https://news.example.org/i/1.png">"#)
            && page.contains("summary_large_image")
            && !page.contains("\" autofocus"),
        "{page}"
    );
}

#[test]
fn the_feed_is_atom_that_a_reader_of_feeds_understands() {
    let locale = locale("ar");
    let entry = |n: i64| {
        let url = format!("https://news.example.org/d/{n}?a=1&b=2");
        digest_entry(url, HOSTILE, MONDAY - n)
    };
    let xml = FeedPage {
        locale: &locale,
        id: "tag:example.org,2026:weekly",
        site_name: "المرفأ & Co",
        list_name: "النشرة",
        feed_url: "https://news.example.org/archive/weekly.xml",
        archive_url: "https://news.example.org/archive/weekly",
        older_url: Some("https://news.example.org/archive/weekly.xml?before=1"),
        updated_ms: MONDAY,
        entries: vec![entry(0), entry(1)],
    }
    .render()
    .unwrap();
    let feed = feed_rs::parser::parse(xml.as_bytes()).expect("valid Atom");
    assert_eq!(feed.title.unwrap().content, "المرفأ & Co · النشرة");
    assert_eq!(feed.entries.len(), 2);
    assert_eq!(feed.entries[0].title.as_ref().unwrap().content, HOSTILE);
    assert_eq!(
        feed.entries[0].links[0].href,
        "https://news.example.org/d/0?a=1&b=2"
    );
    assert_eq!(
        feed.entries[1].id,
        format!("tag:example.org,2026:weekly/{}", MONDAY - 1)
    );
    let content = feed.entries[0].content.as_ref().unwrap();
    assert_eq!(
        content.body.as_deref(),
        Some(format!("{HOSTILE}\nخبر <2>").as_str())
    );
    assert_eq!(feed.entries[0].updated.unwrap().timestamp_millis(), MONDAY);
}

#[test]
fn the_style_sheet_is_small_and_has_the_colours_of_the_site() {
    let sheet = stylesheet(&Theme::default());
    assert!(sheet.starts_with(":root{--page:#f3f1ec;"));
    assert!(sheet.len() < 11_000, "{}", sheet.len());
    assert!(
        sheet.contains("prefers-color-scheme")
            && sheet.contains("@media print")
            && sheet.contains("outline: 3px")
    );
}
