//! The shipped file: it runs, its defaults are the defaults, and it documents every key. So does `config show`.

use std::collections::BTreeSet;

use nashra::config::{self, EXAMPLE};
use nashra::domain::list::Layout;

use super::parse;

#[test]
fn config_show_prints_a_configuration_that_means_the_same() {
    let config = parse(EXAMPLE).unwrap();
    let shown = config.to_redacted_toml();
    let again = parse(&shown).unwrap();
    assert_eq!(again.to_redacted_toml(), shown);
    assert_eq!(again.lists, config.lists);
    assert!(
        shown.contains("final_dot = \"10m\""),
        "defaults are shown: {shown}"
    );
}

#[test]
fn the_shipped_file_runs_as_it_is() {
    let config = config::load(None, std::iter::empty()).unwrap();
    assert_eq!(config.database.masked_url(), "sqlite:data/nashra.db");
    assert_eq!(
        (config.relays[0].host.as_str(), config.relays[0].port),
        ("127.0.0.1", 1025)
    );
    assert_eq!(config.site.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.warnings, []);
    let locales: Vec<&str> = config
        .lists
        .iter()
        .map(|list| list.locale.as_str())
        .collect();
    assert_eq!(locales, ["ar", "en"]);
    assert_eq!(config.lists[0].sections[2].layout, Layout::Cartoon);
}

#[test]
fn the_defaults_in_the_shipped_file_are_the_defaults() {
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n")
        .collect();
    assert_ne!(uncommented, EXAMPLE);
    let (shown, expected) = (parse(&uncommented).unwrap(), parse(EXAMPLE).unwrap());
    assert_eq!(shown.to_redacted_toml(), expected.to_redacted_toml());
}

#[test]
fn the_examples_in_the_shipped_file_are_known_keys() {
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let is_example = |line: &str| line.starts_with("#? ");
    let mut blocks = 0;
    for start in 0..lines.len() {
        if !is_example(lines[start]) || (start > 0 && is_example(lines[start - 1])) {
            continue;
        }
        blocks += 1;
        let end = (start..lines.len())
            .find(|&at| !is_example(lines[at]))
            .unwrap_or(lines.len());
        let mut text = lines.clone();
        for line in &mut text[start..end] {
            *line = line.trim_start_matches("#? ");
        }
        // Files that do not exist here and forms that exclude each other are problems of another kind.
        let problems = parse(&text.join("\n")).map_or_else(|errors| errors.0, |_| Vec::new());
        let files = ["cannot be read", "not a file", "is missing, though"];
        for problem in problems {
            assert!(
                files.iter().any(|known| problem.reason.contains(known)),
                "{problem}"
            );
        }
    }
    assert!(blocks > 10, "{blocks}");
}

/// The keys of a file by table, those in comments too.
fn keys(text: &str) -> BTreeSet<String> {
    let mut table = String::new();
    let mut keys = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with("##")) {
        let line = line.trim_start_matches("#? ").trim_start_matches("# ");
        if line.starts_with('[') {
            // A further relay has the keys of the first, which documents them.
            table = line.trim_matches(['[', ']']).replace("relays", "smtp");
        } else if let Some(key) = line.split([' ', '=']).next().filter(|key| !key.is_empty()) {
            keys.insert(format!("{table}.{key}"));
        }
    }
    keys
}

#[test]
fn the_shipped_file_documents_every_key() {
    // `config show` prints each key that is read, those without a value as comments.
    let with_feed = EXAMPLE
        .replace("#? [[lists.feeds]]", "[[lists.feeds]]")
        .replace("#? url = \"https", "url = \"https")
        .replace(
            "#? [[api.tokens]]\n#? name = \"cms\"\n#? token",
            "[[api.tokens]]\nname = \"cms\"\ntoken",
        )
        .replace(
            "#? [[dkim.keys]]\n#? selector = \"s1\"\n#? key_file = \"/etc/nashra/dkim-s1.pem\"",
            concat!(
                "[[dkim.keys]]\nselector = \"s1\"\nkey_file = \"",
                env!("CARGO_MANIFEST_DIR"),
                "/tests/fixtures/dkim/rsa-2048-pkcs1.pem\""
            ),
        );
    let read = keys(&parse(&with_feed).unwrap().to_redacted_toml());
    assert_eq!(read, keys(EXAMPLE));
}
