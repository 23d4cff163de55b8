//! A small HTTP client that does what a test says and nothing more: no redirects followed, no proxies, no cookies.

use std::sync::OnceLock;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use url::form_urlencoded;

use super::LIMIT;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's octets.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

/// A request to be finished by the test (headers, body) and given to [`send`].
pub fn request(method: Method, url: &str) -> RequestBuilder {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // Already there when the program's own code came first.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    });
    // A client of its own for each request: connections belong to the runtime of one test.
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(LIMIT);
    client.build().unwrap().request(method, url)
}

/// Sends a request and reads the answer.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        body: response.bytes().await.unwrap().into(),
    }
}

/// GET.
pub async fn get(url: &str) -> Answer {
    send(request(Method::GET, url)).await
}

/// DELETE.
pub async fn delete(url: &str) -> Answer {
    send(request(Method::DELETE, url)).await
}

/// POST of a form, as a browser without JavaScript does it.
pub async fn post_form(url: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    send(
        request(Method::POST, url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body),
    )
    .await
}

mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_form_is_posted_and_a_redirect_is_not_followed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/subscribe/weekly", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = String::new();
            while !request.ends_with("email=a%2Bb%40example.org") {
                let mut part = [0; 1024];
                let length = stream.read(&mut part).await.unwrap();
                assert!(length > 0, "{request}");
                request.push_str(std::str::from_utf8(&part[..length]).unwrap());
            }
            let reply = b"HTTP/1.1 303 See Other\r\nlocation: /sent\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(reply).await.unwrap();
            request
        });
        let answer = super::post_form(&url, &[("email", "a+b@example.org")]).await;
        assert_eq!(
            (
                answer.status,
                answer.header("location"),
                answer.json().is_object()
            ),
            (303, "/sent", true)
        );
        assert!(
            server
                .await
                .unwrap()
                .contains("application/x-www-form-urlencoded")
        );
    }
}
