//! How fast mails leave: one connection to a loopback sink, and the whole engine from the queue to the recorded result.
//!
//! Prints one table; `script/bench` runs it and adds the rival. Every message is personal and, in the engine cases, every result
//! is durable (SQLite, `synchronous=FULL`). Rates are medians of several rounds in one run.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its table"
)]

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use nashra::app::App;
use nashra::catcher::{Catcher, CatcherConfig};
use nashra::clock::Clock;
use nashra::domain::address::EmailAddress;
use nashra::domain::article::{NewArticle, SafeHtml};
use nashra::domain::delivery::Outcome;
use nashra::mail::smtp::{Connector, Relay, Timeouts, TlsMode};
use nashra::service::{compose, publish};
use nashra::store;
use nashra::worker::{Sender, Until};
use tokio_util::sync::CancellationToken;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A Monday, 07:00 UTC.
const MONDAY: i64 = 1_767_596_400_000;
const ROUNDS: usize = 3;
/// The goal of one connection: what is left of it when Nagle's algorithm meets delayed ACKs is 22 a second.
const GOAL: f64 = 1_000.0;

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run()))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let check = std::env::args().any(|argument| argument == "--check");
    let catcher = sink().await?;
    let mut lines = Vec::new();
    for (size, name) in [(1_024, "1 KB"), (20 * 1_024, "20 KB")] {
        let rate = median(ROUNDS, async || {
            wire(catcher.smtp_addr(), 2_000, size).await
        })
        .await?;
        lines.push((format!("one connection, {name}, our sink"), rate, true));
    }
    if let Some(address) = std::env::var("SMTP_SINK")
        .ok()
        .and_then(|text| text.parse().ok())
    {
        let rate = median(ROUNDS, async || wire(address, 2_000, 1_024).await).await?;
        lines.push(("one connection, 1 KB, smtp-sink".to_owned(), rate, true));
    }
    for connections in [1, 10] {
        let rate = median(ROUNDS, async || engine(&catcher, connections, 3_000).await).await?;
        let name =
            format!("queue to recorded result, 13-article digest, {connections} connections");
        lines.push((name, rate, false));
    }
    println!("{:<66} {:>10} {:>14}", "case", "msgs/s", "of goal 1,000");
    let mut met = 0;
    for (name, rate, has_goal) in &lines {
        let ratio = if *has_goal {
            format!("{:.1}x", rate / GOAL)
        } else {
            String::new()
        };
        met += usize::from(*has_goal && *rate >= GOAL);
        println!("{name:<66} {rate:>10.0} {ratio:>14}");
    }
    let goals = lines.iter().filter(|(_, _, has_goal)| *has_goal).count();
    println!("goals met: {met} of {goals}");
    catcher.stop().await;
    if check && met < goals {
        Err("a goal is missed".into())
    } else {
        Ok(())
    }
}

async fn median(rounds: usize, round: impl AsyncFn() -> Result<f64>) -> Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..rounds {
        rates.push(round().await?);
    }
    rates.sort_by(f64::total_cmp);
    Ok(rates[rounds / 2])
}

async fn sink() -> Result<Catcher> {
    let mut config = CatcherConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)), || 0);
    config.max_messages = 10;
    Ok(Catcher::start(config).await?)
}

/// Messages a second over one connection of ours.
async fn wire(address: SocketAddr, messages: u32, size: usize) -> Result<f64> {
    let relay = Relay {
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        credentials: None,
        helo: "bench.example".into(),
        timeouts: Timeouts::default(),
        ca_file: None,
    };
    let mut connection = Connector::new(relay)?.connect().await?;
    let line = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx\r\n";
    let body = line.repeat(size / line.len());
    let began = Instant::now();
    for number in 0..messages {
        let to = format!("reader{number}@example.org");
        let mail = format!("Subject: {number}\r\nTo: {to}\r\n\r\n{body}");
        let outcome = connection
            .send("news@example.org", &to, mail.as_bytes())
            .await;
        if !matches!(outcome, Outcome::Sent { .. }) {
            return Err(format!("{outcome:?}").into());
        }
    }
    let rate = f64::from(messages) / began.elapsed().as_secs_f64();
    connection.quit().await;
    Ok(rate)
}

/// Messages a second from a frozen digest to recorded results.
async fn engine(catcher: &Catcher, connections: usize, readers: usize) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let text = format!(
        r#"
[site]
name = "المرفأ"
[database]
url = "sqlite:{path}/bench.db"
[secrets]
key_file = "{path}/secret.key"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
messages_per_connection = 100000
[mail]
from = "news@marfa.example"
[[lists]]
slug = "weekly"
name = "النشرة الأسبوعية"
locale = "ar"
sections = [{{ key = "reports", name = "تقارير", limit = 13 }}]
"#,
        path = directory.path().display(),
        port = catcher.smtp_addr().port(),
    );
    let app = App::open(
        nashra::config::parse(&text, std::iter::empty())?,
        Clock::manual(MONDAY),
    )
    .await?;
    let context = &app.context;
    let list = context.list("weekly").ok_or("the list")?;
    fill(context, list.id, readers).await?;
    compose::compose(context, list, MONDAY, false).await?;
    publish::publish(context).await?;
    let sender = Sender::new(
        context.clone(),
        Arc::new(app.transport(None)?),
        Until::Drained,
    );
    let progress = sender.progress();
    let began = Instant::now();
    if let Some(fault) = sender.run(CancellationToken::new()).await? {
        return Err(fault.into());
    }
    let rate = readers as f64 / began.elapsed().as_secs_f64();
    let sent = progress.sent.load(Ordering::Relaxed);
    app.close().await;
    if sent == readers as u64 {
        Ok(rate)
    } else {
        Err(format!("{sent} of {readers} sent").into())
    }
}

async fn fill(context: &nashra::service::Context, list: i64, readers: usize) -> Result<()> {
    let mut tx = context.database.write().await?;
    for number in 0..readers {
        let address = EmailAddress::parse(&format!("reader{number}@example.org"))?;
        let id = store::subscriber::ensure(&mut tx, &address, MONDAY).await?;
        store::subscription::set_pending(&mut tx, list, id, Some("ليلى"), MONDAY).await?;
        store::subscription::confirm(&mut tx, list, id, MONDAY).await?;
    }
    let words = "عادت المراكب الخشبية إلى الرصيف الشرقي، وافتتحت البلدية ممشى بطول كيلومترين وسوقاً للصيادين. ".repeat(3);
    for number in 1..=13 {
        let article = NewArticle {
            guid: Some(format!("{number}")),
            url: format!("https://marfa.example/{number}"),
            title: format!("الميناء القديم يفتح أرصفته للزوار بعد ترميم استغرق {number} سنوات"),
            summary_html: SafeHtml::from_sanitised(words.clone()),
            summary_text: words.clone(),
            source: Some("المرفأ – وكالات".into()),
            author: None,
            categories: Vec::new(),
            image: None,
            published_ms: Some(MONDAY - number * 3_600_000),
        };
        let (id, _) = store::article::upsert(&mut tx, &article, MONDAY).await?;
        store::article::place(&mut tx, list, id, "reports").await?;
    }
    tx.commit().await?;
    Ok(())
}
