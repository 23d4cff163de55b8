//! `nashra subscriber import`: readers from a file.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use encoding_rs::Encoding;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::output::{self, number, stamp};
use crate::cli::{DONE, FAILED, Where};
use crate::domain::spreadsheet::marked;
use crate::service::import::{Order, Refusal, Report, import};

/// Take readers in from a CSV file; nobody who left, is suppressed or was erased comes back by it
#[derive(Debug, Args)]
#[command(
    after_help = "Columns, by their header in any order: email (or address, البريد …), name, confirmed_at, consent_ip, language, status.\n\
    Separated by comma, semicolon or tab; UTF-8, UTF-16 or windows-1256. What is cut short goes on when the same command is\n\
    run again. More: docs/import.md\n\
    Example: nashra subscriber import readers.csv --list weekly --source \"the old site\" --dry-run"
)]
pub struct ImportArgs {
    /// The file
    file: PathBuf,
    /// The list
    #[arg(long, value_name = "LIST")]
    list: String,
    /// Where their consents come from: kept as the proof
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Readers who confirmed elsewhere, or who are to be asked by a confirmation mail
    #[arg(long, value_enum, default_value = "confirmed")]
    status: Status,
    /// How many confirmation mails are sent in an hour, with `--status pending`
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    per_hour: u32,
    /// Say what would happen; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the rows that are not taken here, as CSV: row, column, code, reason, address
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The file's encoding, such as windows-1252, when it is not found out rightly
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// They confirmed elsewhere
    Confirmed,
    /// They are to be asked
    Pending,
}

/// So many refusals are said on standard error; all of them stand in `--rejects`.
const SAID: u64 = 5;

pub async fn run(at: &Where, args: ImportArgs) -> anyhow::Result<u8> {
    let encoding = args.encoding.as_deref().map(|name| {
        let found = Encoding::for_label(name.as_bytes());
        found.with_context(|| {
            format!("--encoding: `{name}` is no encoding, such as utf-8 or windows-1256")
        })
    });
    let encoding = encoding.transpose()?;
    let app = if args.dry_run {
        at.look().await?
    } else {
        at.app().await?
    };
    let order = Order {
        list: app.list(&args.list)?,
        file: args.file.clone(),
        source: args.source.clone(),
        confirmed: args.status == Status::Confirmed,
        per_hour: args.per_hour,
        encoding,
        dry_run: args.dry_run,
    };
    let mut rejects = None;
    let bar = bar();
    let began = Instant::now();
    let report = import(&app.context, &order, |refusals, report| {
        if let Some(file) = &args.rejects {
            if rejects.is_none() {
                let go_on = (report.resumed_after > 0).then_some(report.first_row);
                rejects = Some(Rejects::open(file, go_on)?);
            }
            if let Some(rejects) = &mut rejects {
                rejects.write(refusals)?;
            }
        }
        if let Some(bar) = &bar {
            let rate = report.rows as f64 / began.elapsed().as_secs_f64().max(0.001);
            let (rows, added) = (number(report.rows), number(report.added));
            bar.set_message(format!("{rows} rows, {added} added, {rate:.0}/s"));
            bar.tick();
        }
        let said = report.refused.values().sum::<u64>() - refusals.len() as u64;
        for refusal in refusals.iter().take(SAID.saturating_sub(said) as usize) {
            tracing::warn!("row {}: {} ({})", refusal.row, refusal.reason, refusal.code);
        }
        Ok(())
    });
    let report = report.await;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let report = report?;
    if args.rejects.is_some() && rejects.is_none() && report.finished_before_ms.is_none() {
        // Nothing was read: the file is there all the same, with its header alone.
        if let Some(file) = &args.rejects {
            Rejects::open(file, None)?.write(&[])?;
        }
    }
    if args.json {
        output::json(&as_json(&args, &report))?;
    } else {
        say(&args, &report);
    }
    app.close().await;
    // A file of which nothing could be taken is most likely not what was meant.
    let nothing = report.added == 0
        && report.resumed_after == 0
        && report.refused.keys().all(|code| *code != "already");
    Ok(if nothing && report.finished_before_ms.is_none() {
        FAILED
    } else {
        DONE
    })
}

fn bar() -> Option<ProgressBar> {
    io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar
    })
}

/// The file of rows that were not taken.
struct Rejects(csv::Writer<BufWriter<File>>);

impl Rejects {
    /// Begins it, or goes on with it where an import goes on: with this row. A chunk's refusals are written before the chunk is
    /// stored, so those of one that was not stored after all are cut off.
    fn open(file: &Path, go_on: Option<u64>) -> io::Result<Self> {
        let mut options = output::private();
        let go_on =
            go_on.filter(|_| std::fs::metadata(file).is_ok_and(|at| at.is_file() && at.len() > 0));
        if let Some(first_row) = go_on {
            let whole = octets_before(file, first_row)?;
            options.append(true).open(file)?.set_len(whole)?;
        } else {
            options.truncate(true);
        }
        let go_on = go_on.is_some();
        let mut table = csv::Writer::from_writer(BufWriter::new(options.open(file)?));
        if !go_on {
            table.write_record(["row", "column", "code", "reason", "address"])?;
        }
        Ok(Self(table))
    }

    fn write(&mut self, refusals: &[Refusal]) -> io::Result<()> {
        for refusal in refusals {
            let row = refusal.row.to_string();
            let (reason, address) = (marked(&refusal.reason), marked(&refusal.address));
            let cells = [
                row.as_str(),
                refusal.column,
                refusal.code,
                &reason,
                &address,
            ];
            self.0.write_record(cells)?;
        }
        self.0.flush()
    }
}

/// How many octets of a file of refusals are about rows before this one, in whole lines: the last may have been torn.
fn octets_before(file: &Path, first_row: u64) -> io::Result<u64> {
    let mut end = [b'\n'];
    let mut ending = File::open(file)?;
    if ending.seek(SeekFrom::End(-1)).is_ok() {
        ending.read_exact(&mut end)?;
    }
    let torn = end != [b'\n'];
    let mut reader = csv::Reader::from_path(file)?;
    reader.byte_headers()?;
    let mut record = csv::ByteRecord::new();
    let mut last = reader.position().byte();
    loop {
        let at = reader.position().byte();
        if !reader.read_byte_record(&mut record)? {
            return Ok(if torn { last } else { at });
        }
        let row = record
            .get(0)
            .and_then(|cell| std::str::from_utf8(cell).ok());
        let row = row.and_then(|row| row.parse::<u64>().ok());
        if row.is_none_or(|row| row >= first_row) {
            return Ok(at);
        }
        last = at;
    }
}

fn say(args: &ImportArgs, report: &Report) {
    if let Some(ms) = report.finished_before_ms {
        output::line(format!(
            "this file was imported into {} on {}: nothing is left to do",
            args.list,
            output::time(ms, &jiff::tz::TimeZone::UTC)
        ));
        return;
    }
    if report.resumed_after > 0 {
        output::line(format!(
            "went on after row {} of the run before",
            number(report.resumed_after)
        ));
    }
    let verb = if args.dry_run {
        "would be added"
    } else {
        "added"
    };
    let refused: u64 = report.refused.values().sum();
    output::line(format!(
        "{} rows read as {}: {} {verb}, {} not taken",
        number(report.rows),
        report.encoding,
        number(report.added),
        number(refused)
    ));
    for (code, count) in &report.refused {
        output::line(format!("  {} {code}", number(*count)));
    }
    if report.slips > 0 {
        output::line(format!(
            "{} of them have a domain that looks like a slip, such as gmial.com; they are taken as they stand",
            number(report.slips)
        ));
    }
    if refused > 0 && args.rejects.is_none() {
        output::line("--rejects FILE writes each of them with its reason");
    }
}

fn as_json(args: &ImportArgs, report: &Report) -> serde_json::Value {
    json!({ "list": args.list, "dry_run": args.dry_run, "encoding": report.encoding, "rows": report.rows, "added": report.added,
        "resumed_after": report.resumed_after, "refused": report.refused, "slips": report.slips,
        "finished_before": report.finished_before_ms.map(stamp) })
}
