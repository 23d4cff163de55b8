//! The words of the house: what other programs call a campaign, a blast or a contact has another name here.

use regex::Regex;

use super::{code, files, none, read, sources};

#[test]
fn names_use_the_words_of_the_house() {
    let found = sources()
        .into_iter()
        .flat_map(|source| complaints(&source.path, &source.text));
    none(&found.collect::<Vec<_>>());
}

fn complaints(path: &str, text: &str) -> Vec<String> {
    let foreign = Regex::new(r"(?i)\b\w*(campaign|blast|contact)\w*\b").unwrap();
    let code = code(text);
    let found = foreign.find_iter(&code).map(|found| found.as_str());
    found
        .chain(foreign.find(path).map(|found| found.as_str()))
        .map(|name| format!("{path}: `{name}`"))
        .collect()
}

/// Arabic writes the tanwin of «أيضاً» on the alif here, as most of the texts do: two ways beside each other look like slips, and
/// neither finds the other in a search. What feeds bring is written as their sites write it.
#[test]
fn tanwin_stands_on_the_alif() {
    let folders = ["locales", "templates", "static", "docs", "config", "src"];
    let ours = folders.into_iter().flat_map(files);
    let ours = ours.filter(|source| !source.path.starts_with("src/feed/"));
    let texts = ours.map(|source| (source.path, source.text));
    let others = ["README.md", "CHANGELOG.md"].map(|path| (path.to_owned(), read(path)));
    none(
        &texts
            .chain(others)
            .flat_map(|(path, text)| before_alif(&path, &text))
            .collect::<Vec<_>>(),
    );
}

fn before_alif(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.contains("\u{64b}\u{627}"))
        .map(|(at, line)| {
            format!(
                "{path}:{}: the tanwin stands before the alif: {}",
                at + 1,
                line.trim()
            )
        })
        .collect()
}

#[test]
fn a_tanwin_before_the_alif_is_found() {
    assert_eq!(
        before_alif(
            "a.ftl",
            "x = \u{628}\u{64b}\u{627}\ny = \u{628}\u{627}\u{64b}"
        )
        .len(),
        1
    );
}

#[test]
fn the_checker_can_fail() {
    assert_eq!(
        complaints(
            "src/web/form.rs",
            "struct CampaignPage; // contact\nlet old_contact = \"blast\";"
        )
        .len(),
        2
    );
    assert_eq!(complaints("src/store/contact.rs", "").len(), 1);
    assert_eq!(complaints("src/store/list.rs", "struct List;"), [""; 0]);
}
