//! Fetching against a small server of our own: limits, redirects, conditional GET, the guard (standards X3, X4).

use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::*;

const BOMB: &[u8] = include_bytes!("../../../tests/fixtures/feeds/bomb.gz");

/// A server on 127.0.0.1 that answers by path and keeps the requests.
struct Site {
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept)));
            }
        });
        Self { origin, requests }
    }

    async fn fetch(&self, path: &str) -> Result<Fetched, FeedError> {
        self.fetch_within(Duration::from_secs(30), path).await
    }

    async fn fetch_within(&self, total: Duration, path: &str) -> Result<Fetched, FeedError> {
        let limits = FetchLimits {
            total,
            allow_private: true,
            ..FetchLimits::default()
        };
        Fetcher::new(limits)
            .unwrap()
            .fetch(&format!("{}{path}", self.origin), &Validators::default())
            .await
    }
}

fn fetcher(allow_private: bool) -> Fetcher {
    let limits = FetchLimits {
        allow_private,
        ..FetchLimits::default()
    };
    Fetcher::new(limits).unwrap()
}

async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let hop = path
        .strip_prefix("/hop/")
        .and_then(|hop| hop.parse::<usize>().ok());
    let same = head.contains("if-none-match: \"v1\"");
    let host = head.split("host: ").nth(1).unwrap();
    let host = host.split("\r\n").next().unwrap().to_owned();
    requests.lock().unwrap().push(head);
    let send = |head: &str| format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").into_bytes();
    let answer = match path.as_str() {
        "/feed" if same => send("304 Not Modified"),
        "/feed" => [send("200 OK\r\nETag: \"v1\"\r\nLast-Modified: Fri, 20 Nov 2026 09:30:00 GMT\r\nContent-Type: application/rss+xml\r\nContent-Length: 5"), b"<rss>".to_vec()].concat(),
        "/loop" => send("302 Found\r\nLocation: /back"),
        "/back" => send("301 Moved\r\nLocation: /loop"),
        "/moved" => send("301 Moved Permanently\r\nLocation: /moved/on"),
        "/moved/on" => send("308 Permanent Redirect\r\nLocation: /feed"),
        "/moved/partly" => send("301 Moved Permanently\r\nLocation: /hop/1"),
        "/moved/later" => send("307 Temporary Redirect\r\nLocation: /moved"),
        "/moved/secretly" => send(&format!("301 Moved Permanently\r\nLocation: http://me:pa55word@{host}/feed")),
        "/nowhere" => send("302 Found"),
        "/file" => send("302 Found\r\nLocation: file:///etc/hostname"),
        "/gone" => send("410 Gone"),
        "/missing" => send("404 Not Found"),
        "/busy" => send("429 Too Many Requests\r\nRetry-After: 120"),
        "/later" => send("503 Busy\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 10:05:00 GMT"),
        "/announced" => send("200 OK\r\nContent-Length: 50000000"),
        "/bomb" => [send(&format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", BOMB.len())), BOMB.to_vec()].concat(),
        "/short" => [send("200 OK\r\nContent-Length: 100"), b"<rss>".to_vec()].concat(),
        "/endless" | "/slow" => send("200 OK"),
        _ => match hop {
            Some(0) => send("302 Found\r\nLocation: /feed"),
            Some(hop) => send(&format!("302 Found\r\nLocation: /hop/{}", hop - 1)),
            None => send("400 Bad Request"),
        },
    };
    let _ = stream.write_all(&answer).await;
    let chunk = [b'x'; 16 * 1024];
    while path == "/endless" && stream.write_all(&chunk).await.is_ok() {}
    if path == "/slow" {
        let _ = stream.write_all(b"<rss>").await;
        // Says no more, until the other side gives up.
        let _ = stream.read_u8().await;
    }
}

#[tokio::test]
async fn x4_a_feed_is_fetched_once_and_then_asked_whether_it_changed() {
    let site = Site::start().await;
    let Fetched::Body {
        bytes,
        content_type,
        final_url,
        validators,
        moved,
    } = site.fetch("/hop/2").await.unwrap()
    else {
        panic!()
    };
    assert_eq!(
        (bytes.as_slice(), content_type.as_deref()),
        (&b"<rss>"[..], Some("application/rss+xml"))
    );
    assert_eq!(final_url, format!("{}/feed", site.origin));
    assert_eq!(moved, None, "302 is for now");
    assert_eq!(validators.etag.as_deref(), Some("\"v1\""));
    let again = fetcher(true).fetch(&final_url, &validators).await.unwrap();
    assert!(matches!(again, Fetched::NotModified { moved: None }));
    let last = site.requests.lock().unwrap().pop().unwrap();
    assert!(
        last.contains("if-modified-since: fri, 20 nov 2026 09:30:00 gmt"),
        "{last}"
    );
    assert!(
        last.contains(concat!("user-agent: nashra/", env!("CARGO_PKG_VERSION"))),
        "{last}"
    );
}

#[tokio::test]
async fn x3_redirects_are_counted_and_circles_seen() {
    let site = Site::start().await;
    assert!(matches!(
        site.fetch("/loop").await,
        Err(FeedError::RedirectLoop { .. })
    ));
    assert!(matches!(
        site.fetch("/hop/4").await,
        Ok(Fetched::Body { .. })
    ));
    assert!(matches!(
        site.fetch("/hop/5").await,
        Err(FeedError::TooManyRedirects { limit: 5, .. })
    ));
    assert!(matches!(
        site.fetch("/nowhere").await,
        Err(FeedError::BadRedirect { status: 302, .. })
    ));
    assert!(matches!(
        site.fetch("/file").await,
        Err(FeedError::Scheme { .. })
    ));
}

/// RFC 9110 §15.4: only a chain that is permanent from its beginning may be remembered, and only as far as it is.
#[tokio::test]
async fn permanent_redirects_are_told_as_far_as_they_are_permanent() {
    let site = Site::start().await;
    for (path, expected) in [
        ("/feed", None),
        ("/moved", Some("/feed")),
        ("/moved/on", Some("/feed")),
        ("/moved/partly", Some("/hop/1")),
        ("/moved/later", None),
        ("/moved/secretly", None),
    ] {
        let Fetched::Body { moved, .. } = site.fetch(path).await.unwrap() else {
            panic!("{path}")
        };
        let expected = expected.map(|path| format!("{}{path}", site.origin));
        assert_eq!(moved, expected, "{path}");
    }
}

#[tokio::test]
async fn statuses_are_told_apart() {
    let site = Site::start().await;
    assert!(matches!(
        site.fetch("/gone").await,
        Err(FeedError::Gone { .. })
    ));
    assert!(matches!(
        site.fetch("/missing").await,
        Err(FeedError::Status { status: 404, .. })
    ));
    let busy = site.fetch("/busy").await.unwrap_err().to_string();
    assert!(busy.contains("429, in 120 s"), "{busy}");
    let later = site.fetch("/later").await.unwrap_err().to_string();
    assert!(later.contains("503, in 300 s"), "{later}");
}

#[tokio::test]
async fn x4_size_and_time_are_limited() {
    let site = Site::start().await;
    for path in ["/announced", "/endless", "/bomb"] {
        let error = site.fetch(path).await.unwrap_err();
        assert!(
            matches!(
                error,
                FeedError::TooLarge {
                    limit: 5_000_000,
                    ..
                }
            ),
            "{path}: {error}"
        );
    }
    let slow = site
        .fetch_within(Duration::from_millis(200), "/slow")
        .await
        .unwrap_err();
    assert!(matches!(slow, FeedError::TimedOut { .. }), "{slow}");
    let short = site.fetch("/short").await.unwrap_err();
    assert!(matches!(short, FeedError::Connection { .. }), "{short}");
}

#[tokio::test]
async fn x3_private_addresses_are_refused_by_number_and_by_name() {
    let site = Site::start().await;
    for url in [
        site.origin.as_str(),
        "http://localhost/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        let error = fetcher(false)
            .fetch(url, &Validators::default())
            .await
            .unwrap_err();
        assert!(
            matches!(error, FeedError::AddressRefused { .. }),
            "{url}: {error}"
        );
        assert!(error.to_string().contains("allow_private"));
    }
    assert!(site.requests.lock().unwrap().is_empty());
}

#[test]
fn x3_a_redirect_is_checked_like_the_first_address() {
    let redirect = |from: &str, to: &str| {
        let from = Url::parse(from).unwrap();
        let next = from.join(to).unwrap();
        check_hop(&[from], &next, &FetchLimits::default())
    };
    assert!(redirect("https://s.example/", "/b").is_ok());
    assert!(matches!(
        redirect("https://s.example/", "http://s.example/"),
        Err(FeedError::Downgrade { .. })
    ));
    assert!(matches!(
        redirect("http://s.example/", "http://169.254.169.254/"),
        Err(FeedError::AddressRefused { .. })
    ));
    assert!(matches!(
        redirect("http://s.example/", "//s.example:8080/"),
        Err(FeedError::PortRefused { .. })
    ));
}

#[tokio::test]
async fn failures_to_connect_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let fetch = async |url: String| {
        fetcher(true)
            .fetch(&url, &Validators::default())
            .await
            .unwrap_err()
    };
    let refused = fetch(format!("http://{closed}/")).await;
    assert!(matches!(refused, FeedError::Connection { .. }), "{refused}");
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await.unwrap();
        stream.read_u8().await
    });
    let tls = fetch(url).await;
    assert!(matches!(tls, FeedError::Tls { .. }), "{tls}");
    let unknown = fetch(format!("http://{}.example/", "x".repeat(64))).await;
    assert!(matches!(unknown, FeedError::Resolve { .. }), "{unknown}");
    let nonsense = fetch("http://".to_owned()).await;
    assert!(matches!(nonsense, FeedError::BadUrl { .. }), "{nonsense}");
}

#[tokio::test]
async fn files_are_read_by_path_and_by_url() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("feed.xml");
    std::fs::write(&path, b"<rss>").unwrap();
    let read =
        async |source: &str| read_source(&fetcher(false), source, &Validators::default()).await;
    for source in [
        path.display().to_string(),
        Url::from_file_path(&path).unwrap().to_string(),
    ] {
        assert!(
            matches!(read(&source).await, Ok(Fetched::Body { bytes, .. }) if bytes == b"<rss>"),
            "{source}"
        );
    }
    assert!(matches!(
        read("no/such/feed.xml").await,
        Err(FeedError::FileNotFound { .. })
    ));
    assert!(matches!(
        read(&place.path().display().to_string()).await,
        Err(FeedError::FileUnreadable { .. })
    ));
    std::fs::File::create(&path)
        .unwrap()
        .set_len(50_000_000)
        .unwrap();
    assert!(matches!(
        read(&path.display().to_string()).await,
        Err(FeedError::TooLarge { .. })
    ));
    assert!(matches!(
        read("ftp://site.example/feed").await,
        Err(FeedError::Scheme { .. })
    ));
}
