//! Several relays, how fast mail leaves, and how long its deliveries are kept.

use std::time::Duration;

use jiff::civil::date;
use nashra::domain::pace::{Limits, WarmUp};

use super::{LIST, SMTP, assert_refused, list, parse, with};

const SECOND: &str = "[[relays]]\nname = \"second\"\nhost = \"smtp.example.net\"\n";

#[test]
fn the_least_configuration_has_one_relay_and_no_limits() {
    let config = parse(&with(&[])).unwrap();
    let [relay] = config.relays.as_slice() else {
        panic!("one relay expected: {:?}", config.relays);
    };
    assert_eq!((relay.name.as_str(), relay.weight), ("main", 1));
    assert_eq!((relay.limits, &relay.warm_up), (Limits::default(), &None));
    assert_eq!(config.pacing.limits, Limits::default());
    assert_eq!(config.pacing.connections, None);
    assert!(config.confirmation.relays.is_empty() && config.lists[0].relays.is_empty());
    assert_eq!(config.delivery.batch, 1000);
    assert_eq!(config.delivery.sender_faults, 5);
    assert_eq!(config.delivery.keep, Duration::from_hours(90 * 24));
}

#[test]
fn v23_relays_beside_the_first_have_its_keys_and_carry_what_names_them() {
    let relays = format!(
        "{SMTP}weight = 2\n[smtp.timeouts]\nconnect = \"9s\"\n{SECOND}tls = \"implicit\"\nweight = 3\nper_minute = 600\n[relays.timeouts]\nconnect = \"1s\"\n"
    );
    let text = with(&[
        &relays,
        "[confirmation]\nrelays = [\"second\"]",
        &format!("{LIST}relays = [\"main\", \"second\"]"),
    ]);
    let config = parse(&text).unwrap();
    let [first, second] = config.relays.as_slice() else {
        panic!("two relays expected: {:?}", config.relays);
    };
    assert_eq!((first.name.as_str(), first.weight), ("main", 2));
    assert_eq!(first.timeouts.connect, Duration::from_secs(9));
    assert_eq!((second.name.as_str(), second.weight), ("second", 3));
    assert_eq!(
        (second.host.as_str(), second.port),
        ("smtp.example.net", 465)
    );
    assert_eq!(second.timeouts.connect, Duration::from_secs(1));
    assert_eq!(second.limits.per_minute, Some(600));
    assert_eq!(config.confirmation.relays, ["second"]);
    assert_eq!(config.lists[0].relays, ["main", "second"]);
    let shown = config.to_redacted_toml();
    let again = parse(&shown).unwrap();
    assert_eq!(again.to_redacted_toml(), shown);
    assert_eq!(again.relays.len(), 2);
}

#[test]
fn a_relay_has_a_name_of_its_own_and_only_known_relays_are_named() {
    let relays = |relay: &str| with(&[relay]);
    assert_refused(
        &relays("[[relays]]\nhost = \"smtp.example.net\""),
        "relays[0].name",
        "is missing",
    );
    assert_refused(
        &relays("[[relays]]\nname = \"second\""),
        "relays[0].host",
        "is missing",
    );
    assert_refused(
        &relays(&SECOND.replace("second", "main")),
        "relays[0].name",
        "already taken by smtp",
    );
    assert_refused(
        &relays(&format!("{SECOND}{SECOND}")),
        "relays[1].name",
        "already taken by relays[0]",
    );
    // The same checks as for the first relay, told at the place of this one.
    assert_refused(
        &relays(&format!("{SECOND}tls = \"none\"")),
        "relays[0].tls",
        "allow_plaintext",
    );
    assert_refused(
        &relays(&format!("{SMTP}weight = 0")),
        "smtp.weight",
        "from 1 to 1000",
    );
    assert_refused(
        &format!("{}{SECOND}", list("relays = [\"main\", \"secnd\"]\n")),
        "lists[0].relays",
        "\"secnd\" is not the name of a relay; there are: main, second",
    );
    assert_refused(
        &relays("[confirmation]\nrelays = [\"other\"]"),
        "confirmation.relays",
        "there are: main",
    );
    assert_refused(
        &list("relays = [\"main\", \"main\"]"),
        "lists[0].relays",
        "\"main\" twice",
    );
}

#[test]
fn v19_a_warm_up_has_caps_and_a_first_day() {
    let smtp = |keys: &str| with(&[&format!("{SMTP}{keys}")]);
    let config = parse(&smtp(
        "warm_up = [50, 1_000]\nwarm_up_from = \"2026-12-01\"",
    ));
    let expected = WarmUp {
        from: date(2026, 12, 1),
        caps: vec![50, 1000],
    };
    assert_eq!(config.unwrap().relays[0].warm_up, Some(expected));
    for (keys, key, words) in [
        ("warm_up = [50]", "smtp.warm_up", "warm_up_from"),
        (
            "warm_up_from = \"2026-12-01\"",
            "smtp.warm_up_from",
            "needs warm_up",
        ),
        (
            "warm_up = [50]\nwarm_up_from = \"2026-02-30\"",
            "smtp.warm_up_from",
            "2026-12-01",
        ),
        (
            "warm_up = [50]\nwarm_up_from = 2026-12-01",
            "smtp.warm_up_from",
            "string in quotes",
        ),
        (
            "warm_up = [50, 0]\nwarm_up_from = \"2026-12-01\"",
            "smtp.warm_up",
            "from 1 to",
        ),
        (
            "warm_up = []\nwarm_up_from = \"2026-12-01\"",
            "smtp.warm_up",
            "at least one",
        ),
        (
            "warm_up = [\"50\"]\nwarm_up_from = \"2026-12-01\"",
            "smtp.warm_up",
            "whole numbers",
        ),
        (
            "warm_up = 50\nwarm_up_from = \"2026-12-01\"",
            "smtp.warm_up",
            "array of numbers",
        ),
    ] {
        assert_refused(&smtp(keys), key, words);
    }
}

#[test]
fn s9_the_domains_of_one_provider_belong_together() {
    let providers = |pacing: &str| parse(&with(&[pacing])).unwrap().pacing.providers;
    let standard = providers("");
    let names: Vec<&str> = standard.iter().map(|known| known.name.as_str()).collect();
    assert_eq!(names, ["google", "microsoft", "yahoo", "apple"]);
    assert_eq!(standard[0].domains, ["gmail.com", "googlemail.com"]);
    // A relay keeps its own limits towards a provider: ours would only be in its way.
    assert!(standard.iter().all(|known| {
        known.connections.is_none()
            && known.messages_per_connection.is_none()
            && known.limits == Limits::default()
    }));
    let own = providers(
        "[[pacing.providers]]\nname = \"here\"\ndomains = [\"Example.ORG\", \"بريد.example\"]\nconnections = 5\nmessages_per_connection = 50\nper_day = 100_000",
    );
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].domains, ["example.org", "xn--ngbof4h.example"]);
    assert_eq!(
        (own[0].connections, own[0].messages_per_connection),
        (Some(5), Some(50))
    );
    assert_eq!(own[0].limits.per_day, Some(100_000));
    let none = parse(&with(&["[pacing]\nproviders = []"])).unwrap();
    assert_eq!(none.pacing.providers, []);
    let again = parse(&none.to_redacted_toml()).unwrap();
    assert_eq!(again.pacing.providers, []);
}

#[test]
fn mistakes_of_pacing_and_retention_are_refused() {
    let provider = |name: &str, domains: &str| {
        format!("[[pacing.providers]]\nname = \"{name}\"\ndomains = {domains}\n")
    };
    let one = provider("one", "[\"example.org\"]");
    for (section, key, words) in [
        (
            "[pacing]\nper_second = 0".to_owned(),
            "pacing.per_second",
            "from 1 to",
        ),
        (
            "[pacing]\nper_minute = \"fast\"".to_owned(),
            "pacing.per_minute",
            "must be a whole number",
        ),
        (
            format!("{one}{}", provider("two", "[\"EXAMPLE.org\"]")),
            "pacing.providers[1].domains",
            "\"example.org\" is already taken by pacing.providers[0]",
        ),
        (
            format!("{one}{}", provider("one", "[\"example.net\"]")),
            "pacing.providers[1].name",
            "already taken by pacing.providers[0]",
        ),
        (
            provider("one", "[]"),
            "pacing.providers[0].domains",
            "at least one",
        ),
        (
            "[[pacing.providers]]\nname = \"one\"".to_owned(),
            "pacing.providers[0].domains",
            "at least one",
        ),
        (
            provider("one", "[\"*.example.org\"]"),
            "pacing.providers[0].domains",
            "not the domain of an address",
        ),
        (
            format!("{one}connections = 0"),
            "pacing.providers[0].connections",
            "from 1 to 500",
        ),
        (
            "[delivery]\nkeep = \"30d\"".to_owned(),
            "delivery.keep",
            "31d or more",
        ),
        (
            "[delivery]\nsender_faults = 0".to_owned(),
            "delivery.sender_faults",
            "from 1 to",
        ),
    ] {
        assert_refused(&with(&[&section]), key, words);
    }
}
