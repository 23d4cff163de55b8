//! Issue 3, point 6: `nashra serve` runs pages and mailer in one process, and keeps the schedule by itself.

use nashra::clock::Clock;
use tokio::time::timeout;

use crate::harness::LIMIT;
use crate::harness::app::{Options, TestApp, article, put_article};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::process::{Running, Signal};
use crate::harness::queue::number;

const DIGESTS: &str = "SELECT COUNT(*) FROM digests WHERE status = 'sent'";

/// The program, and where its pages are.
async fn serving(app: &TestApp, arguments: &[&str]) -> (Running, String) {
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    let mut running = app.nashra(listen.iter().chain(arguments).copied()).spawn();
    let line = running.line("pages are served").await;
    let address = line.split("address=").nth(1).unwrap();
    let url = format!("http://{}", address.split_whitespace().next().unwrap());
    (running, url)
}

async fn stopped(mut running: Running) {
    running.signal(Signal::Term);
    let output = running.finished().await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    assert!(
        !output.stderr.contains('\u{1b}'),
        "no colours outside a terminal"
    );
    assert!(
        !output.stderr.contains("@example.org"),
        "promise 10: {}",
        output.stderr
    );
}

async fn caught(app: &TestApp, mails: usize) {
    let caught = app.catcher.wait_for(mails);
    assert!(
        timeout(LIMIT, caught).await.is_ok(),
        "{} mails",
        app.catcher.accepted()
    );
}

/// Two readers of a list whose last period, whenever that was, is not too late; articles of the last minutes.
async fn due(db: crate::harness::database::TestDb) -> TestApp {
    let options = Options {
        list: "lateness = \"8d\"".to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(2).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let now_ms = Clock::System.now_ms();
    let mut tx = app.app.context.database.write().await.unwrap();
    for n in 1..=3 {
        let article = article(n, now_ms - n * 1_000);
        put_article(&mut tx, (list, "reports"), article, now_ms).await;
    }
    tx.commit().await.unwrap();
    app
}

both_databases!(
    /// A period that passed while nothing ran goes out at the start, once, however often the service starts.
    serve_sends_what_is_due_at_its_start_and_only_once,
    |db| async move {
        let app = due(db).await;
        for (start, mails) in [(1, 3), (2, 4)] {
            let (running, url) = serving(&app, &[]).await;
            // A confirmation that is posted now is the sign that this start has done what it had to.
            if start == 1 {
                caught(&app, 2).await;
            }
            let form = format!("{url}/subscribe/weekly");
            let posted = http::post_form(&form, &[("email", &format!("new{start}@example.org"))]).await;
            assert_eq!(posted.status, 303, "{}", posted.text());
            caught(&app, mails).await;
            stopped(running).await;
        }
        assert_eq!(app.catcher.accepted(), 4, "two digests, two confirmations");
        assert_eq!(number(&app.database(), DIGESTS).await, 1);
        assert_eq!(number(&app.database(), "SELECT COUNT(*) FROM digests").await, 1);
        let rows = app.queue().await;
        assert!(rows.iter().all(|row| row.status == "sent" && row.worker_id.is_none()), "{rows:#?}");
    }
);

both_databases!(
    /// Pages and mailer as two processes on one database: the pages queue, the mailer sends.
    serve_web_and_worker_apart,
    |db| async move {
        let app = TestApp::start(db).await;
        let (web, url) = serving(&app, &["--role", "web"]).await;
        let form = format!("{url}/subscribe/weekly");
        let posted = http::post_form(&form, &[("email", "layla@example.org")]).await;
        assert_eq!(posted.status, 303);
        assert_eq!(app.queue().await[0].status, "queued");
        let worker = app.nashra(["serve", "--role", "worker"]).spawn();
        caught(&app, 1).await;
        stopped(worker).await;
        stopped(web).await;
        assert_eq!(app.queue().await[0].status, "sent");
    }
);

#[tokio::test]
async fn serve_says_when_its_port_is_taken() {
    let app = TestApp::start(crate::harness::database::sqlite().await).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = app.nashra(["serve", "--listen", &address]).run().await;
    assert_eq!(output.code, Some(1), "{output:#?}");
    let sentence =
        format!("cannot listen on {address}: choose another with --listen or [server] listen");
    assert!(output.stderr.contains(&sentence), "{}", output.stderr);
}
