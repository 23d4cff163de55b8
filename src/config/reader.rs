//! Walks the tables of the file: sections take their keys out of a table, and what is left at the end is unknown.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::{Report, table_name};
use super::suggestion::closest;

/// One table of the file, being read.
pub(super) struct Reader<'r, 'i> {
    pub(super) report: &'r mut Report,
    path: String,
    line: Option<usize>,
    table: DeTable<'i>,
    /// Keys asked for, with the line where a problem of theirs is shown.
    asked: Vec<(&'static str, Option<usize>)>,
}

impl<'r, 'i> Reader<'r, 'i> {
    /// Reads the whole document.
    pub(super) fn root<T>(
        report: &'r mut Report,
        table: DeTable<'i>,
        read: impl FnOnce(&mut Reader<'_, 'i>) -> T,
    ) -> T {
        let mut reader = Reader {
            report,
            path: String::new(),
            line: None,
            table,
            asked: Vec::new(),
        };
        let value = read(&mut reader);
        reader.report_unknown();
        value
    }

    /// Reads the table `[key]`; a missing one is read as empty, so that every default applies.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Reader<'_, 'i>) -> T,
    ) -> T {
        let table = match self.take(key) {
            None => DeTable::new(),
            Some(DeValue::Table(table)) => table,
            Some(other) => {
                let full = self.full(key);
                self.problem(
                    key,
                    format!("must be a section [{full}], not {}", kind(&other)),
                );
                DeTable::new()
            }
        };
        let line = self.line_of(key);
        self.inner(&self.full(key), line, table, read)
    }

    /// Reads the tables `[[key]]`, in order.
    pub(super) fn each<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Reader<'_, 'i>) -> T,
    ) -> Vec<T> {
        let items = match self.take(key) {
            None => return Vec::new(),
            Some(DeValue::Array(items)) => items,
            Some(other) => {
                let reason = format!(
                    "must be written as [[{}]] in the file, not as {}",
                    table_name(&self.full(key)),
                    kind(&other)
                );
                self.problem(key, reason);
                return Vec::new();
            }
        };
        let mut values = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{}[{index}]", self.full(key));
            let line = self.report.line(&item.span());
            match item.into_inner() {
                DeValue::Table(table) => values.push(self.inner(&path, line, table, &mut read)),
                other => {
                    let reason = format!("must be a table, not {}", kind(&other));
                    self.report.problem(&path, line, reason);
                }
            }
        }
        values
    }

    /// Reads the tables `[[key]]`, of which there has to be one; `advice` says how to write it.
    pub(super) fn at_least_one<T>(
        &mut self,
        key: &'static str,
        advice: &str,
        read: impl FnMut(&mut Reader<'_, 'i>) -> T,
    ) -> Vec<T> {
        let none = self.lacks(key);
        let values = self.each(key, read);
        if none {
            self.problem(key, advice);
        }
        values
    }

    /// Reads the tables `[[key]]`, or those of `default`, which is TOML, when the file says nothing.
    pub(super) fn each_or<T>(
        &mut self,
        key: &'static str,
        default: &'static str,
        read: impl FnMut(&mut Reader<'_, 'i>) -> T,
    ) -> Vec<T> {
        if !self.has(key) {
            let default = DeTable::parse(default).expect("a default is TOML");
            self.table.extend(default.into_inner());
        }
        let values = self.each(key, read);
        if values.is_empty() {
            // Unlike a missing one, an empty array means that there are none.
            self.report.show(key, Some("[]"));
        }
        values
    }

    fn inner<T>(
        &mut self,
        path: &str,
        line: Option<usize>,
        table: DeTable<'i>,
        read: impl FnOnce(&mut Reader<'_, 'i>) -> T,
    ) -> T {
        self.report.show_table(path);
        let mut reader = Reader {
            report: self.report,
            path: path.to_owned(),
            line,
            table,
            asked: Vec::new(),
        };
        let value = read(&mut reader);
        reader.report_unknown();
        value
    }

    /// Records a problem with a key of this table that was already read.
    pub(super) fn problem(&mut self, key: &'static str, reason: impl Into<String>) {
        let (full, line) = (self.full(key), self.line_of(key));
        self.report.problem(&full, line, reason);
    }

    /// Records a warning about a key of this table that was already read.
    pub(super) fn warning(&mut self, key: &'static str, reason: impl Into<String>) {
        let (full, line) = (self.full(key), self.line_of(key));
        self.report.warning(&full, line, reason);
    }

    /// Records a problem when another table of the same kind holds the value already; `seen` remembers who holds what.
    pub(super) fn unique(
        &mut self,
        key: &'static str,
        value: &str,
        seen: &mut Vec<(String, String)>,
    ) {
        if let Some((_, place)) = seen.iter().find(|(earlier, _)| earlier == value) {
            self.problem(key, format!("{value:?} is already taken by {place}"));
        } else if !value.is_empty() {
            seen.push((value.to_owned(), self.path.clone()));
        }
    }

    /// Whether the key is in the table and was not read yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is missing, or an array without anything in it.
    pub(super) fn lacks(&self, key: &str) -> bool {
        let given = self.table.get(key).map(Spanned::get_ref);
        given.is_none_or(|value| value.as_array().is_some_and(|items| items.is_empty()))
    }

    /// Takes a key out of the table; it is known from now on.
    pub(super) fn take(&mut self, key: &'static str) -> Option<DeValue<'i>> {
        let found = self.table.remove(key);
        let line = match &found {
            Some(value) => self.report.line(&value.span()),
            None => self.line,
        };
        self.asked.push((key, line));
        found.map(Spanned::into_inner)
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        let asked = self.asked.iter().find(|(asked, _)| *asked == key);
        asked.and_then(|(_, line)| *line)
    }

    /// The whole key: `lists[0].slug`.
    pub(super) fn full(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(super) fn is_from_environment(&self, key: &str) -> bool {
        self.report.is_set_by_variable(&self.full(key))
    }

    fn report_unknown(mut self) {
        for (key, value) in std::mem::take(&mut self.table) {
            let known = self.asked.iter().map(|(asked, _)| *asked);
            let reason = match closest(key.get_ref(), known.clone()) {
                Some(near) => format!("unknown key; did you mean {near:?}?"),
                None => format!(
                    "unknown key; known here: {}",
                    known.collect::<Vec<_>>().join(", ")
                ),
            };
            let line = self.report.line(&value.span());
            self.report.problem(&self.full(key.get_ref()), line, reason);
        }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
