//! A panic in a page is a fault of ours and nobody else's: it ends in an answer, and the program goes on.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use nashra::web::{Web, surrounded, table};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::http;

/// Asks for a panic in place of the page.
const BREAK: &str = "x-break";

/// The pages of this program, each of which panics when it is asked to, with a secret in the panic's text.
async fn fragile(app: &TestApp) -> String {
    let web = Web::new(app.app.context.clone(), Vec::new(), Duration::from_secs(5));
    let table = table().layer(from_fn(async |request: Request, next: Next| {
        assert!(!request.headers().contains_key(BREAK), "secret-of-ours");
        next.run(request).await
    }));
    let pages = surrounded(table, web).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, pages).await });
    url
}

both_databases!(
    /// Whichever page it hits, by whichever method: 500, a page in the reader's language (or JSON) with a number, nothing of the
    /// cause, the headers of every page; and the next request is answered.
    a_panic_in_any_page_is_answered_and_the_next_request_too,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let url = fragile(&app).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let here = |link: String| format!("{url}{}", link.strip_prefix(&app.url).unwrap());
        let mail = app.catcher.messages().pop().unwrap().text().unwrap();
        let never = mail.split_whitespace().find(|word| word.contains("/never/")).unwrap();
        let pages = [
            format!("{url}/subscribe/weekly"),
            format!("{url}/subscribe/weekly/embed"),
            here(app.app.context.preferences_url(list, 1)),
            here(app.app.context.unsubscribe_url(list, 1)),
            here(never.to_owned()),
            format!("{url}/archive/weekly"),
        ];
        let before = app.dump().await;
        for page in &pages {
            let only_shown = page.contains("/embed") || page.contains("/archive/");
            let methods = if only_shown { &[Method::GET][..] } else { &[Method::GET, Method::POST] };
            for method in methods {
                for (accept, begins) in [("text/html", "<!doctype html>"), ("application/json", "{\"error\":")] {
                    let request = http::request(method.clone(), page).header(BREAK, "1").header("accept", accept);
                    let answer = http::send(request).await;
                    let text = answer.text();
                    assert_eq!(answer.status, 500, "{method} {page}: {text}");
                    assert!(text.to_lowercase().starts_with(begins), "{method} {page}: {text}");
                    assert!(text.contains("وقع خطأ عندنا"), "{method} {page}: {text}");
                    assert!(!text.contains("secret-of-ours") && !text.contains("panic"), "{text}");
                    assert!(!answer.header("content-security-policy").is_empty(), "{page}");
                    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{page}");
                }
                assert_eq!(http::get(page).await.status, 200, "{page} after it");
            }
        }
        assert_eq!(app.dump().await, before);
    }
);
