//! How many sign-ups a second are durable before their answer, and how many pages are read, over HTTP on loopback.
//!
//! The rival writes one transaction for each request, with the same statements, durability and clients, in the same run; it judges
//! no address and renders no page. Prints a line for each figure: what it is, the value, the goal and whether it is met. Server and
//! clients share the machine's cores.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]

mod rival;
mod states;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nashra::app::App;
use nashra::clock::Clock;
use nashra::web::{self, Web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const CLIENTS: usize = 256;
/// Requests of each client, of ours and of the rival.
const OURS: usize = 150;
const RIVALS: usize = 12;
const GETS: usize = 300;

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a run of clients took.
struct Taken {
    per_second: f64,
    p99_ms: f64,
}

async fn run() -> Result<()> {
    let directory = tempfile::TempDir::new()?;
    let app = open(directory.path()).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let ours = listener.local_addr()?;
    let pages = Web::new(
        app.context.clone(),
        app.trusted_proxies(),
        app.request_timeout(),
    );
    tokio::spawn(web::serve(listener, pages, std::future::pending()));
    let rival = rival::serve(app.context.clone()).await?;

    let naive = clients(rival, RIVALS, |client, n| sign_up("rival", client, n)).await?;
    let grouped = clients(ours, OURS, |client, n| sign_up("ours", client, n)).await?;
    let gets = clients(ours, GETS, |_, _| request("GET", "/subscribe/weekly", "")).await?;
    let ratio = grouped.per_second / naive.per_second;
    println!(
        "one transaction a sign-up, a second\t{:.0}\t-\t-",
        naive.per_second
    );
    println!(
        "one transaction a sign-up, p99 ms\t{:.1}\t-\t-",
        naive.p99_ms
    );
    report("sign-ups a second", grouped.per_second, 10_000.0, true);
    report("sign-ups, p99 ms", grouped.p99_ms, 50.0, false);
    report(
        "sign-ups beside one transaction each, times",
        ratio,
        10.0,
        true,
    );
    report("form pages a second", gets.per_second, 20_000.0, true);
    println!("form pages, p99 ms\t{:.1}\t-\t-", gets.p99_ms);
    states::states(&app.context, ours).await
}

fn report(name: &str, value: f64, goal: f64, more: bool) {
    let met = if more { value >= goal } else { value <= goal };
    let word = if met { "met" } else { "missed" };
    println!("{name}\t{value:.1}\t{goal:.0}\t{word}");
}

async fn open(directory: &Path) -> Result<App> {
    let text = format!(
        r#"
[site]
name = "Marfa"
public_url = "http://127.0.0.1:1"
[database]
url = "sqlite:{0}/nashra.db"
[secrets]
key_file = "{0}/secret.key"
[smtp]
host = "127.0.0.1"
port = 1
tls = "none"
[mail]
from = "news@marfa.example"
[sign_up]
unstamped = "accept"
min_fill = "0s"
per_minute = 0
per_list = 0
per_domain = 0
per_network = {{ per_hour = 0, per_day = 0 }}
[[lists]]
slug = "weekly"
name = "النشرة الأسبوعية"
locale = "ar"
schedule = "0 7 * * 1"
zone = "UTC"
sections = [{{ key = "reports", name = "تقارير" }}]
"#,
        directory.display()
    );
    let config = nashra::config::parse(&text, std::iter::empty())?;
    Ok(App::open(config, Clock::System).await?)
}

fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn sign_up(kind: &str, client: usize, n: usize) -> Vec<u8> {
    let body = format!("email={kind}{client}x{n}%40example.org");
    request("POST", "/subscribe/weekly", &body)
}

/// So many clients at once, each with one connection, one request after the other.
async fn clients(
    at: SocketAddr,
    requests: usize,
    make: impl Fn(usize, usize) -> Vec<u8> + Send + Sync + 'static,
) -> Result<Taken> {
    let make = Arc::new(make);
    let mut connections = Vec::new();
    for _ in 0..CLIENTS {
        connections.push(TcpStream::connect(at).await?);
    }
    let began = Instant::now();
    let mut tasks = Vec::new();
    for (client, mut stream) in connections.into_iter().enumerate() {
        let make = Arc::clone(&make);
        tasks.push(tokio::spawn(async move {
            stream.set_nodelay(true)?;
            let mut took = Vec::with_capacity(requests);
            let mut buffer = vec![0; 64 * 1_024];
            for n in 0..requests {
                took.push(exchange(&mut stream, &make(client, n), &mut buffer).await?);
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(took)
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    let wall = began.elapsed();
    took.sort();
    Ok(Taken {
        per_second: took.len() as f64 / wall.as_secs_f64(),
        p99_ms: took[took.len() * 99 / 100].as_secs_f64() * 1e3,
    })
}

/// Sends a request and reads its answer to the end.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut [u8]) -> Result<Duration> {
    let began = Instant::now();
    stream.write_all(request).await?;
    let mut filled = 0;
    loop {
        let more = stream.read(&mut buffer[filled..]).await?;
        if more == 0 {
            return Err("the server hung up".into());
        }
        filled += more;
        let Some(head) = buffer[..filled]
            .windows(4)
            .position(|end| end == b"\r\n\r\n")
        else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head])?;
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if filled >= head + 4 + length.map_or(Ok(0), str::parse)? {
            if !text.starts_with("HTTP/1.1 200") && !text.starts_with("HTTP/1.1 303") {
                return Err(text.to_owned().into());
            }
            return Ok(began.elapsed());
        }
    }
}
