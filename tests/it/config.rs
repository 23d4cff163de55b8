//! The configuration as the operator meets it: defaults, the rules of the standards, secrets; the rest in its parts.

mod api;
mod dkim;
mod environment;
mod example;
mod mistakes;
mod sending;

use std::time::Duration;

use nashra::config::{self, Config, ConfigErrors, KeySource, Problem, Tls};
use nashra::domain::delivery::UnknownPolicy;
use secrecy::ExposeSecret;

/// The least that a configuration says; sections that a test speaks about are given to [`with`].
const SITE: &str = "[site]\nname = \"The Example\"\n";
const SMTP: &str = "[smtp]\nhost = \"relay.example.org\"\n";
const MAIL: &str = "[mail]\nfrom = \"news@example.org\"\n";
const LIST: &str = "[[lists]]\nslug = \"weekly\"\nname = \"Weekly\"\nsections = [{ key = \"news\", name = \"News\" }]\n";

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    config::parse(text, std::iter::empty())
}

/// The least configuration, with some sections instead of its own and others besides.
fn with(sections: &[&str]) -> String {
    let mut text = String::new();
    for own in [SITE, SMTP, MAIL, LIST] {
        let header = own.lines().next().unwrap_or_default();
        if !sections.iter().any(|given| given.contains(header)) {
            text.push_str(own);
        }
    }
    text + &sections.join("\n")
}

fn list(keys: &str) -> String {
    with(&[&format!("{LIST}{keys}")])
}

#[track_caller]
fn problems(text: &str) -> Vec<Problem> {
    parse(text).expect_err("a problem").0
}

/// Checks that one problem is found, at this key, with these words in it.
#[track_caller]
fn assert_refused(text: &str, key: &str, words: &str) {
    let problems = problems(text);
    let [problem] = problems.as_slice() else {
        panic!("one problem expected: {problems:#?}");
    };
    assert_eq!(problem.key, key, "{problem}");
    assert!(problem.reason.contains(words), "{problem}");
}

#[test]
fn the_least_configuration_has_safe_defaults() {
    let config = parse(&with(&[])).unwrap();
    assert_eq!(
        config.relays[0].tls,
        Tls::Starttls,
        "V1: TLS unless said otherwise"
    );
    assert_eq!(config.relays[0].port, 587);
    assert!(!config.relays[0].allow_plaintext);
    assert!(!config.feeds.allow_private);
    assert_eq!(config.delivery.unknown, UnknownPolicy::Leave, "S12");
    assert_eq!(config.mail.bounce_address, "news@example.org");
    assert_eq!(config.mail.list_id_domain, "example.org");
    assert_eq!(config.mail.from_name, "The Example");
    assert_eq!(config.relays[0].helo, "[127.0.0.1]");
    assert_eq!(config.lists[0].from, "news@example.org");
    assert_eq!(config.lists[0].digest, config.digest);
    assert_eq!(config.warnings, []);
}

#[test]
fn s1_s6_timeouts_and_retries_are_those_of_the_standard() {
    let config = parse(&with(&[])).unwrap();
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let timeouts = config.relays[0].timeouts;
    assert_eq!(timeouts.greeting, minutes(5));
    assert_eq!(timeouts.command, minutes(5));
    assert_eq!(timeouts.data_init, minutes(2));
    assert_eq!(timeouts.data_block, minutes(3));
    assert_eq!(timeouts.final_dot, minutes(10));
    let retry = [15, 30, 60, 120, 180, 240].map(minutes);
    assert_eq!(config.delivery.retry, retry);
    assert_eq!(config.delivery.give_up, minutes(5 * 24 * 60));
}

#[test]
fn the_public_url_is_absolute_and_https_outside_this_machine() {
    let site = |url: &str| with(&[&format!("{SITE}public_url = \"{url}\"")]);
    for (url, words) in [
        ("news.example.org", "in full"),
        ("ftp://news.example.org", "in full"),
        ("http://news.example.org", "https://"),
        ("https://news.example.org/?a=1", "before any ?"),
        ("https://news.example.org/#top", "before any ?"),
        ("https://me:pa55word@news.example.org/", "[redacted]@news"),
    ] {
        assert_refused(&site(url), "site.public_url", words);
    }
    for (url, kept, helo) in [
        (
            "https://news.example.org/",
            "https://news.example.org",
            "news.example.org",
        ),
        ("https://example.org/", "https://example.org", "example.org"),
        (
            "http://localhost:8080",
            "http://localhost:8080",
            "localhost",
        ),
        ("http://[::1]:8080", "http://[::1]:8080", "[IPv6:::1]"),
        (
            "https://نشرة.example",
            "https://xn--mgbuq0c.example",
            "xn--mgbuq0c.example",
        ),
    ] {
        let config = parse(&site(url)).unwrap();
        if url.is_ascii() {
            assert_eq!(config.site.public_url, kept);
            assert_eq!(config.relays[0].helo, helo);
        } else {
            assert!(config.relays[0].helo.is_ascii() && config.relays[0].helo.starts_with("xn--"));
        }
    }
}

#[test]
fn v1_plaintext_goes_to_this_machine_only_unless_allowed() {
    let smtp = |host: &str, keys: &str| {
        with(&[&format!(
            "[smtp]\nhost = \"{host}\"\ntls = \"none\"\n{keys}"
        )])
    };
    assert_refused(
        &smtp("relay.example.org", ""),
        "smtp.tls",
        "allow_plaintext",
    );
    for host in ["127.0.0.1", "::1", "localhost"] {
        assert_eq!(parse(&smtp(host, "")).unwrap().relays[0].tls, Tls::None);
    }
    assert!(parse(&smtp("relay.example.org", "allow_plaintext = true")).is_ok());
    // S11: never AUTH in the clear.
    let login = "allow_plaintext = true\nusername = \"me\"\npassword = \"pa55word\"";
    assert_refused(
        &smtp("relay.example.org", login),
        "smtp.username",
        "without TLS",
    );
}

#[test]
fn v18_a_sender_that_takes_no_replies_is_warned_of() {
    for address in [
        "noreply@example.org",
        "No-Reply@example.org",
        "do_not_reply@example.org",
    ] {
        let mail = format!("[mail]\nfrom = \"{address}\"\nreply_to = \"{address}\"");
        let warnings = parse(&with(&[&mail])).unwrap().warnings;
        let keys: Vec<&str> = warnings
            .iter()
            .map(|warning| warning.key.as_str())
            .collect();
        assert_eq!(keys, ["mail.from", "mail.reply_to"]);
    }
    let warnings = parse(&list("from = \"noreply@example.org\""))
        .unwrap()
        .warnings;
    assert_eq!(warnings[0].key, "lists[0].from");
    let warnings = parse(&with(&[&format!("{SMTP}port = 465")]))
        .unwrap()
        .warnings;
    assert_eq!(warnings[0].key, "smtp.port");
}

#[test]
fn x10_secrets_appear_neither_in_debug_nor_in_config_show() {
    let key = "k3y-0123456789abcdef0123456789abcdef";
    let text = with(&[
        &format!("{SMTP}username = \"me\"\npassword = \"pa55word\""),
        "[database]\nurl = \"postgres://nashra:pa55word@db/nashra\"",
        &format!("[secrets]\nkey = \"{key}\""),
    ]);
    let config = parse(&text).unwrap();
    let credentials = config.relays[0].credentials.as_ref().unwrap();
    assert_eq!(credentials.password.expose_secret(), "pa55word");
    assert!(matches!(&config.key, KeySource::Given(given) if given.expose_secret() == key));
    let shown = config.to_redacted_toml();
    for text in [
        &format!("{config:?}"),
        &shown,
        &config.database.masked_url(),
    ] {
        assert!(!text.contains("pa55word") && !text.contains(key), "{text}");
    }
    assert!(shown.contains("password = \"[redacted]\""));
    assert!(shown.contains("url = \"postgres://nashra:redacted@db/nashra\""));
    // The address of a feed is logged and shown: a password has no place in it, nor in the message that says so.
    let feed = list("[[lists.feeds]]\nurl = \"https://me:pa55word@example.org/feed\"");
    let errors = parse(&feed).unwrap_err().to_string();
    assert!(
        errors.contains("user name or password") && !errors.contains("pa55word"),
        "{errors}"
    );
}

/// Configuration and texts are layers that do not know each other: what one accepts, the other must speak.
#[test]
fn the_configuration_accepts_the_languages_that_there_are_texts_for() {
    assert_eq!(config::SUPPORTED_LANGUAGES, nashra::locale::SUPPORTED);
}

/// Digits and calendar are words of the tag that dates and numbers are written by, over what it says itself.
#[test]
fn digits_and_calendar_go_into_the_formats() {
    for (keys, formats) in [
        ("digits = \"latn\"", "ar-u-nu-latn"),
        (
            "calendar = \"islamic-umalqura\"",
            "ar-u-ca-islamic-umalqura",
        ),
        (
            "formats = \"ar-LB-u-nu-latn\"\ndigits = \"arab\"\ncalendar = \"persian\"",
            "ar-LB-u-ca-persian-nu-arab",
        ),
        (
            "locale = \"fa\"\ncalendar = \"gregory\"\ndigits = \"arabext\"",
            "fa-u-ca-gregory-nu-arabext",
        ),
        ("formats = \"ar-EG\"", "ar-EG"),
    ] {
        let config = parse(&list(keys)).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(config.lists[0].formats, formats);
        // What `config show` prints means the same.
        let again = parse(&config.to_redacted_toml()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(again.lists[0].formats, formats);
        let language = formats.split('-').next().unwrap_or_default();
        assert!(nashra::locale::Locale::new(language, Some(formats)).is_ok());
    }
}

/// T16: nobody is counted unless the operator says so.
#[test]
fn t16_clicks_are_counted_on_request() {
    assert!(!parse(&with(&[])).unwrap().clicks.count);
    assert!(
        parse(&with(&["[clicks]\ncount = true\n"]))
            .unwrap()
            .clicks
            .count
    );
    assert_refused(
        &with(&["[clicks]\ncount = \"yes\"\n"]),
        "clicks.count",
        "true or false",
    );
}
