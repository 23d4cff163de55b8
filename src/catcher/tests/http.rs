//! The inbox over HTTP: JSON, pages, and who may read them.

use serde_json::{Value, json};

use super::*;

const MESSAGE: &str = "From: =?UTF-8?B?2YbYtNix2Kk=?= <list@news.example>\r\nTo: b@x.example\r\nSubject: =?UTF-8?B?2KPYrtio2KfYsSA8Yj4=?=\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n\
    --b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain <words>\r\n\
    --b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>t</title></head><body><a href=\"http://x.example/\">go</a></body></html>\r\n--b1--\r\n";

async fn with_message() -> Catcher {
    let mut config = config();
    config.http = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let catcher = Catcher::start(config).await.unwrap();
    let mut client = Client::greeted(&catcher).await;
    client.deliver("b@x.example", MESSAGE).await;
    catcher
}

/// Returns the head and the body of the answer.
async fn request(catcher: &Catcher, method: &str, path: &str, host: &str) -> (String, String) {
    let stream = TcpStream::connect(catcher.http_addr().unwrap())
        .await
        .unwrap();
    let mut client = Client::over(stream);
    client
        .send(format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
        .await;
    let answer = client.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

async fn get(catcher: &Catcher, path: &str) -> (String, String) {
    request(catcher, "GET", path, "localhost:8025").await
}

#[tokio::test]
async fn the_inbox_is_listed_shown_and_cleared_as_json() {
    let catcher = with_message().await;
    let (head, body) = get(&catcher, "/api/messages").await;
    assert!(head.contains("content-type: application/json"), "{head}");
    let list: Value = serde_json::from_str(&body).unwrap();
    let summary = json!({
        "id": 1, "received_ms": NOW_MS, "envelope_from": "list@news.example", "recipients": ["b@x.example"], "smtputf8": false,
        "size": MESSAGE.len(), "from": "نشرة <list@news.example>", "to": "b@x.example", "subject": "أخبار <b>",
    });
    assert_eq!(list, json!({ "accepted": 1, "messages": [summary] }));

    let (_, body) = get(&catcher, "/api/messages/1").await;
    let shown: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(shown["subject"], "أخبار <b>");
    assert_eq!(shown["text"], "plain <words>");
    assert!(
        shown["html"]
            .as_str()
            .unwrap()
            .starts_with("<html><head><title>")
    );
    assert_eq!(shown["source"], MESSAGE);
    assert_eq!(
        shown["headers"][1],
        json!({ "name": "To", "value": "b@x.example" })
    );

    let (head, _) = request(&catcher, "DELETE", "/api/messages", "127.0.0.1").await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    let (head, _) = get(&catcher, "/api/messages/1").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
    assert_eq!(catcher.accepted(), 1);
    catcher.stop().await;
}

#[tokio::test]
async fn pages_escape_what_they_show() {
    let catcher = with_message().await;
    let (head, inbox) = get(&catcher, "/").await;
    assert!(
        head.contains("default-src 'none'; style-src 'self'"),
        "{head}"
    );
    assert!(
        inbox.contains(r#"<a href="/messages/1" dir="auto">أخبار &#60;b&#62;</a>"#),
        "{inbox}"
    );
    assert!(inbox.contains("2026-01-02 03:04:05 UTC"), "{inbox}");
    let (_, page) = get(&catcher, "/messages/1").await;
    assert!(
        page.contains(r#"src="/messages/1/html""#) && page.contains("<iframe sandbox="),
        "{page}"
    );
    let (_, page) = get(&catcher, "/messages/1?show=text").await;
    assert!(page.contains("plain &#60;words&#62;"), "{page}");
    let (_, page) = get(&catcher, "/messages/1?show=headers").await;
    assert!(page.contains("<dt>MIME-Version</dt>"), "{page}");
    let (_, page) = get(&catcher, "/messages/1?show=source").await;
    assert!(page.contains("--b1--"), "{page}");
    let (head, _) = get(&catcher, "/style.css").await;
    assert!(head.contains("content-type: text/css"), "{head}");
}

#[tokio::test]
async fn the_parts_come_alone_and_the_html_in_a_sandbox() {
    let catcher = with_message().await;
    let (head, html) = get(&catcher, "/messages/1/html").await;
    assert!(
        head.contains("content-security-policy: sandbox allow-popups"),
        "{head}"
    );
    assert!(
        !head.contains("allow-scripts") && !head.contains("allow-same-origin"),
        "{head}"
    );
    assert!(
        html.starts_with(r#"<html><head><base target="_blank"><title>"#),
        "{html}"
    );
    let (head, text) = get(&catcher, "/messages/1/text").await;
    assert!(
        head.contains("content-type: text/plain; charset=utf-8") && head.contains("nosniff"),
        "{head}"
    );
    assert_eq!(text, "plain <words>");
    let (_, source) = get(&catcher, "/messages/1/source").await;
    assert_eq!(source, MESSAGE);
    for path in ["/messages/2", "/messages/x/html", "/messages/1/pdf"] {
        assert!(
            get(&catcher, path).await.0.starts_with("http/1.1 404"),
            "{path}"
        );
    }
}

/// A name that another site points here must not read the inbox.
#[tokio::test]
async fn foreign_host_names_are_refused() {
    let catcher = with_message().await;
    for (host, status) in [
        ("localhost", "200"),
        ("LOCALHOST:1", "200"),
        ("127.0.0.1:8025", "200"),
        ("[::1]:8025", "200"),
        ("evil.example", "403"),
        ("localhost.evil.example", "403"),
        ("127.0.0.1.evil.example", "403"),
        ("", "403"),
    ] {
        let (head, _) = request(&catcher, "GET", "/api/messages", host).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status}")),
            "{host}: {head}"
        );
    }
}
