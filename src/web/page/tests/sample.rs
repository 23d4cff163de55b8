//! Every page once, with an edition that has every layout.

use super::super::*;
use crate::domain::article::{Image, SafeHtml};
use crate::domain::digest::{EditionSection, Item};
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
        email: "",
        error: None,
        suggestion: None,
        asks_name: true,
        name: "",
        name_refused: false,
        source: "",
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
    }
}

pub(super) fn all_pages(locale: &Locale) -> Vec<String> {
    let site = &site();
    let list_name = "النشرة الأسبوعية";
    let url = || "/subscribe/weekly".to_owned();
    let zone = &TimeZone::UTC;
    let entry = DigestEntry {
        url: url(),
        title: "الميناء القديم".into(),
        date_ms: MONDAY,
        articles: 11,
    };
    let edition = &edition("الميناء القديم");
    let lists = vec![ListView {
        name: list_name,
        description: "",
        subscribe_url: url(),
        archive_url: Some(url()),
    }];
    let mut pages = vec![
        ListsPage {
            locale,
            site,
            lists,
        }
        .render(),
        ListsPage {
            locale,
            site,
            lists: Vec::new(),
        }
        .render(),
        form(locale, site).render(),
        CheckMailPage {
            locale,
            site,
            list_name,
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
        }
        .render(),
        UnsubscribedPage {
            locale,
            site,
            list_name,
            subscribe_url: Some(url()),
        }
        .render(),
        ArchivePage {
            locale,
            site,
            list_name,
            zone,
            entries: vec![entry],
            subscribe_url: url(),
            feed_url: url(),
        }
        .render(),
        DigestPage {
            locale,
            site,
            list_name,
            zone,
            date_ms: MONDAY,
            edition,
            subscribe_url: url(),
            archive_url: Some(url()),
        }
        .render(),
    ];
    pages.extend(ErrorKind::ALL.map(|kind| {
        ErrorPage {
            locale,
            site,
            kind,
            back_url: Some(url()),
            lists_url: "/",
            request_id: "4f1c",
        }
        .render()
    }));
    pages.into_iter().map(Result::unwrap).collect()
}
