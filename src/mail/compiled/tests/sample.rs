//! Digests of several lengths in two languages, compiled, and the same as lettre makes them for one reader.

use jiff::tz::TimeZone;

use super::*;
use crate::domain::address::EmailAddress;
use crate::domain::article::SafeHtml;
use crate::domain::digest::{Edition, EditionSection, Item};
use crate::domain::list::Layout;
use crate::domain::theme::Theme;
use crate::locale::Locale;
use crate::mail::message::{self, Envelope, ListHeaders};
use crate::mail::template::Sender;

const MONDAY: i64 = 1_767_596_400_000;

pub(super) struct Sample {
    pub(super) compiled: CompiledDigest,
    rendered: Rendered,
    language: &'static str,
    sender: SenderIdentity,
}

/// Few and many articles, with and without a summary.
pub(super) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for language in ["ar", "en"] {
        for (articles, repeats) in [(1, 0), (2, 3), (12, 60), (90, 1)] {
            samples.push(Sample::new(language, &edition(language, articles, repeats)));
        }
    }
    samples
}

impl Sample {
    pub(super) fn new(language: &'static str, edition: &Edition) -> Self {
        let locale = Locale::new(language, None).unwrap();
        let sender = SenderIdentity {
            address: EmailAddress::parse("news@marfa.example").unwrap(),
            name: "المرفأ, نشرة".into(),
            reply_to: Some(EmailAddress::parse("editor@marfa.example").unwrap()),
        };
        let headers = DigestHeaders {
            sender: &sender,
            date_ms: MONDAY,
            language,
            list_name: "النشرة \"الكبرى\" <x>",
            list_id: "weekly.marfa.example",
            archive_url: Some("https://news.example.org/archive/weekly"),
            mark: None,
        };
        let mail = DigestMail {
            locale: &locale,
            zone: &TimeZone::UTC,
            site: Sender {
                name: "المرفأ",
                home_url: "https://news.example.org/",
                postal_address: Some("شارع البحر 12"),
                privacy_url: None,
            },
            theme: &Theme::default(),
            list_name: "النشرة",
            subject: None,
            edition,
            left_out: 0,
            date_ms: MONDAY,
            view_url: "https://news.example.org/d/3f9a",
            archive_url: None,
            decoy_url: None,
        };
        let compiled = CompiledDigest::compile(&mail, &headers).unwrap();
        Self {
            rendered: compiled.rendered.clone(),
            compiled,
            language,
            sender,
        }
    }

    /// One reader's copy, filled in and encoded whole.
    pub(super) fn whole(&self, reader: &Reader<'_>) -> Vec<u8> {
        let envelope = Envelope {
            sender: &self.sender,
            bounce_address: "bounce@marfa.example",
            to: reader.to,
            message_id: reader.message_id,
            date_ms: MONDAY,
            language: self.language,
            list: Some(ListHeaders {
                name: "النشرة \"الكبرى\" <x>",
                id: "weekly.marfa.example",
                unsubscribe_url: reader.unsubscribe_url,
                archive_url: Some("https://news.example.org/archive/weekly"),
                bulk: true,
            }),
        };
        let locale = Locale::new(self.language, None).unwrap();
        let salutation = Greeting::new(&locale).to(reader.name).into_owned();
        // The name comes last: it may hold the word of a slot.
        let fill = |text: &str, value: &dyn Fn(&str) -> String| {
            text.replace(SLOT_UNSUBSCRIBE, &value(reader.unsubscribe_url))
                .replace(SLOT_PREFERENCES, &value(reader.preferences_url))
                .replace(SLOT_ADDRESS, &value(reader.shown))
                .replace(SLOT_SALUTATION, &value(&salutation))
        };
        let rendered = Rendered {
            subject: self.rendered.subject.clone(),
            text: fill(&self.rendered.text, &str::to_owned),
            html: fill(&self.rendered.html, &escaped),
        };
        message::build(&envelope, &rendered).unwrap().bytes
    }
}

fn escaped(text: &str) -> String {
    [
        ("&", "&#38;"),
        ("<", "&#60;"),
        (">", "&#62;"),
        ("\"", "&#34;"),
        ("'", "&#39;"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (letter, code)| {
        text.replace(letter, code)
    })
}

fn edition(language: &str, articles: i64, repeats: usize) -> Edition {
    let (title, words) = if language == "ar" {
        (
            "الميناء القديم يفتح أرصفته للزوار",
            "عادت المراكب الخشبية إلى الرصيف الشرقي.\n",
        )
    } else {
        (
            "The old harbour opens its quays",
            "The boats are back at the eastern quay.\n.\n",
        )
    };
    let item = |id| Item {
        article_id: id,
        title: format!("{title} {id}"),
        url: format!("https://news.example.org/a/{id}?from=rss&n=1"),
        summary_html: SafeHtml::from_sanitised(words.repeat(repeats)),
        summary_text: words.repeat(repeats),
        source: Some("Reuters".into()),
        image: None,
        published_ms: MONDAY - id,
        related: Vec::new(),
    };
    Edition {
        lead: Some(item(0)),
        sections: vec![EditionSection {
            key: "reports".into(),
            name: "تقارير".into(),
            layout: Layout::Cards,
            items: (1..articles).map(item).collect(),
        }],
        ..Edition::default()
    }
}
