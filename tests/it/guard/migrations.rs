//! Two databases, one schema: the same migrations, with the same tables and columns.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{files, none};

/// The columns of each table that a file creates or extends.
type Tables = BTreeMap<String, BTreeSet<String>>;

/// Issue 3, point 7.
#[test]
fn both_databases_have_the_same_tables() {
    let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
    assert!(!sqlite.is_empty(), "migrations/sqlite holds no migration");
    none(&complaints(&sqlite, &postgres));
}

fn migrations(database: &str) -> BTreeMap<String, Tables> {
    let folder = format!("migrations/{database}");
    let name = |path: &str| path[folder.len() + 1..].to_owned();
    files(&folder)
        .iter()
        .map(|file| (name(&file.path), tables(&file.text)))
        .collect()
}

fn complaints(
    sqlite: &BTreeMap<String, Tables>,
    postgres: &BTreeMap<String, Tables>,
) -> Vec<String> {
    let mut complaints = Vec::new();
    let names: BTreeSet<_> = sqlite.keys().chain(postgres.keys()).collect();
    for name in names {
        let (Some(sqlite), Some(postgres)) = (sqlite.get(name), postgres.get(name)) else {
            complaints.push(format!("{name}: not in both folders"));
            continue;
        };
        let tables: BTreeSet<_> = sqlite.keys().chain(postgres.keys()).collect();
        for table in tables {
            match (sqlite.get(table), postgres.get(table)) {
                (Some(here), Some(there)) if here == there => {}
                (Some(here), Some(there)) => {
                    let columns: Vec<_> = here.symmetric_difference(there).cloned().collect();
                    complaints.push(format!(
                        "{name}: {table}: not in both: {}",
                        columns.join(", ")
                    ));
                }
                _ => complaints.push(format!("{name}: table {table}: not in both")),
            }
        }
    }
    complaints
}

/// Reads `CREATE TABLE` and `ALTER TABLE … ADD [COLUMN]`.
fn tables(sql: &str) -> Tables {
    let sql = Regex::new(r"--.*")
        .unwrap()
        .replace_all(sql, "")
        .to_lowercase();
    let mut tables = Tables::new();
    let create = Regex::new(r"create table (?:if not exists )?(\w+)\s*\(").unwrap();
    for found in create.captures_iter(&sql) {
        let columns = columns(&sql[found.get(0).unwrap().end()..]);
        tables
            .entry(found[1].to_owned())
            .or_default()
            .extend(columns);
    }
    let add = Regex::new(r"alter table (?:only )?(\w+)\s+add (?:column )?(?:if not exists )?(\w+)")
        .unwrap();
    for found in add.captures_iter(&sql) {
        tables
            .entry(found[1].to_owned())
            .or_default()
            .insert(found[2].to_owned());
    }
    tables
}

/// The column names in `name TYPE (…), name TYPE, UNIQUE (…))`, up to the closing parenthesis.
fn columns(inside: &str) -> BTreeSet<String> {
    let (mut items, mut open) = (vec![String::new()], 1);
    for letter in inside.chars() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            ',' if open == 1 => items.push(String::new()),
            _ if open == 1 => items.last_mut().unwrap().push(letter),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    let rules = [
        "primary",
        "unique",
        "check",
        "foreign",
        "constraint",
        "exclude",
    ];
    let names = items
        .iter()
        .filter_map(|item| item.split_whitespace().next());
    names
        .filter(|name| !rules.contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_checker_can_fail() {
    let of = |sql: &str| BTreeMap::from([("0001_initial.sql".to_owned(), tables(sql))]);
    let one = "CREATE TABLE lists (id INTEGER PRIMARY KEY, -- a comment, with a comma
        status TEXT CHECK (status IN ('a', 'b')), UNIQUE (id, status)) STRICT; ALTER TABLE lists ADD COLUMN slug TEXT;";
    let same =
        "create table lists (slug text, id BIGINT GENERATED ALWAYS AS IDENTITY, status TEXT);";
    assert_eq!(complaints(&of(one), &of(same)), [""; 0]);
    let fewer = complaints(
        &of(one),
        &of("CREATE TABLE lists (id BIGINT, state TEXT, slug TEXT)"),
    );
    assert_eq!(
        fewer,
        ["0001_initial.sql: lists: not in both: state, status"]
    );
    assert_eq!(
        complaints(&of(one), &of("")),
        ["0001_initial.sql: table lists: not in both"]
    );
    assert_eq!(
        complaints(&of(one), &BTreeMap::new()),
        ["0001_initial.sql: not in both folders"]
    );
}
