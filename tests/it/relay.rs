//! A real SMTP server that demands TLS and a log-in (S11): Nodemailer's, from `tests/node`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the lints spare test functions alone, not what they share"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use nashra::domain::delivery::Outcome;
use nashra::mail::smtp::{
    ConnectError, Connection, Connector, Credentials, Relay, Timeouts, TlsMode,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const NODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node");
const FROM: &str = "bounces@example.org";
const TO: &str = "reader@example.net";
const MESSAGE: &[u8] = b"Subject: x\r\n\r\n.hello\r\n";

/// Whether the servers of `tests/node` are there. In CI they must be.
fn installed() -> bool {
    let installed = Path::new(NODE).join("node_modules").is_dir();
    if !installed {
        let advice = "tests/node/node_modules is missing: run `npm ci` in tests/node";
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{advice}");
        eprintln!("skipped: {advice}");
    }
    installed
}

/// The server with a certificate of its own for 127.0.0.1.
struct Server {
    port: u16,
    stdout: BufReader<ChildStdout>,
    directory: TempDir,
    process: Child,
}

impl Server {
    fn start(mode: &str, log_in: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (cert, key) = (
            directory.path().join("cert.pem"),
            directory.path().join("key.pem"),
        );
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut options = json!({ "mode": mode, "cert": cert, "key": key });
        if log_in {
            options["user"] = "nashra".into();
            options["pass"] = "open sesame".into();
        }
        let mut process = Command::new("node")
            .arg("smtp-server.mjs")
            .arg(options.to_string())
            .current_dir(NODE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut server = Self {
            port: 0,
            stdout,
            directory,
            process,
        };
        server.port = server.line()["port"].as_u64().unwrap() as u16;
        server
    }

    /// The next line that it prints; another process, so waiting for it holds up nothing.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// How to reach it with the right settings.
    fn relay(&self, tls: TlsMode, password: Option<&str>) -> Relay {
        Relay {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls,
            credentials: password.map(|password| Credentials {
                username: "nashra".to_owned(),
                password: password.into(),
            }),
            helo: "nashra.test".to_owned(),
            timeouts: Timeouts::default(),
            ca_file: Some(self.directory.path().join("cert.pem")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn connect(relay: Relay) -> Result<Connection, ConnectError> {
    Connector::new(relay).unwrap().connect().await
}

async fn refusal(relay: Relay) -> ConnectError {
    let error = connect(relay).await.err().expect("a refusal");
    assert!(error.is_misconfiguration(), "{error}");
    error
}

#[tokio::test]
async fn s11_tls_and_log_in_are_met() {
    if !installed() {
        return;
    }
    for (mode, tls) in [
        ("starttls", TlsMode::Starttls),
        ("implicit", TlsMode::Implicit),
    ] {
        let mut server = Server::start(mode, true);
        let relay = server.relay(tls, Some("open sesame"));
        let mut connection = connect(relay).await.unwrap();
        assert!(connection.offers_smtputf8());
        for _ in 0..2 {
            let outcome = connection.send(FROM, TO, MESSAGE).await;
            assert!(matches!(&outcome, Outcome::Sent { .. }), "{outcome:?}");
            let expected = json!({
                "from": FROM, "to": [TO], "secure": true, "user": "nashra", "bytes": MESSAGE.len(),
            });
            assert_eq!(server.line(), expected, "{mode}");
        }
        connection.quit().await;
    }
}

#[tokio::test]
async fn s11_what_a_demanding_relay_does_not_get_is_said_clearly() {
    if !installed() {
        return;
    }
    let server = Server::start("starttls", true);

    let error = refusal(server.relay(TlsMode::Starttls, Some("open barley"))).await;
    assert!(
        matches!(error, ConnectError::AuthRefused { code: 535, .. }),
        "{error}"
    );

    // It wants TLS before a password, and says so; the password is not called wrong.
    let error = refusal(server.relay(TlsMode::None, Some("open sesame"))).await;
    let in_clear = matches!(error, ConnectError::Refused { code: 538, .. });
    assert!(
        in_clear && error.to_string().contains("STARTTLS"),
        "{error}"
    );

    // Nobody has logged in: the mail is not at fault and waits for a better configuration.
    let mut connection = connect(server.relay(TlsMode::Starttls, None))
        .await
        .unwrap();
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert!(
        matches!(outcome, Outcome::SenderRefused { code: 530, .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn s11_a_certificate_must_be_trusted_and_for_the_host() {
    if !installed() {
        return;
    }
    for (mode, tls) in [
        ("starttls", TlsMode::Starttls),
        ("implicit", TlsMode::Implicit),
    ] {
        let server = Server::start(mode, false);
        let mut stranger = server.relay(tls, None);
        stranger.ca_file = None;
        let error = refusal(stranger).await;
        assert!(matches!(error, ConnectError::Tls { .. }), "{error}");
        assert!(error.to_string().contains("ca_file"), "{error}");

        let mut misnamed = server.relay(tls, None);
        misnamed.host = "localhost".to_owned();
        let error = refusal(misnamed).await;
        assert!(error.to_string().contains("another host"), "{error}");
    }
}

#[tokio::test]
async fn s11_a_relay_without_tls_is_refused_when_tls_is_required() {
    if !installed() {
        return;
    }
    let server = Server::start("plain", false);
    let error = refusal(server.relay(TlsMode::Starttls, None)).await;
    assert!(matches!(error, ConnectError::NoTls { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&format!("127.0.0.1:{}", server.port))
    );

    let error = refusal(server.relay(TlsMode::Implicit, None)).await;
    assert!(error.to_string().contains("does not speak TLS"), "{error}");

    let mut connection = connect(server.relay(TlsMode::None, None)).await.unwrap();
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
}
