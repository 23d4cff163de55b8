//! The mails in every language: whole, with its direction in every cell, and nothing left of another language.

use regex::Regex;

use super::{Rendered, sample, shown};
use crate::locale::{Locale, SUPPORTED};

fn mails(language: &str) -> [Rendered; 6] {
    [
        sample::confirmation(language, Some("192.0.2.7")),
        sample::reminder(language),
        sample::moving(language),
        sample::notice(language),
        sample::welcome(language, Some("https://news.example.org/d/3f9a")),
        sample::digest(language, &sample::edition(language)),
    ]
}

/// Arabic and English have snapshots of every mail.
#[test]
fn the_confirmation_of_every_language() {
    for language in &SUPPORTED[2..] {
        let mail = sample::confirmation(language, Some("192.0.2.7"));
        let shown = shown(&mail)
            .replace('\u{202F}', "~")
            .replace('\u{A0}', "[NBSP]");
        insta::assert_snapshot!(format!("confirmation_{language}"), shown);
    }
}

#[test]
fn every_mail_says_its_language_and_direction() {
    let tag = Regex::new(r"<(html|body|table|td)\b[^>]*>").unwrap();
    let comment = Regex::new(r"(?s)<!--.*?-->").unwrap();
    for language in SUPPORTED {
        let locale = Locale::new(language, None).unwrap();
        let dir = format!("dir=\"{}\"", locale.dir());
        let lang = format!("lang=\"{language}\"");
        for mail in mails(language) {
            let html = comment.replace_all(&mail.html, "");
            for found in tag.find_iter(&html).map(|found| found.as_str()) {
                let said = found.contains(&dir) && found.contains(&lang);
                assert!(said, "{language}, {}: {found}", mail.subject);
            }
            for isolate in ['\u{2068}', '\u{2069}'] {
                let shown = mail.subject.matches(isolate).count();
                assert!(
                    shown == 0 || locale.is_rtl(),
                    "{language}: {}",
                    mail.subject
                );
            }
        }
    }
}
