//! A sample site: a small newspaper that this project wrote, with its pages, its feeds and a sign-up form that posts to us.
//!
//! It stands for the operator's own site in the demo, so it is served over HTTP and knows nothing of the rest of the program.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use page::{ArticlePage, Atom, FrontPage, NotFound, Rss, Site};
use paper::Paper;

mod page;
mod paper;
#[cfg(test)]
mod tests;

#[derive(RustEmbed)]
#[folder = "static/sample/"]
struct Asset;

/// One of the two sample sites.
#[derive(Debug, Clone)]
pub struct SampleSite {
    paper: Paper,
}

impl SampleSite {
    /// The Arabic news site, which offers RSS 2.0.
    pub fn arabic() -> Self {
        Self::parse(include_str!("../../static/sample/ar.json"))
    }

    /// The English city paper, which offers Atom.
    pub fn english() -> Self {
        Self::parse(include_str!("../../static/sample/en.json"))
    }

    fn parse(json: &str) -> Self {
        Self {
            paper: serde_json::from_str(json)
                .expect("the sample is part of the program and a test reads it"),
        }
    }

    /// The newspaper's name.
    pub fn title(&self) -> &str {
        &self.paper.title
    }

    /// The language of its articles, as a BCP 47 tag.
    pub fn language(&self) -> &str {
        &self.paper.language
    }

    /// The whole site: its pages, feeds and pictures.
    ///
    /// `base_url` is where it is served, without a slash at the end; the form posts `email` to `subscribe_url`; the
    /// articles are dated back from `now_ms`, epoch milliseconds.
    pub fn router(self, base_url: String, subscribe_url: String, now_ms: i64) -> Router {
        let site = Site::new(self.paper, base_url, subscribe_url, now_ms);
        Router::new()
            .route("/", get(front))
            .route("/articles/{slug}", get(article))
            .route("/feed.xml", get(xml_feed))
            .route("/feed.json", get(json_feed))
            .route("/images/{file}", get(image))
            .route("/site.css", get(style))
            .fallback(|State(site): State<Arc<Site>>| async move { not_found(&site) })
            .with_state(Arc::new(site))
    }
}

async fn front(State(site): State<Arc<Site>>) -> Response {
    html(&FrontPage::new(&site))
}

async fn article(State(site): State<Arc<Site>>, Path(slug): Path<String>) -> Response {
    match ArticlePage::new(&site, &slug) {
        Some(page) => html(&page),
        None => not_found(&site),
    }
}

async fn xml_feed(State(site): State<Arc<Site>>) -> Response {
    let feed = if site.offers_rss() {
        Rss { site: &site }.render()
    } else {
        Atom { site: &site }.render()
    };
    match feed {
        Ok(xml) => {
            let content_type = format!("{}; charset=utf-8", site.feed_type());
            ([(header::CONTENT_TYPE, content_type)], xml).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn json_feed(State(site): State<Arc<Site>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/feed+json")],
        site.json_feed().to_string(),
    )
        .into_response()
}

async fn image(State(site): State<Arc<Site>>, Path(file): Path<String>) -> Response {
    // The SVG sources lie in the same folder; only the pictures are published.
    if file.strip_suffix(".png").is_none() {
        return not_found(&site);
    }
    asset(&site, &format!("images/{file}"), "image/png")
}

async fn style(State(site): State<Arc<Site>>) -> Response {
    asset(&site, "site.css", "text/css; charset=utf-8")
}

fn asset(site: &Site, path: &str, content_type: &'static str) -> Response {
    match Asset::get(path) {
        Some(file) => ([(header::CONTENT_TYPE, content_type)], file.data).into_response(),
        None => not_found(site),
    }
}

fn not_found(site: &Site) -> Response {
    (StatusCode::NOT_FOUND, html(&NotFound { site })).into_response()
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &askama::Error) -> Response {
    tracing::error!(%error, "a page of the sample site could not be rendered");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
