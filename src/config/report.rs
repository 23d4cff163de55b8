//! What reading the configuration brings to light: problems, warnings, and the effective values for `config show`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::problem::{ConfigErrors, Problem};

/// Collects while a [`Reader`](super::reader::Reader) walks the file.
pub(super) struct Report {
    line_starts: Vec<usize>,
    variables: BTreeMap<String, String>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    shown: String,
}

impl Report {
    pub(super) fn new(text: &str) -> Self {
        Self {
            line_starts: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            variables: BTreeMap::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            shown: String::new(),
        }
    }

    /// Values from the environment carry an empty span, and so have no line.
    pub(super) fn line(&self, span: &Range<usize>) -> Option<usize> {
        (!span.is_empty()).then(|| self.line_at(span.start))
    }

    fn line_at(&self, position: usize) -> usize {
        1 + self.line_starts.partition_point(|start| *start <= position)
    }

    /// Only the parser's message: its full text quotes the line, which may hold a password.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let line = error.span().map(|span| self.line_at(span.start));
        self.problems.push(Problem {
            key: String::new(),
            line,
            reason: format!("not TOML: {}", error.message()),
        });
    }

    /// Remembers that a key was set by an environment variable.
    pub(super) fn set_by_variable(&mut self, key: String, variable: String) {
        self.variables.insert(key, variable);
    }

    pub(super) fn is_set_by_variable(&self, key: &str) -> bool {
        self.variables.contains_key(key)
    }

    pub(super) fn problem(&mut self, key: &str, line: Option<usize>, reason: impl Into<String>) {
        let key = self.place(key, line);
        self.problems.push(Problem {
            key,
            line,
            reason: reason.into(),
        });
    }

    pub(super) fn warning(&mut self, key: &str, line: Option<usize>, reason: impl Into<String>) {
        let key = self.place(key, line);
        self.warnings.push(Problem {
            key,
            line,
            reason: reason.into(),
        });
    }

    /// Where the operator changes it: the variable that set it (or something below it), else the key.
    fn place(&self, key: &str, line: Option<usize>) -> String {
        let below = format!("{key}.");
        let variable = self.variables.get(key).or_else(|| {
            let found = self
                .variables
                .iter()
                .find(|(set, _)| set.starts_with(&below));
            found
                .filter(|_| line.is_none())
                .map(|(_, variable)| variable)
        });
        variable.map_or_else(|| key.to_owned(), Clone::clone)
    }

    /// Opens a table in the output of `config show`.
    pub(super) fn show_table(&mut self, path: &str) {
        let name = table_name(path);
        let gap = if self.shown.is_empty() { "" } else { "\n" };
        let header = if path.ends_with(']') {
            format!("{gap}[[{name}]]\n")
        } else {
            format!("{gap}[{name}]\n")
        };
        self.shown.push_str(&header);
    }

    /// Adds a key to the output of `config show`; `value` is TOML, `None` for a key without a value.
    pub(super) fn show(&mut self, key: &str, value: Option<&str>) {
        let written = match value {
            Some(value) => writeln!(self.shown, "{key} = {value}"),
            None => writeln!(self.shown, "# {key} is not set"),
        };
        written.expect("writing to a String cannot fail");
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    pub(super) fn into_errors(mut self) -> ConfigErrors {
        self.problems
            .sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        ConfigErrors(self.problems)
    }

    pub(super) fn into_warnings_and_shown(self) -> (Vec<Problem>, String) {
        (self.warnings, self.shown)
    }
}

/// The name of a table in TOML: `lists.sections` for `lists[0].sections[2]`.
pub(super) fn table_name(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part))
        .collect();
    parts.join(".")
}

/// A TOML basic string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                quoted.extend(format!("\\u{:04X}", u32::from(control)).chars());
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
