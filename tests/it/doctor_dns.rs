//! K9, V2, V5, V14: what `nashra doctor` finds in DNS, or leaves out where DNS does not answer. Never more than a warning.

use std::net::{IpAddr, UdpSocket};

use nashra::app::doctor::{State, reverse};
use nashra::dns::records::Records;

use crate::doctor::{doctor, find};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::sqlite;
use crate::harness::dns::{NameServer, Says};
use crate::harness::process::{Output, Program};

type Zone<'a> = Vec<(&'a str, &'a str, &'a str)>;

/// The program with a key of its own; what `dkim record` asks to be published for it.
async fn app_with_key() -> (TestApp, tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("s1.pem");
    let path = file.to_str().unwrap();
    let arguments = [
        "dkim",
        "keygen",
        "--selector",
        "s1",
        "--domain",
        "marfa.example",
        "--out",
        path,
    ];
    let made = Program::nashra(arguments).run().await;
    let line = made
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("value  "))
        .unwrap();
    let sections = format!("[[dkim.keys]]\nselector = \"s1\"\nkey_file = \"{path}\"\n");
    let app = TestApp::with(
        sqlite().await,
        Options {
            sections,
            ..Options::default()
        },
    )
    .await;
    (app, directory, line.to_owned())
}

/// What `doctor` says where DNS has these records.
async fn in_zone(app: &TestApp, zone: &[(&str, &str, &str)]) -> Output {
    let server = NameServer::zone(zone).await;
    let output = doctor(app, &["--json"])
        .env("NASHRA__ADDRESSES__RESOLVER", server.address.to_string())
        .run()
        .await;
    assert_eq!(output.code, Some(0), "K9, warn only: {output:#?}");
    output
}

/// Everything published as it should be.
fn good(record: &str) -> Zone<'_> {
    vec![
        (
            "marfa.example",
            "TXT",
            "v=spf1 include:_spf.relay.example -all",
        ),
        ("marfa.example", "TXT", "some-verification=1"),
        (
            "_spf.relay.example",
            "TXT",
            "v=spf1 a mx ip4:192.0.2.0/24 ~all",
        ),
        ("s1._domainkey.marfa.example", "TXT", record),
        (
            "_dmarc.marfa.example",
            "TXT",
            "v=DMARC1; p=none; rua=mailto:dmarc@marfa.example",
        ),
        ("marfa.example", "MX", "mx.marfa.example"),
    ]
}

const CHECKS: [&str; 4] = [
    "spf marfa.example",
    "dkim s1",
    "dmarc marfa.example",
    "mx marfa.example",
];

#[tokio::test]
async fn k9_what_is_published_well_is_well() {
    let (app, _directory, record) = app_with_key().await;
    let output = in_zone(&app, &good(&record)).await;
    for check in CHECKS {
        assert_eq!(find(&output, check, "").0, "ok", "{output:#?}");
    }
    find(&output, "spf marfa.example", "3 of 10 look-ups");
    find(&output, "mx marfa.example", "mx.marfa.example");
    // The relay is inside: its operator looks at its name.
    assert_eq!(find(&output, "ptr main", "is inside").0, "skip");
}

#[tokio::test]
async fn k9_each_fault_is_told_with_one_line_of_advice() {
    let (app, _directory, record) = app_with_key().await;
    let other = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    let testing = format!("{record}; t=y");
    let [spf, key, dmarc, mx] = CHECKS;
    let long = |n: usize| format!("v=spf1 {} -all", "a ".repeat(n));
    let (ten, eleven) = (long(10), long(11));
    // Which record, what stands in its place, and what is said of it.
    let faults: [(&str, &str, Option<&str>, &str, &str); 18] = [
        (spf, "marfa.example", None, "there is no record", "v=spf1"),
        (
            spf,
            "marfa.example",
            Some("v=spf1 +all"),
            "lets anybody",
            "-all",
        ),
        (
            spf,
            "marfa.example",
            Some("v=spf1 ipv4:192.0.2.1 -all"),
            "ipv4:192.0.2.1 is nothing",
            "correct it",
        ),
        (
            spf,
            "marfa.example",
            Some(&eleven),
            "it takes 11 look-ups",
            "take out",
        ),
        (
            spf,
            "_spf.relay.example",
            Some(&ten),
            "it takes 11 look-ups",
            "take out",
        ),
        (
            spf,
            "_spf.relay.example",
            None,
            "_spf.relay.example, which it includes, has no record",
            "take it out",
        ),
        (spf, "marfa.example", Some("fails"), "not checked", ""),
        (
            key,
            "s1._domainkey.marfa.example",
            None,
            "has no record: signatures fail",
            "nashra dkim record --selector s1",
        ),
        (
            key,
            "s1._domainkey.marfa.example",
            Some(other),
            "is of another key",
            "nashra dkim record",
        ),
        (
            key,
            "s1._domainkey.marfa.example",
            Some("v=DKIM1; p="),
            "is withdrawn",
            "publish",
        ),
        (
            key,
            "s1._domainkey.marfa.example",
            Some(&testing),
            "says t=y",
            "take t=y out",
        ),
        (
            dmarc,
            "_dmarc.marfa.example",
            None,
            "there is no record",
            "_dmarc.marfa.example",
        ),
        (
            dmarc,
            "_dmarc.marfa.example",
            Some("v=DMARC1; p=monitor"),
            "p=monitor is not",
            "correct it",
        ),
        (
            dmarc,
            "_dmarc.marfa.example",
            Some("v=DMARC1; p=none; pct=20"),
            "pct mean nothing",
            "correct it",
        ),
        (
            dmarc,
            "_dmarc.marfa.example",
            Some("p=none"),
            "there is no record",
            "publish",
        ),
        (
            mx,
            "marfa.example",
            None,
            "no mail exchanger and no address",
            "MX record",
        ),
        (mx, "marfa.example", Some(""), "null MX", "mail exchanger"),
        (mx, "marfa.example", Some("fails"), "not checked", ""),
    ];
    for (check, name, instead, words, advice) in faults {
        let kind = if check == mx && instead != Some("fails") {
            "MX"
        } else {
            "TXT"
        };
        let mut zone = good(&record);
        zone.retain(|(own, other, _)| !(*own == name && *other == kind));
        zone.extend(instead.map(|value| (name, kind, value)));
        let output = in_zone(&app, &zone).await;
        let (state, _, advised) = find(&output, check, words);
        let expected = if words == "not checked" {
            "skip"
        } else {
            "warn"
        };
        assert!(
            state == expected && advised.contains(advice),
            "{check} {words}: {output:#?}"
        );
    }
}

/// Two records are none, and both are told.
#[tokio::test]
async fn k9_two_records_are_an_error() {
    let (app, _directory, record) = app_with_key().await;
    let mut zone = good(&record);
    zone.push(("marfa.example", "TXT", "v=spf1 -all"));
    zone.push(("_dmarc.marfa.example", "TXT", "v=DMARC1; p=reject"));
    zone.push(("s1._domainkey.marfa.example", "TXT", "v=DKIM1; p=AAAA"));
    let output = in_zone(&app, &zone).await;
    for check in &CHECKS[..3] {
        assert_eq!(find(&output, check, "2 records").0, "warn", "{check}");
    }
}

/// RFC 9989 §4.10: what a domain does not say itself is said by one above it. Without a key of ours, the relay signs.
#[tokio::test]
async fn k9_dmarc_is_looked_for_up_the_tree() {
    let options = Options {
        list: "from = \"a@news.marfa.example\"\n".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(sqlite().await, options).await;
    let output = in_zone(&app, &good("v=DKIM1; p=AAAA")).await;
    let (state, what, _) = find(&output, "dmarc news.marfa.example", "");
    assert!(
        state == "ok" && what.starts_with("_dmarc.marfa.example: "),
        "{what}"
    );
    assert_eq!(
        find(&output, "dkim news.marfa.example", "the relay has to").0,
        "skip"
    );
    assert_eq!(
        find(&output, "mx news.marfa.example", "no mail exchanger").0,
        "warn"
    );
    assert_eq!(find(&output, "mx marfa.example", "").0, "ok");
}

/// No name server, or one that knows nothing of the outside: nothing is held against anybody.
#[tokio::test]
async fn without_dns_nothing_is_checked() {
    let (app, _directory, _) = app_with_key().await;
    let blind = NameServer::start(false, |_| Says::NoDomain).await;
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    for server in [blind.address, silent.local_addr().unwrap()] {
        let output = doctor(&app, &["--json"])
            .env("NASHRA__ADDRESSES__RESOLVER", server.to_string())
            .run()
            .await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert_eq!(find(&output, "dns", "no name server answers").0, "skip");
        assert!(!output.stdout.contains("spf marfa"), "{output:#?}");
    }
}

/// V5: the name of a relay's address leads back to it, or its operator is named.
#[tokio::test]
async fn v5_a_name_leads_back() {
    let zone = [
        ("25.2.0.192.in-addr.arpa", "PTR", "smtp.relay.example"),
        ("smtp.relay.example", "A", "192.0.2.25"),
        ("26.2.0.192.in-addr.arpa", "PTR", "smtp.relay.example"),
        ("27.2.0.192.in-addr.arpa", "PTR", "unclear.relay.example"),
        ("unclear.relay.example", "TXT", "fails"),
    ];
    let server = NameServer::zone(&zone).await;
    let records = Records::new(Some(server.address)).unwrap();
    for (address, state, words) in [
        ("192.0.2.25", State::Ok, "192.0.2.25 is smtp.relay.example"),
        ("192.0.2.26", State::Warn, "does not lead back"),
        ("192.0.2.27", State::Skip, "DNS did not answer"),
        ("192.0.2.28", State::Warn, "has no name"),
        ("10.0.0.1", State::Skip, "is inside"),
        ("::1", State::Skip, "is inside"),
    ] {
        let found = reverse(&records, "main", address.parse::<IpAddr>().unwrap()).await;
        assert_eq!(found.state, state, "{found:?}");
        assert!(found.what.contains(words), "{found:?}");
    }
}
