//! `nashra subscriber import`: rows a second and memory, as files grow.

use std::io::{BufWriter, Write as _};

use crate::Result;
use crate::database::{Kind, Site, Size};
use crate::table::Table;

/// Imports files of these sizes, each into a new database.
pub async fn import(table: &mut Table, kind: Kind, sizes: &[usize]) -> Result<()> {
    const GOAL: f64 = 100_000.0;
    let mut peaks = Vec::new();
    for rows in sizes {
        let case = format!("import of {rows} rows on {kind:?}");
        let Some(site) = Site::prepare(kind, 1, 1, 0, Size::Small).await? else {
            table.at_least(
                case,
                0.0,
                GOAL,
                "skipped".to_owned(),
                "BENCH_POSTGRES_URL is not set".to_owned(),
            );
            return Ok(());
        };
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("readers.csv");
        write(&path, *rows)?;
        let file = path.to_str().ok_or("no path")?;
        let source = ["--source", "the old site's form"];
        let command = ["subscriber", "import", file, "--list", "weekly"];
        let confirmed = "SELECT COUNT(*) FROM subscriptions WHERE status = 'confirmed'";
        let before = site.number(confirmed).await?;
        let cost = site.nashra(&[&command[..], &source[..]].concat(), &[0])?;
        let added = site.number(confirmed).await? - before;
        if added != *rows as i64 {
            return Err(format!("{added} of {rows} rows imported").into());
        }
        let peak = cost.peak as f64 / 1e6;
        peaks.push(peak);
        let rate = *rows as f64 / cost.wall.as_secs_f64();
        let (ours, beside) = (format!("{rate:.0}/s"), format!("peak memory {peak:.0} MB"));
        // A short file measures how long the program takes to start; the goal is the long one's, on SQLite.
        if *rows == 1_000_000 && kind == Kind::Sqlite {
            table.at_least(case, rate, GOAL, ours, beside);
        } else {
            table.note(case, ours, beside);
        }
    }
    if let [first, .., last] = peaks[..] {
        let times = last / first;
        table.at_most(
            format!("the longest import beside the shortest on {kind:?}: memory"),
            times,
            1.25,
            format!("{times:.2} times"),
            String::new(),
        );
    }
    Ok(())
}

/// A file of readers in no order at all, as the index of addresses likes it least.
fn write(path: &std::path::Path, rows: usize) -> Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "email,name,confirmed_at")?;
    for n in 0..rows as u64 {
        // A multiplication by an odd number visits every value once.
        let name = (n as u32).wrapping_mul(2_654_435_761);
        let (domain, day) = (n % 97, n % 28 + 1);
        writeln!(
            file,
            "reader.{name:08x}@mail{domain}.example.org,ليلى حداد,2024-05-{day:02}"
        )?;
    }
    Ok(file.flush()?)
}
