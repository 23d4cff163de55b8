//! Fetching a feed: HTTP with limits, redirects by hand so that each hop is checked, conditional GET (RFC 9110 §13).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::io::AsyncReadExt;
use url::Url;

use super::FetchLimits;
use super::error::FeedError;
use super::guard::{self, Guard, Refused};

/// What a server said to recognise the version of a feed by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, verbatim.
    pub etag: Option<String>,
    /// `Last-Modified`, verbatim.
    pub last_modified: Option<String>,
}

/// What came of fetching.
#[derive(Debug)]
pub enum Fetched {
    /// The same as the last time (304).
    NotModified {
        /// As in `Body`.
        moved: Option<String>,
    },
    /// A body.
    Body {
        /// As sent, after decompression.
        bytes: Vec<u8>,
        /// `Content-Type`, verbatim.
        content_type: Option<String>,
        /// Where it was in the end: the base of relative links.
        final_url: String,
        /// To be sent the next time.
        validators: Validators,
        /// Where the address that was asked leads for good: as far as every redirect was permanent (301, 308; RFC 9110 §15.4).
        moved: Option<String>,
    },
}

/// Fetches feeds; built once, keeps its connections.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    limits: FetchLimits,
}

impl Fetcher {
    /// Builds the client: no proxies, no redirects of its own, names resolved by the guard.
    pub fn new(limits: FetchLimits) -> Result<Self, FeedError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // It fails only when another thread was first, with a provider just as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut builder = Client::builder()
            .user_agent(concat!("nashra/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if !limits.allow_private {
            builder = builder.dns_resolver(Guard);
        }
        let client = builder.build().map_err(FeedError::Client)?;
        Ok(Self { client, limits })
    }

    /// The limits it was built with; [`super::parse`] wants the same.
    pub fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    /// Fetches one feed, or learns that it has not changed.
    pub async fn fetch(&self, url: &str, validators: &Validators) -> Result<Fetched, FeedError> {
        let start = Url::parse(url.trim()).map_err(|reason| FeedError::BadUrl {
            url: url.to_owned(),
            reason,
        })?;
        let at = Mutex::new(guard::shown(&start));
        tokio::time::timeout(self.limits.total, self.follow(&start, validators, &at))
            .await
            .unwrap_or_else(|_| {
                Err(FeedError::TimedOut {
                    url: at.into_inner().unwrap_or_else(PoisonError::into_inner),
                    limit: self.limits.total,
                })
            })
    }

    /// Keeps in `at` whose answer is waited for.
    async fn follow(
        &self,
        start: &Url,
        validators: &Validators,
        at: &Mutex<String>,
    ) -> Result<Fetched, FeedError> {
        guard::check(start, self.limits.allow_private)?;
        let mut seen = vec![start.clone()];
        let mut url = start.clone();
        let (mut moved, mut for_good) = (None, true);
        loop {
            let response = self.get(&url, validators).await?;
            let Some(next) = redirect_target(&url, &response)? else {
                return match self.answer(&url, response, moved).await {
                    // Whoever led there for now only may lead somewhere else the next time.
                    Err(FeedError::Gone { url }) if !for_good => {
                        Err(FeedError::Status { url, status: 410 })
                    }
                    answer => answer,
                };
            };
            check_hop(&seen, &next, &self.limits)?;
            for_good &= is_for_good(response.status(), &next);
            if for_good {
                moved = Some(next.to_string());
            }
            seen.push(next.clone());
            *at.lock().unwrap_or_else(PoisonError::into_inner) = guard::shown(&next);
            url = next;
        }
    }

    async fn get(&self, url: &Url, validators: &Validators) -> Result<Response, FeedError> {
        let mut request = self.client.get(url.clone()).header(
            header::ACCEPT,
            "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
        );
        if let Some(etag) = &validators.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &validators.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        request
            .send()
            .await
            .map_err(|error| self.failure(url, &error))
    }

    async fn answer(
        &self,
        url: &Url,
        response: Response,
        moved: Option<String>,
    ) -> Result<Fetched, FeedError> {
        let place = guard::shown(url);
        let status = response.status();
        match status {
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified { moved }),
            StatusCode::GONE => return Err(FeedError::Gone { url: place }),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                return Err(FeedError::Busy {
                    url: place,
                    status: status.as_u16(),
                    retry_after: retry_after(response.headers()),
                });
            }
            StatusCode::OK => {}
            _ => {
                return Err(FeedError::Status {
                    url: place,
                    status: status.as_u16(),
                });
            }
        }
        let content_type = text(response.headers(), &header::CONTENT_TYPE);
        let validators = Validators {
            etag: text(response.headers(), &header::ETAG),
            last_modified: text(response.headers(), &header::LAST_MODIFIED),
        };
        Ok(Fetched::Body {
            bytes: self.body(url, response).await?,
            content_type,
            final_url: url.to_string(),
            validators,
            moved,
        })
    }

    /// The body, given up as soon as it passes the limit (a gzip bomb too: these bytes are decompressed).
    async fn body(&self, url: &Url, mut response: Response) -> Result<Vec<u8>, FeedError> {
        let limit = self.limits.max_bytes;
        let too_large = || FeedError::TooLarge {
            place: guard::shown(url),
            limit,
        };
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failure(url, &error))?
        {
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn failure(&self, url: &Url, error: &reqwest::Error) -> FeedError {
        let url = guard::shown(url);
        let mut cause: &(dyn std::error::Error + 'static) = error;
        let mut tls = None;
        loop {
            if let Some(Refused(address)) = cause.downcast_ref() {
                return FeedError::AddressRefused {
                    url,
                    address: *address,
                };
            }
            tls = tls.or_else(|| tls_error(cause));
            match cause.source() {
                Some(source) => cause = source,
                None => break,
            }
        }
        let reason = cause.to_string();
        if let Some(reason) = tls {
            FeedError::Tls { url, reason }
        } else if error.is_timeout() {
            FeedError::TimedOut {
                url,
                limit: self.limits.connect,
            }
        } else if error.is_dns() {
            FeedError::Resolve { url, reason }
        } else {
            FeedError::Connection { url, reason }
        }
    }
}

/// rustls hands its errors through one or more `io::Error`, whose `source()` skips the error that it wraps.
fn tls_error(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    match cause.downcast_ref::<std::io::Error>() {
        Some(wrapper) => tls_error(wrapper.get_ref()?),
        None => cause.downcast_ref().map(rustls::Error::to_string),
    }
}

fn redirect_target(url: &Url, response: &Response) -> Result<Option<Url>, FeedError> {
    let status = response.status();
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    text(response.headers(), &header::LOCATION)
        .and_then(|location| url.join(&location).ok())
        .map(Some)
        .ok_or_else(|| FeedError::BadRedirect {
            url: guard::shown(url),
            status: status.as_u16(),
        })
}

/// Whether a redirect with this status may be remembered. One that brings a password along is not: passwords stay in the
/// configuration.
fn is_for_good(status: StatusCode, next: &Url) -> bool {
    matches!(status.as_u16(), 301 | 308) && next.username().is_empty() && next.password().is_none()
}

/// Whether a redirect may be followed after those already `seen`.
fn check_hop(seen: &[Url], next: &Url, limits: &FetchLimits) -> Result<(), FeedError> {
    let start = seen.first().unwrap_or(next);
    if seen.last().is_some_and(|url| url.scheme() == "https") && next.scheme() == "http" {
        return Err(FeedError::Downgrade {
            url: guard::shown(start),
            next: guard::shown(next),
        });
    }
    if seen.contains(next) {
        return Err(FeedError::RedirectLoop {
            url: guard::shown(start),
            next: guard::shown(next),
        });
    }
    if seen.len() > limits.redirects {
        return Err(FeedError::TooManyRedirects {
            url: guard::shown(start),
            limit: limits.redirects,
        });
    }
    guard::check(next, limits.allow_private)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `Retry-After` in seconds; a date is measured against the server's own `Date`, so no clock is needed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let after = text(headers, &header::RETRY_AFTER)?;
    if let Ok(seconds) = after.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let date = |text: &str| parser.parse_timestamp(text.trim()).ok();
    let seconds = date(&after)?.as_second() - date(&text(headers, &header::DATE)?)?.as_second();
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// Reads a feed from where it is: an http(s) URL, a `file:` URL, or a path.
pub async fn read_source(
    fetcher: &Fetcher,
    source: &str,
    validators: &Validators,
) -> Result<Fetched, FeedError> {
    let path = match Url::parse(source) {
        Ok(url) if url.scheme() == "file" => url
            .to_file_path()
            .map_err(|()| FeedError::Scheme { url: source.into() })?,
        // `https:` and every other scheme with an authority; `C:\feed.xml` is a path.
        Ok(url) if url.has_host() => return fetcher.fetch(source, validators).await,
        _ => PathBuf::from(source),
    };
    Ok(Fetched::Body {
        bytes: read_file(&path, fetcher.limits.max_bytes).await?,
        content_type: None,
        final_url: source.to_owned(),
        validators: Validators::default(),
        moved: None,
    })
}

async fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, FeedError> {
    let unreadable = |reason: std::io::Error| match reason.kind() {
        std::io::ErrorKind::NotFound => FeedError::FileNotFound { path: path.into() },
        _ => FeedError::FileUnreadable {
            path: path.into(),
            reason,
        },
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(unreadable)?;
    if bytes.len() > limit {
        return Err(FeedError::TooLarge {
            place: path.display().to_string(),
            limit,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
