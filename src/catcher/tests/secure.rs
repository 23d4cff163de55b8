//! AUTH and TLS as a relay that demands them (S11).

use std::sync::Arc;

use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::catcher::{Credentials, Tls};

fn certified() -> (Arc<ServerConfig>, TlsConnector) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = key.cert.der().clone();
    let secret = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], secret.into())
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

async fn encrypted(connector: &TlsConnector, stream: TcpStream) -> Client<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").unwrap();
    Client::over(connector.connect(name, stream).await.unwrap())
}

#[tokio::test]
async fn nothing_is_taken_before_authentication() {
    let mut config = config();
    config.auth = Some(Credentials::new("nashra", "sésame"));
    assert!(!format!("{config:?}").contains("sésame"));
    let catcher = Catcher::start(config).await.unwrap();
    let (mut client, _) = Client::connect(&catcher).await;
    assert!(client.ask("AUTH PLAIN =").await.starts_with("503 5.5.1"));
    assert!(
        client
            .ask("EHLO test")
            .await
            .contains("\n250-AUTH PLAIN LOGIN\n")
    );
    for (lines, code) in [
        (&["MAIL FROM:<a@x.example>"][..], "530 5.7.0"),
        (&["AUTH CRAM-MD5"], "504 5.5.4"),
        (&["AUTH PLAIN !"], "501 5.5.2"),
        (&["AUTH PLAIN ="], "501 5.5.2"),
        (&["AUTH PLAIN", "*"], "501 5.7.0"),
        (&["AUTH PLAIN AG5hc2hyYQB3cm9uZw=="], "535 5.7.8"),
        (&["AUTH LOGIN", "bmFzaHJh", "d3Jvbmc="], "535 5.7.8"),
        (&["AUTH LOGIN", "bmFzaHJh", "c8Opc2FtZQ=="], "235 2.7.0"),
        (&["AUTH PLAIN AG5hc2hyYQBzw6lzYW1l"], "503 5.5.1"),
        (&["MAIL FROM:<a@x.example> AUTH=<>"], "250 2.1.0"),
    ] {
        let mut reply = String::new();
        for line in lines {
            reply = client.ask(line).await;
        }
        assert!(reply.starts_with(code), "{lines:?}: {reply}");
    }
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(client.ask("AUTH LOGIN").await, "334 VXNlcm5hbWU6");
    assert_eq!(client.ask("bmFzaHJh").await, "334 UGFzc3dvcmQ6");
    assert!(client.ask("c8Opc2FtZQ==").await.starts_with("235"));
    let mut client = Client::greeted(&catcher).await;
    assert!(
        client
            .ask("AUTH plain AG5hc2hyYQBzw6lzYW1l")
            .await
            .starts_with("235")
    );
}

#[tokio::test]
async fn starttls_encrypts_and_forgets_what_was_said_in_clear() {
    let (server, connector) = certified();
    let mut config = config();
    config.tls = Some(Tls::StartTls(server));
    config.auth = Some(Credentials::new("nashra", "sésame"));
    let catcher = Catcher::start(config).await.unwrap();
    let (mut client, _) = Client::connect(&catcher).await;
    let offer = client.ask("EHLO test").await;
    assert!(
        offer.contains("STARTTLS") && !offer.contains("AUTH"),
        "{offer}"
    );
    assert!(
        client
            .ask("AUTH PLAIN AG5hc2hyYQBzw6lzYW1l")
            .await
            .starts_with("538 5.7.11")
    );
    // The command smuggled behind STARTTLS must not be carried out once encrypted.
    client.send("STARTTLS\r\nNOOP\r\n").await;
    assert!(client.reply().await.starts_with("220 2.0.0"));

    let mut client = encrypted(&connector, client.stream.into_inner()).await;
    assert!(
        client
            .ask("MAIL FROM:<a@x.example>")
            .await
            .starts_with("503 5.5.1")
    );
    let offer = client.ask("EHLO test").await;
    assert!(
        !offer.contains("STARTTLS") && offer.contains("AUTH PLAIN LOGIN"),
        "{offer}"
    );
    assert!(client.ask("STARTTLS").await.starts_with("502"));
    assert!(
        client
            .ask("AUTH PLAIN AG5hc2hyYQBzw6lzYW1l")
            .await
            .starts_with("235")
    );
    assert_eq!(
        client.deliver("b@x.example", "secret\r\n").await,
        "250 2.0.0 kept as 1"
    );
    assert_eq!(client.ask("QUIT").await, "221 2.0.0 bye");
    assert_eq!(catcher.wait_for(1).await[0].raw, b"secret\r\n");
}

#[tokio::test]
async fn a_scripted_refusal_of_starttls_leaves_the_session_in_clear() {
    let (server, _) = certified();
    let mut config = config();
    config.tls = Some(Tls::StartTls(server));
    config.script = "on starttls reply 454 4.7.0 later".parse().unwrap();
    let catcher = Catcher::start(config).await.unwrap();
    let mut client = Client::greeted(&catcher).await;
    assert_eq!(client.ask("STARTTLS").await, "454 4.7.0 later");
    assert_eq!(
        client.deliver("b@x.example", "").await,
        "250 2.0.0 kept as 1"
    );
}

#[tokio::test]
async fn implicit_tls_is_encrypted_from_the_start() {
    let (server, connector) = certified();
    let mut config = config();
    config.tls = Some(Tls::Implicit(server));
    let catcher = Catcher::start(config).await.unwrap();
    let stream = TcpStream::connect(catcher.smtp_addr()).await.unwrap();
    let mut client = encrypted(&connector, stream).await;
    assert!(client.reply().await.starts_with("220 "));
    assert!(!client.ask("EHLO test").await.contains("STARTTLS"));
    assert_eq!(
        client.deliver("b@x.example", "").await,
        "250 2.0.0 kept as 1"
    );
}
