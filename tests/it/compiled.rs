//! A copy written between the pieces of a compiled digest, and the same mail encoded whole: a parser that shares no code with us
//! reads one as the other.

use jiff::tz::TimeZone;
use nashra::domain::address::EmailAddress;
use nashra::domain::article::SafeHtml;
use nashra::domain::digest::{Edition, EditionSection, Item};
use nashra::domain::list::{Layout, SenderIdentity};
use nashra::domain::theme::Theme;
use nashra::locale::Locale;
use nashra::mail::compiled::{CompiledDigest, DigestHeaders, Reader};
use nashra::mail::message::{self, Envelope, ListHeaders};
use nashra::mail::template::{DigestMail, Sender};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::harness::app::MONDAY;
use crate::harness::node;

const READERS: [(Option<&str>, &str); 5] = [
    (None, "omar@example.org"),
    (
        Some("ليلى حدّاد \"أم\" عمر"),
        "layla.haddad+news@example.org",
    ),
    (
        Some("O'Hara <b>&amp;</b> {{ x }} NASHRASLOTADDRESS"),
        "o'hara@xn--mgbh0fb.example",
    ),
    (
        Some("Eve\r\n.\r\nBcc: eve@example.org = \u{202e}"),
        "eve@example.org",
    ),
    (Some("سلمى 🌍"), "سلمى@example.org"),
];

/// Any name, beside those that were thought of; and how often a summary repeats its words.
fn any_readers() -> Vec<(Option<String>, usize)> {
    let names = proptest::option::of(prop_oneof![any::<String>(), "[\\p{Arabic} ]{0,200}"]);
    let readers = proptest::collection::vec((names, 0..40_usize), 16);
    let mut runner = TestRunner::default();
    readers.new_tree(&mut runner).unwrap().current()
}

/// M6–M14, M20 and A5: the same subject, addresses, date, list headers and, to the octet, parts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_parser_reads_a_copy_as_the_whole_mail() {
    let directory = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut write = |copies: [Vec<u8>; 2]| {
        for bytes in copies {
            let file = directory.path().join(format!("{}.eml", files.len()));
            std::fs::write(&file, bytes).unwrap();
            files.push(file);
        }
    };
    let any_readers = any_readers();
    for (language, articles, repeats) in [("ar", 1, 0), ("ar", 9, 30), ("en", 3, 2), ("en", 30, 1)]
    {
        for (name, to) in READERS {
            write(both(
                language,
                &edition(language, articles, repeats),
                name,
                to,
            ));
        }
        for (name, repeats) in &any_readers {
            let edition = edition(language, articles, *repeats);
            write(both(
                language,
                &edition,
                name.as_deref(),
                "omar@example.org",
            ));
        }
    }
    let Some(program) = node::script("parse.mjs", &files) else {
        return;
    };
    let output = program.run().await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let seen = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let seen: Vec<serde_json::Value> = seen.collect();
    assert_eq!(seen.len(), files.len());
    for pair in seen.chunks(2) {
        assert_eq!(pair[0], pair[1], "{any_readers:?}");
        assert!(
            pair[0]["html"]
                .as_str()
                .unwrap()
                .contains("https://news.example.org/u/token")
        );
    }
}

/// One reader's copy, from the compiled digest and encoded whole.
fn both(language: &str, edition: &Edition, name: Option<&str>, to: &str) -> [Vec<u8>; 2] {
    let locale = Locale::new(language, None).unwrap();
    let sender = SenderIdentity {
        address: EmailAddress::parse("news@marfa.example").unwrap(),
        name: "المرفأ".into(),
        reply_to: None,
    };
    let list = ListHeaders {
        name: "النشرة الأسبوعية",
        id: "weekly.marfa.example",
        unsubscribe_url: "https://news.example.org/u/token?a=1&b=2",
        archive_url: None,
        bulk: true,
    };
    let mail = DigestMail {
        locale: &locale,
        zone: &TimeZone::UTC,
        site: Sender {
            name: "المرفأ",
            home_url: "https://news.example.org/",
            postal_address: None,
            privacy_url: None,
        },
        theme: &Theme::default(),
        list_name: list.name,
        subject: None,
        edition,
        left_out: 0,
        date_ms: MONDAY,
        view_url: "https://news.example.org/d/1",
        archive_url: None,
        decoy_url: None,
    };
    let headers = DigestHeaders {
        sender: &sender,
        date_ms: MONDAY,
        language,
        list_name: list.name,
        list_id: list.id,
        archive_url: None,
        mark: None,
    };
    let compiled = CompiledDigest::compile(&mail, &headers).unwrap();
    let reader = Reader {
        to,
        name,
        shown: to,
        unsubscribe_url: list.unsubscribe_url,
        preferences_url: "https://news.example.org/p/token?a=1&b=2",
        message_id: "42.AbC_12-3@marfa.example",
    };
    let mut copy = Vec::new();
    compiled.write(&reader, &mut copy).unwrap();
    let envelope = Envelope {
        sender: &sender,
        bounce_address: "bounce@marfa.example",
        to,
        message_id: reader.message_id,
        date_ms: MONDAY,
        language,
        list: Some(list),
    };
    let whole = message::build(&envelope, &compiled.preview(&reader)).unwrap();
    [copy, whole.bytes]
}

fn edition(language: &str, articles: i64, repeats: usize) -> Edition {
    let (title, words) = match language {
        "ar" => ("الميناء القديم", "عادت المراكب الخشبية إلى الرصيف الشرقي. "),
        _ => (
            "The old harbour",
            "The boats are back at the eastern quay = home.\n.\n",
        ),
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
