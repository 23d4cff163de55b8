//! Every page once, with an edition that has every layout.

use jiff::tz::TimeZone;

use super::super::*;
use crate::domain::article::{Image, SafeHtml};
use crate::domain::digest::{Edition, EditionSection, Item};
use crate::domain::list::Layout;
use crate::web::guard::Guard;

pub(super) const MONDAY: i64 = 1_795_424_400_000;
pub(super) const HOSTILE: &str = r#"<script>alert(1)</script>" autofocus onfocus="x {{ 7 }}"#;

pub(super) fn locale(language: &str) -> Locale {
    Locale::new(language, None).unwrap()
}

pub(super) fn site() -> SiteView<'static> {
    SiteView {
        name: "المرفأ",
        home_url: "https://news.example.org/",
        privacy_url: Some("https://news.example.org/privacy"),
        stylesheet_url: "/static/nashra.css",
    }
}

static GUARD: Guard = Guard {
    stamp: String::new(),
    script_url: None,
};

pub(super) fn form<'a>(locale: &'a Locale, site: &'a SiteView<'a>) -> SubscribePage<'a> {
    SubscribePage {
        locale,
        site,
        list_name: "النشرة الأسبوعية",
        description: "كل اثنين صباحاً.",
        next_ms: Some(MONDAY),
        zone: const { &TimeZone::UTC },
        latest_url: Some("/archive/weekly/1".into()),
        form: FormView {
            asks_name: true,
            ..FormView::default()
        },
        guard: &GUARD,
    }
}

pub(super) fn edition(title: &str) -> Edition {
    let item = Item {
        article_id: 1,
        title: title.into(),
        url: "https://news.example.org/a/1".into(),
        summary_html: SafeHtml::from_sanitised("<b>عادت</b> المراكب".into()),
        summary_text: "عادت المراكب".into(),
        source: Some("وكالات".into()),
        image: Some(Image {
            url: "https://news.example.org/i/1.png".into(),
            alt: String::new(),
        }),
        published_ms: MONDAY,
        related: Vec::new(),
    };
    let section = |layout| EditionSection {
        key: "s".into(),
        name: "قسم".into(),
        layout,
        items: vec![item.clone()],
    };
    Edition {
        lead: Some(item.clone()),
        sections: vec![
            section(Layout::Cards),
            section(Layout::Headlines),
            section(Layout::Cartoon),
        ],
        ..Edition::default()
    }
}

pub(super) fn digest_entry(url: String, title: &str, date_ms: i64) -> DigestEntry {
    DigestEntry {
        notes: Vec::new(),
        updated_ms: date_ms,
        id: format!("tag:example.org,2026:weekly/{date_ms}"),
        url,
        title: title.into(),
        titles: vec![title.into(), "خبر <2>".into()],
        date_ms,
        articles: 11,
        image_url: None,
    }
}

pub(super) fn preview<'a>(title: &'a str, image: Option<&'a Image>) -> Preview<'a> {
    Preview {
        url: "https://news.example.org/d/1".into(),
        kind: "article",
        title,
        description: format!("11 · {title}"),
        image,
        index: false,
    }
}

pub(super) fn all_pages(locale: &Locale) -> Vec<String> {
    let site = &site();
    let list_name = "النشرة الأسبوعية";
    let url = || "/subscribe/weekly".to_owned();
    let zone = &TimeZone::UTC;
    let entry = digest_entry(url(), "الميناء القديم", MONDAY);
    let edition = &edition("الميناء القديم");
    let lists = vec![ListView {
        name: list_name,
        description: "",
        subscribe_url: url(),
        archive_url: Some(url()),
    }];
    let mut pages = vec![
        ListsPage {
            guard: &GUARD,
            locale,
            site,
            lists,
            form: FormView {
                choices: vec![Choice {
                    slug: "weekly",
                    name: list_name,
                    description: "كل اثنين",
                    subscribe_url: url(),
                    chosen: false,
                }],
                ..FormView::default()
            },
        }
        .render(),
        ListsPage {
            guard: &GUARD,
            locale,
            site,
            lists: Vec::new(),
            form: FormView::default(),
        }
        .render(),
        form(locale, site).render(),
        CheckMailPage {
            locale,
            site,
            list_name,
            more: vec!["The Weekly"],
            subscribe_url: url(),
        }
        .render(),
        ConfirmPage {
            locale,
            site,
            list_name,
        }
        .render(),
        ConfirmedPage {
            locale,
            site,
            list_name,
            already: false,
            latest_url: Some(url()),
        }
        .render(),
        ConfirmedPage {
            locale,
            site,
            list_name,
            already: true,
            latest_url: None,
        }
        .render(),
        ExpiredPage {
            locale,
            site,
            list_name,
        }
        .render(),
        UnsubscribePage {
            locale,
            site,
            list_name,
            instead: Some(vec!["weekly", "monthly"]),
            preferences_url: url(),
        }
        .render(),
        UnsubscribedPage {
            locale,
            site,
            list_name,
            moved: false,
            undo: Some("AQ".into()),
            subscribe_url: Some(url()),
        }
        .render(),
        ArchivePage {
            locale,
            site,
            list_name,
            preview: preview(list_name, None),
            zone,
            entries: vec![entry],
            older_url: Some(url()),
            newest_url: Some(url()),
            subscribe_url: url(),
            archive_url: url(),
        }
        .render(),
        DigestPage {
            corrections: Vec::new(),
            locale,
            site,
            list_name,
            preview: preview(list_name, None),
            zone,
            date_ms: MONDAY,
            edition,
            subscribe_url: url(),
            archive_url: Some(url()),
        }
        .render(),
    ];
    let stages = [Stage::Asked, Stage::Done, Stage::Gone];
    pages.extend(stages.map(|stage| {
        NeverPage {
            locale,
            site,
            stage,
        }
        .render()
    }));
    let lists = ["النشرة".to_owned(), "The Weekly".to_owned()];
    let asked = Moving::Asked {
        from: "l***@example.org",
        lists: &lists,
    };
    let stages = [asked, Moving::Done, Moving::Expired, Moving::Mailed];
    pages.extend(stages.map(|stage| {
        MovingPage {
            locale,
            site,
            stage,
        }
        .render()
    }));
    pages.extend(ErrorKind::ALL.map(|kind| {
        ErrorPage {
            locale,
            site,
            kind,
            again: Some(locale.count("again-minutes", 11)),
            back_url: Some(url()),
            lists_url: "/",
            request_id: "4f1c",
        }
        .render()
    }));
    pages.into_iter().map(Result::unwrap).collect()
}
