//! A site with feeds that a test writes, and rewrites; it answers conditions and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// The site; it stops when the test's runtime does.
pub struct FeedSite {
    url: String,
    pages: Arc<Mutex<Pages>>,
}

#[derive(Default)]
struct Pages {
    feeds: HashMap<String, Answer>,
    asked: Vec<Asked>,
    /// Requests that are being answered, and the most that were, by the host that was asked.
    running: HashMap<String, usize>,
    most: HashMap<String, usize>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    body: Vec<u8>,
    etag: String,
    retry_after: Option<u64>,
    leads_to: Option<String>,
    after: Duration,
}

/// A request: its path, and whether it asked for something newer than it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// Whether it carried a condition.
    pub conditional: bool,
}

impl FeedSite {
    /// An empty site.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let pages = Arc::new(Mutex::new(Pages::default()));
        let served = Arc::clone(&pages);
        let router = Router::new().fallback(async move |request: Request| {
            let (path, headers) = (request.uri().path(), request.headers());
            let host = headers[header::HOST].to_str().unwrap();
            let host = host.split(':').next().unwrap().to_owned();
            let (answer, after) = served.lock().unwrap().begin(path, headers, &host);
            tokio::time::sleep(after).await;
            served.lock().unwrap().end(&host);
            answer
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, pages }
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address of the same page under another name of this machine.
    pub fn url_of_localhost(&self, path: &str) -> String {
        self.url(path).replace("127.0.0.1", "localhost")
    }

    /// Lets a page lead elsewhere.
    pub fn redirect(&self, path: &str, status: u16, leads_to: &str) {
        self.fail(path, status, None);
        let mut pages = self.pages.lock().unwrap();
        pages.feeds.get_mut(path).unwrap().leads_to = Some(leads_to.to_owned());
    }

    /// Lets a page be answered so late.
    pub fn delay(&self, path: &str, after: Duration) {
        let mut pages = self.pages.lock().unwrap();
        pages.feeds.get_mut(path).unwrap().after = after;
    }

    /// Gives this page's answer, with its entity tag, to another.
    pub fn copy(&self, from: &str, to: &str) {
        let mut pages = self.pages.lock().unwrap();
        let answer = pages.feeds[from].clone();
        pages.feeds.insert(to.to_owned(), answer);
    }

    /// The most requests to a host that were being answered at a time.
    pub fn most_at_once(&self, host: &str) -> usize {
        let pages = self.pages.lock().unwrap();
        pages.most.get(host).copied().unwrap_or_default()
    }

    /// The paths that were asked for since this or [`FeedSite::asked`] was called last.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// Writes a page; a new text has a new entity tag.
    pub fn write(&self, path: &str, body: impl AsRef<[u8]>) {
        self.answer(path, 200, body.as_ref(), None);
    }

    /// Lets a page fail.
    pub fn fail(&self, path: &str, status: u16, retry_after: Option<u64>) {
        self.answer(path, status, b"", retry_after);
    }

    fn answer(&self, path: &str, status: u16, body: &[u8], retry_after: Option<u64>) {
        let mut pages = self.pages.lock().unwrap();
        let answer = Answer {
            status,
            body: body.to_vec(),
            etag: format!("\"{}-{}\"", body.len(), pages.asked.len()),
            retry_after,
            leads_to: None,
            after: Duration::ZERO,
        };
        pages.feeds.insert(path.to_owned(), answer);
    }

    /// The requests since this was called last.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.pages.lock().unwrap().asked)
    }
}

impl Pages {
    fn begin(&mut self, path: &str, headers: &HeaderMap, host: &str) -> (Response, Duration) {
        let running = self.running.entry(host.to_owned()).or_default();
        *running += 1;
        let most = self.most.entry(host.to_owned()).or_default();
        *most = (*most).max(*running);
        let after = self
            .feeds
            .get(path)
            .map_or(Duration::ZERO, |page| page.after);
        (self.answer(path, headers), after)
    }

    fn end(&mut self, host: &str) {
        *self.running.entry(host.to_owned()).or_default() -= 1;
    }

    fn answer(&mut self, path: &str, headers: &HeaderMap) -> Response {
        let condition = headers.get(header::IF_NONE_MATCH);
        self.asked.push(Asked {
            path: path.to_owned(),
            conditional: condition.is_some(),
        });
        let Some(page) = self.feeds.get(path).cloned() else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let status = StatusCode::from_u16(page.status).unwrap();
        if let Some(place) = page.leads_to {
            return (status, [(header::LOCATION, place)]).into_response();
        }
        let etag = [(header::ETAG, page.etag.clone())];
        if let Some(seconds) = page.retry_after {
            return (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response();
        }
        if condition.is_some_and(|tag| tag.as_bytes() == page.etag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, etag).into_response();
        }
        (status, etag, page.body).into_response()
    }
}

/// An item of a feed: its GUID, title and category.
pub type Item<'a> = (&'a str, &'a str, &'a str);

/// RSS 2.0 of these items, published in the hours before the tests' Monday.
pub fn rss(items: &[Item<'_>]) -> String {
    let item = |(guid, title, category): &Item<'_>| {
        format!(
            "<item><title>{title}</title><link>https://news.example/{guid}</link><guid isPermaLink=\"false\">{guid}</guid>\
             <pubDate>Mon, 05 Jan 2026 05:00:00 GMT</pubDate><category>{category}</category>\
             <description>ملخّص {title}</description></item>"
        )
    };
    let items: Vec<String> = items.iter().map(item).collect();
    format!(
        "<rss version=\"2.0\"><channel><title>المرفأ</title>{}</channel></rss>",
        items.concat()
    )
}
