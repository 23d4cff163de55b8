//! Leaving by the address of the List-Unsubscribe header (RFC 8058): whatever a mailbox provider, a mail program or a browser
//! sends there, a POST ends the subscription and nothing else does (promise 1; H2, H4–H11, V8).

use nashra::app::App;
use nashra::web::{self, Web};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::form::{JSON, MULTIPART, URLENCODED, body};
use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http::{self, Answer};

const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// The link in the headers of a digest that a new confirmed reader got.
async fn header_link(app: &TestApp, address: &str) -> String {
    app.confirmed(address).await;
    app.articles(2).await;
    app.publish().await;
    app.deliver_pending().await;
    let mails = app.catcher.messages();
    let digest = mails.last().unwrap();
    assert_eq!(digest.recipients, [address]);
    let value = digest.header("List-Unsubscribe").unwrap();
    assert_eq!(
        digest.header("List-Unsubscribe-Post").unwrap(),
        "List-Unsubscribe=One-Click"
    );
    // H2, H10: one URI, on one line.
    let line = format!("\r\nList-Unsubscribe: {value}\r\n");
    assert!(String::from_utf8_lossy(&digest.raw).contains(&line));
    let link = value.trim_start_matches('<').trim_end_matches('>');
    assert!(link.len() <= 70 && link.is_ascii(), "{link}");
    assert!(digest.text().unwrap().contains(link) && digest.html().unwrap().contains(link));
    link.to_owned()
}

async fn counts(app: &TestApp) -> (i64, i64, i64) {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    nashra::store::subscription::counts(&mut tx, list)
        .await
        .unwrap()
}

/// A way to POST: its name, the end of the path, the headers, the body.
type Way = (
    &'static str,
    &'static str,
    Vec<(&'static str, &'static str)>,
    String,
);

/// Every way to POST.
fn ways() -> Vec<Way> {
    let urlencoded = body(URLENCODED, &[ONE_CLICK]);
    vec![
        (
            "urlencoded",
            "",
            vec![("content-type", URLENCODED)],
            urlencoded.clone(),
        ),
        (
            "multipart",
            "",
            vec![("content-type", MULTIPART)],
            body(MULTIPART, &[ONE_CLICK]),
        ),
        ("empty", "", vec![], String::new()),
        (
            "the page's button",
            "",
            vec![("content-type", URLENCODED)],
            String::new(),
        ),
        (
            "json",
            "",
            vec![("content-type", JSON)],
            "{\"List-Unsubscribe\": \"One-Click\"}".into(),
        ),
        (
            "not json",
            "",
            vec![("content-type", JSON)],
            "{\u{fffd}".into(),
        ),
        (
            "another body",
            "",
            vec![("content-type", "text/plain")],
            "hello".into(),
        ),
        (
            "with a session",
            "",
            vec![
                ("content-type", URLENCODED),
                ("cookie", "session=1"),
                ("authorization", "Basic eDp5"),
            ],
            urlencoded.clone(),
        ),
        (
            "another origin",
            "",
            vec![
                ("content-type", URLENCODED),
                ("origin", "https://mail.example"),
                ("sec-fetch-site", "cross-site"),
                ("referer", "https://mail.example/inbox"),
            ],
            urlencoded.clone(),
        ),
        (
            "no origin",
            "",
            vec![("content-type", URLENCODED), ("origin", "null")],
            urlencoded.clone(),
        ),
        (
            "trailing slash",
            "/",
            vec![("content-type", URLENCODED)],
            urlencoded.clone(),
        ),
        (
            "in English",
            "?lang=en",
            vec![("content-type", URLENCODED)],
            urlencoded,
        ),
    ]
}

async fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = http::request(Method::POST, url).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    http::send(request).await
}

both_databases!(
    /// H5–H8: each way of asking, for a confirmed reader, one who has left, and a garbled token.
    every_post_unsubscribes_and_nothing_else_does,
    |db| async move {
        let app = TestApp::start(db).await;
        let link = header_link(&app, "layla@example.org").await;
        let subscription = app.dump().await;
        // Promise 1, H8: scanners fetch the address of the header.
        for (method, end) in [(Method::GET, ""), (Method::GET, "/"), (Method::HEAD, ""), (Method::HEAD, "/"), (Method::GET, "?List-Unsubscribe=One-Click")] {
            let answer = http::send(http::request(method.clone(), &format!("{link}{end}"))).await;
            assert_eq!(answer.status, 200, "{method} {end}");
            assert!(answer.header("set-cookie").is_empty());
            if method == Method::GET {
                assert_eq!(answer.text().matches("<form method=\"post\">").count(), 1);
                assert!(answer.text().contains("النشرة الأسبوعية") && !answer.text().contains("layla"));
            }
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            assert_eq!(http::send(http::request(method, &link)).await.status, 405);
        }
        assert_eq!(app.dump().await, subscription);

        let list = app.app.context.list("weekly").unwrap().id;
        let garbled = format!("{}A", &link[..link.len() - 1]);
        let garbled = if garbled == link { format!("{}B", &link[..link.len() - 1]) } else { garbled };
        for (name, end, headers, body) in ways() {
            for state in ["confirmed", "left"] {
                let answer = post(&format!("{link}{end}"), &headers, &body).await;
                assert_eq!(answer.status, 200, "{name}, {state}: {}", answer.text());
                assert!(answer.header("set-cookie").is_empty() && answer.header("location").is_empty());
                if body.contains("One-Click") {
                    assert!(answer.body.len() < 100, "{name}: {}", answer.text());
                }
                assert_eq!(counts(&app).await, (0, 0, 1), "{name}, {state}");
            }
            let left = app.dump().await;
            let answer = post(&format!("{garbled}{end}"), &headers, &body).await;
            assert!((400..500).contains(&answer.status), "{name}: {}", answer.status);
            assert!(answer.header("set-cookie").is_empty() && !answer.text().contains("layla"));
            // A reader who has left sees so, and looking again changes nothing.
            assert!(http::get(&link).await.text().contains("أُلغي اشتراكك"));
            assert_eq!(app.dump().await, left, "{name}");

            let mut tx = app.app.context.database.write().await.unwrap();
            nashra::store::subscription::set_pending(&mut tx, list, 1, None, 0).await.unwrap();
            assert!(nashra::store::subscription::confirm(&mut tx, list, 1, 0).await.unwrap());
            tx.commit().await.unwrap();
        }
        // D10: one row for each time it was really left, though each was posted twice.
        let mut tx = app.app.context.database.read().await.unwrap();
        let rows = nashra::store::consent::of(&mut tx, list, 1).await.unwrap();
        let left: Vec<_> = rows.iter().filter(|row| row.action == "unsubscribe").collect();
        assert_eq!(left.len(), ways().len());
        let one_click = ways().iter().filter(|way| way.3.contains("One-Click")).count();
        assert_eq!(left.iter().filter(|row| row.method == "one_click").count(), one_click);
    }
);

both_databases!(
    /// H7: what is no link of ours is 404 without a word about anybody, whatever it looks like.
    a_garbled_link_is_not_found,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let confirmation = app.confirmation_link("layla@example.org");
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.unsubscribe_url(list, 1);
        let before = app.dump().await;
        let (start, token) = link.rsplit_once('/').unwrap();
        let forged = nashra::domain::token::SubscriptionToken { subscriber_id: 1, list_id: 1 };
        let other = nashra::domain::token::Keyring::parse(&nashra::domain::token::Keyring::generate()).unwrap();
        for garbled in [
            &token[1..],
            &token[..token.len() - 2],
            &format!("{token}="),
            &format!("{token}AAAA"),
            &"A".repeat(36),
            "1",
            "%00",
            confirmation.rsplit('/').next().unwrap(),
            &forged.sign(&other, nashra::domain::token::Purpose::Unsubscribe),
        ] {
            for answer in [http::get(&format!("{start}/{garbled}")).await, post(&format!("{start}/{garbled}"), &[], "List-Unsubscribe=One-Click").await] {
                assert_eq!(answer.status, 404, "{garbled}");
                assert!(answer.text().contains("هذا الرابط غير صالح"), "{garbled}");
            }
        }
        assert_eq!(app.dump().await, before);
    }
);

both_databases!(
    /// V8: who leaves between the freeze and the sending of a digest gets none; who leaves while a confirmation waits, neither.
    leaving_takes_queued_mail_along,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.confirmed("omar@example.org").await;
        app.articles(2).await;
        let digest = app.publish().await;
        let list = app.app.context.list("weekly").unwrap().id;
        let link = app.app.context.unsubscribe_url(list, 1);
        assert_eq!(post(&link, &[], "List-Unsubscribe=One-Click").await.status, 200);
        app.catcher.clear();
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipients, ["omar@example.org"]);
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.cancelled, counts.queued), (1, 1, 0));
    }
);

/// The same program started anew with another configuration on the same database: where its pages are.
async fn restarted(app: &TestApp, change: impl Fn(String) -> String) -> String {
    let text = change(std::fs::read_to_string(app.config_file()).unwrap());
    let config = nashra::config::parse(&text, std::iter::empty())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let again = App::open(config, app.clock.clone()).await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let pages = Web::new(
        again.context.clone(),
        again.trusted_proxies(),
        again.request_timeout(),
    );
    tokio::spawn(web::serve(listener, pages, std::future::pending()));
    url
}

both_databases!(
    /// Issue 3, point 9: a list that left the configuration keeps its readers, and they can still leave.
    the_link_works_when_the_list_is_gone,
    |db| async move {
        let app = TestApp::start(db).await;
        let link = header_link(&app, "layla@example.org").await;
        let url = restarted(&app, |text| text.replace("slug = \"weekly\"", "slug = \"monthly\"")).await;
        let link = link.replace(&app.url, &url);
        assert_eq!(http::get(&format!("{url}/subscribe/weekly")).await.status, 404);
        let page = http::get(&link).await;
        assert!(page.status == 200 && page.text().contains("النشرة الأسبوعية"), "{}", page.text());
        assert_eq!(post(&link, &[], "").await.status, 200);
        let after = http::get(&link).await;
        assert!(after.text().contains("أُلغي اشتراكك") && !after.text().contains("/subscribe/"), "{}", after.text());
        assert_eq!(counts(&app).await, (0, 0, 1));
    }
);

both_databases!(
    /// H11, X10: after a rotation the old link works as long as the old key is kept, and not longer.
    an_old_key_still_verifies,
    |db| async move {
        let app = TestApp::start(db).await;
        let old = header_link(&app, "layla@example.org").await;
        let file = app.directory().join("secret.key");
        let keys = std::fs::read_to_string(&file).unwrap();
        let new = nashra::domain::token::Keyring::generate();
        let new = format!("2:{}\n", new.trim().rsplit(':').next().unwrap());
        std::fs::write(&file, &new).unwrap();
        let without = restarted(&app, |text| text).await;
        assert_eq!(http::get(&old.replace(&app.url, &without)).await.status, 404);
        std::fs::write(&file, format!("{new}{keys}")).unwrap();
        let with = restarted(&app, |text| text).await;
        let link = old.replace(&app.url, &with);
        assert_eq!(http::get(&link).await.status, 200);
        assert_eq!(post(&link, &[], "List-Unsubscribe=One-Click").await.status, 200);
        assert_eq!(counts(&app).await, (0, 0, 1));
    }
);
