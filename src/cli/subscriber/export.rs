//! `nashra subscriber export`: one reader's data as JSON, or a list's readers as CSV or JSON.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Found, find};
use crate::app::App;
use crate::cli::output::{private, stamp};
use crate::cli::{DONE, Where};
use crate::domain::address::EmailAddress;
use crate::domain::spreadsheet::marked;
use crate::service::export;
use crate::store::{self, roster::Entry};

/// How many readers are read at a time.
const PAGE: i64 = 5_000;
/// The columns of the CSV file.
const COLUMNS: [&str; 8] = [
    "email",
    "name",
    "status",
    "since",
    "changed",
    "confirmed_at",
    "source",
    "language",
];

/// Write all that is kept of one reader as JSON, or the readers of a list as CSV
#[derive(Debug, Args)]
#[command(
    after_help = "CSV: email, name, status, since, changed, confirmed_at, source, language; times in UTC. A cell that a spreadsheet would run\n\
    has an apostrophe in front, which `subscriber import` takes off again.\n\
    Example: nashra subscriber export reader@example.org --output reader.json\n\
    \x20        nashra subscriber export --list weekly --status confirmed > readers.csv"
)]
pub struct ExportArgs {
    /// The address of one reader
    #[arg(required_unless_present = "list", conflicts_with = "list")]
    address: Option<String>,
    /// All readers of this list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Of the list, only those that stand so
    #[arg(long, value_enum, requires = "list")]
    status: Option<Status>,
    /// Begin CSV with a byte order mark, for spreadsheets that take UTF-8 for something else
    #[arg(long, requires = "list")]
    bom: bool,
    /// Write here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write JSON: of a list one object on each line, instead of CSV; of one reader it is JSON always
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    /// Signed up, not confirmed
    Pending,
    /// Gets digests
    Confirmed,
    /// Left
    Unsubscribed,
}

pub async fn run(at: &Where, args: ExportArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let code = match (&args.address, &args.list) {
        (Some(address), _) => {
            let address = EmailAddress::parse(address)?;
            match find(&app, &address).await? {
                Found::Subscriber(_) | Found::Suppressed { .. } => {
                    let value = export::of_address(&app.context, &address).await?;
                    let mut out = open(args.output.as_ref())?;
                    serde_json::to_writer_pretty(&mut out, &value)?;
                    writeln!(out)?;
                    out.flush()?;
                    DONE
                }
                found => anyhow::bail!("{}", found.nobody()),
            }
        }
        (None, Some(slug)) => {
            let list = app.list(slug)?.id;
            match write_list(&app, list, &args).await {
                // A reader that went away (`| head`) is no error.
                Err(error) if is_broken_pipe(&error) => {}
                result => result?,
            }
            DONE
        }
        (None, None) => anyhow::bail!("name an address, or a list with --list"),
    };
    app.close().await;
    Ok(code)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let of_csv = error.downcast_ref::<csv::Error>().map(csv::Error::kind);
    let of_csv = of_csv.and_then(|kind| match kind {
        csv::ErrorKind::Io(error) => Some(error.kind()),
        _ => None,
    });
    let kind = of_csv.or_else(|| error.downcast_ref::<io::Error>().map(io::Error::kind));
    kind == Some(io::ErrorKind::BrokenPipe)
}

fn open(file: Option<&PathBuf>) -> anyhow::Result<Box<dyn Write>> {
    Ok(match file {
        None => Box::new(BufWriter::new(io::stdout())),
        Some(path) => {
            let file = private().truncate(true).open(path);
            let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
            Box::new(BufWriter::new(file))
        }
    })
}

async fn write_list(app: &App, list_id: i64, args: &ExportArgs) -> anyhow::Result<()> {
    let status = args.status.and_then(|status| status.to_possible_value());
    let status = status.as_ref().map(clap::builder::PossibleValue::get_name);
    let as_json = args.json;
    let mut out = open(args.output.as_ref())?;
    if args.bom && !as_json {
        out.write_all("\u{feff}".as_bytes())?;
    }
    if !as_json {
        write_row(&mut out, &COLUMNS.map(str::to_owned))?;
    }
    let mut after = 0;
    loop {
        // A transaction for each page: a long one would keep SQLite from folding its log.
        let mut tx = app.context.database.read().await?;
        let page = store::roster::page(&mut tx, list_id, status, after, PAGE).await?;
        drop(tx);
        let Some(last) = page.last() else {
            break;
        };
        after = last.subscriber_id;
        for entry in page {
            if as_json {
                serde_json::to_writer(&mut out, &as_object(&entry))?;
                writeln!(out)?;
            } else {
                write_row(&mut out, &cells(&entry))?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn write_row(out: &mut impl Write, cells: &[String; 8]) -> anyhow::Result<()> {
    let mut row = csv::Writer::from_writer(out);
    row.write_record(cells)?;
    row.flush()?;
    Ok(())
}

fn as_object(entry: &Entry) -> serde_json::Value {
    json!({ "email": entry.email, "name": entry.name, "status": entry.status, "since": stamp(entry.created_ms),
        "changed": stamp(entry.changed_ms), "confirmed_at": entry.confirmed_ms.map(stamp), "source": entry.source,
        "language": entry.language })
}

fn cells(entry: &Entry) -> [String; 8] {
    [
        marked(&entry.email),
        marked(entry.name.as_deref().unwrap_or_default()),
        entry.status.clone(),
        stamp(entry.created_ms),
        stamp(entry.changed_ms),
        entry.confirmed_ms.map(stamp).unwrap_or_default(),
        marked(entry.source.as_deref().unwrap_or_default()),
        marked(entry.language.as_deref().unwrap_or_default()),
    ]
}
