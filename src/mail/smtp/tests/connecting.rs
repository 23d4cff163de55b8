//! From settings to a session, or to an error that says what is wrong.

use super::*;

#[tokio::test]
async fn faults_while_connecting() {
    let table = [
        ("", REFUSED_NOW, "refused 451 at the greeting", true),
        ("", REFUSED, "refused 550 at the greeting", false),
        ("", CLOSING, "refused 421 at the greeting", true),
        ("", Act::Drop, "lost at the greeting", true),
        ("", Act::Hang, "timeout at the greeting", true),
        ("", GARBAGE, "garbage at the greeting", false),
        ("EHLO", REFUSED_NOW, "refused 451 at EHLO", true),
        ("EHLO", REFUSED, "refused 550 at EHLO", false),
        ("EHLO", CLOSING, "refused 421 at EHLO", true),
        ("EHLO", Act::Drop, "lost at EHLO", true),
        ("EHLO", Act::Hang, "timeout at EHLO", true),
        ("EHLO", GARBAGE, "garbage at EHLO", false),
    ];
    let cases = table.map(|(step, act, expected, temporary)| {
        tokio::spawn(async move {
            let server = Server::start(vec![(step, act)]).await;
            let mut relay = relay(server.port);
            if matches!(act, Act::Hang) {
                relay.timeouts = impatient();
            }
            let name = relay.name();
            let error = connect(relay).await.err().unwrap();
            assert_eq!(told(&error), expected);
            assert!(error.to_string().contains(&name), "{error}");
            assert_eq!(error.is_temporary(), temporary, "{error}");
            assert_eq!(error.is_misconfiguration(), !temporary);
        })
    });
    for case in cases {
        case.await.unwrap();
    }
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = connect(relay(port)).await.err().unwrap();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
    assert!(error.is_temporary());
}

#[tokio::test]
async fn starttls_is_demanded_and_trusts_nothing_said_before_it() {
    const INJECTED: Act = Act::Say("220 go ahead\r\n250-injected\r\n250 AUTH PLAIN");
    const OFFER: Act = Act::Say("250-relay.test\r\n250 STARTTLS");
    let server = Server::start(Vec::new()).await;
    let mut without = relay(server.port);
    without.tls = TlsMode::Starttls;
    let error = connect(without).await.err().unwrap();
    assert!(matches!(error, ConnectError::NoTls { .. }), "{error}");
    assert!(error.is_misconfiguration());

    let server = Server::start(vec![("EHLO", OFFER), ("STARTTLS", INJECTED)]).await;
    let mut with = relay(server.port);
    with.tls = TlsMode::Starttls;
    let error = connect(with).await.err().unwrap();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn credentials_need_a_relay_that_asks_for_them() {
    const OFFER: Act = Act::Say("250-relay.test\r\n250 AUTH PLAIN");
    let auth = |reply| vec![("EHLO", OFFER), ("AUTH", Act::Say(reply))];
    let table = [
        (Vec::new(), "AuthNotOffered"),
        (auth("535 5.7.8 wrong"), "AuthRefused"),
        (auth("454 4.7.0 later"), "Refused"),
        (auth("235 2.7.0 welcome"), "Ok"),
    ];
    for (faults, expected) in table {
        let server = Server::start(faults).await;
        let mut relay = relay(server.port);
        relay.credentials = Some(credentials());
        let answer = match connect(relay).await {
            Ok(_) => "Ok".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        assert!(answer.starts_with(expected), "{answer}");
    }
}

fn credentials() -> Credentials {
    Credentials {
        username: "nashra".to_owned(),
        password: "open sesame".into(),
    }
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let with = |change: fn(&mut Relay)| {
        let mut relay = relay(25);
        change(&mut relay);
        Connector::new(relay).err().unwrap().to_string()
    };
    // A9: the EHLO name is ASCII. S11: no password in clear.
    assert!(with(|r| r.helo = "نشرة.example".to_owned()).contains("xn--"));
    assert!(with(|r| r.helo = "a\r\nMAIL".to_owned()).contains("EHLO name"));
    let clear = with(|r| {
        r.host = "relay.example".to_owned();
        r.credentials = Some(credentials());
    });
    assert!(
        clear.contains("relay.example:25") && clear.contains("starttls"),
        "{clear}"
    );
    let bad_host = with(|r| (r.host, r.tls) = ("no host".to_owned(), TlsMode::Implicit));
    assert!(bad_host.contains("no host"), "{bad_host}");
    for tls in [TlsMode::Starttls, TlsMode::Implicit] {
        let mut relay = relay(25);
        relay.tls = tls;
        relay.ca_file = Some("absent.pem".into());
        let error = Connector::new(relay.clone()).err().unwrap().to_string();
        assert!(error.contains("absent.pem"), "{error}");
        let empty = tempfile::NamedTempFile::new().unwrap();
        relay.ca_file = Some(empty.path().to_owned());
        let error = Connector::new(relay).err().unwrap().to_string();
        assert!(error.contains("no certificate"), "{error}");
    }
}

#[test]
fn x10_a_password_is_not_printed() {
    let mut relay = relay(25);
    relay.credentials = Some(credentials());
    let printed = format!("{relay:?}");
    assert!(
        printed.contains("nashra") && !printed.contains("sesame"),
        "{printed}"
    );
}
