//! Nothing in the tree depends on the machine it was written on.

use super::{Source, files, none, read};

/// Written in two parts, so that this file does not find itself.
const ELSEWHERE: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/"),
];
const FOLDERS: [&str; 12] = [
    "src",
    "tests",
    "benches",
    "docs",
    "config",
    "migrations",
    "templates",
    "locales",
    "static",
    "script",
    ".ci",
    ".cargo",
];
const FILES: [&str; 6] = [
    "README.md",
    "CHANGELOG.md",
    "Cargo.toml",
    "clippy.toml",
    "deny.toml",
    ".gitignore",
];

#[test]
fn no_file_names_a_place_of_one_machine() {
    let tops = FILES.into_iter().map(|path| Source {
        path: path.to_owned(),
        text: read(path),
    });
    let all = FOLDERS.into_iter().flat_map(files).chain(tops);
    none(
        &all.flat_map(|source| complaints(&source))
            .collect::<Vec<_>>(),
    );
}

fn complaints(Source { path, text }: &Source) -> Vec<String> {
    let lines = text.lines().enumerate();
    let found = lines.filter(|(_, line)| ELSEWHERE.iter().any(|place| line.contains(place)));
    found
        .map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim()))
        .collect()
}

#[test]
fn the_checker_can_fail() {
    let sample = |text: String| {
        complaints(&Source {
            path: "docs/a.md".to_owned(),
            text,
        })
    };
    assert_eq!(
        sample(ELSEWHERE.map(|place| format!("cd {place}x")).join("\n")).len(),
        3
    );
    assert_eq!(
        sample("framework/ root /var/lib/nashra".to_owned()),
        [""; 0]
    );
}
