//! The same under TLS, from the first octet and after STARTTLS (S11, S12).

use super::*;

/// A certificate for 127.0.0.1, and the file that makes it trusted.
pub(super) struct Identity {
    key: rcgen::CertifiedKey<rcgen::KeyPair>,
    ca: tempfile::NamedTempFile,
}

impl Identity {
    pub(super) fn new() -> Self {
        let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), key.cert.pem()).unwrap();
        Self { key, ca }
    }

    pub(super) fn server(&self) -> rustls::ServerConfig {
        let provider = rustls::crypto::ring::default_provider();
        rustls::ServerConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![self.key.cert.der().clone()],
                self.key.signing_key.serialize_der().try_into().unwrap(),
            )
            .unwrap()
    }

    pub(super) fn relay(&self, port: u16, tls: TlsMode) -> Relay {
        let mut relay = relay(port);
        relay.tls = tls;
        relay.ca_file = Some(self.ca.path().to_owned());
        relay
    }
}

#[tokio::test]
async fn s12_a_loss_is_judged_alike_under_tls() {
    let identity = Identity::new();
    let cases = [
        (("RCPT", REFUSED), MESSAGE.to_vec(), "failed 550"),
        ((".", Act::Drop), MESSAGE.to_vec(), "unknown"),
        (("DATA", STUCK[0]), endless(), "retry -"),
        (("DATA", STUCK[1]), endless(), "retry -"),
    ];
    for (fault, message, expected) in cases {
        let server = Server::start_tls(vec![fault], identity.server()).await;
        let mut relay = identity.relay(server.port, TlsMode::Implicit);
        relay.timeouts.data_block = impatient().data_block;
        let mut connection = connect(relay).await.unwrap();
        let outcome = connection.send(FROM, TO, &message).await;
        assert_eq!(became(&outcome), expected, "{fault:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn s11_starttls_trusts_a_certificate_that_it_can_check_and_no_other() {
    let in_clear = [
        say("220 relay.test\r\n"),
        Hear("EHLO nashra.test\r\n"),
        say("250-relay.test\r\n250 STARTTLS\r\n"),
        Hear("STARTTLS\r\n"),
        say("220 go ahead\r\n"),
    ];
    let encrypted = [
        Encrypt,
        Hear("EHLO nashra.test\r\n"),
        say("250-relay.test\r\n250 SIZE 30\r\n"),
        Hear("QUIT\r\n"),
    ];
    let identity = Identity::new();
    let script = [&in_clear[..], &encrypted[..]].concat();
    let server = Scripted::start(vec![script], Some(&identity)).await;
    let connection = connect(identity.relay(server.port, TlsMode::Starttls)).await;
    let connection = connection.unwrap();
    assert_eq!(connection.size_limit(), Some(30), "of the offer under TLS");
    connection.quit().await;
    assert_eq!(server.heard().await.len(), 4);

    let script = [&in_clear[..], &[Encrypt]].concat();
    let server = Scripted::start(vec![script], Some(&identity)).await;
    let mut stranger = identity.relay(server.port, TlsMode::Starttls);
    stranger.ca_file = None;
    let error = connect(stranger).await.err().unwrap();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error}");
    assert!(error.to_string().contains("ca_file"), "{error}");
}
