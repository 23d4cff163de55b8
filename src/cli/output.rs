//! What commands print: aligned columns or JSON, times in a list's zone.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;

use serde::Serialize;

/// Prints a line on standard output; a reader that went away (`| head`) is no error.
pub fn line(text: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Says on standard error what failed: every command does it in this way, whatever is logged besides.
#[expect(
    clippy::print_stderr,
    reason = "the last word of a command that failed"
)]
pub fn failed(text: impl std::fmt::Display) {
    eprintln!("nashra: {text}");
}

/// How a file that holds readers' addresses is opened to be written: where it is new, it is its owner's alone.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).mode(0o600);
    options
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints rows as columns as wide as their widest cell.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain([head[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let gap = width - cell.chars().count();
            format!("{cell}{}", " ".repeat(gap))
        });
        line(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    print(head.to_vec());
    for row in rows {
        print(row.iter().map(String::as_str).collect());
    }
}

/// A moment as a person in this zone reads it.
pub fn time(ms: i64, zone: &jiff::tz::TimeZone) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| ms.to_string(),
        |at| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M %Z")
                .to_string()
        },
    )
}

/// A moment in JSON: RFC 3339, UTC.
pub fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

/// A number with its thousands apart.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Reads a moment from the command line: RFC 3339, or `2026-01-05T07:00` in the machine's zone, or a date.
pub fn parse_time(text: &str) -> Result<i64, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let local = text.parse::<jiff::civil::DateTime>().or_else(|_| {
        text.parse::<jiff::civil::Date>()
            .map(|date| date.at(0, 0, 0, 0))
    });
    local
        .ok()
        .and_then(|local| local.to_zoned(jiff::tz::TimeZone::system()).ok())
        .map(|zoned| zoned.timestamp().as_millisecond())
        .ok_or_else(|| format!("`{text}` is not a time; write 2026-01-05T07:00:00Z, or 2026-01-05T07:00 for the local zone"))
}

/// Reads a span of time: `90s`, `10m`, `2h`.
pub fn parse_span(text: &str) -> Result<std::time::Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|span| std::time::Duration::try_from(span).ok())
        .ok_or_else(|| format!("`{text}` is not a span of time; write 90s, 10m or 2h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(parse_time("2026-01-05T07:00:00Z"), Ok(1_767_596_400_000));
        assert!(parse_time("soon").is_err());
        assert_eq!(parse_span("10m"), Ok(std::time::Duration::from_mins(10)));
        assert!(parse_span("-1s").is_err());
    }
}
