//! What is measured inside the process: the wire alone, and the books alone (freezing, leasing, recording) without a wire.

use std::time::{Duration, Instant};

use nashra::app::App;
use nashra::clock::Clock;
use nashra::domain::delivery::Outcome;
use nashra::mail::smtp::{Connector, Relay, Timeouts, TlsMode};
use nashra::service::deliver::{self, Records};
use nashra::service::lease::WorkerLease;
use nashra::service::{compose, publish};

use crate::Result;
use crate::database::{Kind, MONDAY, Site, Size};
use crate::process::Sink;
use crate::table::Table;

/// One connection into a loopback sink: what is left of it when Nagle's algorithm meets delayed ACKs is 22 a second.
pub async fn one_connection(table: &mut Table) -> Result<()> {
    const MESSAGES: u32 = 3_000;
    for (octets, name) in [(1_024, "1 KB"), (20 * 1_024, "20 KB")] {
        let sink = Sink::start(0, true)?;
        let relay = Relay {
            host: "127.0.0.1".to_owned(),
            port: sink.port,
            tls: TlsMode::None,
            credentials: None,
            helo: "bench.example".into(),
            timeouts: Timeouts::default(),
            ca_file: None,
        };
        let mut connection = Connector::new(relay)?.connect().await?;
        let line = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx\r\n";
        let body = line.repeat(octets / line.len());
        let began = Instant::now();
        for number in 0..MESSAGES {
            let to = format!("reader{number}@example.org");
            let mail = format!("Subject: {number}\r\nTo: {to}\r\n\r\n{body}");
            let outcome = connection
                .send("news@example.org", &to, mail.as_bytes())
                .await;
            if !matches!(outcome, Outcome::Sent { .. }) {
                return Err(format!("{outcome:?}").into());
            }
        }
        let rate = f64::from(MESSAGES) / began.elapsed().as_secs_f64();
        connection.quit().await;
        table.at_least(
            format!("one connection, {name}, fast sink"),
            rate,
            1_000.0,
            format!("{rate:.0}/s"),
            String::new(),
        );
    }
    Ok(())
}

/// A million recipients: frozen, leased and recorded without being sent; and what they take in the database.
pub async fn books(table: &mut Table, kind: Kind) -> Result<()> {
    const READERS: usize = 1_000_000;
    let Some(site) = Site::prepare(kind, 1, 1, READERS, Size::Small).await? else {
        table.at_least(
            format!("freeze and record on {kind:?}"),
            0.0,
            1.0,
            "skipped".to_owned(),
            "BENCH_POSTGRES_URL is not set".to_owned(),
        );
        return Ok(());
    };
    let config = nashra::config::parse(&site.configuration()?, std::iter::empty())?;
    let app = App::open(config, Clock::manual(MONDAY)).await?;
    let context = &app.context;
    let list = context.list("weekly").ok_or("the list")?;
    compose::compose(context, list, MONDAY, false).await?;
    let before = octets(&site, kind).await?;

    let began = Instant::now();
    let started = publish::publish(context).await?;
    let freeze = began.elapsed().as_secs_f64();
    let frozen: u64 = started.iter().map(|(_, recipients)| recipients).sum();

    let lease = WorkerLease::default();
    lease.renew(context).await?;
    let began = Instant::now();
    let (mut recorded, mut recording) = (0, Duration::ZERO);
    while let Some(mut leased) =
        deliver::lease_range(context, lease.id, 0, &[], context.delivery.batch).await?
    {
        for delivery in &leased.deliveries {
            leased.range.settle(delivery.subscriber_id, Some("main"));
        }
        recorded += leased.deliveries.len();
        let records = Records {
            ranges: vec![(leased.key, leased.range, Vec::new())],
            ..Records::default()
        };
        let recorded_from = Instant::now();
        deliver::record(context, lease.id, &records).await?;
        recording += recorded_from.elapsed();
    }
    let both = recorded as f64 / began.elapsed().as_secs_f64();
    let rate = recorded as f64 / recording.as_secs_f64();
    lease.leave(context).await?;
    publish::finish(context).await?;
    app.close().await;
    if frozen != READERS as u64 || recorded != READERS {
        return Err(format!("{frozen} frozen and {recorded} recorded of {READERS}").into());
    }
    let each = (octets(&site, kind).await? - before) as f64 / READERS as f64;
    let (freeze_goal, each_goal) = match kind {
        Kind::Sqlite => (1.0, 40.0),
        Kind::Postgres => (5.0, 120.0),
    };
    table.at_most(
        format!("freeze 1,000,000 recipients on {kind:?}"),
        freeze,
        freeze_goal,
        format!("{freeze:.2} s"),
        String::new(),
    );
    table.at_least(
        format!("deliveries recorded durably on {kind:?}"),
        rate,
        50_000.0,
        format!("{rate:.0}/s"),
        format!("leased and recorded {both:.0}/s"),
    );
    table.at_most(
        format!("state of a delivery on {kind:?}"),
        each,
        each_goal,
        format!("{each:.1} octets"),
        String::new(),
    );
    Ok(())
}

/// What the database takes.
async fn octets(site: &Site, kind: Kind) -> Result<i64> {
    match kind {
        Kind::Sqlite => {
            site.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            site.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                .await
        }
        Kind::Postgres => {
            let tables = [
                "digest_deliveries",
                "digest_queues",
                "digest_ranges",
                "digest_attempts",
            ];
            let sizes = tables.map(|table| format!("pg_total_relation_size('{table}')"));
            site.number(&format!("SELECT CAST({} AS BIGINT)", sizes.join(" + ")))
                .await
        }
    }
}
