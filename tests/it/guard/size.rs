//! Files that can be read in one sitting, each saying first what it owns, none named after nothing.

use std::path::Path;

use super::{Source, files, none};

const MOST_LINES: usize = 400;
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "manager", "misc", "shared",
];

#[test]
fn files_are_short_introduced_and_named() {
    let sources = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(files)
        .filter(Source::is_rust);
    none(
        &sources
            .flat_map(|source| complaints(&source))
            .collect::<Vec<_>>(),
    );
}

fn complaints(Source { path, text }: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        complaints.push(format!("{path}: {lines} lines, {MOST_LINES} at most"));
    }
    if !text.starts_with("//! ") {
        complaints.push(format!("{path}: does not open with `//!` and what it owns"));
    }
    let names = Path::new(path).with_extension("");
    for name in names
        .iter()
        .filter_map(|name| name.to_str())
        .filter(|name| EMPTY_NAMES.contains(name))
    {
        complaints.push(format!(
            "{path}: `{name}` says nothing; name it after what it does"
        ));
    }
    complaints
}

#[test]
fn the_checker_can_fail() {
    let found = |path: &str, text: &str| {
        complaints(&Source {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .len()
    };
    assert_eq!(found("src/web/utils.rs", &"x\n".repeat(401)), 3);
    assert_eq!(found("src/helpers/mail.rs", "//! Mail.\n"), 1);
    assert_eq!(
        found(
            "src/web/form.rs",
            &format!("//! The form.\n{}", "x\n".repeat(399))
        ),
        0
    );
}
