//! D7, X9: how many sign-ups one network, address, domain, list and minute may have; kept in the database, exact across processes.

use std::sync::Arc;
use std::time::Duration;

use nashra::domain::address::EmailAddress;
use nashra::domain::sign_up::HoldReason;
use nashra::domain::subscription::ConsentMethod;
use nashra::service::Error;
use nashra::service::sign_up::{Outcome, SignUp, sign_up};
use nashra::store;
use nashra::store::consent::Origin;
use reqwest::Method;

use crate::form::{JSON, URLENCODED, body};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http::{self, Answer};
use crate::harness::queue::number;

const HOUR: Duration = Duration::from_hours(1);

/// The program with these keys of `[sign_up]`, no other limit in the way.
pub async fn app(db: TestDb, sign_up: &str, more: &str) -> TestApp {
    let sections =
        format!("[sign_up]\nunstamped = \"accept\"\nmin_fill = \"0s\"\n{sign_up}\n{more}");
    TestApp::with(
        db,
        Options {
            sections,
            ..Options::default()
        },
    )
    .await
}

/// Posts an address from behind a proxy.
async fn from(app: &TestApp, address: &str, forwarded: &str, accept: &str) -> Answer {
    let form = format!("{}/subscribe/weekly", app.url);
    let request = http::request(Method::POST, &form)
        .header("content-type", URLENCODED)
        .header("accept", accept)
        .header("x-forwarded-for", forwarded)
        .body(body(URLENCODED, &[("email", address)]));
    http::send(request).await
}

async fn post(app: &TestApp, address: &str) -> u16 {
    from(app, address, "", "text/html").await.status
}

both_databases!(
    /// D7: who posts too much is told so and when to come back, as a page and as JSON; nothing of it is kept.
    a_network_has_a_limit_that_says_when_it_ends,
    |db| async move {
        let app = app(db, "per_network = { per_hour = 2, per_day = 3 }", "").await;
        for n in 0..2 {
            assert_eq!(post(&app, &format!("r{n}@example.org")).await, 303);
        }
        app.advance(HOUR / 4);
        let before = app.dump().await;
        let page = from(&app, "late@example.org", "", "text/html").await;
        assert_eq!((page.status, page.header("retry-after")), (429, "2700"));
        assert!(page.text().contains("طلبات كثيرة"), "{}", page.text());
        let json = from(&app, "late@example.org", "", JSON).await;
        assert_eq!((json.status, json.header("retry-after")), (429, "2700"));
        let text = json.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(text.ends_with("أعد إرسال الاستمارة بعد 45 دقيقة."), "{text}");
        // The form's own language counts.
        let form = format!("{}/subscribe/weekly", app.url);
        let english = http::post_form(&form, &[("email", "late@example.org"), ("lang", "en")]).await;
        let html = english.text();
        assert!(english.status == 429 && html.contains("<html lang=\"en\"") && html.contains("again in 45 minutes."), "{html}");
        assert_eq!(app.dump().await, before);
        app.advance(HOUR);
        assert_eq!(post(&app, "late@example.org").await, 303);
        let day = from(&app, "later@example.org", "", "text/html").await;
        assert_eq!(day.status, 429);
        assert_eq!(day.header("retry-after"), (24 * 3600 - 4500).to_string());
    }
);

both_databases!(
    /// X9: a made-up X-Forwarded-For opens no new bucket, and behind a trusted proxy only its own word counts.
    a_spoofed_header_does_not_reset_the_limit,
    |db| async move {
        let app = app(db, "per_network = { per_hour = 2, per_day = 0 }", "").await;
        for (n, status) in [(1, 303), (2, 303), (3, 429), (4, 429)] {
            let answer = from(&app, &format!("r{n}@example.org"), &format!("198.51.100.{n}"), "text/html").await;
            assert_eq!(answer.status, status, "{n}");
        }
    }
);

both_databases!(
    /// X9: behind a trusted proxy each reader counts alone; what the reader wrote to the left of it does not; IPv6 counts by /64.
    behind_a_trusted_proxy_each_network_counts_alone,
    |db| async move {
        let proxy = "[server]\ntrusted_proxies = [\"127.0.0.1\"]";
        let app = app(db, "per_network = { per_hour = 1, per_day = 0 }", proxy).await;
        let steps = [
            ("203.0.113.1", 303),
            ("203.0.113.2", 303),
            ("198.51.100.7, 203.0.113.1", 429),
            ("2001:db8:0:1::1", 303),
            ("2001:db8:0:1:ffff::2", 429),
            ("2001:db8:0:2::1", 303),
        ];
        for (n, (forwarded, status)) in steps.into_iter().enumerate() {
            let answer = from(&app, &format!("r{n}@example.org"), forwarded, "text/html").await;
            assert_eq!(answer.status, status, "{forwarded}");
        }
    }
);

both_databases!(
    /// D7: spellings that reach one mailbox share its limit, also after a restart.
    spellings_of_one_mailbox_share_a_limit,
    |db| async move {
        let app = app(db, "", "").await;
        for address in ["layla.h@gmail.com", "laylah@gmail.com"] {
            assert_eq!(post(&app, address).await, 303);
        }
        // What a new process finds is in the database.
        let text = std::fs::read_to_string(app.config_file()).unwrap();
        let config = nashra::config::parse(&text, std::iter::empty()).unwrap_or_else(|errors| panic!("{errors}"));
        let again = nashra::app::App::open(config, app.clock.clone()).await.unwrap();
        let third = asked(&app, "lay.lah+x@googlemail.com");
        assert_eq!(sign_up(&again.context, third).await.unwrap(), Outcome::Taken);
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 1, "one in ten minutes, whatever the spelling");
    }
);

both_databases!(
    /// D7: what is kept of a limit names no reader.
    buckets_name_no_reader,
    |db| async move {
        let app = app(db, "per_network = { per_hour = 9, per_day = 9 }", "").await;
        assert_eq!(post(&app, "layla@gmail.com").await, 303);
        let dump = app.dump().await;
        let buckets = dump.split("\nthrottles\n").nth(1).unwrap();
        assert!(buckets.contains("address:") && buckets.contains("network:"), "{buckets}");
        let buckets = buckets.split("\nwordings\n").next().unwrap();
        assert!(!buckets.contains("layla") && !buckets.contains("127.0.0.1"), "{buckets}");
    }
);

/// A sign-up for `weekly`.
pub fn asked(app: &TestApp, address: &str) -> SignUp {
    SignUp {
        address: EmailAddress::parse(address).unwrap(),
        lists: vec![Arc::clone(app.app.context.list("weekly").unwrap())],
        name: None,
        method: ConsentMethod::Form,
        origin: Origin::default(),
        wording: Some("what was shown".into()),
        spends: Vec::new(),
        doubts: Vec::new(),
    }
}

both_databases!(
    /// Group commit: one request that cannot be written keeps none of its neighbours from being written.
    a_request_that_fails_fails_alone,
    |db| async move {
        let app = app(db, "", "").await;
        let context = &app.app.context;
        let mut tasks = Vec::new();
        for n in 0..30 {
            let mut asked = asked(&app, &format!("r{n}@example.org"));
            if n == 17 {
                // A list without a row: the database refuses it.
                let mut list = (*asked.lists[0]).clone();
                list.id = 999_999;
                asked.lists = vec![Arc::new(list)];
            }
            let context = context.clone();
            tasks.push(tokio::spawn(async move { sign_up(&context, asked).await }));
        }
        for (n, task) in tasks.into_iter().enumerate() {
            let outcome = task.await.unwrap();
            if n == 17 {
                assert!(matches!(outcome, Err(Error::Store(_))), "{outcome:?}");
            } else {
                assert_eq!(outcome.unwrap(), Outcome::Taken, "{n}");
            }
        }
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 29);
    }
);

both_databases!(
    /// Two processes on one database take the same sign-up at once: one subscriber, one mail; the limits of the second count the first.
    processes_count_together,
    |db| async move {
        let app = app(db, "per_list = 12", "").await;
        let mut other = app.app.context.clone();
        // A queue of its own is what another process has.
        other.sign_ups = Arc::default();
        for same in [true, false] {
            let mut tasks = Vec::new();
            for n in 0..20 {
                let context = if n % 2 == 0 { app.app.context.clone() } else { other.clone() };
                let address = if same { "same@example.org".to_owned() } else { format!("r{n}@example.org") };
                let asked = asked(&app, &address);
                tasks.push(tokio::spawn(async move { sign_up(&context, asked).await }));
            }
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap(), Outcome::Taken);
            }
        }
        app.deliver_pending().await;
        assert_eq!(app.catcher.accepted(), 12, "one of the same, and others up to the list's limit");
        let same = app.catcher.messages().iter().filter(|mail| mail.recipients == ["same@example.org"]).count();
        assert_eq!(same, 1);
    }
);

/// The domain of an address in each state, after what made it so has left every limit.
async fn every_state(app: &TestApp) -> [&'static str; 7] {
    let context = &app.app.context;
    let list = context.list("weekly").unwrap().id;
    post(app, "x@pending.example").await;
    for (n, state) in ["confirmed", "left", "gone"].into_iter().enumerate() {
        app.advance(HOUR);
        app.confirmed(&format!("x@{state}.example")).await;
        let link = context.unsubscribe_url(list, n as i64 + 2);
        if state == "left" {
            assert_eq!(http::post_form(&link, &[]).await.status, 200);
        }
    }
    let mut tx = context.database.write().await.unwrap();
    for identity in ["x@suppressed.example", "x@gone.example"] {
        let added = store::suppression::add(&mut tx, identity, "complaint", 0);
        added.await.unwrap();
    }
    let hashes = context.keyring.erasure_hashes("x@erased.example");
    store::erasure::add(&mut tx, &hashes[0], 0).await.unwrap();
    tx.commit().await.unwrap();
    app.advance(25 * HOUR);
    [
        "new",
        "pending",
        "confirmed",
        "left",
        "suppressed",
        "erased",
        "gone",
    ]
}

/// Whether a new address of a domain is held.
async fn is_held(app: &TestApp, domain: &str) -> bool {
    let own = format!("own{}@{domain}.example", app.clock.now_ms());
    assert_eq!(post(app, &own).await, 303);
    let sql = format!(
        "SELECT COUNT(*) FROM quarantine q JOIN subscribers s ON s.id = q.subscriber_id WHERE s.identity = '{own}'"
    );
    number(&app.database(), &sql).await == 1
}

both_databases!(
    /// D5: at the last place of a domain, another sign-up is held in every state of the address before it, or in none.
    d5_a_last_place_tells_nothing_of_who_took_it,
    |db| async move {
        let app = app(db, "per_domain = 2", "").await;
        for domain in every_state(&app).await {
            for _ in 0..3 {
                assert_eq!(post(&app, &format!("x@{domain}.example")).await, 303);
            }
            assert!(!is_held(&app, domain).await, "{domain}: asked for three times it takes one place");
            app.advance(HOUR);
            for other in ["x", "other"] {
                assert_eq!(post(&app, &format!("{other}@{domain}.example")).await, 303);
            }
            assert!(is_held(&app, domain).await, "{domain}: two take two");
        }
    }
);

both_databases!(
    /// D5: the same of the minute and of the list, one request at a time.
    d5_the_limits_of_all_count_every_state_alike,
    |db| async move {
        let app = app(db, "per_minute = 1\nper_list = 0", "").await;
        for domain in every_state(&app).await {
            assert_eq!(post(&app, &format!("x@{domain}.example")).await, 303);
            assert!(is_held(&app, domain).await, "{domain}");
            app.advance(HOUR);
            nashra::service::sign_up::release::with_room(&app.app.context).await.unwrap();
            app.advance(HOUR);
        }
    }
);

both_databases!(
    /// D8: where a doubt speaks against a sign-up nothing is mailed and nothing is counted, whatever the state.
    d8_a_doubt_mails_nothing_and_counts_nothing_in_any_state,
    |db| async move {
        let app = app(db, "per_domain = 1", "").await;
        let domains = every_state(&app).await;
        app.deliver_pending().await;
        app.catcher.clear();
        for domain in domains {
            let mut asked = asked(&app, &format!("x@{domain}.example"));
            asked.doubts = vec![HoldReason::NoProof];
            assert_eq!(sign_up(&app.app.context, asked).await.unwrap(), Outcome::Taken);
            app.deliver_pending().await;
            assert_eq!(app.catcher.messages().len(), 0, "{domain}");
            assert!(!is_held(&app, domain).await, "{domain}");
            app.deliver_pending().await;
            app.catcher.clear();
        }
    }
);
