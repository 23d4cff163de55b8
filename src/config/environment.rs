//! `NASHRA__SECTION__KEY=value` lays a value over the file; a double underscore goes one table down.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::Report;

const PREFIX: &str = "NASHRA__";

/// The `NASHRA__…` variables of this process; what is not UTF-8 becomes replacement characters, and so a problem.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .filter(|(name, _)| name.starts_with(PREFIX))
}

/// Sets the keys that variables name, as strings: what they have to be is known when they are read.
pub(super) fn overlay(
    document: &mut DeTable,
    env: impl Iterator<Item = (String, String)>,
    report: &mut Report,
) {
    let mut variables: Vec<(String, String)> =
        env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (variable, value) in variables {
        let path = variable[PREFIX.len()..].to_ascii_lowercase();
        let keys: Vec<&str> = path.split("__").collect();
        match set(document, &keys, &value, report) {
            Ok(()) => report.set_by_variable(keys.join("."), variable),
            Err(reason) => report.problem(&variable, None, reason),
        }
    }
}

fn set(
    table: &mut DeTable,
    keys: &[&str],
    value: &str,
    report: &Report,
) -> Result<(), &'static str> {
    let (last, sections) = keys.split_last().ok_or("names no key")?;
    let mut table = table;
    for section in sections {
        if !table.contains_key(*section) {
            table.insert(
                unplaced((*section).to_owned().into()),
                unplaced(DeValue::Table(DeTable::new())),
            );
        }
        let entry = table.get_mut(*section).map(Spanned::get_mut);
        table = match entry {
            Some(DeValue::Table(inner)) => inner,
            Some(DeValue::Array(_)) => {
                return Err("is part of an array, and arrays can be set in the file only");
            }
            _ => return Err("goes below a key that holds a plain value"),
        };
    }
    if let Some(DeValue::Table(_) | DeValue::Array(_)) = table.get(*last).map(Spanned::get_ref) {
        return Err("names a whole section or array; set one key of it, or use the file");
    }
    give_way(table, last, &keys.join("."), report);
    table.insert(
        unplaced((*last).to_owned().into()),
        unplaced(DeValue::String(value.to_owned().into())),
    );
    Ok(())
}

/// A secret from the environment takes the place of its other form in the file: `url_file` of `url`, and back.
fn give_way(table: &mut DeTable, key: &str, full: &str, report: &Report) {
    let (other, full) = match (key.strip_suffix("_file"), full.strip_suffix("_file")) {
        (Some(key), Some(full)) => (key.to_owned(), full.to_owned()),
        _ => (format!("{key}_file"), format!("{full}_file")),
    };
    if !report.is_set_by_variable(&full) {
        table.remove(other.as_str());
    }
}

/// Nothing in the file stands behind it.
fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}
