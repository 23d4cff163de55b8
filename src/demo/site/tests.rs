//! What the demo relies on: complete samples, feeds that a reader understands, pages that escape (issue point 1).

use std::collections::HashSet;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use feed_rs::model::Feed;
use tower::ServiceExt;

use super::{Asset, SampleSite};

const NOW_MS: i64 = 1_795_420_800_000;
const BASE: &str = "http://127.0.0.1:8081";
const SUBSCRIBE: &str = "http://127.0.0.1:8080/subscribe/weekly?from=site&lang=x";
const HOSTILE: &str = r#"</title><script>alert("1")</script> & ]]> '"#;

fn both() -> [SampleSite; 2] {
    [SampleSite::arabic(), SampleSite::english()]
}

async fn fetch(site: SampleSite, path: &str) -> (StatusCode, String, Vec<u8>) {
    let router = site.router(BASE.to_owned(), SUBSCRIBE.to_owned(), NOW_MS);
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let content_type = response.headers()[header::CONTENT_TYPE]
        .to_str()
        .unwrap()
        .to_owned();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, content_type, body.to_vec())
}

async fn page(site: SampleSite, path: &str) -> String {
    String::from_utf8(fetch(site, path).await.2).unwrap()
}

/// The sample with markup wherever an article has words.
fn hostile() -> SampleSite {
    let mut site = SampleSite::arabic();
    for article in &mut site.paper.articles {
        HOSTILE.clone_into(&mut article.title);
        HOSTILE.clone_into(&mut article.lead);
        HOSTILE.clone_into(&mut article.source);
        HOSTILE.clone_into(&mut article.author);
        article.body = vec![HOSTILE.to_owned(); 3];
        if let Some(image) = &mut article.image {
            HOSTILE.clone_into(&mut image.alt);
        }
    }
    site
}

#[test]
fn each_sample_is_complete() {
    for site in both() {
        let paper = site.paper;
        let slugs: HashSet<&str> = paper.articles.iter().map(|a| a.slug.as_str()).collect();
        assert_eq!(slugs.len(), paper.articles.len(), "slugs are unique");
        assert!(paper.articles.len() >= 12);
        assert_eq!(paper.sections.len(), 4);
        for section in &paper.sections {
            let articles = paper.articles.iter().filter(|a| a.section == section.key);
            let (count, with_image) = articles.fold((0, 0), |(count, images), article| {
                (count + 1, images + usize::from(article.image.is_some()))
            });
            assert!(count >= 1, "{} is empty", section.name);
            if section.key == "cartoon" {
                assert!((1..=2).contains(&count) && with_image == count);
            }
        }
        for article in &paper.articles {
            assert!(
                paper
                    .sections
                    .iter()
                    .any(|section| section.key == article.section)
            );
            assert!(
                (0..=6 * 24).contains(&article.hours_ago),
                "{}",
                article.slug
            );
            assert!(
                article
                    .read_also
                    .iter()
                    .all(|slug| slugs.contains(slug.as_str()))
            );
            assert_eq!(article.body.is_empty(), article.section == "cartoon");
            if let Some(image) = &article.image {
                let file = Asset::get(&format!("images/{}", image.file)).expect(&image.file);
                assert!(file.data.starts_with(b"\x89PNG") && file.data.len() <= 30 * 1024);
                assert!(!image.alt.is_empty());
            }
        }
        assert!(
            paper
                .popular
                .iter()
                .all(|slug| slugs.contains(slug.as_str()))
        );
    }
}

/// Reads a feed as the program's own reader does, from the raw bytes.
async fn feed(site: SampleSite, path: &str, content_type: &str) -> Feed {
    let (status, given, body) = fetch(site, path).await;
    assert_eq!((status, given.as_str()), (StatusCode::OK, content_type));
    feed_rs::parser::parse(body.as_slice()).unwrap()
}

#[tokio::test]
async fn every_feed_holds_every_article() {
    let [ar, en] = both();
    let rss = "application/rss+xml; charset=utf-8";
    let atom = "application/atom+xml; charset=utf-8";
    let json = "application/feed+json";
    for (site, path, content_type) in [
        (&ar, "/feed.xml", rss),
        (&en, "/feed.xml", atom),
        (&ar, "/feed.json", json),
        (&en, "/feed.json", json),
    ] {
        let feed = feed(site.clone(), path, content_type).await;
        let paper = &site.paper;
        assert_eq!(feed.title.unwrap().content, paper.title);
        assert_eq!(feed.entries.len(), paper.articles.len());
        for article in &paper.articles {
            let url = format!("{BASE}/articles/{}", article.slug);
            let entry = feed.entries.iter().find(|e| e.id == url).expect(&url);
            assert_eq!(entry.links[0].href, url);
            assert_eq!(entry.title.as_ref().unwrap().content, article.title);
            assert_eq!(
                entry.authors[0].name.as_deref(),
                Some(article.author.as_str())
            );
            let published = entry.published.unwrap().timestamp_millis();
            assert_eq!(published, NOW_MS - article.hours_ago * 3_600_000);
            let section = paper
                .sections
                .iter()
                .find(|s| s.key == article.section)
                .unwrap();
            let category = &entry.categories[0];
            assert_eq!(
                category.label.as_ref().unwrap_or(&category.term),
                &section.name
            );
            let Some(image) = &article.image else {
                continue;
            };
            let picture = format!("{BASE}/images/{}", image.file);
            if path == "/feed.json" {
                assert!(entry.links.iter().any(|link| link.href == picture));
            } else {
                let media = &entry.media[0];
                assert_eq!(media.content[0].url.as_ref().unwrap().as_str(), picture);
                assert_eq!(media.description.as_ref().unwrap().content, image.alt);
            }
        }
    }
}

#[tokio::test]
async fn the_front_page_shows_every_article_and_the_form() {
    for site in both() {
        let articles = site.paper.articles.clone();
        let html = page(site, "/").await;
        for article in articles {
            assert!(html.contains(&format!("/articles/{}\"", article.slug)));
        }
        assert!(html.contains(
            "method=\"post\" action=\"http://127.0.0.1:8080/subscribe/weekly?from=site&#38;lang=x\""
        ));
        assert!(html.contains("name=\"email\""));
    }
    let html = page(SampleSite::arabic(), "/").await;
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"));
    assert!(html.contains("الاثنين 23 تشرين الثاني 2026"), "{html}");
}

#[tokio::test]
async fn an_article_page_shows_its_text_and_what_to_read_next() {
    let html = page(SampleSite::arabic(), "/articles/old-harbour-reopens").await;
    assert!(html.contains("340 متراً"));
    assert!(html.contains("اقرأ أيضاً: <a href=\"/articles/eastern-quay-fishermen\">"));
    assert!(html.contains("alt=\"مركب شراعي"));
}

#[tokio::test]
async fn hostile_words_stay_words() {
    for path in ["/", "/articles/old-harbour-reopens", "/feed.xml"] {
        let text = page(hostile(), path).await;
        assert!(!text.contains("<script"), "{path}");
        assert!(!text.contains("alt=\"</title>"), "{path}");
    }
    let feed = feed(hostile(), "/feed.xml", "application/rss+xml; charset=utf-8").await;
    assert_eq!(
        feed.entries[0].title.as_ref().unwrap().content,
        HOSTILE.trim()
    );
    // The description is HTML once the XML is read, and there too the markup is only words.
    assert!(
        !feed.entries[0]
            .summary
            .as_ref()
            .unwrap()
            .content
            .contains("<script")
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_on_a_page_of_the_site() {
    for path in [
        "/articles/none",
        "/nothing",
        "/images/none.png",
        "/images/harbour.svg",
        "/images/..%2Far.json",
    ] {
        let (status, content_type, body) = fetch(SampleSite::english(), path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(content_type, "text/html; charset=utf-8");
        assert!(
            String::from_utf8(body)
                .unwrap()
                .contains("There is no page")
        );
    }
    let (status, content_type, _) = fetch(SampleSite::english(), "/images/harbour.png").await;
    assert_eq!(
        (status, content_type.as_str()),
        (StatusCode::OK, "image/png")
    );
}
