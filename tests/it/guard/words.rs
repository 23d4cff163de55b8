//! The words of the house: what other programs call a campaign, a blast or a contact has another name here.

use regex::Regex;

use super::{code, none, sources};

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
