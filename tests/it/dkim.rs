//! K1–K10: what leaves over SMTP is signed, others verify it, and nothing of what a reader sees can be changed or added.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use nashra::catcher::Caught;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases, sqlite};
use crate::harness::http;
use crate::harness::process::{Output, Program};
use crate::harness::verifiers::ask;

/// Makes a key for the tests' sender.
async fn keygen(directory: &Path, algorithm: &str) -> Output {
    let out = directory.join(format!("{algorithm}.pem"));
    let arguments = [
        "dkim",
        "keygen",
        "--selector",
        algorithm,
        "--domain",
        "marfa.example",
    ];
    let rest = ["--algorithm", algorithm, "--out", out.to_str().unwrap()];
    let output = Program::nashra(arguments.into_iter().chain(rest))
        .run()
        .await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    output
}

/// The section of the configuration for keys in a directory.
fn section(directory: &Path, algorithms: &[&str]) -> String {
    let key = |name: &&str| {
        let file = directory.join(format!("{name}.pem"));
        format!(
            "[[dkim.keys]]\nselector = \"{name}\"\nkey_file = \"{}\"\n",
            file.display()
        )
    };
    algorithms.iter().map(key).collect()
}

/// The program with these keys, and the records that `dkim record` asks to be published.
async fn signed_app(
    db: TestDb,
    directory: &Path,
    algorithms: &[&str],
) -> (TestApp, BTreeMap<String, String>) {
    for algorithm in algorithms {
        keygen(directory, algorithm).await;
    }
    let sections = section(directory, algorithms);
    let app = TestApp::with(
        db,
        Options {
            sections,
            list: "welcome = \"digest\"\n".to_owned(),
            ..Options::default()
        },
    )
    .await;
    let file = app.config_file();
    let arguments = [
        "--config",
        file.to_str().unwrap(),
        "dkim",
        "record",
        "--json",
    ];
    let output = Program::nashra(arguments).run().await;
    let records: Vec<serde_json::Value> = serde_json::from_str(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let records = records
        .iter()
        .map(|record| (text(&record["name"]), text(&record["value"])));
    (app, records.collect())
}

/// The octets of every kind of mail: a confirmation, a digest and a variant of it, a welcome that is the last digest, a notice.
async fn every_kind(app: &TestApp) -> Vec<Vec<u8>> {
    let form = format!("{}/subscribe/weekly", app.url);
    app.confirmed("layla@example.org").await;
    app.confirmed("omar@example.org").await;
    let choices = [
        ("do", "save"),
        ("weekly.cadence", "list"),
        ("weekly.section", "reports"),
        ("weekly.language", "en"),
        ("zone", "UTC"),
    ];
    let link = app.preferences_link("weekly", "omar@example.org").await;
    assert_eq!(http::post_form(&link, &choices).await.status, 303);
    app.articles(3).await;
    app.publish().await;
    app.deliver_pending().await;
    // With letters beyond ASCII in a header (RFC 6532), as they are.
    app.confirmed("ليلى@example.org").await;
    app.advance(Duration::from_hours(1));
    http::post_form(&form, &[("email", "layla@example.org")]).await;
    app.deliver_pending().await;
    let mails = app.catcher.messages();
    for (reader, words, number) in [
        ("layla@example.org", "خبر رقم", 1),
        ("layla@example.org", "أنت مشترك", 1),
        // The welcome, and the variant.
        ("omar@example.org", "خبر رقم", 2),
        ("ليلى@example.org", "أكّد", 1),
        ("ليلى@example.org", "خبر رقم", 1),
    ] {
        let found = mails
            .iter()
            .filter(|mail| mail.recipients == [reader] && mail.subject().contains(words));
        assert_eq!(found.count(), number, "{reader}: {words}");
    }
    mails.iter().map(|mail| mail.raw.clone()).collect()
}

/// The names in `h=` of the first signature, each once.
fn signed_names(message: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(message).replace("\r\n\t", "");
    let names = text.split_once("h=").unwrap().1.split(';').next().unwrap();
    let mut names: Vec<_> = names.split(':').map(str::to_lowercase).collect();
    names.dedup();
    names
}

/// The message with one octet of a header changed; nothing where it has no such header.
fn changed(message: &[u8], name: &str) -> Option<Vec<u8>> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let lower = text.to_lowercase();
    let start = lower.find(&format!("\r\n{name}:"))? + name.len() + 3;
    let end = start + text[start..].find("\r\n").unwrap();
    // The last letter or digit of the line becomes another.
    let at = text[start..end].rfind(|letter: char| letter.is_ascii_alphanumeric())? + start;
    let mut bytes = message.to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    Some(bytes)
}

/// The message with one more header, above all others or below them.
fn with_header(message: &[u8], line: &str) -> [Vec<u8>; 2] {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let above = format!("{line}\r\n{text}");
    let below = text.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1);
    [above.into_bytes(), below.into_bytes()]
}

both_databases!(
    /// K2, K7, K10: RSA and Ed25519 beside each other, on every kind of mail, as two programs of others see it.
    k10_every_kind_of_mail_is_verified_by_others,
    |db| async move {
        let directory = tempfile::tempdir().unwrap();
        let (app, records) = signed_app(db, directory.path(), &["rsa", "ed25519"]).await;
        assert_eq!(records.len(), 2);
        let mails = every_kind(&app).await;
        for mail in &mails {
            assert!(mail.starts_with(b"DKIM-Signature: v=1; a=rsa-sha256; s=rsa; d=marfa.example; c=relaxed/relaxed;"));
        }
        for says in ask(&records, &mails).await {
            assert_eq!(says.verdicts, vec![vec![true, true]; mails.len()], "{}", says.who);
        }
    }
);

/// K4, K5, K10, H3: one octet of each signed header, a second From or Subject, a word of the body, and both signatures are void.
#[tokio::test]
async fn k10_nothing_signed_can_be_changed_or_added() {
    let directory = tempfile::tempdir().unwrap();
    let (app, records) = signed_app(sqlite().await, directory.path(), &["rsa", "ed25519"]).await;
    let mails = every_kind(&app).await;
    let digest = mails
        .iter()
        .find(|mail| String::from_utf8_lossy(mail).contains("Precedence: bulk"))
        .unwrap();
    let names = signed_names(digest);
    for name in [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "list-post",
    ] {
        assert!(
            names.iter().any(|signed| signed == name),
            "{name}: {names:?}"
        );
    }
    let changes = names.iter().filter_map(|name| changed(digest, name));
    let mut forged: Vec<_> = changes.collect();
    assert!(forged.len() >= 13, "{}", forged.len());
    let added = [
        "From: Other <other@example.net>",
        "Subject: other",
        "Reply-To: other@example.net",
        "Cc: other@example.net",
        "Date: Mon, 05 Jan 2026 07:00:01 +0000",
        "Content-Type: text/plain",
        "List-Unsubscribe: <https://evil.example/>",
    ];
    forged.extend(added.iter().flat_map(|line| with_header(digest, line)));
    let mut body = digest.clone();
    let last = body.len() - 60;
    body[last] ^= 1;
    forged.push(body);
    for says in ask(&records, &forged).await {
        assert_eq!(
            says.verdicts,
            vec![vec![false, false]; forged.len()],
            "{}",
            says.who
        );
    }
}

/// K2: either kind alone is verified too, and Ed25519 alone is warned of.
#[tokio::test]
async fn k2_each_kind_alone() {
    for algorithm in ["rsa", "ed25519"] {
        let directory = tempfile::tempdir().unwrap();
        let (app, records) = signed_app(sqlite().await, directory.path(), &[algorithm]).await;
        let mails = every_kind(&app).await;
        for says in ask(&records, &mails).await {
            assert_eq!(
                says.verdicts,
                vec![vec![true]; mails.len()],
                "{} {algorithm}",
                says.who
            );
        }
        let file = app.config_file();
        let check = Program::nashra(["--config", file.to_str().unwrap(), "config", "check"])
            .run()
            .await;
        assert_eq!(
            check.stdout.contains("Ed25519"),
            algorithm == "ed25519",
            "{check:#?}"
        );
    }
}

/// K8: a list whose sender is of another domain has its mail unsigned, and `config check` says so.
#[tokio::test]
async fn k8_a_foreign_sender_is_not_signed_for() {
    let directory = tempfile::tempdir().unwrap();
    keygen(directory.path(), "ed25519").await;
    let options = Options {
        sections: section(directory.path(), &["ed25519"]),
        list: "from = \"news@other.example\"\n".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(sqlite().await, options).await;
    app.confirmed("layla@example.org").await;
    let mails = app.catcher.messages();
    assert!(!String::from_utf8_lossy(&mails[0].raw).contains("DKIM-Signature"));
    let file = app.config_file();
    let check = Program::nashra(["--config", file.to_str().unwrap(), "config", "check"])
        .run()
        .await;
    assert!(
        check
            .stdout
            .contains("list `weekly`: no key of [[dkim.keys]]"),
        "{check:#?}"
    );
    assert!(
        check.stdout.contains("dkim.keys[0].domain: signs nothing"),
        "{check:#?}"
    );
}

/// X10: the key is its owner's alone and replaces no other; the record is what the key says.
#[tokio::test]
async fn x10_a_key_is_made_once_and_for_its_owner() {
    let directory = tempfile::tempdir().unwrap();
    let output = keygen(directory.path(), "ed25519").await;
    let file = directory.path().join("ed25519.pem");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(!output.stdout.contains(pem.lines().nth(1).unwrap()));
    for words in [
        "name   ed25519._domainkey.marfa.example",
        "value  v=DKIM1; k=ed25519; p=",
        "[[dkim.keys]]",
    ] {
        assert!(output.stdout.contains(words), "{output:#?}");
    }
    let file = file.to_str().unwrap();
    for (arguments, code, words) in [
        (
            [
                "--selector",
                "s2",
                "--domain",
                "marfa.example",
                "--out",
                file,
            ],
            1,
            "is there already",
        ),
        (
            [
                "--selector",
                "a_b",
                "--domain",
                "marfa.example",
                "--out",
                "x.pem",
            ],
            2,
            "is not a selector",
        ),
        (
            ["--selector", "s2", "--domain", "..", "--out", "x.pem"],
            2,
            "is not a domain name",
        ),
        (
            [
                "--selector",
                "s2",
                "--domain",
                "marfa.example",
                "--out",
                "no/x.pem",
            ],
            1,
            "cannot be written",
        ),
    ] {
        let arguments = ["dkim", "keygen", "--algorithm", "ed25519"]
            .into_iter()
            .chain(arguments);
        let output = Program::nashra(arguments).run().await;
        assert_eq!(output.code, Some(code), "{output:#?}");
        assert!(output.stderr.contains(words), "{output:#?}");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), pem);
}

/// A zone file takes the record of an RSA key in strings; put together they are the record.
#[tokio::test]
async fn a_long_record_comes_in_strings_too() {
    let directory = tempfile::tempdir().unwrap();
    let output = keygen(directory.path(), "rsa").await;
    let line = output
        .stdout
        .lines()
        .find(|line| line.contains("IN TXT"))
        .unwrap();
    let strings: Vec<_> = line.split('"').skip(1).step_by(2).collect();
    assert!(
        strings.len() == 2 && strings.iter().all(|text| text.len() <= 255),
        "{line}"
    );
    assert!(
        output
            .stdout
            .contains(&format!("value  {}\n", strings.concat())),
        "{output:#?}"
    );
}

/// A caught mail is what went over the wire, or nothing here would say anything.
#[tokio::test]
async fn an_unsigned_mail_stays_unsigned() {
    let app = TestApp::start(sqlite().await).await;
    app.confirmed("layla@example.org").await;
    let mails = app.catcher.messages();
    let mail: &Caught = &mails[0];
    assert!(mail.raw.starts_with(b"From: "));
}
