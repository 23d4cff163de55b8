//! `NASHRA__…` variables over the file, and secrets in either form.

use std::net::SocketAddr;
use std::time::Duration;

use nashra::config;
use secrecy::ExposeSecret;

use super::with;

fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    let pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    pairs.into_iter()
}

#[test]
fn variables_override_the_file() {
    let variables = [
        ("NASHRA__DATABASE__URL", "postgres://db/nashra"),
        ("NASHRA__SERVER__LISTEN", "0.0.0.0:9000"),
        ("NASHRA__SMTP__PORT", "2525"),
        ("NASHRA__SMTP__TIMEOUTS__CONNECT", "1s"),
        ("NASHRA__PACING__PER_SECOND", "20"),
        ("NASHRA__FEEDS__ALLOW_PRIVATE", "true"),
        ("PATH", "/usr/bin"),
        ("NASHRA_LOG", "debug"),
    ];
    let text = with(&["[feeds]\nallow_private = false"]);
    let config = config::parse(&text, env(&variables)).unwrap();
    assert_eq!(config.database.url.expose_secret(), "postgres://db/nashra");
    assert_eq!(
        config.server.listen,
        "0.0.0.0:9000".parse::<SocketAddr>().unwrap()
    );
    assert_eq!(config.relays[0].port, 2525);
    assert_eq!(config.relays[0].timeouts.connect, Duration::from_secs(1));
    assert_eq!(config.pacing.limits.per_second, Some(20));
    assert!(config.feeds.allow_private);
}

#[test]
fn a_variable_with_a_mistake_is_named_as_the_variable() {
    for (variable, value, words) in [
        ("NASHRA__DATABASE__ULR", "x", "did you mean \"url\"?"),
        ("NASHRA__DATABSE__URL", "x", "did you mean \"database\"?"),
        ("NASHRA__SMTP__PORT", "many", "from 1 to 65535"),
        ("NASHRA__SMTP__HOST", "", "is empty"),
        ("NASHRA__PACING__PER_SECOND", "0", "from 1 to"),
        ("NASHRA__FEEDS__ALLOW_PRIVATE", "yes", "true or false"),
        ("NASHRA__SMTP", "relay", "whole section"),
        (
            "NASHRA__SERVER__TRUSTED_PROXIES",
            "127.0.0.1",
            "in the file only",
        ),
        ("NASHRA__LISTS__0__SLUG", "x", "in the file only"),
        ("NASHRA__SITE__NAME__X", "x", "plain value"),
    ] {
        let errors = config::parse(&with(&[]), env(&[(variable, value)])).unwrap_err();
        let [problem] = errors.0.as_slice() else {
            panic!("{variable}: {errors}");
        };
        assert_eq!((problem.key.as_str(), problem.line), (variable, None));
        assert!(problem.reason.contains(words), "{problem}");
    }
}

#[test]
fn a_secret_comes_from_the_file_or_a_variable_in_either_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("url");
    std::fs::write(&path, "postgres://from/file\n").unwrap();
    let path = path.to_str().unwrap();
    let url_file = format!("[database]\nurl_file = {path:?}");
    let url = |text: &str, variables: &[(&str, &str)]| {
        let config = config::parse(&with(&[text]), env(variables)).unwrap();
        config.database.url.expose_secret().to_owned()
    };
    assert_eq!(url(&url_file, &[]), "postgres://from/file");
    // A variable wins over either form in the file, so that the shipped file need not be edited.
    let in_file = "[database]\nurl = \"sqlite:in.db\"";
    assert_eq!(
        url(in_file, &[("NASHRA__DATABASE__URL_FILE", path)]),
        "postgres://from/file"
    );
    assert_eq!(
        url(&url_file, &[("NASHRA__DATABASE__URL", "sqlite:env.db")]),
        "sqlite:env.db"
    );
    let both = [
        ("NASHRA__DATABASE__URL", "sqlite:a"),
        ("NASHRA__DATABASE__URL_FILE", path),
    ];
    let errors = config::parse(&with(&[]), env(&both)).unwrap_err();
    assert_eq!(errors.0[0].key, "NASHRA__DATABASE__URL");
}
