//! What checkers of HTML, of mail clients' abilities and of spam say of the letter (T17).

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use super::press::{Letter, Press};
use crate::harness::process::{Program, Signal, on_path};
use crate::harness::{LIMIT, http, node, skip};

/// What clients do not know of the letter, and what the letter does without it.
const LACKING: [(&str, &str); 12] = [
    (
        "@media",
        "narrow and dark screens: the letter is whole without",
    ),
    (
        "<style> element",
        "essential styles stand in the elements (T6)",
    ),
    (
        "display:none",
        "the preheader has max-height and overflow beside it (T10)",
    ),
    (
        "overflow",
        "the preheader has display and mso-hide beside it (T10)",
    ),
    ("box-sizing", "a cartoon's frame is a pixel wider"),
    ("border-radius", "corners are square"),
    ("border-collapse", "tables have cellspacing=0 beside it"),
    (
        "max-width",
        "tables have a width, and Outlook a frame of its own (T4)",
    ),
    ("role attribute", "said for readers of the screen alone"),
    (
        "aria-hidden attribute",
        "said for readers of the screen alone",
    ),
    (
        "aria-label attribute",
        "said for readers of the screen alone",
    ),
    (
        "<body> element",
        "the wrapper repeats its language, direction and ground (T1)",
    ),
];

/// What the checkers of HTML say of files, by file.
async fn checked(files: &[&Path]) -> Option<BTreeMap<String, Value>> {
    if !on_path("java") {
        skip("the Nu checker", "java is not installed");
        return None;
    }
    let output = node::script("check-html.mjs", files)?.run().await;
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let lines = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    Some(
        lines
            .map(|found| (found["file"].as_str().unwrap().to_owned(), found))
            .collect(),
    )
}

/// Issue 6, point 8; T17.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t17_checkers_of_html_find_nothing_and_clients_lack_nothing_that_matters() {
    let press = Press::run("").await;
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.html");
    let text = press.letters[0]
        .html
        .replacen("alt=\"\"", "alt", 1)
        .replacen("</table>", "", 1)
        .replacen("<p", "<blink style=\"display:flex\"", 1);
    std::fs::write(&broken, text).unwrap();
    let files: Vec<_> = press
        .letters
        .iter()
        .map(|letter| press.file(letter, "html"))
        .collect();
    let mut paths: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    paths.push(&broken);
    let Some(mut found) = checked(&paths).await else {
        return;
    };
    let bad = found.remove(broken.to_str().unwrap()).unwrap();
    for checker in ["validate", "vnu"] {
        assert!(
            !bad[checker].as_array().unwrap().is_empty(),
            "{checker} finds nothing in a broken letter"
        );
    }
    assert!(
        bad["clients"].to_string().contains("flex"),
        "{}",
        bad["clients"]
    );
    assert_eq!(found.len(), press.letters.len());
    for (file, found) in found {
        assert_eq!(found["validate"], serde_json::json!([]), "{file}");
        assert_eq!(found["vnu"], serde_json::json!([]), "{file}");
        for (feature, clients) in found["clients"].as_object().unwrap() {
            let known = LACKING.iter().any(|(known, _)| feature == known);
            assert!(known, "{file}: {feature} is not known to {clients}");
        }
    }
}

/// As a relay would hand it over, with the name of the machine that sent it.
fn received(letter: &Letter) -> Vec<u8> {
    let mut mail = b"Received: from mail.marfa.example (mail.marfa.example [192.0.2.25])\r\n\tby mx.example.net with ESMTPS id 1;\r\n\t"
        .to_vec();
    let text = String::from_utf8_lossy(&letter.eml);
    let date = text
        .lines()
        .find_map(|line| line.strip_prefix("Date: "))
        .unwrap();
    mail.extend_from_slice(date.as_bytes());
    mail.extend_from_slice(b"\r\n");
    mail.extend_from_slice(&letter.eml);
    mail
}

fn spoken(press: &Press) -> impl Iterator<Item = &Letter> {
    press
        .letters
        .iter()
        .filter(|letter| ["ar-many", "en-many", "fa-many"].contains(&letter.name.as_str()))
}

/// Issue 6, point 8; T17.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t17_spamassassin_takes_the_letter_for_no_spam() {
    if !on_path("spamassassin") {
        skip("SpamAssassin", "it is not installed");
        return;
    }
    let press = Press::run("").await;
    let folder = tempfile::tempdir().unwrap();
    let mut scores = Vec::new();
    for letter in spoken(&press) {
        let file = folder.path().join(format!("{}.eml", letter.name));
        std::fs::write(&file, received(letter)).unwrap();
        scores.push((letter.name.clone(), spam_assassin(&file).await));
    }
    assert_eq!(scores.len(), 3);
    for (name, score) in scores {
        assert!(score < 2.0, "{name}: {score}");
    }
    // It can tell: the string that every filter knows (GTUBE).
    let spam = folder.path().join("spam.eml");
    std::fs::write(&spam, b"Subject: x\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n").unwrap();
    assert!(spam_assassin(&spam).await > 100.0);
}

async fn spam_assassin(file: &Path) -> f64 {
    let mail = file.to_str().unwrap();
    let output = Program::new("spamassassin", ["-L", "-t", mail]).run().await;
    let score = output
        .stdout
        .split("score=")
        .nth(1)
        .unwrap_or_else(|| panic!("{}", output.stderr));
    score.split_whitespace().next().unwrap().parse().unwrap()
}

/// Issue 6, point 8.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t17_rspamd_takes_the_letter_for_no_spam() {
    if !on_path("rspamd") {
        skip("rspamd", "it is not installed");
        return;
    }
    let press = Press::run("").await;
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = folder.path().join("rspamd.conf");
    std::fs::write(&config, rspamd(port)).unwrap();
    let place = |name: &str| format!("--var={name}={}", folder.path().display());
    let arguments = ["-f", "-i", "-c", config.to_str().unwrap()]
        .map(str::to_owned)
        .into_iter();
    let mut running = Program::new(
        "rspamd",
        arguments.chain(["DBDIR", "RUNDIR", "LOGDIR"].map(place)),
    )
    .spawn();
    running.line("rspamd ").await;
    let url = format!("http://127.0.0.1:{port}/checkv2");
    let ready = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, ready)
        .await
        .expect("rspamd starts");
    let ask = async |mail: Vec<u8>| {
        let request = http::request(reqwest::Method::POST, &url)
            .header("IP", "192.0.2.25")
            .header("Helo", "mail.marfa.example")
            .header("Hostname", "mail.marfa.example")
            .header("From", "news@marfa.example")
            .header("Rcpt", "reader@example.org")
            .body(mail);
        http::send(request).await.json()
    };
    let mut answers = Vec::new();
    for letter in spoken(&press) {
        answers.push((letter.name.as_str(), ask(received(letter)).await));
    }
    let spam = ask(
        b"Subject: x\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
            .to_vec(),
    )
    .await;
    // Asked to, it takes its helpers along.
    running.signal(Signal::Term);
    running.finished().await;
    assert_eq!(answers.len(), 3);
    for (name, found) in answers {
        // Names that the test made up are not in the DNS, and it is not asked.
        let symbols = found["symbols"].as_object().unwrap().iter();
        let about_text = symbols.filter(|(name, _)| !name.starts_with("HFILTER_"));
        let score: f64 = about_text
            .map(|(_, symbol)| symbol["score"].as_f64().unwrap())
            .sum();
        assert!(score < 4.0, "{name}: {score}: {}", found["symbols"]);
        assert!(found["symbols"].get("HAS_LIST_UNSUB").is_some(), "{found}");
    }
    assert_eq!(spam["action"], "reject", "{spam}");
}

/// Its rules for the text of mails; nothing that asks the network.
fn rspamd(port: u16) -> String {
    let off = [
        "fuzzy_check",
        "rbl",
        "asn",
        "mx_check",
        "dmarc",
        "arc",
        "spf",
        "dkim",
    ];
    let off: String = off
        .map(|module| format!("{module} {{ enabled = false; }}\n"))
        .concat();
    format!(
        ".include \"/etc/rspamd/common.conf\"\noptions {{\n  .include \"/etc/rspamd/options.inc\"\n  pidfile = \"$RUNDIR/rspamd.pid\";\n  \
         dns {{ nameserver = [\"127.0.0.1:1\"]; timeout = 0.05s; retransmits = 1; }}\n  local_addrs = [];\n}}\n\
         logging {{ type = \"console\"; level = \"info\"; }}\nworker \"normal\" {{ bind_socket = \"127.0.0.1:{port}\"; count = 1; }}\n{off}"
    )
}
