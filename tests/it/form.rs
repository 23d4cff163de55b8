//! The form endpoint (issue 3, point 2): three ways in on one address, two ways out, and what is refused with which words.

use nashra::catcher::CatcherConfig;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

pub const URLENCODED: &str = "application/x-www-form-urlencoded";
pub const MULTIPART: &str = "multipart/form-data; boundary=BOUNDARY";
pub const JSON: &str = "application/json";

/// The same form in each encoding.
pub fn body(kind: &str, fields: &[(&str, &str)]) -> String {
    match kind {
        MULTIPART => {
            let parts = fields.iter().map(|(name, value)| {
                format!(
                    "--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
            });
            parts.collect::<String>() + "--BOUNDARY--\r\n"
        }
        JSON => {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), serde_json::Value::from(*value)));
            fields.collect::<serde_json::Value>().to_string()
        }
        _ => url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish(),
    }
}

/// POST with these two headers and this body.
pub async fn post(url: &str, kind: &str, accept: &str, body: impl Into<reqwest::Body>) -> Answer {
    let mut request = http::request(Method::POST, url).body(body);
    for (name, value) in [(CONTENT_TYPE, kind), (ACCEPT, accept)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    http::send(request).await
}

both_databases!(
    /// Issue 3, point 2: urlencoded, multipart and JSON on one URL; a page or JSON by `Accept`.
    three_ways_in_and_two_ways_out,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let cases = [
            (URLENCODED, browser, 303),
            (URLENCODED, "", 303),
            (URLENCODED, JSON, 200),
            (MULTIPART, browser, 303),
            (MULTIPART, "*/*", 303),
            (MULTIPART, JSON, 200),
            (JSON, browser, 303),
            (JSON, "*/*", 200),
            (JSON, JSON, 200),
        ];
        for (n, (kind, accept, status)) in cases.into_iter().enumerate() {
            let address = format!("reader{n}@example.org");
            let fields = [("email", address.as_str()), ("name", "ليلى"), ("unknown", "x")];
            let answer = post(&form, kind, accept, body(kind, &fields)).await;
            assert_eq!(answer.status, status, "{kind} {accept}: {}", answer.text());
            if status == 303 {
                assert_eq!(answer.header("location"), "/subscribe/weekly/check-mail");
            } else {
                assert_eq!(answer.json()["status"], "check_mail");
                assert_eq!(answer.json()["message"], "انظر في بريدك");
            }
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            assert_eq!((mails.len(), &mails[n].recipients[..]), (n + 1, &[address][..]));
        }
    }
);

both_databases!(
    /// Bad input: what cannot be read at all has a status, a page in the reader's language or JSON, and changes nothing.
    what_cannot_be_read_is_refused_with_its_status,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let before = app.dump().await;
        let good = body(URLENCODED, &[("email", "a@example.org")]).into_bytes();
        let cases: [(&str, &str, Vec<u8>, u16); 12] = [
            ("weekly", "text/plain", good.clone(), 415),
            ("weekly", "", good.clone(), 415),
            ("weekly", "application/xml", good.clone(), 415),
            ("nothing", URLENCODED, good.clone(), 404),
            ("%FF", URLENCODED, good, 400),
            ("weekly", JSON, b"{".to_vec(), 400),
            ("weekly", JSON, b"".to_vec(), 400),
            ("weekly", JSON, br#"["a@example.org"]"#.to_vec(), 400),
            ("weekly", JSON, br#"{"email": "a@example.org", "email": "b@example.org"}"#.to_vec(), 400),
            ("weekly", JSON, b"{\"email\": \"\xff\xfe@example.org\"}".to_vec(), 400),
            ("weekly", MULTIPART, b"--BOUNDARY\r\nno end".to_vec(), 400),
            ("weekly", "multipart/form-data", b"x".to_vec(), 400),
        ];
        for (list, kind, octets, status) in cases {
            let url = form.replace("weekly", list);
            let page = post(&url, kind, "text/html", octets.clone()).await;
            assert_eq!(page.status, status, "{list} {kind}: {}", page.text());
            assert!(page.text().contains(r#"<html lang="ar" dir="rtl">"#), "{list} {kind}: {}", page.text());
            let json = post(&url, kind, JSON, octets).await;
            assert_eq!(json.status, status, "{list} {kind}");
            let error = &json.json()["error"];
            for key in ["title", "message", "request_id"] {
                assert!(!error[key].as_str().unwrap().is_empty(), "{error}");
            }
        }
        for (method, url) in [(Method::PUT, &form), (Method::DELETE, &form)] {
            let answer = http::send(http::request(method, url)).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD,POST"));
            assert!(answer.text().contains(r#"dir="rtl""#));
        }
        assert_eq!(http::get(&form.replace("weekly", "nothing")).await.status, 404);
        assert_eq!(app.dump().await, before);
    }
);

/// The answer to a body announced as 10 MB, of which a part is sent: whoever goes on writing when the server has refused it
/// may lose the answer to a connection reset.
async fn too_much(server: &str, path: &str, kind: &str) -> String {
    let host = server.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let start = match kind {
        MULTIPART => "--BOUNDARY\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n",
        JSON => "{\"email\": \"",
        _ => "email=",
    };
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        10 << 20
    );
    let body = start.to_owned() + &"x".repeat(100 << 10);
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8(answer).unwrap()
}

both_databases!(
    /// Bad input: 10 MB, whichever way it comes, are refused with 413, and the server goes on.
    a_body_of_ten_megabytes_is_too_large,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        // The buttons of mails too.
        for (path, kind) in [
            ("/subscribe/weekly", URLENCODED),
            ("/subscribe/weekly", MULTIPART),
            ("/subscribe/weekly", JSON),
            ("/confirm/x", URLENCODED),
            ("/u/x", URLENCODED),
        ] {
            let answer = too_much(&app.url, path, kind).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{path} {kind}: {answer}");
            assert!(answer.contains("الطلب أكبر مما نقبل"), "{path} {kind}: {answer}");
        }
        assert_eq!(http::get(&form).await.status, 200);
    }
);

both_databases!(
    /// The language that was asked for goes on: through the redirect, into the JSON answer and into the mail (M15).
    the_language_is_kept,
    |db| async move {
        let app = TestApp::start(db).await;
        let form = format!("{}/subscribe/weekly", app.url);
        let page = http::get(&format!("{form}?lang=en")).await;
        assert!(page.text().contains(r#"<html lang="en" dir="ltr">"#));
        let ways = [
            (format!("{form}?lang=en"), vec![("email", "one@example.org")]),
            (form.clone(), vec![("email", "two@example.org"), ("lang", "en")]),
        ];
        for (url, fields) in ways {
            let answer = post(&url, URLENCODED, "", body(URLENCODED, &fields)).await;
            assert_eq!(answer.status, 303);
            assert_eq!(answer.header("location"), "/subscribe/weekly/check-mail?lang=en");
            let next = http::get(&format!("{}{}", app.url, answer.header("location"))).await;
            assert!(next.text().contains("Look in your mailbox"), "{}", next.text());
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            let mail = mails.last().unwrap();
            assert_eq!(mail.subject(), "Confirm your subscription to “النشرة الأسبوعية”");
            assert!(mail.html().unwrap().contains(r#"<html lang="en" dir="ltr""#));
            let raw = String::from_utf8_lossy(&mail.raw).into_owned();
            assert!(raw.contains("Content-Language: en") && !raw.contains("Content-Language: ar"), "{raw}");
        }
        let json = post(&form, JSON, JSON, body(JSON, &[("email", "three@example.org"), ("lang", "en")])).await;
        assert_eq!(json.json()["message"], "Look in your mailbox");
        for lang in ["xx", "en\r\nX-Evil: 1", "../..", "en&x=1"] {
            let fields = [("email", "four@example.org"), ("lang", lang)];
            let answer = post(&form, URLENCODED, "", body(URLENCODED, &fields)).await;
            assert_eq!(answer.header("location"), "/subscribe/weekly/check-mail", "{lang:?}");
        }
    }
);

fn without_smtputf8(config: &mut CatcherConfig) {
    config.extensions.smtputf8 = false;
}

both_databases!(
    /// A7: letters outside ASCII before the @ are refused while the relay offers no SMTPUTF8, in words that say so.
    an_arabic_local_part_needs_a_relay_that_takes_it,
    |db| async move {
        let options = Options { catcher: Some(without_smtputf8), ..Options::default() };
        let app = TestApp::with(db, options).await;
        // The relay has been asked: another reader's confirmation went out.
        app.confirmed("layla@example.org").await;
        let form = format!("{}/subscribe/weekly", app.url);
        let answer = post(&form, JSON, JSON, body(JSON, &[("email", "محمد@example.org")])).await;
        assert_eq!(answer.status, 422);
        let error = &answer.json()["errors"]["email"];
        assert_eq!(error["code"], "needs-smtputf8");
        assert!(error["message"].as_str().unwrap().contains("خادم بريدنا"), "{error}");
    }
);

both_databases!(
    /// A5, A7, A8: with SMTPUTF8 the Arabic address is mailed as typed; a domain in Arabic is mailed, and stored, as
    /// A-labels, and needs no SMTPUTF8.
    arabic_addresses_are_mailed,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let form = format!("{}/subscribe/weekly", app.url);
        let domain = idna::domain_to_ascii("بريد.example").unwrap();
        assert!(domain.starts_with("xn--"));
        let cases = [
            ("محمد@example.org", "محمد@example.org".to_owned(), true),
            ("layla@بريد.example", format!("layla@{domain}"), false),
            ("محمد@بريد.example", format!("محمد@{domain}"), true),
        ];
        for (typed, mailed, smtputf8) in cases {
            let answer = http::post_form(&form, &[("email", typed)]).await;
            assert_eq!(answer.status, 303, "{typed}: {}", answer.text());
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            let mail = mails.last().unwrap();
            assert_eq!(mail.recipients, std::slice::from_ref(&mailed), "{typed}");
            assert_eq!(mail.smtputf8, smtputf8, "{typed}");
            assert!(app.dump().await.contains(&mailed), "{typed}");
            let link = app.confirmation_link(&mailed);
            assert_eq!(http::post_form(&link, &[]).await.status, 200);
        }
    }
);

both_databases!(
    /// A field of the wrong type in JSON is answered as every other fault of a field: with its name and a code that stays.
    a_json_field_of_the_wrong_type_is_named,
    |db| async move {
        let app = TestApp::start(db).await;
        let before = app.dump().await;
        let several = br#"{"email": "a@example.org", "lists": ["weekly", 7], "name": [], "unknown": 1}"#;
        let cases: [(&str, &[u8], &[&str]); 5] = [
            ("/weekly", br#"{"email": 5}"#, &["email"]),
            ("/weekly", br#"{"email": null}"#, &["email"]),
            ("/weekly", br#"{"email": "a@example.org", "altcha": {"number": 1}}"#, &["altcha"]),
            ("", br#"{"email": "a@example.org", "lists": "weekly"}"#, &["lists"]),
            ("", several, &["lists", "name"]),
        ];
        for (path, octets, fields) in cases {
            let url = format!("{}/subscribe{path}?lang=en", app.url);
            let answer = post(&url, JSON, JSON, octets.to_vec()).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
            let json = answer.json();
            let errors = json["errors"].as_object().unwrap();
            assert_eq!(errors.keys().map(String::as_str).collect::<Vec<_>>(), fields, "{json}");
            for error in errors.values() {
                assert_eq!(error["code"], "wrong-type");
                assert!(error["message"].as_str().unwrap().starts_with("This field takes"), "{json}");
            }
            let page = post(&url, JSON, "text/html", octets.to_vec()).await;
            assert!(page.status == 400 && page.text().contains("<html lang=\"en\""), "{}", page.text());
        }
        assert_eq!(app.dump().await, before);
    }
);
