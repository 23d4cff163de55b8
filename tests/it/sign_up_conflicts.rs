//! What stands in a sign-up's way: another transaction, a network that sends too much, a domain that nobody should be asked about.

use std::time::Duration;

use nashra::domain::subscription::ConsentMethod;
use nashra::service::control;
use nashra::service::erase::{self, Whom};
use nashra::service::purge;
use nashra::store;
use reqwest::Method;

use crate::form::{JSON, URLENCODED, body};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{both_databases, postgres};
use crate::harness::dns::{NameServer, Says};
use crate::harness::http;
use crate::harness::process::{Program, Signal};
use crate::harness::queue::{execute, number, turn};
use crate::sign_up_limits::app;

/// The first three writes fail as a transaction does that stood in another's way. A sequence does not roll back.
const CONFLICTS: &str = "CREATE SEQUENCE conflicts;
    CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('conflicts') <= 3 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '{state}'; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER conflict BEFORE {what} FOR EACH STATEMENT EXECUTE FUNCTION conflict()";

async fn conflicts(app: &TestApp, code: &str, what: &str) {
    let sql = CONFLICTS.replace("{state}", code).replace("{what}", what);
    execute(&app.database(), &sql).await;
}

/// The same for an erasure and for a digest that is taken back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_and_a_cancellation_that_the_database_undid_are_done_again() {
    let Some(db) = postgres().await else { return };
    let app = TestApp::start(db).await;
    app.confirmed("layla@example.org").await;
    app.articles(1).await;
    let digest = app.publish().await;
    conflicts(&app, "40P01", "UPDATE ON digests").await;
    let cancelled = control::cancel(&app.app.context, digest).await;
    assert!(cancelled.unwrap());
    execute(
        &app.database(),
        "DROP TRIGGER conflict ON digests; DROP FUNCTION conflict; DROP SEQUENCE conflicts",
    )
    .await;
    conflicts(&app, "40P01", "INSERT ON erasures").await;
    let whom = Whom::Subscriber(1);
    let erased = erase::erase(&app.app.context, whom, ConsentMethod::Cli).await;
    assert!(erased.unwrap().subscriber);
}

/// Deadlock (40P01) and serialisation failure (40001): the batch is written again, and nobody is told to come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_the_database_undid_is_written_again() {
    for code in ["40P01", "40001"] {
        let Some(db) = postgres().await else { return };
        let app = TestApp::start(db).await;
        conflicts(&app, code, "INSERT ON consents").await;
        let form = format!("{}/subscribe/weekly", app.url);
        let answer = http::post_form(&form, &[("email", "layla@example.org")]).await;
        assert_eq!(answer.status, 303, "{code}: {}", answer.text());
        assert_eq!(
            number(&app.database(), "SELECT last_value FROM conflicts").await,
            4
        );
        assert_eq!(
            number(&app.database(), "SELECT COUNT(*) FROM deliveries").await,
            1
        );
    }
}

const WAITING_TURNS: &str = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND NOT l.granted";

/// Fails where somebody has locked a reader's row.
const UNLOCKED: &str = "BEGIN; SELECT 1 FROM subscriptions FOR UPDATE NOWAIT; SELECT 1 FROM subscribers FOR UPDATE NOWAIT;
    SELECT 1 FROM moves FOR UPDATE NOWAIT; ROLLBACK";

/// Who confirms takes the turn before any row, as sign-ups do: whatever order rows are locked in then, nobody waits in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_takes_its_turn_first() {
    let Some(db) = postgres().await else { return };
    let app = TestApp::start(db).await;
    let form = format!("{}/subscribe/weekly", app.url);
    let posted = http::post_form(&form, &[("email", "layla@example.org")]).await;
    assert_eq!(posted.status, 303);
    app.deliver_pending().await;
    let link = app.confirmation_link("layla@example.org");
    let held = turn(&app.database()).await;
    let pressed = tokio::spawn(async move { http::post_form(&link, &[]).await.status });
    while number(&app.database(), WAITING_TURNS).await == 0 {
        assert!(!pressed.is_finished(), "it did not wait for its turn");
        tokio::task::yield_now().await;
    }
    // While it waits, nobody else waits for it.
    execute(&app.database(), UNLOCKED).await;
    drop(held);
    assert_eq!(pressed.await.unwrap(), 200);
}

/// Purging takes the same turn before any row: a sign-up of what is just being deleted locks the rows in another order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_takes_its_turn_first() {
    let Some(db) = postgres().await else { return };
    let app = TestApp::start(db).await;
    app.confirmed("layla@example.org").await;
    let context = app.app.context.clone();
    let link = context.preferences_url(context.list("weekly").unwrap().id, 1);
    let moves = [("do", "move"), ("email", "new@example.org")];
    let form = format!("{}/subscribe/weekly", app.url);
    for what in ["a sign-up", "a change of address"] {
        let posted = match what {
            "a sign-up" => http::post_form(&form, &[("email", "omar@example.org")]).await,
            _ => http::post_form(&link, &moves).await,
        };
        assert_eq!(posted.status, 303, "{what}");
        app.deliver_pending().await;
        app.advance(Duration::from_hours(24 * 40));
        let held = turn(&app.database()).await;
        let purging = context.clone();
        let purging = tokio::spawn(async move { purge::purge(&purging).await });
        while number(&app.database(), WAITING_TURNS).await == 0 {
            assert!(
                !purging.is_finished(),
                "{what}: it did not wait for its turn"
            );
            tokio::task::yield_now().await;
        }
        execute(&app.database(), UNLOCKED).await;
        drop(held);
        assert_eq!(purging.await.unwrap().unwrap(), 1, "{what}");
    }
}

/// Who confirms a change of address while a digest is being frozen waits without the turn that every sign-up needs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_address_that_waits_holds_up_no_sign_up() {
    let Some(db) = postgres().await else { return };
    let app = TestApp::start(db).await;
    app.confirmed("layla@example.org").await;
    let list = app.app.context.list("weekly").unwrap().id;
    let page = app.app.context.preferences_url(list, 1);
    let asked = http::post_form(&page, &[("do", "move"), ("email", "nour@example.net")]).await;
    assert_eq!(asked.status, 303);
    app.deliver_pending().await;
    let link = app.confirmation_link("nour@example.net");
    let mut freezing = app.app.context.database.write().await.unwrap();
    store::list::lock(&mut freezing, list).await.unwrap();
    let pressed = tokio::spawn(async move { http::post_form(&link, &[]).await.status });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while number(&app.database(), waiting).await == 0 {
        assert!(!pressed.is_finished(), "it did not wait for the list");
        tokio::task::yield_now().await;
    }
    let turns = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.locktype = 'advisory'";
    assert_eq!(number(&app.database(), turns).await, 0);
    drop(freezing);
    assert_eq!(pressed.await.unwrap(), 200);
}

both_databases!(
    /// D7: a network that was refused is refused again without the database: nothing of it takes a place in the queue.
    a_refused_network_waits_for_nobody,
    |db| async move {
        let app = app(db, "per_network = { per_hour = 1, per_day = 0 }", "").await;
        let form = format!("{}/subscribe/weekly", app.url);
        for status in [303, 429] {
            let answer = http::post_form(&form, &[("email", "layla@example.org")]).await;
            assert_eq!(answer.status, status);
        }
        app.advance(Duration::from_secs(10));
        let held = turn(&app.database()).await;
        for address in ["layla@example.org", "new@example.org"] {
            let answer = http::post_form(&form, &[("email", address)]).await;
            assert_eq!((answer.status, answer.header("retry-after")), (429, "3590"));
        }
        drop(held);
        // The database is asked again before long: the limit may have been raised.
        execute(&app.database(), "DELETE FROM throttles").await;
        app.advance(Duration::from_mins(1));
        assert_eq!(http::post_form(&form, &[("email", "new@example.org")]).await.status, 303);
    }
);

both_databases!(
    /// D8: no name server is asked for a program's sake: not for a trapped form, not for one that lacks a step, not for a network that
    /// has had enough.
    nobody_is_asked_about_a_programs_domains,
    |db| async move {
        let server = NameServer::start(true, |domain| {
            if domain.starts_with("gone") { Says::NoDomain } else { Says::Mx }
        }).await;
        let sections = format!(
            "[addresses]\nresolver = \"{}\"\n[sign_up]\nmin_fill = \"2s\"\nper_network = {{ per_hour = 1, per_day = 0 }}",
            server.address
        );
        let app = TestApp::with(db, Options { sections, ..Options::default() }).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let stamp = crate::guard_forms::field(&http::get(&form).await, "stamp");
        let post = async |domain: &str, fields: &[(&str, &str)]| {
            let address = format!("layla@{domain}");
            let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("email", address.as_str())]).collect();
            let request = http::request(Method::POST, &form).header("content-type", URLENCODED).header("accept", JSON);
            let status = http::send(request.body(body(URLENCODED, &fields))).await.status;
            (status, server.questions(domain))
        };
        let stamped = ("stamp", stamp.as_str());
        assert_eq!(post("fast.example", &[stamped]).await, (200, 0));
        app.advance(Duration::from_secs(2));
        assert_eq!(post("trap.example", &[stamped, ("website", "x")]).await, (200, 0));
        assert_eq!(post("step.example", &[]).await, (428, 0));
        assert_eq!(post("gone1.example", &[stamped]).await.0, 422);
        assert_eq!(post("gone2.example", &[stamped]).await.0, 422);
        assert!(server.questions("gone2.example") > 0);
        // As many names as twice the sign-ups of an hour: what is not asked passes, and counts.
        assert_eq!(post("gone3.example", &[stamped]).await, (200, 0));
        assert_eq!(post("good.example", &[stamped]).await, (429, 0));
        assert_eq!(post("good.example", &[stamped]).await, (429, 0));
    }
);

both_databases!(
    /// X9: readers behind a proxy that is not named share its limit; the log says so, once, and what to do.
    a_proxy_that_is_not_named_is_warned_of,
    |db| async move {
        let app = app(db, "per_network = { per_hour = 1, per_day = 0 }", "").await;
        let config = app.config_file();
        let arguments = ["--config", config.to_str().unwrap(), "serve", "--listen", "127.0.0.1:0"];
        let mut server = Program::nashra(arguments).spawn();
        let line = server.line("pages are served").await;
        let port = line.split("127.0.0.1:").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap().to_owned();
        let form = format!("http://127.0.0.1:{port}/subscribe/weekly");
        for status in [303, 429, 429] {
            assert_eq!(http::post_form(&form, &[("email", "layla@example.org")]).await.status, status);
        }
        server.signal(Signal::Term);
        let output = server.finished().await;
        let log = format!("{}{}", output.stdout, output.stderr);
        assert_eq!(log.matches("server.trusted_proxies").count(), 1, "{log}");
    }
);
