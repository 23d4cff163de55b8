//! What several processes do together: workers that share a digest, and a confirmation that overtakes one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nashra::app::App;
use nashra::clock::Clock;
use nashra::service::{compose, publish};

use crate::Result;
use crate::database::{Kind, MONDAY, Site, Size};
use crate::process::Sink;
use crate::table::Table;

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_mins(3);

/// A child that is killed when this value goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(site: &Site, arguments: &[&str]) -> Result<Running> {
    let mut command = site.command(arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(Running(command.spawn()?))
}

/// Composes the digest and freezes its recipients; nothing is sent.
async fn freeze(site: &Site) -> Result<()> {
    let config = nashra::config::parse(&site.configuration()?, std::iter::empty())?;
    let app = App::open(config, Clock::manual(MONDAY)).await?;
    let list = app.context.list("weekly").ok_or("the list")?;
    compose::compose(&app.context, list, MONDAY, false).await?;
    publish::publish(&app.context).await?;
    app.close().await;
    Ok(())
}

/// Waits until a count is reached.
async fn until(site: &Site, sql: &str, count: i64) -> Result<()> {
    let end = Instant::now() + LIMIT;
    while site.number(sql).await? < count {
        if Instant::now() > end {
            return Err(format!("{sql}: not {count} in time").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// One, two and four workers on one PostgreSQL, each with ten connections to a sink that is 20 ms away: what is waited for there is
/// not this machine's processor, so more workers should be as many times faster.
pub async fn workers(table: &mut Table, quick: bool) -> Result<()> {
    const SENT: &str = "SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT) FROM digest_ranges";
    let each = if quick { 4_000 } else { 10_000 };
    let mut alone = 0.0;
    for workers in [1, 2, 4] {
        let sink = Sink::start(20, true)?;
        let readers = each * workers;
        let case = format!("{workers} workers on one PostgreSQL, sink 20 ms away");
        let Some(site) = Site::prepare(Kind::Postgres, sink.port, 10, readers, Size::Small).await?
        else {
            table.at_least(
                case,
                0.0,
                1.0,
                "skipped".to_owned(),
                "BENCH_POSTGRES_URL is not set".to_owned(),
            );
            return Ok(());
        };
        freeze(&site).await?;
        let running: Vec<Running> = (0..workers)
            .map(|_| start(&site, &["serve", "--role", "worker"]))
            .collect::<Result<_>>()?;
        // From the first mails on: what it takes to start is not what is asked.
        until(&site, SENT, readers as i64 / 10).await?;
        let (from, began) = (site.number(SENT).await?, Instant::now());
        until(&site, SENT, readers as i64 * 9 / 10).await?;
        let rate = (site.number(SENT).await? - from) as f64 / began.elapsed().as_secs_f64();
        drop(running);
        if workers == 1 {
            alone = rate;
            table.note(case, format!("{rate:.0}/s"), String::new());
        } else {
            let times = rate / alone;
            let goal = 0.8 * workers as f64;
            table.at_least(
                case,
                times,
                goal,
                format!("{rate:.0}/s"),
                format!("{times:.2} times one"),
            );
        }
    }
    Ok(())
}

/// A sign-up while a digest is being sent: how long until its confirmation is with the relay.
pub async fn overtaking(table: &mut Table) -> Result<()> {
    const READERS: usize = 200_000;
    const OVERTAKEN: i64 = 20;
    const LEFT: &str = "SELECT COUNT(*) FROM deliveries WHERE status = 'sent'";
    const LONGEST: &str = "SELECT MAX(done_ms - created_ms) FROM deliveries WHERE status = 'sent'";
    let sink = Sink::start(0, true)?;
    let site = Site::prepare(Kind::Sqlite, sink.port, 10, READERS, Size::Small)
        .await?
        .ok_or("no site")?;
    freeze(&site).await?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let _serving = start(&site, &["serve", "--listen", &format!("127.0.0.1:{port}")])?;
    until(
        &site,
        "SELECT COUNT(*) FROM digest_ranges WHERE sent > 0",
        1,
    )
    .await?;
    for reader in 0..OVERTAKEN {
        sign_up(port, reader)?;
        until(&site, LEFT, reader + 1).await?;
    }
    let sending = site
        .number("SELECT COUNT(*) FROM digests WHERE status = 'sending'")
        .await?;
    if sending != 1 {
        return Err("the digest was over before the confirmations".into());
    }
    let longest = site.number(LONGEST).await? as f64 / 1_000.0;
    table.at_most(
        "confirmation while a digest is sent, longest of 20, seconds",
        longest,
        2.0,
        format!("{longest:.2} s"),
        String::new(),
    );
    Ok(())
}

fn sign_up(port: u16, reader: i64) -> Result<()> {
    let body = format!("email=new{reader}%40example.net");
    let end = Instant::now() + LIMIT;
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > end => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    write!(
        stream,
        "POST /subscribe/weekly HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 303") {
        Ok(())
    } else {
        Err(format!(
            "the form was refused: {}",
            answer.lines().next().unwrap_or_default()
        )
        .into())
    }
}
