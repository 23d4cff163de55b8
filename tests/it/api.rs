//! `POST /api/articles` as programs meet it: who is let in, what is stored, what is told of a fault (issue 6, point 1).

mod described;
mod repeated;

use axum::http::Method;
use nashra::store;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::http::{Answer, request, send};
use crate::harness::queue::number;

pub const TOKEN: &str = "a-token-of-the-cms-0123456789";
pub const OTHER: &str = "another-token-of-the-desk-9876543210";

/// A program with two tokens, `cms` and `desk`.
pub async fn start(db: TestDb) -> TestApp {
    let sections = format!(
        "[[api.tokens]]\nname = \"cms\"\ntoken = \"{TOKEN}\"\n[[api.tokens]]\nname = \"desk\"\ntoken = \"{OTHER}\"\n"
    );
    let options = Options {
        sections,
        ..Options::default()
    };
    TestApp::with(db, options).await
}

pub fn article(number: usize) -> Value {
    json!({ "list": "weekly", "title": format!("خبر {number}"), "url": format!("https://news.example/{number}"),
        "date": "2026-01-05T05:00:00Z", "summary": "ملخّص" })
}

pub fn posting(url: &str, body: &str) -> RequestBuilder {
    request(Method::POST, &format!("{url}/api/articles"))
        .header("content-type", "application/json")
        .body(body.to_owned())
}

async fn post(app: &TestApp, body: &Value) -> Answer {
    send(posting(&app.url, &body.to_string()).bearer_auth(TOKEN)).await
}

pub async fn count(app: &TestApp) -> i64 {
    number(&app.database(), "SELECT COUNT(*) FROM articles").await
}

/// `item field code` of each fault.
fn faults(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let errors = body["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("{body}"));
    let word = |error: &Value| {
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            "{error}"
        );
        format!(
            "{} {} {}",
            error["item"],
            error["field"].as_str().unwrap(),
            error["code"].as_str().unwrap()
        )
    };
    errors.iter().map(word).collect()
}

both_databases!(
    /// New, changed, same; cleaned as a feed's articles are, in the section that is named, and in the next digest.
    what_is_sent_is_stored_once_and_goes_out_in_the_next_digest,
    |db| async move {
        let app = start(db).await;
        app.confirmed("layla@example.org").await;
        // The letter e and its accent: NFC makes one of them. What the HTML brings along does not come in.
        let mut sent = json!({ "list": "weekly", "section": "health", "id": 7, "url": "https://manara.example/port",
            "title": "Cafe\u{301} المرفأ", "source": "وكالات", "date": "2026-01-05T05:00:00Z", "image": "/port.jpg", "image_alt": "مرفأ",
            "content_html": "<p onclick=x>عاد <b>العمل</b><script>alert(1)</script> <a href='javascript:alert(1)'>هنا</a></p>" });
        let answer = post(&app, &sent).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.text());
        let id = answer.json()["articles"][0]["article"].as_i64().unwrap();
        let told = |result: &str| json!({ "articles": [{ "article": id, "result": result, "list": "weekly", "section": "health" }] });
        assert_eq!(answer.json(), told("new"));
        assert_eq!(post(&app, &sent).await.json(), told("same"));
        sent["title"] = json!("Café المرفأ الجديد");
        assert_eq!(post(&app, &sent).await.json(), told("changed"));
        assert_eq!(count(&app).await, 1);

        let list = app.app.context.list("weekly").unwrap().id;
        let stored = store::article::newest(&mut app.app.context.database.read().await.unwrap(), list, 9).await.unwrap();
        assert_eq!(stored[0].title, "Caf\u{e9} المرفأ الجديد");
        assert_eq!(stored[0].image.as_ref().unwrap().url, "https://manara.example/port.jpg");
        assert!(!stored[0].summary_html.as_str().contains("alert"), "{}", stored[0].summary_html);

        app.publish().await;
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let mail = mails.last().unwrap();
        assert!(mail.text().unwrap().contains("المرفأ الجديد") && !mail.html().unwrap().contains("alert"));
    }
);

both_databases!(
    /// Results stand in the order of the request; without a section the categories decide.
    several_articles_are_answered_in_their_order,
    |db| async move {
        let app = start(db).await;
        assert_eq!(post(&app, &article(2)).await.status, 200);
        let mut third = article(3);
        third["tags"] = json!(["صحة"]);
        third["author"] = json!({ "name": "سلمى" });
        third["summary"] = Value::Null;
        let answer = post(&app, &json!([article(9), article(2), third])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told: Vec<_> = answer.json()["articles"].as_array().unwrap().iter().map(|told| format!("{} {}", told["result"], told["section"])).collect();
        assert_eq!(told, ["\"new\" \"reports\"", "\"same\" \"reports\"", "\"new\" \"health\""]);
    }
);

both_databases!(
    /// Every fault with its place, field and code; nothing of the request is stored.
    one_fault_refuses_the_whole_request_and_all_are_told,
    |db| async move {
        let app = start(db).await;
        let bad = json!([
            article(1),
            { "list": "weekly", "title": 5, "url": "https://news.example/a", "colour": "red", "tags": "x", "date": "soon" },
            { "list": "monthly", "title": "t", "url": "https://news.example/b" },
            { "list": "weekly", "section": "sport", "title": "t", "url": "https://news.example/c" },
            { "list": "weekly", "title": "t", "url": "javascript:alert(1)" },
            { "list": "weekly", "title": "t" },
            { "list": "weekly", "url": "https://news.example/d" },
            { "title": "t", "url": "https://news.example/e" },
            { "list": "weekly", "title": "t", "url": "https://news.example/f", "link": "https://news.example/g" },
            { "list": "weekly", "title": "t", "url": "https://news.example/h", "image": "data:x", "id": "a\u{0}" },
            article(1),
            "text",
            { "list": "weekly", "title": "t", "url": "https://news.example/i", "date_published": "0001-01-01T00:00:00Z" },
        ]);
        let answer = post(&app, &bad).await;
        assert_eq!((answer.status, answer.header("content-type")), (422, "application/problem+json"));
        assert_eq!(answer.json()["code"], "articles");
        assert_eq!(faults(&answer), [
            "1 colour unknown-field", "1 date bad-date", "1 tags wrong-type", "1 title wrong-type", "2 list unknown-list",
            "3 section unknown-section", "4 url bad-url", "5 url missing", "6 title missing", "7 list missing", "8 link given-twice",
            "9 id bad-id", "9 image bad-url", "10  repeated", "11  not-an-object",
            "12 date_published bad-date",
        ]);
        assert_eq!(count(&app).await, 0);
    }
);

both_databases!(
    /// X4: an article has at most 1 MB, a request 100 articles and 5 MB.
    what_is_too_much_is_refused,
    |db| async move {
        let app = start(db).await;
        let mut long = article(1);
        long["content_html"] = json!("x".repeat(1_000_000));
        assert_eq!(faults(&post(&app, &json!([article(2), long])).await), ["1  too-large"]);
        for (body, status, code) in [
            ((0..101).map(article).collect::<Value>().to_string(), 422, "number-of-articles"),
            ("[]".to_owned(), 422, "number-of-articles"),
            (" ".repeat(5_000_001), 413, "body-too-large"),
            ("{\"list\":".to_owned(), 400, "not-json"),
            ("[".repeat(100_000), 400, "not-json"),
        ] {
            let answer = send(posting(&app.url, &body).bearer_auth(TOKEN)).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.text());
        }
        let text = request(Method::POST, &format!("{}/api/articles", app.url)).body(article(1).to_string());
        let answer = send(text.bearer_auth(TOKEN).header("content-type", "text/plain")).await;
        assert_eq!(answer.status, 415, "{}", answer.text());
        assert_eq!(count(&app).await, 0);
        let all: Value = (0..100).map(article).collect();
        assert_eq!(post(&app, &all).await.status, 200);
        assert_eq!(count(&app).await, 100);
    }
);

both_databases!(
    /// RFC 6750: without a token of ours the answer is always the same; any of several tokens is taken.
    only_a_configured_token_opens,
    |db| async move {
        let app = start(db).await;
        let body = article(1).to_string();
        let mut said = Vec::new();
        for (given, challenge) in [
            (None, "Bearer realm=\"nashra\""),
            (Some(format!("Bearer {TOKEN}x")), "Bearer realm=\"nashra\", error=\"invalid_token\""),
            (Some(format!("Bearer {}", &TOKEN[1..])), "Bearer realm=\"nashra\", error=\"invalid_token\""),
            (Some("Bearer ".to_owned()), "Bearer realm=\"nashra\", error=\"invalid_token\""),
            (Some(format!("Basic {TOKEN}")), "Bearer realm=\"nashra\", error=\"invalid_token\""),
        ] {
            let mut request = posting(&app.url, &body);
            if let Some(given) = given {
                request = request.header("authorization", given);
            }
            let answer = send(request).await;
            assert_eq!((answer.status, answer.header("www-authenticate")), (401, challenge));
            said.push(answer.text().to_owned());
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        // Neither an address nor the form's fields carry a token.
        assert_eq!(send(request(Method::POST, &format!("{}/api/articles?access_token={TOKEN}", app.url)).body(body.clone())).await.status, 401);
        assert_eq!(count(&app).await, 0);
        assert_eq!(send(posting(&app.url, &body).header("authorization", format!("bearer {OTHER}"))).await.status, 200);

        // No CORS and no cookies: scripts of other sites learn nothing.
        let answer = send(posting(&app.url, &body).bearer_auth(TOKEN).header("origin", "https://news.example")).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control") || name == "set-cookie"), "{:?}", answer.headers);
        let preflight = request(Method::OPTIONS, &format!("{}/api/articles", app.url)).header("origin", "https://news.example");
        assert_eq!(send(preflight.header("access-control-request-method", "POST")).await.status, 405);
    }
);

both_databases!(
    /// Wrong tokens are counted by network; the right one is always taken.
    a_network_that_guesses_is_told_to_wait,
    |db| async move {
        let app = start(db).await;
        let body = article(1).to_string();
        for _ in 0..30 {
            assert_eq!(send(posting(&app.url, &body).bearer_auth("guess")).await.status, 401);
        }
        let answer = send(posting(&app.url, &body).bearer_auth("guess")).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "3600"));
        assert_eq!(post(&app, &article(1)).await.status, 200);
        app.advance(std::time::Duration::from_hours(1));
        assert_eq!(send(posting(&app.url, &body).bearer_auth("guess")).await.status, 401);
    }
);

both_databases!(
    /// Without a token in the configuration nobody gets in.
    without_tokens_the_api_is_closed,
    |db| async move {
        let app = TestApp::start(db).await;
        for token in ["", TOKEN] {
            let answer = send(posting(&app.url, &article(1).to_string()).bearer_auth(token)).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("api-closed")));
        }
    }
);
