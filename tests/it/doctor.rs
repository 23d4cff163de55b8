//! `nashra doctor`: the configuration, the database, key files and relays, each with one line of advice; nothing is sent or written.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use nashra::catcher::{Catcher, CatcherConfig, Credentials, Tls};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value;

use crate::harness::app::{MONDAY, Options, TestApp};
use crate::harness::database::{both_databases, sqlite};
use crate::harness::process::{Output, Program};

/// The built program's `doctor` for the app's configuration, not run yet.
pub fn doctor(app: &TestApp, arguments: &[&str]) -> Program {
    let file = app.config_file();
    let first = ["--config", file.to_str().unwrap(), "doctor"];
    // The configuration of a test says nothing about where its pages are served.
    let served = app.url.trim_start_matches("http://");
    // And no test asks the name servers of its machine: nobody answers here.
    Program::nashra(first.iter().chain(arguments))
        .env("NASHRA__SERVER__LISTEN", served)
        .env("NASHRA__ADDRESSES__RESOLVER", "127.0.0.1:1")
}

/// State, text and advice of the only finding, or of the first that has these words.
pub fn find(output: &Output, check: &str, words: &str) -> (String, String, String) {
    let findings: Vec<Value> =
        serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:#?}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = findings.iter().filter(|finding| finding["check"] == check);
    let found = found.find(|finding| text(&finding["what"]).contains(words));
    let found = found.unwrap_or_else(|| panic!("no {check} with {words:?} in {output:#?}"));
    (
        text(&found["state"]),
        text(&found["what"]),
        text(&found["advice"]),
    )
}

both_databases!(
    /// All that can be looked at here is well, and looking changes nothing.
    a_healthy_house_has_a_clean_bill,
    |db| async move {
        let app = TestApp::start(db).await;
        let before = app.dump().await;
        let output = doctor(&app, &["--json"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        for (check, words) in [
            ("config", "it is good; lists: 1, relays: 1"),
            ("database", "is reached, up to date, and takes writes"),
            ("key of the links", "is its owner's alone"),
            ("relay main", "answers in clear; no log-in is configured"),
            ("relay main", "it offers PIPELINING, SMTPUTF8, 8BITMIME, SIZE"),
        ] {
            assert_eq!(find(&output, check, words).0, "ok", "{check}");
        }
        let (state, _, advice) = find(&output, "public_url", "works on this machine alone");
        assert!(state == "warn" && advice.contains("https"), "{advice}");
        assert_eq!(app.dump().await, before);
        assert_eq!(app.catcher.accepted(), 0);

        let lines = doctor(&app, &["--list", "weekly"]).run().await.stdout;
        assert!(lines.lines().any(|line| line.split_whitespace().take(5).eq(["ok", "config", "it", "is", "good;"])), "{lines}");
        let unknown = doctor(&app, &["--list", "monthly"]).run().await;
        assert_eq!((unknown.code, unknown.stderr.contains("weekly")), (Some(2), true), "{unknown:#?}");
    }
);

both_databases!(
    /// A database that is not there is not made; one that is behind is said to be.
    an_empty_place_is_told_and_left_alone,
    |db| async move {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("nashra.toml");
        let missing = directory.path().join("none/nashra.db");
        let url = if db.url.starts_with("sqlite:") { format!("sqlite:{}", missing.display()) } else { "postgres://postgres@127.0.0.1:1/nothing".to_owned() };
        let app = TestApp::start(db).await;
        std::fs::copy(app.config_file(), &file).unwrap();
        let output = doctor(&app, &["--json"]).env("NASHRA__DATABASE__URL", &url).run().await;
        if url.starts_with("sqlite:") {
            let (state, _, advice) = find(&output, "database", "is not there yet");
            assert!(state == "warn" && advice.contains("nashra migrate"), "{advice}");
            assert!(!missing.parent().unwrap().exists());
            assert_eq!(output.code, Some(0), "{output:#?}");
        } else {
            let (state, _, advice) = find(&output, "database", "127.0.0.1:1/nothing");
            assert!(state == "fail" && advice.contains("url"), "{advice}");
            assert_eq!(output.code, Some(1), "{output:#?}");
        }
    }
);

/// Every problem of the file is a finding, and the exit code that of a wrong configuration.
#[tokio::test]
async fn a_wrong_configuration_is_a_finding_too() {
    let app = TestApp::start(sqlite().await).await;
    let output = doctor(&app, &["--json"])
        .env("NASHRA__SERVER__LISTEN", "nowhere")
        .run()
        .await;
    assert_eq!(output.code, Some(2), "{output:#?}");
    assert_eq!(find(&output, "config", "NASHRA__SERVER__LISTEN").0, "fail");
}

/// X10: a key that others can read, and a key that is none.
#[tokio::test]
async fn x10_key_files_are_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("s1.pem");
    std::fs::write(&key, "none").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let app = TestApp::start(sqlite().await).await;
    std::fs::set_permissions(
        app.directory().join("secret.key"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let text = std::fs::read_to_string(app.config_file()).unwrap();
    let text = format!(
        "{text}[[dkim.keys]]\nselector = \"s1\"\nkey_file = \"{}\"\n",
        key.display()
    );
    std::fs::write(app.config_file(), text).unwrap();
    let output = doctor(&app, &["--json"]).run().await;
    assert_eq!(output.code, Some(1), "{output:#?}");
    let (state, _, advice) = find(&output, "key of the links", "mode 644");
    assert!(
        state == "warn" && advice.starts_with("chmod 600 "),
        "{advice}"
    );
    assert_eq!(find(&output, "dkim key s1", "owner's alone").0, "ok");
    assert_eq!(
        find(&output, "dkim", "is not a private key in PEM").0,
        "fail"
    );
}

/// A relay that lacks what is of use, takes little, or is away.
#[tokio::test]
async fn a_relay_is_asked_what_it_offers() {
    let options = Options {
        catcher: Some(|config| {
            config.extensions.pipelining = false;
            config.extensions.smtputf8 = false;
            config.max_message_bytes = 150_000;
        }),
        ..Options::default()
    };
    let app = TestApp::with(sqlite().await, options).await;
    let output = doctor(&app, &["--json"]).run().await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    for words in [
        "no SMTPUTF8",
        "no PIPELINING",
        "it takes 150000 octets at most",
    ] {
        let (state, _, advice) = find(&output, "relay main", words);
        assert!(state == "warn" && !advice.is_empty(), "{words}");
    }
    assert_eq!(
        find(&output, "relay main", "it offers 8BITMIME, SIZE 150000").0,
        "ok"
    );
    let away = doctor(&app, &["--json"])
        .env("NASHRA__SMTP__PORT", "1")
        .run()
        .await;
    assert_eq!(away.code, Some(1), "{away:#?}");
    let (state, what, _) = find(&away, "relay main", "Cannot connect");
    assert!(
        state == "fail" && what.contains("check its host and port"),
        "{what}"
    );
    app.faults("on ehlo reply 421 4.3.2 not now");
    let refused = doctor(&app, &[]).run().await;
    assert_eq!(refused.code, Some(1), "{refused:#?}");
}

/// S11: TLS with its version, a certificate that nobody knows, a log-in that is right and one that is not.
#[tokio::test]
async fn s11_tls_and_log_in_are_tried() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let secret = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], secret.into())
        .unwrap();
    let mut config = CatcherConfig::new(([127, 0, 0, 1], 0).into(), || MONDAY);
    config.tls = Some(Tls::StartTls(Arc::new(server)));
    config.auth = Some(Credentials::new("nashra", "open sesame"));
    let relay = Catcher::start(config).await.unwrap();
    let app = TestApp::start(sqlite().await).await;
    let authority = app.directory().join("ca.pem");
    std::fs::write(&authority, made.cert.pem()).unwrap();
    let ask = |password: &str, trusts: bool| {
        let port = relay.smtp_addr().port().to_string();
        let program = doctor(&app, &["--json"])
            .env("NASHRA__SMTP__PORT", port)
            .env("NASHRA__SMTP__TLS", "starttls");
        let program = program
            .env("NASHRA__SMTP__USERNAME", "nashra")
            .env("NASHRA__SMTP__PASSWORD", password);
        if trusts {
            program.env("NASHRA__SMTP__CA_FILE", &authority)
        } else {
            program
        }
    };
    let output = ask("open sesame", true).run().await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    let (state, what, _) = find(&output, "relay main", "over TLS 1.3");
    assert!(
        state == "ok" && what.contains("the log-in is accepted"),
        "{what}"
    );
    for (password, trusts, words) in [
        ("not-the-password", true, "535"),
        ("open sesame", false, "does not trust"),
    ] {
        let output = ask(password, trusts).run().await;
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert_eq!(find(&output, "relay main", words).0, "fail");
        assert!(!output.stdout.contains(password), "{output:#?}");
    }
    assert_eq!(relay.accepted(), 0);
}
