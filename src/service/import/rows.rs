//! The rows of a file, read and judged away from the database: [`read`] runs on a thread of its own and hands over chunks.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::IpAddr;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::Encoding;
use tokio::sync::mpsc::Sender;

use super::columns::Columns;
use super::text::{Allowance, Text};
use crate::domain::address::EmailAddress;
use crate::domain::address::policy::{Mailbox, mailbox};
use crate::domain::address::typo::suggestion;
use crate::domain::spreadsheet;
use crate::domain::subscription::reader_name;
use crate::locale::Locale;
use crate::store::import::Row;

/// No file with more rows is read to its end.
const MOST_ROWS: u64 = 20_000_000;
/// No longer cell is looked at.
const LONGEST_CELL: usize = 4_096;
/// So many characters of an address that is refused are repeated: more than any has.
const LONGEST_SHOWN: usize = 320;

/// A row that is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// Counted from one, the header included, as a spreadsheet shows it.
    pub row: u64,
    /// The column at fault.
    pub column: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// What is wrong.
    pub reason: String,
    /// The row's address, as the file has it.
    pub address: String,
}

/// Rows that are stored together, those to be taken in the order of their identities: whatever is looked up or written by address
/// then goes through its index once from one end to the other.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Those that can be taken.
    pub rows: Vec<Row>,
    /// Those that cannot.
    pub refusals: Vec<Refusal>,
    /// How many of those that can be taken look like slips of the pen, such as gmial.com.
    pub slips: u64,
    /// How many rows of the file are behind this chunk.
    pub rows_done: u64,
    /// Its first row, counted as [`Refusal::row`].
    pub first_row: u64,
}

/// What to read, and how.
pub struct Plan {
    /// How its text is encoded.
    pub encoding: &'static Encoding,
    /// Rows that an earlier run has stored.
    pub skip: u64,
    /// Rows in a chunk.
    pub chunk: usize,
    /// Whether rows that stand twice are looked for in the whole file, at the price of memory: a dry run stores nothing that
    /// could tell.
    pub remember: bool,
    /// Now, epoch milliseconds: nobody consented later.
    pub now_ms: i64,
}

/// Reads a file to its end, or until nobody wants its rows any more.
pub fn read(path: &Path, plan: &Plan, out: &Sender<io::Result<Chunk>>) {
    if let Err(error) = read_rows(path, plan, out) {
        // Nobody is there to hear of it when the receiver is gone.
        let _ = out.blocking_send(Err(error));
    }
}

fn read_rows(path: &Path, plan: &Plan, out: &Sender<io::Result<Chunk>>) -> io::Result<()> {
    let allowance = Allowance::default();
    let delimiter = delimiter(path, plan.encoding)?;
    let text = Text::open(path, plan.encoding, allowance.clone())?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut record = StringRecord::new();
    if !reader.read_record(&mut record).map_err(in_words)? {
        return Err(io::Error::other("it is empty"));
    }
    let columns = Columns::read(&record.iter().collect::<Vec<_>>()).ok_or_else(|| {
        let found: Vec<String> = record.iter().take(20).map(short).collect();
        io::Error::other(format!(
            "no column holds addresses: name one `email`; its first row is {found:?}"
        ))
    })?;
    let mut judge = Judge {
        columns,
        plan,
        slipped: false,
        languages: HashMap::new(),
        seen: HashSet::new(),
        hasher: RandomState::new(),
    };
    let (mut number, mut row) = (0, 1);
    let mut more = !judge.columns.header || {
        row += 1;
        allowance.renew();
        reader.read_record(&mut record).map_err(in_words)?
    };
    let mut chunk = Chunk::default();
    while more {
        number += 1;
        if number > MOST_ROWS {
            return Err(io::Error::other(
                "it has more than 20 million rows: split it",
            ));
        }
        if number > plan.skip {
            if chunk.first_row == 0 {
                chunk.first_row = row;
            }
            match judge.judge(&record, row) {
                Ok(Some(good)) => {
                    chunk.slips += u64::from(judge.slipped);
                    chunk.rows.push(good);
                }
                Ok(None) => {}
                Err(refusal) => chunk.refusals.push(refusal),
            }
            chunk.rows_done = number;
            if chunk.rows.len() + chunk.refusals.len() >= plan.chunk {
                if !plan.remember {
                    judge.seen.clear();
                }
                if out.blocking_send(Ok(sorted(&mut chunk))).is_err() {
                    return Ok(());
                }
            }
        }
        row += 1;
        allowance.renew();
        more = reader.read_record(&mut record).map_err(in_words)?;
    }
    if chunk.rows_done > 0 {
        let _ = out.blocking_send(Ok(sorted(&mut chunk)));
    }
    Ok(())
}

/// Takes a chunk that is full.
fn sorted(chunk: &mut Chunk) -> Chunk {
    let mut chunk = std::mem::take(chunk);
    chunk
        .rows
        .sort_unstable_by(|a, b| a.identity.cmp(&b.identity));
    chunk
}

/// Comma, semicolon or tab: whichever the first line has most of.
fn delimiter(path: &Path, encoding: &'static Encoding) -> io::Result<u8> {
    use io::Read as _;
    let mut head = vec![0; 8_192];
    let length = Text::open(path, encoding, Allowance::default())?.read(&mut head)?;
    let line = head[..length].split(|byte| *byte == b'\n').next();
    let line = line.unwrap_or_default();
    let count = |mark: u8| {
        line.iter()
            .fold(0, |sum, byte| sum + usize::from(*byte == mark))
    };
    let best = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|mark| count(*mark));
    Ok(best.unwrap_or(b','))
}

/// What the reader of rows says, in the words of a person who has the file open.
fn in_words(error: csv::Error) -> io::Error {
    let line = error
        .position()
        .map(|position| format!("line {}: ", position.line()));
    let line = line.unwrap_or_default();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => io::Error::other(format!("{line}{error}")),
        csv::ErrorKind::Utf8 { .. } => io::Error::other(format!("{line}its text cannot be read")),
        kind => io::Error::other(format!("{line}{kind:?}")),
    }
}

struct Judge<'a> {
    columns: Columns,
    plan: &'a Plan,
    /// Whether the last good row looks like a slip.
    slipped: bool,
    languages: HashMap<String, bool>,
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Judge<'_> {
    fn judge(&mut self, record: &StringRecord, row: u64) -> Result<Option<Row>, Refusal> {
        let written = record.get(self.columns.address).unwrap_or_default();
        let refusal = |column, code, reason: String| Refusal {
            row,
            column,
            code,
            reason,
            address: written.trim().chars().take(LONGEST_SHOWN).collect(),
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(None);
        }
        if record.iter().any(|cell| cell.len() > LONGEST_CELL) {
            let reason = format!("a cell is longer than {LONGEST_CELL} octets");
            return Err(refusal("", "row-too-long", reason));
        }
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| record.get(column));
            cell.map(|cell| spreadsheet::meant(cell.trim_matches(' ')))
                .filter(|cell| !cell.is_empty())
        };
        let address = cell(Some(self.columns.address)).unwrap_or_default();
        let address = EmailAddress::parse(&address)
            .map_err(|error| refusal("email", error.reason.code(), error.to_string()))?;
        if mailbox(&address) == Mailbox::Nobody {
            let reason = format!("nobody reads mail to `{}@`", short(address.local()));
            return Err(refusal("email", "role", reason));
        }
        if let Some(status) = cell(self.columns.status)
            && !matches!(
                status.to_ascii_lowercase().as_str(),
                "confirmed" | "subscribed" | "active" | "enabled"
            )
        {
            let reason = format!("its status is `{}`", short(&status));
            return Err(refusal("status", "not-confirmed", reason));
        }
        let name = cell(self.columns.name)
            .map(|name| reader_name(&name))
            .transpose();
        let name = name.map_err(|error| refusal("name", "name", error.to_string()))?;
        let consented_ms = cell(self.columns.consented)
            .map(|text| match moment(&text) {
                None => Err(format!(
                    "`{}` is not understood: write 2023-05-01 or 2023-05-01T10:00:00Z",
                    short(&text)
                )),
                Some(ms) if ms > self.plan.now_ms => {
                    Err(format!("`{}` is in the future", short(&text)))
                }
                Some(ms) => Ok(ms),
            })
            .transpose()
            .map_err(|reason| refusal("confirmed_at", "consent-date", reason))?;
        let ip = cell(self.columns.ip)
            .map(|text| text.parse::<IpAddr>().map_err(|_| text))
            .transpose()
            .map_err(|text| {
                let reason = format!("`{}` is no IP address", short(&text));
                refusal("consent_ip", "consent-ip", reason)
            })?;
        let language = cell(self.columns.language)
            .and_then(|text| text.split(['-', '_']).next().map(str::to_lowercase))
            .filter(|language| self.is_known(language));
        let identity = address.identity();
        if !self.seen.insert(self.hasher.hash_one(&identity)) {
            let reason = "the address stands in the file twice".to_owned();
            return Err(refusal("email", "duplicate", reason));
        }
        self.slipped = suggestion(&address).is_some();
        Ok(Some(Row {
            row,
            identity,
            domain: address.domain().to_owned(),
            address: address.as_str().to_owned(),
            name: name.flatten(),
            consented_ms,
            ip: ip.map(|ip| ip.to_string()),
            language,
        }))
    }

    /// Whether there are texts in a language; of another, the list's own is used.
    fn is_known(&mut self, language: &str) -> bool {
        if let Some(known) = self.languages.get(language) {
            return *known;
        }
        let known = Locale::new(language, None).is_ok();
        // A file that holds anything at all in this column must not fill the memory.
        if self.languages.len() < 1_000 {
            self.languages.insert(language.to_owned(), known);
        }
        known
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// RFC 3339, or a date with or without a time, which is taken for UTC. Dates may be written year/month/day, and in Arabic digits;
/// which of 01/05/2023 is the month nobody can tell.
fn moment(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().map(plain).collect();
    let text = match text.split_at_checked(4) {
        Some((year, rest)) if rest.starts_with('/') && year.bytes().all(|b| b.is_ascii_digit()) => {
            text.replacen('/', "-", 2)
        }
        _ => text,
    };
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().or_else(|_| {
        text.parse::<jiff::civil::Date>()
            .map(|date| date.at(0, 0, 0, 0))
    });
    let zoned = civil.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// Arabic-Indic digits, and those of Persian and Urdu, as ASCII's.
fn plain(letter: char) -> char {
    let digit = match letter {
        '٠'..='٩' => letter as u32 - '٠' as u32,
        '۰'..='۹' => letter as u32 - '۰' as u32,
        _ => return letter,
    };
    char::from_digit(digit, 10).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d13_dates_are_read_as_people_write_them() {
        const MAY_DAY: i64 = 1_714_521_600_000;
        for text in [
            "2024-05-01",
            "2024/05/01",
            "٢٠٢٤-٠٥-٠١",
            "٢٠٢٤/٠٥/٠١",
            "۲۰۲۴/۰۵/۰۱",
            "2024/05/01 00:00:00",
            "2024-05-01T03:00:00+03:00",
        ] {
            assert_eq!(moment(text), Some(MAY_DAY), "{text}");
        }
        for text in ["01/05/2023", "2024/13/01", "May 1", "", "2024"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
