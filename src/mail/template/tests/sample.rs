//! An edition in two languages with every layout, and the mails.

use jiff::tz::TimeZone;

use super::super::*;
use crate::domain::article::{Image, SafeHtml};
use crate::domain::digest::{Edition, EditionSection, Item, Related};
use crate::domain::list::Layout;

pub(super) const MONDAY: i64 = 1_795_424_400_000; // 2026-11-23 09:00 UTC
pub(super) const DAY: i64 = 86_400_000;

pub(super) fn item(id: i64, title: &str, summary: &str, source: Option<&str>, image: bool) -> Item {
    Item {
        article_id: id,
        title: title.into(),
        url: format!("https://news.example.org/a/{id}?from=rss&n=1"),
        summary_html: SafeHtml::from_sanitised(summary.into()),
        summary_text: summary.into(),
        source: source.map(Into::into),
        image: image.then(|| Image {
            url: format!("https://news.example.org/i/{id}.png"),
            alt: if id % 2 == 0 {
                String::new()
            } else {
                "مركب يدخل الميناء".into()
            },
        }),
        published_ms: MONDAY - id * DAY,
        related: Vec::new(),
    }
}

pub(super) fn section(key: &str, name: &str, layout: Layout, items: Vec<Item>) -> EditionSection {
    EditionSection {
        key: key.into(),
        name: name.into(),
        layout,
        items,
    }
}

pub(super) fn edition(language: &str) -> Edition {
    let pick = |arabic: &'static str, english: &'static str| {
        if language == "ar" { arabic } else { english }
    };
    Edition {
        lead: Some(item(
            1,
            pick(
                "الميناء القديم يفتح أرصفته للزوار",
                "The old harbour opens its quays",
            ),
            pick(
                "عادت المراكب إلى الرصيف الشرقي.",
                "The boats are back at the eastern quay.",
            ),
            Some(pick("المرفأ – وكالات", "Agencies")),
            true,
        )),
        sections: vec![
            section(
                "reports",
                pick("تقارير وتحقيقات", "Reports"),
                Layout::Cards,
                vec![
                    item(
                        2,
                        pick(
                            "Green Coast تجمع 3 أطنان من البلاستيك (في يوم واحد!)",
                            "Green Coast lifts 3 tonnes (in one day!)",
                        ),
                        pick("أربعمئة متطوع.", "Four hundred volunteers."),
                        Some("Reuters"),
                        true,
                    ),
                    item(
                        3,
                        pick("لماذا ارتفع سعر الخبز؟", "Why a loaf costs more"),
                        "",
                        None,
                        false,
                    ),
                ],
            ),
            section(
                "health",
                pick("الصحة والمجتمع", "Health"),
                Layout::Headlines,
                vec![item(
                    4,
                    pick("كيف تقرأ تحليل الدم", "How to read a blood test"),
                    "",
                    Some(pick("المرفأ", "The Lantern")),
                    false,
                )],
            ),
            section(
                "cartoon",
                pick("كاريكاتير", "Cartoon"),
                Layout::Cartoon,
                vec![item(
                    5,
                    pick("الردّ السريع", "The quick reply"),
                    "",
                    Some(pick("المرفأ", "The Lantern")),
                    true,
                )],
            ),
            section(
                "culture",
                pick("ثقافة", "Culture"),
                Layout::Lead,
                vec![item(
                    6,
                    pick("متحف البحر (قاعة 3) يعود", "The sea museum is back"),
                    pick("بعد عامين من الإغلاق.", "After two years."),
                    None,
                    true,
                )],
            ),
            section(
                "brief",
                pick("باختصار", "In brief"),
                Layout::Brief,
                vec![item(
                    7,
                    pick("مواعيد العبّارة تتغيّر", "New ferry times"),
                    pick("بدءاً من الأحد.", "From Sunday on."),
                    None,
                    false,
                )],
            ),
        ],
        suggested: vec![item(
            8,
            pick(
                "خمس مكتبات تفتح أبوابها ليلاً",
                "Five libraries open at night",
            ),
            "",
            None,
            false,
        )],
        popular: vec![
            item(
                9,
                pick("مقهى Blue Door يغلق أبوابه", "The Blue Door closes"),
                "",
                None,
                false,
            ),
            item(
                10,
                pick("دليل التسجيل 2026", "A guide to enrolment"),
                "",
                None,
                false,
            ),
        ],
        ..Edition::default()
    }
}

/// The same with an editor's words, a correction and articles to read also.
pub(super) fn edited(language: &str) -> Edition {
    let pick = |arabic: &'static str, english: &'static str| {
        if language == "ar" { arabic } else { english }
    };
    let mut edition = edition(language);
    edition.introduction = Some(
        pick(
            "أسبوع هادئ في المرفأ.\n\nEnglish readers: see you on Friday.",
            "A quiet week at the harbour.\n\nنراكم يوم الجمعة.",
        )
        .into(),
    );
    edition.corrections = vec![
        pick(
            "عدد الأرصفة 7 لا 8 (عدد 16 تشرين الثاني).",
            "There are 7 quays, not 8.",
        )
        .into(),
    ];
    let related = |id: i64, title: &str| Related {
        article_id: id,
        title: title.into(),
        url: format!("https://news.example.org/a/{id}"),
    };
    edition.lead.as_mut().unwrap().related = vec![
        related(
            11,
            pick(
                "صيادو الرصيف: «عدنا، لكن البحر تغيّر»",
                "Fishers: “we are back”",
            ),
        ),
        related(12, "Harbour dues 2026"),
    ];
    edition
}

pub(super) fn locale(language: &str) -> Locale {
    Locale::new(language, (language == "ar").then_some("ar-LB-u-nu-latn")).unwrap()
}

pub(super) fn sender(language: &str) -> Sender<'static> {
    let arabic = language == "ar";
    Sender {
        name: if arabic {
            "المرفأ"
        } else {
            "The Lantern"
        },
        home_url: "https://news.example.org/",
        postal_address: Some(if arabic {
            "شارع البحر 12"
        } else {
            "4 Lamplighter Row"
        }),
        privacy_url: Some("https://news.example.org/privacy"),
    }
}

pub(super) fn list(language: &str) -> &'static str {
    if language == "ar" {
        "النشرة الأسبوعية"
    } else {
        "The Weekly Letter"
    }
}

pub(super) fn digest(language: &str, edition: &Edition) -> Rendered {
    DigestMail {
        locale: &locale(language),
        zone: &TimeZone::get("Asia/Beirut").unwrap(),
        site: sender(language),
        theme: &Theme::default(),
        list_name: list(language),
        subject: None,
        edition,
        left_out: 0,
        date_ms: MONDAY,
        view_url: "https://news.example.org/archive/weekly/3f9a",
        archive_url: Some("https://news.example.org/archive/weekly"),
        decoy_url: None,
    }
    .render()
    .unwrap()
}

pub(super) fn confirmation(language: &str, ip: Option<&str>) -> Rendered {
    asking(language, ip, Asks::SignUp)
}

pub(super) fn reminder(language: &str) -> Rendered {
    asking(language, None, Asks::Reminder)
}

pub(super) fn moving(language: &str) -> Rendered {
    let lists = [list(language).to_owned(), "The Daily".to_owned()];
    let asks = Asks::Move {
        from: "l***@example.org",
        lists: &lists,
    };
    asking(language, Some("192.0.2.7"), asks)
}

fn asking(language: &str, ip: Option<&str>, asks: Asks<'_>) -> Rendered {
    ConfirmationMail {
        locale: &locale(language),
        zone: &TimeZone::get("Asia/Beirut").unwrap(),
        site: sender(language),
        theme: &Theme::default(),
        list_name: list(language),
        confirm_url: "https://news.example.org/confirm/Zm9vYmFy",
        never_url: "https://news.example.org/never/abc",
        asks,
        requested_ms: MONDAY,
        expires_ms: MONDAY + 3 * DAY,
        ip,
    }
    .render()
    .unwrap()
}

pub(super) fn notice(language: &str) -> Rendered {
    NoticeMail {
        locale: &locale(language),
        site: sender(language),
        theme: &Theme::default(),
        list_name: list(language),
        unsubscribe_url: "https://news.example.org/u/abc",
        never_url: "https://news.example.org/never/abc",
    }
    .render()
    .unwrap()
}

pub(super) fn welcome(language: &str, latest_url: Option<&str>) -> Rendered {
    WelcomeMail {
        locale: &locale(language),
        zone: &TimeZone::get("Asia/Beirut").unwrap(),
        site: sender(language),
        theme: &Theme::default(),
        list_name: list(language),
        address: "layla@example.org",
        next_ms: Some(MONDAY),
        latest_url: latest_url.map(Into::into),
        preferences_url: "https://news.example.org/p/abc",
        unsubscribe_url: "https://news.example.org/u/abc",
    }
    .render()
    .unwrap()
}
