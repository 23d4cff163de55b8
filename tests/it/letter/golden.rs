//! The same letter comes out the same, octet for octet, and two parsers read the same of it.

use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::Value;

use super::press::Press;
use crate::harness::node;

/// Issue 6, point 8: golden letters, reproducible by `--as-of`. `TEST_WRITE_GOLDEN=1` writes them anew; look at what changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_of_a_moment_is_the_same_each_time() {
    let press = Press::run("").await;
    let again = Press::run("").await;
    for (letter, other) in press.letters.iter().zip(&again.letters) {
        assert!(
            letter.eml == other.eml,
            "{} differs from run to run",
            letter.name
        );
        if !letter.name.ends_with("-many") {
            continue;
        }
        let golden = format!(
            "{}/tests/fixtures/letters/{}.eml",
            env!("CARGO_MANIFEST_DIR"),
            letter.name
        );
        if std::env::var_os("TEST_WRITE_GOLDEN").is_some() {
            std::fs::write(&golden, &letter.eml).unwrap();
        }
        let kept = std::fs::read(&golden).unwrap();
        let first = kept
            .iter()
            .zip(&letter.eml)
            .position(|(one, other)| one != other);
        assert!(
            kept == letter.eml,
            "{golden} differs from octet {first:?} on"
        );
    }
}

/// Issue 6, point 8; standards 12: two independent parsers read the same subject, names, parts and lists' headers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_parsers_read_the_same_letter() {
    let press = Press::run("").await;
    let files: Vec<_> = press
        .letters
        .iter()
        .map(|letter| press.file(letter, "eml"))
        .collect();
    let Some(program) = node::script("parse.mjs", files) else {
        return;
    };
    let output = program.run().await;
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let mut seen = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    for letter in &press.letters {
        let theirs = seen.next().expect("a line for each letter");
        let ours = MessageParser::default().parse(&letter.eml).unwrap();
        let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        let name = &letter.name;
        assert_eq!(theirs["subject"].as_str(), ours.subject(), "{name}");
        assert_eq!(
            theirs["fromName"].as_str(),
            ours.from().unwrap().first().unwrap().name(),
            "{name}"
        );
        assert_eq!(
            lines(theirs["text"].as_str().unwrap()),
            lines(&ours.body_text(0).unwrap()),
            "{name}"
        );
        assert_eq!(
            lines(theirs["html"].as_str().unwrap()),
            lines(&ours.body_html(0).unwrap()),
            "{name}"
        );
        assert_eq!(
            lines(&ours.body_text(0).unwrap()),
            lines(&letter.text),
            "{name}: what was previewed is what is sent"
        );
        assert_eq!(
            lines(&ours.body_html(0).unwrap()),
            lines(&letter.html),
            "{name}"
        );
        assert_eq!(ours.attachment_count(), 0);
        let language = ours.html_part(0).unwrap().content_language().as_text();
        assert_eq!(language, Some(letter.language), "{name}: M15");
        let unsubscribe = theirs["unsubscribe"].as_str().unwrap();
        assert!(
            unsubscribe.starts_with("https://news.marfa.example/u/"),
            "{name}: {unsubscribe}"
        );
    }
}
