//! S1, S2, S3, S5, S12: each thing that a relay can do wrong at each step of a session, by Postfix's `smtp-sink`, and the exact
//! state in which it leaves every delivery and the digest.

use tokio::task::JoinSet;

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::sink::Sink;

const READERS: usize = 2;
const STEPS: [&str; 6] = ["connect", "ehlo", "mail", "rcpt", "data", "."];

/// How a delivery is left: status, attempts, code.
type Left = (&'static str, i64, Option<i64>);

/// What a cell of the matrix comes to: each delivery, who holds the digest, the exit code of the run.
struct Cell {
    left: Left,
    paused_by: Option<&'static str>,
    exit: i32,
}

const fn cell(left: Left, paused_by: Option<&'static str>, exit: i32) -> Cell {
    Cell {
        left,
        paused_by,
        exit,
    }
}

/// The relay is at fault and no mail: nothing is held against the deliveries, and the digest waits for a relay.
const RELAY: Cell = cell(("queued", 0, None), Some("relay"), 1);
/// Refused for now: tried again later.
const LATER: Cell = cell(("queued", 1, Some(451)), None, 11);
/// Refused for ever: that reader's delivery ends.
const NEVER: Cell = cell(("failed", 1, Some(554)), None, 0);
/// Closing on this mail alone, twice: the second time it is held against the mail.
const CLOSING: Cell = cell(("queued", 1, Some(421)), None, 11);
/// No answer before the message left, twice: nothing was sent, tried again later.
const LOST: Cell = cell(("queued", 1, None), None, 11);
/// No answer after the message left: it may have arrived, and is not sent again (S12).
const UNKNOWN: Cell = cell(("unknown", 1, None), None, 0);

/// A fault, the options of smtp-sink for it at `STEP`, and what it comes to at each of [`STEPS`].
struct Row {
    options: &'static [&'static str],
    cells: [Cell; 6],
}

const SOFT: Row = Row {
    options: &["-b", "451 4.3.0 later", "-r", "STEP"],
    cells: [RELAY, RELAY, LATER, LATER, LATER, LATER],
};
const HARD: Row = Row {
    options: &["-B", "554 5.3.0 no", "-f", "STEP"],
    // A refused MAIL is a refused sender (V26): no reader's fault.
    cells: [RELAY, RELAY, RELAY, NEVER, NEVER, NEVER],
};
const CLOSES: Row = Row {
    options: &["-Q", "STEP"],
    cells: [RELAY, RELAY, CLOSING, CLOSING, CLOSING, CLOSING],
};
const HANGS_UP: Row = Row {
    options: &["-q", "STEP"],
    cells: [RELAY, RELAY, LOST, LOST, LOST, UNKNOWN],
};
/// Longer than we wait. Without PIPELINING: smtp-sink answers a command that came with a delayed one at once.
const DELAYS: Row = Row {
    options: &["-p", "-W", "STEP:30"],
    cells: [RELAY, RELAY, LOST, LOST, LOST, UNKNOWN],
};

/// Short where a relay is to be waited for in vain.
const TIMEOUTS: &str = r#"
    [smtp.timeouts]
    greeting = "400ms"
    command = "400ms"
    data_init = "400ms"
    final_dot = "400ms"
"#;

/// Plays a row, its steps at the same time, each on a database of its own.
async fn row(db: TestDb, row: &'static Row) {
    let mut steps = JoinSet::new();
    for (step, cell) in STEPS.into_iter().zip(&row.cells) {
        let db = db.another().await;
        steps.spawn(async move { play(db, row.options, step, cell).await });
    }
    steps.join_all().await;
}

async fn play(db: TestDb, options: &[&str], step: &str, cell: &Cell) {
    let options: Vec<String> = options.iter().map(|o| o.replace("STEP", step)).collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let Some(sink) = Sink::start(&options).await else {
        return;
    };
    let sections = if options[0] == "-p" { TIMEOUTS } else { "" };
    let app = TestApp::with(
        db,
        Options {
            sections: sections.to_owned(),
            smtp: "connections = 1".to_owned(),
            ..Options::default()
        },
    )
    .await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    // Where the relay works well enough for each mail to be tried, the run ends by itself.
    let limit = if cell.exit == 1 { "4s" } else { "50s" };
    let run = app.digest_run(["--max-time", limit]);
    let output = run
        .env("NASHRA__SMTP__PORT", sink.port.to_string())
        .run()
        .await;

    let at = format!("{options:?}");
    assert_eq!(output.code, Some(cell.exit), "{at}: {output:#?}");
    assert!(!output.stderr.contains('@'), "promise 10: {output:#?}");
    let rows = app.queue().await;
    assert_eq!(rows.len(), READERS, "{at}");
    for row in &rows {
        let left = (row.status.as_str(), row.attempts, row.code);
        assert_eq!(left, cell.left, "{at}: {row:?}");
        assert_eq!(row.worker_id, None, "{at}: given back");
    }
    let digest = app.digest(rows[0].digest).await;
    let paused_by = digest.paused.as_ref().map(|paused| paused.by.as_str());
    assert_eq!(paused_by, cell.paused_by, "{at}: {digest:?}");
    assert_eq!(
        digest.finished_ms.is_some(),
        cell.exit == 0,
        "{at}: ends when nothing is left of it"
    );
}

both_databases!(
    /// S2: 4xx.
    s2_smtp_sink_refuses_for_now,
    |db| async move { row(db, &SOFT).await; }
);

both_databases!(
    /// S2, V26: 5xx.
    s2_smtp_sink_refuses_for_ever,
    |db| async move { row(db, &HARD).await; }
);

both_databases!(
    /// S3: 421 and the end of the connection.
    s3_smtp_sink_closes,
    |db| async move { row(db, &CLOSES).await; }
);

both_databases!(
    /// S12: the end of the connection without a word.
    s12_smtp_sink_hangs_up,
    |db| async move { row(db, &HANGS_UP).await; }
);

both_databases!(
    /// S1, S12: no answer in time.
    s1_smtp_sink_does_not_answer_in_time,
    |db| async move { row(db, &DELAYS).await; }
);
