//! Messages are legal, whole, and the same on every try.

use mail_parser::{HeaderValue as Parsed, MessageParser};
use proptest::prelude::*;

use super::*;
use crate::domain::address::EmailAddress;

fn sender() -> SenderIdentity {
    SenderIdentity {
        address: EmailAddress::parse("news@marfa.example").expect("an address"),
        name: "المرفأ, نشرة".into(),
        reply_to: Some(EmailAddress::parse("editor@marfa.example").expect("an address")),
    }
}

fn built(subject: &str, text: &str, html: &str, to: &str) -> Vec<u8> {
    let sender = sender();
    let envelope = Envelope {
        sender: &sender,
        bounce_address: "bounce@marfa.example",
        to,
        message_id: "d42.AbC123@marfa.example",
        date_ms: 1_767_596_400_000,
        language: "ar",
        list: Some(ListHeaders {
            name: "النشرة الأسبوعية \"الكبرى\" <x>",
            id: "weekly.marfa.example",
            unsubscribe_url: "https://news.marfa.example/u/AQEBAQEBAQEBAQEBAQEBAQEBAQ",
            archive_url: Some("https://news.marfa.example/archive/weekly"),
            bulk: true,
        }),
    };
    let rendered = Rendered {
        subject: subject.into(),
        text: text.into(),
        html: html.into(),
    };
    build(&envelope, &rendered).expect("a message").bytes
}

fn header<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let head = message.split("\r\n\r\n").next().expect("a head");
    head.split("\r\n")
        .filter(|line| {
            line.to_ascii_lowercase()
                .starts_with(&format!("{}:", name.to_ascii_lowercase()))
        })
        .collect()
}

#[test]
fn h1_h2_h12_h13_h14_v10_list_headers_are_exact_and_single() {
    let bytes = built("Subject", "text\n", "<p>html</p>", "layla@example.org");
    let message = String::from_utf8(bytes.clone()).expect("7-bit");
    assert_eq!(
        header(&message, "List-Unsubscribe"),
        ["List-Unsubscribe: <https://news.marfa.example/u/AQEBAQEBAQEBAQEBAQEBAQEBAQ>"]
    );
    assert_eq!(
        header(&message, "List-Unsubscribe-Post"),
        ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    );
    assert_eq!(header(&message, "List-Post"), ["List-Post: NO"]);
    assert_eq!(
        header(&message, "Auto-Submitted"),
        ["Auto-Submitted: auto-generated"]
    );
    assert_eq!(header(&message, "Precedence"), ["Precedence: bulk"]);
    assert_eq!(
        header(&message, "Message-ID"),
        ["Message-ID: <d42.AbC123@marfa.example>"]
    );
    assert_eq!(
        header(&message, "Date"),
        ["Date: Mon, 05 Jan 2026 07:00:00 +0000"]
    );
    for name in [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Reply-To",
        "List-Id",
        "List-Archive",
    ] {
        assert_eq!(header(&message, name).len(), 1, "exactly one {name}");
    }
    let parsed = MessageParser::default().parse(&bytes).expect("a message");
    let list_id = parsed.header_raw("List-Id").expect("a List-Id");
    assert!(
        list_id.trim_end().ends_with("<weekly.marfa.example>"),
        "{list_id}"
    );
    let Some(Parsed::Address(from)) = parsed.header("From") else {
        panic!("From is an address")
    };
    assert_eq!(
        from.first().and_then(|from| from.name()),
        Some("المرفأ, نشرة"),
        "M8"
    );
}

#[test]
fn x1_nothing_ends_a_header() {
    let bytes = built(
        "Hello\r\nBcc: eve@example.org\u{2028}X: y",
        "text\n",
        "<p></p>",
        "layla@example.org",
    );
    let message = String::from_utf8(bytes).expect("7-bit");
    assert!(header(&message, "Bcc").is_empty());
    assert_eq!(header(&message, "X"), Vec::<&str>::new());
}

#[test]
fn m9_m10_m12_the_same_copy_is_the_same_octets_on_every_try() {
    let one = built("موضوع", "نص\n", "<p>نص</p>", "layla@example.org");
    assert_eq!(
        one,
        built("موضوع", "نص\n", "<p>نص</p>", "layla@example.org")
    );
}

#[test]
fn m13_m15_parts_are_plain_then_html_with_their_language() {
    let bytes = built(
        "موضوع",
        "سطر أول\nسطر ثان\n",
        "<p dir=\"rtl\">سطر</p>",
        "layla@example.org",
    );
    let parsed = MessageParser::default().parse(&bytes).expect("a message");
    assert_eq!(
        parsed
            .body_text(0)
            .expect("text")
            .replace("\r\n", "\n")
            .trim_end(),
        "سطر أول\nسطر ثان"
    );
    assert_eq!(
        parsed.body_html(0).expect("html").trim_end(),
        "<p dir=\"rtl\">سطر</p>"
    );
    let text = String::from_utf8(bytes).expect("7-bit");
    assert_eq!(text.matches("Content-Language: ar").count(), 2);
    assert!(text.find("text/plain") < text.find("text/html"));
    assert!(text.contains("multipart/alternative"));
}

proptest! {
    #[test]
    fn m1_to_m7_any_subject_and_body_survive_and_every_line_is_legal(
        subject in "[a-zA-Z0-9 ،؟,.:()\"“”א-ת\u{0621}-\u{064a}é漢🌍-]{1,90}",
        body in "[a-zA-Z0-9 .\n\u{0621}-\u{064a}é=?<>&-]{0,400}",
    ) {
        let bytes = built(&subject, &body, &body, "layla@example.org");
        let text = std::str::from_utf8(&bytes).expect("7-bit");
        prop_assert!(text.is_ascii());
        prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "M1");
        prop_assert!(text.ends_with("\r\n"));
        for line in text.split("\r\n") {
            prop_assert!(line.len() <= 998, "M2");
            prop_assert!(!line.contains("=?") || line.len() <= 76 || !line.starts_with([' ', 'S']), "M3: {line}");
        }
        let parsed = MessageParser::default().parse(&bytes).expect("a message");
        prop_assert_eq!(parsed.subject().unwrap_or_default().trim(), one_line(&subject), "M7");
        let read = parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        let sent = clean(&body);
        prop_assert_eq!(read.trim_end(), sent.trim_end());
    }
}
