//! `[[dkim.keys]]`: whose they are, in files, and never shown.

use secrecy::ExposeSecret as _;

use super::{assert_refused, parse, with};

const PEM: &str = include_str!("../../fixtures/dkim/rsa-2048-pkcs1.pem");

#[test]
fn x10_a_key_is_read_and_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key.pem");
    std::fs::write(&file, PEM).unwrap();
    let key = |rest: &str| format!("[[dkim.keys]]\nkey_file = \"{}\"\n{rest}\n", file.display());
    let keys =
        key("selector = \"S1.news\"") + &key("selector = \"s2\"\ndomain = \"أخبار.example\"");
    let config = parse(&with(&[&keys])).unwrap();
    let [first, second] = config.dkim.keys.as_slice() else {
        panic!("{:?}", config.dkim);
    };
    assert_eq!(
        (first.selector.as_str(), first.domain.as_str()),
        ("s1.news", "example.org"),
        "the domain of From"
    );
    assert_eq!(second.domain, "xn--igbicxr.example".to_owned());
    assert_eq!(first.key_file, file);
    assert_eq!(first.pem.expose_secret(), PEM.trim_end());
    let line = PEM.lines().nth(1).unwrap();
    for shown in [config.to_redacted_toml(), format!("{config:?}")] {
        assert!(!shown.contains(line), "{shown}");
    }
    assert!(config.to_redacted_toml().contains("selector = \"s2\""));
    assert!(parse(&with(&[])).unwrap().dkim.keys.is_empty());
    // One name in DNS holds one key.
    assert_refused(
        &with(&[&(key("selector = \"s1\"") + &key("selector = \"s1\""))]),
        "dkim.keys[1].selector",
        "already taken by dkim.keys[0]",
    );
}

#[test]
fn a_key_that_is_nowhere_or_has_no_name_is_refused() {
    for (keys, key, words) in [
        ("selector = \"s1\"", "dkim.keys[0].key_file", "is missing"),
        (
            "selector = \"s1\"\nkey_file = \"/nowhere/key.pem\"",
            "dkim.keys[0].key_file",
            "cannot be read",
        ),
    ] {
        assert_refused(&with(&[&format!("[[dkim.keys]]\n{keys}\n")]), key, words);
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key.pem");
    std::fs::write(&file, PEM).unwrap();
    for (rest, key, words) in [
        ("", "dkim.keys[0].selector", "is missing"),
        (
            "selector = \"a_b\"",
            "dkim.keys[0].selector",
            "is not a selector",
        ),
        (
            "selector = \"a..b\"",
            "dkim.keys[0].selector",
            "is not a selector",
        ),
        (
            "selector = \"s1\"\ndomain = \"..\"",
            "dkim.keys[0].domain",
            "is not a domain name",
        ),
        (
            "selector = \"s1\"\nkey = \"x\"",
            "dkim.keys[0].key",
            "unknown key",
        ),
    ] {
        let keys = format!("[[dkim.keys]]\nkey_file = \"{}\"\n{rest}\n", file.display());
        assert_refused(&with(&[&keys]), key, words);
    }
}
