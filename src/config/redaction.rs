//! Secrets: read into a type that does not print, replaced in `config show`, left out of every message (X10).

use std::path::PathBuf;

use secrecy::SecretString;

use super::reader::Reader;
use super::report::quoted;

/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

impl Reader<'_, '_> {
    /// A secret given as it is.
    pub(super) fn hidden(&mut self, key: &'static str) -> Option<SecretString> {
        let value = self.string(key);
        let visible = value.as_ref().map(|_| quoted(REDACTED));
        self.report.show(key, visible.as_deref());
        value.map(SecretString::from)
    }

    /// A secret given as `key`, or as a file's content by `file_key`.
    ///
    /// `shown` says what `config show` may print of it.
    pub(super) fn secret(
        &mut self,
        key: &'static str,
        file_key: &'static str,
        default: Option<&str>,
        shown: impl Fn(&str) -> String,
    ) -> Option<SecretString> {
        let given = self.string(key);
        let file = self.string(file_key);
        if given.is_some() && file.is_some() {
            self.problem(
                key,
                format!("is given twice: leave out this key or {file_key}"),
            );
        }
        let from_file = file
            .as_deref()
            .and_then(|path| self.content(file_key, path));
        let value = given.or_else(|| default.filter(|_| file.is_none()).map(str::to_owned));
        let visible = value.as_deref().map(|value| quoted(&shown(value)));
        self.report.show(key, visible.as_deref());
        self.report
            .show(file_key, file.as_deref().map(quoted).as_deref());
        value.or(from_file).map(SecretString::from)
    }

    /// A secret that is in a file only, and has to be there; with the file's path, which is no secret.
    pub(super) fn secret_file(&mut self, key: &'static str) -> Option<(PathBuf, SecretString)> {
        let is_given = self.has(key);
        let path = self.string(key);
        if !is_given {
            self.problem(key, "is missing");
        }
        self.report
            .show(key, path.as_deref().map(quoted).as_deref());
        let path = path?;
        let content = self.content(key, &path)?;
        Some((PathBuf::from(path), SecretString::from(content)))
    }

    /// The content of a secret's file without the line ends that editors add.
    fn content(&mut self, key: &'static str, path: &str) -> Option<String> {
        match std::fs::read_to_string(path) {
            Ok(content) if content.trim().is_empty() => {
                self.problem(key, format!("{path:?} is empty"));
                None
            }
            Ok(content) => Some(content.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                self.problem(key, format!("{path:?} cannot be read: {error}"));
                None
            }
        }
    }
}

/// A refused address is quoted in a message, but not the password in it.
pub(super) fn without_credentials(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => {
            let rest = rest.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{REDACTED}@{rest}")
        }
        _ => text.to_owned(),
    }
}
