//! Keys of both kinds and their records, the vector of RFC 8463, and which headers a signature covers. That others verify what
//! leaves is tested over SMTP.

use std::iter::once;

use base64ct::{Base64, Encoding as _};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;

/// The key of RFC 8463, appendix A.2, in PKCS #8.
const BRISBANE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
const VECTOR: &[u8] = include_bytes!("../../../tests/fixtures/dkim/rfc8463.eml");
const PKCS1: &str = include_str!("../../../tests/fixtures/dkim/rsa-2048-pkcs1.pem");
const PUBLIC: &str = include_str!("../../../tests/fixtures/dkim/rsa-2048.public");
const MONDAY: i64 = 1_767_596_400_000;

fn key(selector: &str, domain: &str, pem: &str) -> Arc<Key> {
    Arc::new(Key::parse(selector, domain, pem).unwrap())
}

/// The value of a tag of a signature header.
fn tag(header: &str, name: &str) -> String {
    let value = header.split_once(':').unwrap().1;
    let mut tags = value.split(';').filter_map(|tag| tag.split_once('='));
    let found = tags.find(|(tag, _)| tag.trim() == name);
    let text = found.unwrap_or_else(|| panic!("no {name}= in {header}")).1;
    text.split_whitespace().collect()
}

/// K10: appendix A.3 of RFC 8463, both ways: the key signs what it signs there with the same octets, and a body has the same hash.
#[test]
fn k10_the_vector_of_rfc_8463() {
    let brisbane = key("brisbane", "football.example.com", BRISBANE);
    assert_eq!(
        (brisbane.public(), brisbane.kind()),
        (
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            KeyKind::Ed25519
        )
    );
    let (head, _) = halves(VECTOR);
    let all = fields(head);
    assert_eq!(all.len(), 7);
    // What was signed there: the headers that its h= names, and the signature's own without the value of b=.
    let named = ["from", "to", "subject", "date", "message-id"];
    let find = |name: &&str| {
        let mut fields = all.iter();
        *fields
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .unwrap()
    };
    let (name, value) = all[0];
    let value = String::from_utf8(value.to_vec()).unwrap();
    let (before, signature) = value.split_once(" b=").unwrap();
    let unsigned = format!("{before} b=");
    let mut octets = Vec::new();
    let signed = named
        .iter()
        .map(find)
        .chain(once((name, unsigned.as_bytes())));
    Canonicalization::Relaxed.canonicalize_headers(signed, &mut octets);
    let octets = octets.trim_ascii_end();
    let expected: String = signature.split_whitespace().collect();
    assert_eq!(
        Base64::encode_string(&brisbane.sign(octets).unwrap()),
        expected
    );
    let signer = Signer::of(&[brisbane], "football.example.com").unwrap();
    let ours = String::from_utf8(signer.sign(VECTOR, MONDAY).unwrap()).unwrap();
    assert_eq!(
        tag(&ours, "bh"),
        "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    );
}

#[test]
fn k1_keys_are_read_from_both_forms_and_a_short_one_is_refused() {
    let rsa = key("s1", "example.org", PKCS1);
    assert_eq!(rsa.kind(), KeyKind::Rsa);
    // As OpenSSL writes the public key of the same pair.
    assert_eq!(rsa.public(), PUBLIC);
    assert_eq!(rsa.record_name(), "s1._domainkey.example.org");
    assert_eq!(rsa.record(), format!("v=DKIM1; k=rsa; p={PUBLIC}"));
    let strings = rsa.record_strings();
    assert_eq!(strings.concat(), rsa.record());
    assert_eq!(strings[0].len(), 255);
    let refused = |pem: &str| {
        Key::parse("s1", "example.org", pem)
            .unwrap_err()
            .to_string()
    };
    let short = refused(include_str!("../../../tests/fixtures/dkim/rsa-1024.pem"));
    assert!(short.contains("fewer than 2048 bits"), "{short}");
    let curve = refused(include_str!("../../../tests/fixtures/dkim/p256.pem"));
    assert!(curve.contains("not an RSA or Ed25519 key"), "{curve}");
    for text in [
        "",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ] {
        assert!(refused(text).contains("not a private key in PEM"), "{text}");
    }
}

#[test]
fn x10_a_made_key_is_read_again_and_prints_nothing_of_itself() {
    for kind in [KeyKind::Ed25519, KeyKind::Rsa] {
        let pem = generate(kind).unwrap();
        let made = Key::parse("s1", "example.org", pem.expose_secret()).unwrap();
        assert_eq!(made.kind(), kind);
        let shown = format!("{made:?}");
        assert!(
            shown.contains("s1") && !shown.contains(made.public()),
            "{shown}"
        );
        assert_ne!(
            generate(KeyKind::Ed25519).unwrap().expose_secret(),
            pem.expose_secret()
        );
    }
}

#[test]
fn k8_only_keys_of_the_senders_domain_sign() {
    let keys = [
        key("a", "example.org", BRISBANE),
        key("b", "example.net", BRISBANE),
        key("c", "mail.example.org", BRISBANE),
    ];
    let of = |from| {
        let signer = Signer::of(&keys, from);
        let keys = signer.iter().flat_map(Signer::keys);
        keys.map(|key| key.selector().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("example.org"), ["a", "c"]);
    assert_eq!(of("news.example.org"), ["a"]);
    assert_eq!(of("example.com"), [""; 0]);
}

#[test]
fn k4_k5_headers_that_are_there_are_named_and_the_readers_ones_once_more() {
    let message = "From: a@example.org\r\nTo: b@example.net\r\nReceived: x\r\nSubject: one\r\n two\r\nList-Id: <l.example.org>\r\nsubject: three\r\n\r\nbody\r\n";
    let (names, signed) = chosen(halves(message.as_bytes()).0);
    let names = names.join(":");
    assert_eq!(
        names,
        "From:From:To:To:Cc:Subject:Subject:Subject:Date:Message-ID:Reply-To:MIME-Version:Content-Type:List-Unsubscribe:List-Unsubscribe-Post:List-Id"
    );
    // Of two the lower comes first, folded lines stay together.
    let values: Vec<_> = signed.iter().map(|(_, value)| *value).collect();
    assert_eq!(values[2..4], [&b" three\r\n"[..], b" one\r\n two\r\n"]);
    assert_eq!(values.len(), 5);
}

#[test]
fn k7_the_same_message_is_signed_with_the_same_octets() {
    let keys = [
        key("rsa", "example.com", PKCS1),
        key("ed", "example.com", BRISBANE),
    ];
    let signer = Signer::of(&keys, "football.example.com").unwrap();
    let message = &VECTOR[VECTOR.windows(5).position(|five| five == b"From:").unwrap()..];
    let signed = signer.sign(message, MONDAY).unwrap();
    assert_eq!(signer.sign(message, MONDAY).unwrap(), signed);
    let signed = String::from_utf8(signed).unwrap();
    assert_eq!(signed.matches("DKIM-Signature: v=1;").count(), 2);
    assert!(!signed.contains("l="), "K3: the whole body is signed");
    assert!(signed.lines().all(|line| line.len() <= 78), "{signed}");
    assert_eq!(
        (tag(&signed, "t"), tag(&signed, "c")),
        ((MONDAY / 1_000).to_string(), "relaxed/relaxed".to_owned())
    );
}

proptest! {
    /// Whatever a message looks like, there are headers for it or an error, and nothing but headers.
    #[test]
    fn any_octets_can_be_signed(message in "[ -~\r\n\t\u{627}:]{0,200}") {
        let keys = [key("ed", "example.com", BRISBANE)];
        let signer = Signer::of(&keys, "example.com").unwrap();
        let signed = String::from_utf8(signer.sign(message.as_bytes(), MONDAY).unwrap()).unwrap();
        prop_assert!(signed.ends_with(";\r\n"));
        prop_assert!(signed.split("\r\n").skip(1).all(|line| line.is_empty() || line.starts_with('\t')));
    }
}
