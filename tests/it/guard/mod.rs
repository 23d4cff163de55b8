//! Guards: tests that read the source tree and keep the house as `docs/architecture.md` draws it.
//!
//! Each checker takes text and gives complaints, so that a bad sample shows that it can fail.

mod layers;
mod migrations;
mod paths;
mod readme;
mod size;
mod words;

use std::path::Path;

use regex::Regex;

/// A file: its path from the top of the project with `/` between the names, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }
}

/// The text of one file of the project.
pub fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text files under a folder of the project (nothing when there is no such folder), in order.
fn files(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![top.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.ends_with("node_modules") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let path = path
                    .strip_prefix(top)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The Rust files under `src`.
fn sources() -> Vec<Source> {
    let found: Vec<_> = files("src").into_iter().filter(Source::is_rust).collect();
    assert!(!found.is_empty(), "no source files found");
    found
}

/// Rust text without comments and without the insides of strings, line for line.
fn code(text: &str) -> String {
    let noise = Regex::new(r#"'"'|'\\"'|"(?:[^"\\]|\\.)*"|//.*"#).unwrap();
    let lines = text.lines().map(|line| {
        noise.replace_all(line, |found: &regex::Captures<'_>| match &found[0] {
            comment if comment.starts_with("//") => "",
            _ => "\"\"",
        })
    });
    lines.fold(String::new(), |all, line| all + &line + "\n")
}

/// Fails with all complaints, one on a line.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn comments_and_strings_are_not_code() {
    assert_eq!(
        code("a(\"sqlx::x // \\\" y\"); // crate::web\n'\"'; b"),
        "a(\"\"); \n\"\"; b\n"
    );
}
