//! How long a hundred feeds of five hundred items each take to be read and stored, over HTTP on loopback; and again when nothing
//! changed, and when the servers say so.
//!
//! Prints a line for each figure: what it is, the value, the goal and whether it is met.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use axum::Router;
use axum::extract::{Path as At, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use nashra::app::App;
use nashra::clock::Clock;
use nashra::service::gather::{self, Occasion};
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FEEDS: usize = 100;
const ITEMS: usize = 500;
/// Seconds.
const GOAL: f64 = 10.0;

fn main() -> ExitCode {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let ran = tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run()));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the server still answers who has the feed already.
#[derive(Clone, Copy)]
struct Site {
    conditional: bool,
}

async fn run() -> Result<()> {
    for (conditional, second) in [
        (false, "the same feeds again, sent in full"),
        (true, "the same feeds again, not modified"),
    ] {
        let directory = tempfile::TempDir::new()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let site = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .route("/{feed}", get(serve))
            .with_state(Site { conditional });
        tokio::spawn(async move { axum::serve(listener, router).await });
        let app = open(directory.path(), &site).await?;
        let first = read(&app, FEEDS * ITEMS).await?;
        if !conditional {
            report("a hundred feeds of five hundred new items, seconds", first);
        }
        report(second, read(&app, 0).await?);
    }
    Ok(())
}

fn report(name: &str, seconds: f64) {
    let word = if seconds <= GOAL { "met" } else { "missed" };
    println!("{name}\t{seconds:.2}\t{GOAL:.0}\t{word}");
}

/// Reads all feeds, which must bring so many new articles; how many seconds it took.
async fn read(app: &App, new: usize) -> Result<f64> {
    let fetcher = app.fetcher()?;
    let began = Instant::now();
    let reports =
        gather::gather(&app.context, &fetcher, &app.context.lists, Occasion::Asked).await?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(error) = reports.iter().find_map(|report| report.error.as_deref()) {
        return Err(error.to_owned().into());
    }
    let found: usize = reports.iter().map(|report| report.new).sum();
    if found != new {
        return Err(format!("{found} new articles instead of {new}").into());
    }
    Ok(seconds)
}

async fn open(directory: &Path, site: &str) -> Result<App> {
    let mut feeds = String::new();
    for feed in 0..FEEDS {
        let _ = write!(feeds, "{{ url = \"{site}/{feed}\" }},");
    }
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
[feeds]
allow_private = true
[[lists]]
slug = "weekly"
name = "النشرة الأسبوعية"
locale = "ar"
schedule = "0 7 * * 1"
zone = "UTC"
sections = [{{ key = "reports", name = "تقارير" }}]
feeds = [{feeds}]
"#,
        directory.display()
    );
    let config = nashra::config::parse(&text, std::iter::empty())?;
    Ok(App::open(config, Clock::System).await?)
}

async fn serve(State(site): State<Site>, At(feed): At<usize>, headers: HeaderMap) -> Response {
    let tag = format!("\"{feed}\"");
    if site.conditional && headers.get(header::IF_NONE_MATCH).is_some() {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "application/rss+xml".to_owned()),
        (header::ETAG, tag),
    ];
    (headers, rss(feed)).into_response()
}

/// A feed as a news site has it: a title, a lead with some markup, a picture, categories, a date.
fn rss(feed: usize) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Marfa {feed}</title>\
         <link>https://marfa.example/</link><description>أخبار المدينة</description>"
    );
    for item in 0..ITEMS {
        let _ = write!(
            text,
            "<item><title>مجلس المدينة يقر خطة المرفأ رقم {item} بعد نقاش طويل</title>\
             <link>https://marfa.example/{feed}/{item}</link><guid>https://marfa.example/{feed}/{item}</guid>\
             <category>تقارير</category><pubDate>Mon, 05 Jan 2026 06:{:02}:{:02} GMT</pubDate>\
             <enclosure url=\"https://marfa.example/{feed}/{item}.jpg\" type=\"image/jpeg\" length=\"1000\"/>\
             <description><![CDATA[<p>قال رئيس <b>المجلس</b> إن الخطة تبدأ في الربيع، وإن الأهالي \
             <a href=\"https://marfa.example/consult\">سيستشارون</a> قبل كل مرحلة من مراحلها الثلاث.</p>]]></description></item>",
            item / 60 % 60,
            item % 60
        );
    }
    text.push_str("</channel></rss>");
    text
}
