//! What is measured, in which order, and against which goals.

use std::time::Duration;

use crate::Result;
use crate::database::{Kind, Site, Size};
use crate::process::{Cost, Sink, SmtpSink, smtp_source};
use crate::table::Table;
use crate::{import, inside, together};

const CONNECTIONS: usize = 10;
const BOTH: [Size; 2] = [Size::Small, Size::Large];

/// Runs every case.
pub fn all(table: &mut Table, quick: bool) -> Result<()> {
    runtime()?.block_on(run(table, quick))
}

/// Runs the imports alone.
pub fn only_imports(table: &mut Table) -> Result<()> {
    runtime()?.block_on(imports(table, false))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    Ok(runtime.enable_all().build()?)
}

async fn run(table: &mut Table, quick: bool) -> Result<()> {
    let (rounds, messages) = if quick { (2, 20_000) } else { (5, 40_000) };
    prepared(table)?;
    signed_up(table)?;
    inside::one_connection(table).await?;
    for size in BOTH {
        for (pipelining, goal) in [(true, 1.1), (false, 0.85)] {
            beside_smtp_sink(table, size, pipelining, goal, rounds, messages).await?;
        }
    }
    for size in BOTH {
        beside_fast_sink(table, size, rounds, messages).await?;
    }
    round_trips(table, messages / 2).await?;
    growth(
        table,
        Kind::Sqlite,
        if quick {
            &[10_000, 100_000]
        } else {
            &[10_000, 100_000, 1_000_000]
        },
    )
    .await?;
    growth(
        table,
        Kind::Postgres,
        if quick { &[10_000] } else { &[10_000, 100_000] },
    )
    .await?;
    together::overtaking(table).await?;
    together::workers(table, quick).await?;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        inside::books(table, kind).await?;
    }
    imports(table, quick).await?;
    Ok(())
}

async fn imports(table: &mut Table, quick: bool) -> Result<()> {
    let most = if quick { 200_000 } else { 1_000_000 };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        import::import(table, kind, &[100_000, most]).await?;
    }
    Ok(())
}

/// What `benches/compose.rs` measured in the same run: lines of name, microseconds, goal and verdict.
fn prepared(table: &mut Table) -> Result<()> {
    let Ok(path) = std::env::var("BENCH_COMPOSE") else {
        return Ok(());
    };
    for line in std::fs::read_to_string(path)?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let Some(name) = fields.first() else {
            continue;
        };
        let unit = if name.contains(", ns") { 1_000.0 } else { 1.0 };
        let micros = |at: usize| {
            fields
                .get(at)
                .and_then(|field| figure(field))
                .map(|figure| figure / unit)
        };
        let name = name.replace(", ns", "").replace(", µs", "");
        match (micros(1), micros(2)) {
            (Some(value), Some(goal)) => {
                table.at_most(name, value, goal, format!("{value:.1} µs"), String::new());
            }
            (Some(value), None) => table.note(name, format!("{value:.1} µs"), String::new()),
            _ => {}
        }
    }
    Ok(())
}

/// What `benches/sign_up` and `benches/gather.rs` measured in the same run: the same lines, and a goal is met as it says.
fn signed_up(table: &mut Table) -> Result<()> {
    let Ok(path) = std::env::var("BENCH_SIGN_UP") else {
        return Ok(());
    };
    for line in std::fs::read_to_string(path)?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, value, goal, verdict] = fields[..] else {
            continue;
        };
        let ours = value.to_owned();
        match (figure(value), figure(goal)) {
            (Some(value), Some(goal)) if (value >= goal) == (verdict == "met") => {
                table.at_least(name, value, goal, ours, String::new());
            }
            (Some(value), Some(goal)) => table.at_most(name, value, goal, ours, String::new()),
            _ => table.note(name, ours, String::new()),
        }
    }
    Ok(())
}

/// The number that a field begins with.
fn figure(field: &str) -> Option<f64> {
    let from = field.find(|letter: char| letter.is_ascii_digit())?;
    let digits: String = field[from..]
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == '.')
        .collect();
    digits.parse().ok()
}

/// One round of ours: a new site, whose digest goes to this port; and the size of a message.
async fn ours(
    kind: Kind,
    port: u16,
    connections: usize,
    messages: usize,
    size: Size,
) -> Result<Option<Cost>> {
    let Some(site) = Site::prepare(kind, port, connections, messages, size).await? else {
        return Ok(None);
    };
    let cost = site.send()?;
    let sent = site
        .number("SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT) FROM digest_ranges")
        .await?;
    if sent == messages as i64 {
        Ok(Some(cost))
    } else {
        Err(format!("{sent} of {messages} sent").into())
    }
}

/// How many octets a message of a size has on the wire.
async fn octets(size: Size) -> Result<usize> {
    let site = Site::prepare(Kind::Sqlite, 1, 1, 1, size)
        .await?
        .ok_or("no site")?;
    let directory = tempfile::tempdir()?;
    let sink = directory.path().to_str().ok_or("no path")?;
    site.nashra(
        &[
            "digest",
            "run",
            "--as-of",
            "2026-01-05T07:00:00Z",
            "--sink",
            sink,
        ],
        &[0],
    )?;
    let file = std::fs::read_dir(sink)?
        .next()
        .ok_or("no mail was written")??;
    Ok(file.metadata()?.len() as usize)
}

fn rate(messages: usize, wall: Duration) -> f64 {
    messages as f64 / wall.as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len().is_multiple_of(2) {
        f64::midpoint(figures[middle - 1], figures[middle])
    } else {
        figures[middle]
    }
}

async fn beside_smtp_sink(
    table: &mut Table,
    size: Size,
    pipelining: bool,
    goal: f64,
    rounds: usize,
    messages: usize,
) -> Result<()> {
    let octets = octets(size).await?;
    let how = if pipelining {
        "PIPELINING"
    } else {
        "no PIPELINING"
    };
    let case = format!(
        "end to end, smtp-sink, {} ({octets} octets), {how}",
        size.name()
    );
    let (mut ratios, mut rates, mut rivals) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let Some(sink) = SmtpSink::start(pipelining)? else {
            table.at_least(
                case,
                0.0,
                goal,
                "skipped".to_owned(),
                "smtp-sink is not installed".to_owned(),
            );
            return Ok(());
        };
        let rival = smtp_source(sink.port, CONNECTIONS, messages, octets)?
            .ok_or("smtp-source is not installed")?;
        let cost = ours(Kind::Sqlite, sink.port, CONNECTIONS, messages, size)
            .await?
            .ok_or("no site")?;
        ratios.push(rival.wall.as_secs_f64() / cost.wall.as_secs_f64());
        rates.push(rate(messages, cost.wall));
        rivals.push(rate(messages, rival.wall));
    }
    let (ours, beside) = (median(rates), median(rivals));
    table.at_least(
        case,
        median(ratios),
        goal,
        format!("{ours:.0}/s"),
        format!("smtp-source {beside:.0}/s"),
    );
    Ok(())
}

async fn beside_fast_sink(
    table: &mut Table,
    size: Size,
    rounds: usize,
    messages: usize,
) -> Result<()> {
    let octets = octets(size).await?;
    let (mut ratios, mut rates, mut rivals) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cpu, mut rivals_cpu) = (Vec::new(), Vec::new());
    let micros = |cost: &Cost| cost.cpu.as_secs_f64() * 1e6 / messages as f64;
    for _ in 0..rounds {
        let mut sink = Sink::start(0, true)?;
        let rival = smtp_source(sink.port, CONNECTIONS, messages, octets)?;
        sink.taken()?;
        let cost = ours(Kind::Sqlite, sink.port, CONNECTIONS, messages, size)
            .await?
            .ok_or("no site")?;
        if sink.taken()? != messages as u64 {
            return Err("the sink counted another number of messages".into());
        }
        if let Some(rival) = rival {
            ratios.push(rival.wall.as_secs_f64() / cost.wall.as_secs_f64());
            rivals.push(rate(messages, rival.wall));
            rivals_cpu.push(micros(&rival));
        }
        rates.push(rate(messages, cost.wall));
        cpu.push(micros(&cost));
    }
    let name = size.name();
    let (ratio, beside, beside_cpu) = if ratios.is_empty() {
        (0.0, 0.0, 0.0)
    } else {
        (median(ratios), median(rivals), median(rivals_cpu))
    };
    let ours = format!("{:.0}/s", median(rates));
    let beside = format!("smtp-source {beside:.0}/s");
    let case = format!("end to end, fast sink, {name} ({octets} octets)");
    match size {
        Size::Small => table.at_least(case, ratio, 2.0, ours, beside),
        Size::Large => table.note(case, ours, format!("{beside}, ratio {ratio:.2}")),
    }
    let cpu = median(cpu);
    let goal = if size == Size::Small { 20.0 } else { 40.0 };
    table.at_most(
        format!("client CPU a message, fast sink, {name}"),
        cpu,
        goal,
        format!("{cpu:.1} µs"),
        format!("smtp-source {beside_cpu:.1} µs"),
    );
    Ok(())
}

async fn round_trips(table: &mut Table, messages: usize) -> Result<()> {
    const LATENCY_MS: u64 = 20;
    const MANY: usize = 50;
    let sink = Sink::start(LATENCY_MS, true)?;
    let cost = ours(Kind::Sqlite, sink.port, MANY, messages, Size::Small)
        .await?
        .ok_or("no site")?;
    let trips =
        cost.wall.as_secs_f64() * MANY as f64 / messages as f64 / (LATENCY_MS as f64 / 1_000.0);
    let rival = smtp_source(sink.port, MANY, messages / 5, 20_000)?;
    let beside = rival.map_or_else(String::new, |rival| {
        format!("smtp-source {:.0}/s", rate(messages / 5, rival.wall))
    });
    let ours = format!("{:.0}/s", rate(messages, cost.wall));
    table.at_most(
        "round trips a message, sink 20 ms away, 50 connections",
        trips,
        1.2,
        ours,
        beside,
    );
    Ok(())
}

/// Memory and time a message as lists grow.
async fn growth(table: &mut Table, kind: Kind, sizes: &[usize]) -> Result<()> {
    let mut grown = Vec::new();
    for readers in sizes {
        let sink = Sink::start(0, true)?;
        let case = format!("{readers} readers on {kind:?}, fast sink, 20 KB: peak memory");
        let Some(cost) = ours(kind, sink.port, CONNECTIONS, *readers, Size::Small).await? else {
            table.at_least(
                case,
                0.0,
                1.0,
                "skipped".to_owned(),
                "BENCH_POSTGRES_URL is not set".to_owned(),
            );
            return Ok(());
        };
        let peak = cost.peak as f64 / 1e6;
        let each = cost.wall.as_secs_f64() * 1e6 / *readers as f64;
        grown.push((peak, each));
        table.at_most(
            case,
            peak,
            64.0,
            format!("{peak:.0} MB"),
            format!("{each:.1} µs a message, {:.0}/s", rate(*readers, cost.wall)),
        );
    }
    // Flat: a list a hundred times as long takes no more memory, and no more time for each message.
    if let [(peak, each), .., (last_peak, last_each)] = grown[..] {
        let name = |what: &str| format!("the longest list beside the shortest on {kind:?}: {what}");
        let (peaks, times) = (last_peak / peak, last_each / each);
        table.at_most(
            name("memory"),
            peaks,
            1.25,
            format!("{peaks:.2} times"),
            String::new(),
        );
        table.at_most(
            name("time a message"),
            times,
            1.25,
            format!("{times:.2} times"),
            String::new(),
        );
    }
    Ok(())
}
