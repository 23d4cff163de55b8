//! Reads a feed over http(s) or from a file: limits on time and size (X4), the guard on every redirect (X3), conditional GET.

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use url::Url;

use super::FeedError;
use super::guard::{self, GuardedResolver};

/// How much a feed may cost (X4).
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// To connect.
    pub connect: Duration,
    /// For everything, redirects included.
    pub total: Duration,
    /// Of the body, as sent and as unpacked.
    pub max_bytes: usize,
    /// Articles read of one feed; the rest is passed over.
    pub max_items: usize,
    /// Of one item's texts.
    pub max_item_bytes: usize,
    /// Redirects followed.
    pub redirects: usize,
    /// Whether inner networks and any port are allowed.
    pub allow_private: bool,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            max_bytes: 5 * 1024 * 1024,
            max_items: 500,
            max_item_bytes: 1024 * 1024,
            redirects: 5,
            allow_private: false,
        }
    }
}

/// What a server said of a version, to ask next time whether there is a newer one (RFC 9110 §8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its entity tag.
    pub etag: Option<String>,
    /// Its date.
    pub last_modified: Option<String>,
}

/// What a reading gave.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing newer than the validators.
    NotModified,
    /// The feed.
    Body {
        /// Unpacked, not decoded.
        bytes: Vec<u8>,
        /// As the server said.
        content_type: Option<String>,
        /// After redirects: what relative links count from.
        final_url: String,
        /// For next time.
        validators: Validators,
    },
}

/// Reads feeds; one client for all.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    limits: Arc<FetchLimits>,
}

impl Fetcher {
    /// A reader with these limits.
    pub fn new(limits: FetchLimits) -> Result<Self, FeedError> {
        static PROVIDER: Once = Once::new();
        // Somebody may have installed one already: any will do.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = Client::builder()
            .user_agent(concat!("nashra/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(GuardedResolver {
                allow_private: limits.allow_private,
            }))
            .no_proxy()
            .build()
            .map_err(|error| FeedError::Client(chain(&error)))?;
        Ok(Self {
            client,
            limits: Arc::new(limits),
        })
    }

    /// The limits.
    pub fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    /// Reads an address.
    pub async fn fetch(&self, url: &str, validators: &Validators) -> Result<Fetched, FeedError> {
        let reading = self.follow(url, validators);
        tokio::time::timeout(self.limits.total, reading)
            .await
            .unwrap_or_else(|_| {
                Err(FeedError::Timeout {
                    url: url.to_owned(),
                    seconds: self.limits.total.as_secs(),
                })
            })
    }

    async fn follow(&self, start: &str, validators: &Validators) -> Result<Fetched, FeedError> {
        let mut url = Url::parse(start).map_err(|_| FeedError::Address {
            url: start.to_owned(),
        })?;
        for _ in 0..=self.limits.redirects {
            guard::check(&url, self.limits.allow_private)?;
            let response = self.ask(&url, validators).await?;
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED
            {
                return self.answer(start, response).await;
            }
            url = next(start, &url, response.headers())?;
        }
        let reason = format!(
            "more than {} redirects; write the last address into the list",
            self.limits.redirects
        );
        Err(FeedError::Redirect {
            url: start.to_owned(),
            reason,
        })
    }

    async fn ask(&self, url: &Url, validators: &Validators) -> Result<Response, FeedError> {
        let mut request = self
            .client
            .get(url.clone())
            .header(ACCEPT, "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5");
        if let Some(etag) = &validators.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &validators.last_modified {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        request
            .send()
            .await
            .map_err(|error| unreachable(url.as_str(), &error))
    }

    async fn answer(&self, start: &str, mut response: Response) -> Result<Fetched, FeedError> {
        let url = || start.to_owned();
        match response.status() {
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
            StatusCode::GONE => return Err(FeedError::Gone { url: url() }),
            status if !status.is_success() => {
                let retry_after = text(response.headers(), RETRY_AFTER.as_str())
                    .and_then(|seconds| seconds.parse().ok());
                return Err(FeedError::Status {
                    url: url(),
                    status: status.as_u16(),
                    retry_after,
                });
            }
            _ => {}
        }
        let limit = self.limits.max_bytes;
        let too_large = || FeedError::TooLarge { url: url(), limit };
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        // Chunks come unpacked: a small body that unpacks without end stops here.
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| unreachable(start, &error))?
        {
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched::Body {
            bytes,
            content_type: text(response.headers(), CONTENT_TYPE.as_str()),
            final_url: response.url().to_string(),
            validators: Validators {
                etag: text(response.headers(), ETAG.as_str()),
                last_modified: text(response.headers(), LAST_MODIFIED.as_str()),
            },
        })
    }
}

/// Reads an address or a file.
pub async fn read_source(
    fetcher: &Fetcher,
    source: &str,
    validators: &Validators,
) -> Result<Fetched, FeedError> {
    if source.starts_with("http://") || source.starts_with("https://") {
        return fetcher.fetch(source, validators).await;
    }
    let path = Url::parse(source)
        .ok()
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok());
    let path = path.unwrap_or_else(|| Path::new(source).to_owned());
    let failed = |error: std::io::Error| FeedError::File {
        path: source.to_owned(),
        reason: error.to_string(),
    };
    let limit = fetcher.limits.max_bytes;
    if tokio::fs::metadata(&path).await.map_err(failed)?.len() > limit as u64 {
        return Err(FeedError::TooLarge {
            url: source.to_owned(),
            limit,
        });
    }
    let bytes = tokio::fs::read(&path).await.map_err(failed)?;
    Ok(Fetched::Body {
        bytes,
        content_type: None,
        final_url: source.to_owned(),
        validators: Validators::default(),
    })
}

fn next(start: &str, url: &Url, headers: &HeaderMap) -> Result<Url, FeedError> {
    let wrong = |reason: &str| FeedError::Redirect {
        url: start.to_owned(),
        reason: reason.to_owned(),
    };
    let location =
        text(headers, LOCATION.as_str()).ok_or_else(|| wrong("a redirect without an address"))?;
    let next = url
        .join(&location)
        .map_err(|_| wrong("a redirect to something that is no address"))?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(wrong("a redirect from https to http is not followed"));
    }
    Ok(next)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn unreachable(url: &str, error: &reqwest::Error) -> FeedError {
    let reason = chain(error);
    match reason.split_once(guard::FORBIDDEN) {
        Some((_, reason)) => FeedError::Forbidden {
            url: url.to_owned(),
            reason: reason.to_owned(),
        },
        None => FeedError::Unreachable {
            url: url.to_owned(),
            reason,
        },
    }
}

/// The last cause says most: the outer ones repeat the address.
fn chain(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
