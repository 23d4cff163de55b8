//! D8, D9, D15: what stands between a form and its sign-up, the same for pages and for JSON.

use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use nashra::domain::token::fingerprint;
use regex::Regex;
use reqwest::Method;
use serde_json::{Value, json};

use crate::form::{JSON, URLENCODED, body};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http::{self, Answer};
use crate::harness::queue::number;
use crate::quarantine::to_the_present;

/// The program with these keys of `[sign_up]`, else as it is shipped.
async fn app(db: TestDb, sign_up: &str) -> TestApp {
    let sections = format!("[sign_up]\n{sign_up}");
    TestApp::with(
        db,
        Options {
            sections,
            ..Options::default()
        },
    )
    .await
}

async fn post(
    app: &TestApp,
    kind: &str,
    fields: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Answer {
    let form = format!("{}/subscribe/weekly", app.url);
    let accept = if kind == JSON { JSON } else { "text/html" };
    let mut request = http::request(Method::POST, &form)
        .header("content-type", kind)
        .header("accept", accept)
        .body(body(kind, fields));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    http::send(request).await
}

/// The value of a hidden field of a page.
pub fn field(page: &Answer, name: &str) -> String {
    let pattern = format!("name=\"{name}\" value=\"([^\"]*)\"");
    let found = Regex::new(&pattern).unwrap();
    let found = found
        .captures(page.text())
        .unwrap_or_else(|| panic!("no {name} in {}", page.text()));
    found[1].to_owned()
}

async fn stamp(app: &TestApp) -> String {
    field(
        &http::get(&format!("{}/subscribe/weekly", app.url)).await,
        "stamp",
    )
}

async fn mails(app: &TestApp) -> u64 {
    app.deliver_pending().await;
    app.catcher.accepted()
}

/// All that a client sees but the date.
fn seen(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    format!("{}\n{headers:?}\n{}", answer.status, answer.text())
}

/// What a widget does.
fn solve(task: &Value) -> String {
    let salt = task["salt"].as_str().unwrap();
    let number = (0..=task["maxnumber"].as_u64().unwrap())
        .find(|number| {
            fingerprint(format!("{salt}{number}").as_bytes()) == task["challenge"].as_str().unwrap()
        })
        .unwrap();
    let proof = json!({
        "algorithm": task["algorithm"], "challenge": task["challenge"], "number": number, "salt": salt, "signature": task["signature"],
    });
    Base64::encode_string(proof.to_string().as_bytes())
}

both_databases!(
    /// D8: our own form, filled in by a person, is taken at once; too fast, or with the trap filled in, gets the same answer and leaves
    /// nothing behind.
    a_program_gets_the_usual_answer_and_nothing_happens,
    |db| async move {
        let app = app(db, "").await;
        for (n, kind) in [URLENCODED, JSON].into_iter().enumerate() {
            let stamp = stamp(&app).await;
            let before = app.dump().await;
            let fast = post(&app, kind, &[("email", "fast@example.org"), ("stamp", &stamp)], &[]).await;
            app.advance(Duration::from_secs(2));
            let trapped = [("email", "bot@example.org"), ("stamp", stamp.as_str()), ("website", "https://x.example")];
            let trapped = post(&app, kind, &trapped, &[]).await;
            assert_eq!(app.dump().await, before, "{kind}");
            let address = format!("person{n}@example.org");
            let person = post(&app, kind, &[("email", &address), ("stamp", &stamp)], &[]).await;
            assert!([200, 303].contains(&person.status), "{}", seen(&person));
            assert_eq!(seen(&fast), seen(&person));
            assert_eq!(seen(&trapped), seen(&person));
            assert_eq!(mails(&app).await, n as u64 + 1);
        }
    }
);

both_databases!(
    /// D8: the trap is marked so that it is not shown, not reached by the keyboard, not read out, not filled in by browsers (that the
    /// marks work is tested in a browser).
    the_trap_is_marked_as_nobodys_field,
    |db| async move {
        let app = app(db, "").await;
        let page = http::get(&format!("{}/subscribe/weekly", app.url)).await;
        let trap = page.text().lines().find(|line| line.contains("name=\"website\"")).unwrap();
        for wanted in ["aria-hidden=\"true\"", "tabindex=\"-1\"", "autocomplete=\"off\"", "class=\"trap\""] {
            assert!(trap.contains(wanted), "{wanted}: {trap}");
        }
        assert!(!page.text().contains("<script"), "no script unless work is asked for");
    }
);

both_databases!(
    /// D8, D15: a form without our stamp, with an old or another list's, or from a site that is not ours, takes one more press of a button.
    a_doubtful_form_takes_one_more_step,
    |db| async move {
        let app = app(db, "").await;
        let old = stamp(&app).await;
        app.advance(Duration::from_hours(24));
        let fresh = stamp(&app).await;
        app.advance(Duration::from_secs(3));
        let before = app.dump().await;
        let foreign: &[(&str, &str)] = &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        let cases: [(&str, &[(&str, &str)]); 5] =
            [("", &[]), ("garbled", &[]), (&old, &[]), (&fresh, foreign), (&fresh, &[("origin", "https://evil.example")])];
        for (stamp, headers) in cases {
            let fields = [("email", "layla@example.org"), ("name", "\"><b>ليلى"), ("stamp", stamp)];
            let page = post(&app, URLENCODED, &fields, headers).await;
            assert_eq!(page.status, 200, "{stamp} {headers:?}");
            assert!(page.text().contains("بقيت خطوة واحدة") && !page.text().contains("<b>ليلى"), "{}", page.text());
            let json = post(&app, JSON, &fields, headers).await;
            assert_eq!((json.status, json.json()["status"].as_str().unwrap()), (428, "one_more_step"));
            assert_eq!(app.dump().await, before, "nothing is kept, nothing is mailed");
        }
        // The button, at once; and the program that repeats its request.
        let page = post(&app, URLENCODED, &[("email", "layla@example.org"), ("source", "kitchen")], &[]).await;
        let (email, stamp) = (field(&page, "email"), field(&page, "stamp"));
        let own = [("origin", "null"), ("sec-fetch-site", "same-origin")];
        let fields = [("email", email.as_str()), ("stamp", &stamp), ("source", &field(&page, "source"))];
        assert_eq!(post(&app, URLENCODED, &fields, &own).await.status, 303);
        assert_eq!(mails(&app).await, 1);
        let json = post(&app, JSON, &[("email", "omar@example.org")], &[]).await.json();
        let fields = [("email", "omar@example.org"), ("stamp", json["stamp"].as_str().unwrap())];
        assert_eq!(post(&app, JSON, &fields, &[]).await.status, 200);
        assert_eq!(mails(&app).await, 2);
    }
);

both_databases!(
    /// `unstamped = "refuse"` says so, on a page with a way back and in JSON; "accept" takes everything.
    a_doubtful_form_can_be_refused,
    |db| async move {
        let app = app(db, "unstamped = \"refuse\"").await;
        let before = app.dump().await;
        let page = post(&app, URLENCODED, &[("email", "layla@example.org")], &[]).await;
        assert_eq!(page.status, 403);
        assert!(page.text().contains("لم تُرسَل الاستمارة من صفحتنا") && page.text().contains("/subscribe/weekly"));
        assert_eq!(post(&app, JSON, &[("email", "layla@example.org")], &[]).await.status, 403);
        assert_eq!(app.dump().await, before);
        let stamp = stamp(&app).await;
        app.advance(Duration::from_secs(2));
        assert_eq!(post(&app, URLENCODED, &[("email", "a@example.org"), ("stamp", &stamp)], &[]).await.status, 303);
    }
);

both_databases!(
    /// D9: a proof of work counts once. Without one, or too late, the next page asks again with a fresh challenge; without one there too
    /// a sign-up is held until a person lets it go, and nobody is told.
    with_work_for_everybody_a_proof_counts_once,
    |db| async move {
        let app = app(db, "proof_of_work = \"always\"\ndifficulty = 1000").await;
        to_the_present(&app);
        let page = http::get(&format!("{}/subscribe/weekly", app.url)).await;
        assert!(page.text().contains("<script src=\"/static/proof.js\" defer>"), "{}", page.text());
        assert!(page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'"));
        assert_eq!(http::get(&format!("{}/static/proof.js", app.url)).await.status, 200);
        let stamp = field(&page, "stamp");
        app.advance(Duration::from_secs(3));
        let task = http::get(&format!("{}/challenge", app.url)).await;
        assert_eq!(task.header("cache-control"), "no-store");
        let proof = solve(&task.json());
        let with = |address: &'static str| [("email", address), ("stamp", stamp.as_str()), ("altcha", proof.as_str())];
        let proven = post(&app, URLENCODED, &with("a@example.org"), &[]).await;
        assert_eq!(proven.status, 303);
        let replayed = post(&app, URLENCODED, &with("b@example.org"), &[]).await;
        assert_eq!(replayed.status, 200, "one more step: {}", replayed.text());
        assert_eq!(post(&app, JSON, &with("b@example.org"), &[]).await.status, 428);
        let late = solve(&http::get(&format!("{}/challenge", app.url)).await.json());
        app.advance(Duration::from_mins(20));
        let fields = [("email", "c@example.org"), ("stamp", &stamp), ("altcha", &late)];
        let step = post(&app, URLENCODED, &fields, &[]).await;
        assert!(step.status == 200 && step.text().contains("<noscript>"), "{}", step.text());
        assert_eq!(mails(&app).await, 1, "nothing is held");
        let pressed = field(&step, "stamp");
        let without = post(&app, URLENCODED, &[("email", "c@example.org"), ("stamp", &pressed)], &[]).await;
        assert_eq!(seen(&without), seen(&proven));
        assert_eq!(mails(&app).await, 1);
        let output = app.nashra(["quarantine", "list", "--json"]).run().await;
        let held: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!((&held[0]["address"], &held[0]["reasons"]), (&json!("c@example.org"), &json!(["no-proof"])));
        // Room in a limit does not let it go, a person does.
        assert_eq!(nashra::service::sign_up::release::with_room(&app.app.context).await.unwrap(), 0);
        assert_eq!(app.nashra(["quarantine", "release", "c@example.org"]).run().await.code, Some(0));
        app.advance(Duration::from_mins(1));
        assert_eq!(mails(&app).await, 2);
    }
);

both_databases!(
    /// D9: where only doubtful forms are asked for work, a proof takes the place of the stamp.
    a_proof_takes_the_place_of_a_stamp,
    |db| async move {
        let app = app(db, "proof_of_work = \"doubtful\"\ndifficulty = 1000").await;
        assert!(!http::get(&format!("{}/subscribe/weekly", app.url)).await.text().contains("<script"));
        let asked = post(&app, JSON, &[("email", "layla@example.org")], &[]).await.json();
        let proof = solve(&asked["challenge"]);
        let fields = [("email", "layla@example.org"), ("altcha", proof.as_str())];
        assert_eq!(post(&app, JSON, &fields, &[]).await.status, 200);
        assert_eq!(post(&app, JSON, &fields, &[]).await.status, 428, "once");
        assert_eq!(mails(&app).await, 1);
        let step = post(&app, URLENCODED, &[("email", "omar@example.org")], &[]).await;
        assert!(step.text().contains("<script src=\"/static/proof.js\" defer>"));
        let task = http::get(&format!("{}/challenge", app.url)).await.json();
        let fields = [("email", "omar@example.org"), ("stamp", &field(&step, "stamp")), ("altcha", &solve(&task))];
        assert_eq!(post(&app, URLENCODED, &fields, &[]).await.status, 303);
        assert_eq!(mails(&app).await, 2);
        // The button alone, as without JavaScript, gets the same answer, and a person looks at it.
        let step = post(&app, URLENCODED, &[("email", "nour@example.org")], &[]).await;
        let fields = [("email", "nour@example.org"), ("stamp", &field(&step, "stamp"))];
        assert_eq!(post(&app, URLENCODED, &fields, &[]).await.status, 303);
        assert_eq!(mails(&app).await, 2);
        assert!(app.dump().await.contains("no-proof"));
    }
);

both_databases!(
    /// D8: the page with one button is good for one press; the wording that is kept is what a page of ours showed, and none where it is
    /// not known what was shown (D10).
    a_step_counts_once_and_only_what_we_showed_is_kept,
    |db| async move {
        let app = app(db, "").await;
        let step = field(&post(&app, URLENCODED, &[("email", "a@example.org")], &[]).await, "stamp");
        assert_eq!(post(&app, URLENCODED, &[("email", "a@example.org"), ("stamp", &step)], &[]).await.status, 303);
        let before = app.dump().await;
        assert!(before.contains("اضغط الزر لنرسل إليك رسالة تأكيد"), "{before}");
        for (kind, status) in [(URLENCODED, 200), (JSON, 428)] {
            let again = post(&app, kind, &[("email", "b@example.org"), ("stamp", &step)], &[]).await;
            assert_eq!(again.status, status, "{}", again.text());
        }
        assert_eq!(app.dump().await, before);
        let stamp = post(&app, JSON, &[("email", "b@example.org")], &[]).await.json()["stamp"].clone();
        assert_eq!(post(&app, JSON, &[("email", "b@example.org"), ("stamp", stamp.as_str().unwrap())], &[]).await.status, 200);
        let kept = "SELECT COUNT(*) FROM consents WHERE wording IS NOT NULL";
        assert_eq!(number(&app.database(), kept).await, 1, "a program saw no page");
    }
);

both_databases!(
    /// D8, A13: a form that comes back with a question keeps its stamp: who answers at once is no program for that.
    a_form_that_comes_back_may_be_sent_at_once,
    |db| async move {
        let app = app(db, "").await;
        let first = stamp(&app).await;
        app.advance(Duration::from_secs(2));
        let typed = ("email", "layla@gmial.com");
        let asked = post(&app, URLENCODED, &[typed, ("stamp", &first)], &[]).await;
        assert_eq!(asked.status, 422, "{}", asked.text());
        let again = field(&asked, "stamp");
        let answered = [typed, ("suggestion", "layla@gmail.com"), ("stamp", again.as_str())];
        assert_eq!(post(&app, URLENCODED, &answered, &[]).await.status, 303);
        assert_eq!(mails(&app).await, 1);
        assert_eq!(app.catcher.messages()[0].recipients, ["layla@gmail.com"]);
    }
);
