//! The pages and feeds of a sample site, and what their templates read.

use askama::Template;
use askama::filters::{Html, escape};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::paper::{Article, Paper, Section};

/// A newspaper at an address, on a day.
pub(super) struct Site {
    pub paper: Paper,
    /// Newest first.
    pub stories: Vec<Story>,
    pub base_url: String,
    pub subscribe_url: String,
    pub now: Timestamp,
    /// In the newspaper's language.
    pub today: String,
}

/// An article with its address and its date.
pub(super) struct Story {
    pub article: Article,
    pub category: String,
    pub url: String,
    pub published: Timestamp,
    /// In the newspaper's language.
    pub date: String,
}

impl Site {
    pub fn new(mut paper: Paper, base_url: String, subscribe_url: String, now_ms: i64) -> Self {
        let articles = std::mem::take(&mut paper.articles);
        let mut stories: Vec<Story> = articles
            .into_iter()
            .map(|article| Story::new(&paper, &base_url, article, now_ms))
            .collect();
        stories.sort_by_key(|story| std::cmp::Reverse(story.published));
        let now = timestamp(now_ms);
        let day = date(now);
        let weekday = &paper.weekdays[day.weekday().to_monday_zero_offset() as usize];
        let today = format!("{weekday} {} {}", day_and_month(&paper, day), day.year());
        Self {
            paper,
            stories,
            base_url,
            subscribe_url,
            now,
            today,
        }
    }

    /// The Arabic site offers RSS and the English one Atom, so that the demo reads both.
    pub fn offers_rss(&self) -> bool {
        self.paper.language == "ar"
    }

    pub fn feed_type(&self) -> &'static str {
        if self.offers_rss() {
            "application/rss+xml"
        } else {
            "application/atom+xml"
        }
    }

    pub fn built(&self) -> String {
        rfc2822(self.now)
    }

    fn story(&self, slug: &str) -> Option<&Story> {
        self.stories.iter().find(|story| story.article.slug == slug)
    }

    fn section(&self, key: &str) -> impl Iterator<Item = &Story> {
        self.stories
            .iter()
            .filter(move |story| story.article.section == key)
    }

    /// JSON Feed 1.1.
    pub fn json_feed(&self) -> Value {
        let items: Vec<Value> = self.stories.iter().map(|story| self.json(story)).collect();
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.paper.title,
            "description": self.paper.description,
            "language": self.paper.language,
            "home_page_url": format!("{}/", self.base_url),
            "feed_url": format!("{}/feed.json", self.base_url),
            "items": items,
        })
    }

    fn json(&self, story: &Story) -> Value {
        let article = &story.article;
        let text = std::iter::once(&article.lead).chain(&article.body);
        let mut item = json!({
            "id": story.url,
            "url": story.url,
            "title": article.title,
            "summary": article.lead,
            "content_text": text.map(String::as_str).collect::<Vec<_>>().join("\n\n"),
            "date_published": story.published.to_string(),
            "authors": [{ "name": article.author }],
            "tags": [story.category],
        });
        if let Some(image) = &article.image {
            let url = format!("{}{}", self.base_url, image.path());
            item["image"] = json!(url);
            item["attachments"] =
                json!([{ "url": url, "mime_type": "image/png", "title": image.alt }]);
        }
        item
    }
}

impl Story {
    fn new(paper: &Paper, base_url: &str, article: Article, now_ms: i64) -> Self {
        let published = timestamp(now_ms - article.hours_ago * 3_600_000);
        let named = |section: &&Section| section.key == article.section;
        Self {
            category: paper
                .sections
                .iter()
                .find(named)
                .map(|section| section.name.clone())
                .unwrap_or_default(),
            url: format!("{base_url}/articles/{}", article.slug),
            published,
            date: day_and_month(paper, date(published)),
            article,
        }
    }

    pub fn path(&self) -> String {
        format!("/articles/{}", self.article.slug)
    }

    pub fn published_rfc2822(&self) -> String {
        rfc2822(self.published)
    }

    /// RSS descriptions are HTML, so the text is escaped here for that and once more by the template for XML.
    pub fn lead_html(&self) -> String {
        match escape(&self.article.lead, Html) {
            Ok(lead) => format!("<p>{lead}</p>"),
            Err(never) => match never {},
        }
    }
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn date(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

fn day_and_month(paper: &Paper, day: Date) -> String {
    let month = &paper.months[day.month() as usize - 1];
    format!("{} {month}", day.day())
}

fn rfc2822(at: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&at.to_zoned(TimeZone::UTC)).unwrap_or_default()
}

/// The front page: the lead story, what is read most, and the sections.
#[derive(Template)]
#[template(path = "sample/front.html")]
pub(super) struct FrontPage<'a> {
    site: &'a Site,
    lead: Option<&'a Story>,
    popular: Vec<&'a Story>,
    sections: Vec<(&'a Section, Vec<&'a Story>)>,
}

impl<'a> FrontPage<'a> {
    pub fn new(site: &'a Site) -> Self {
        let paper = &site.paper;
        let lead = paper.sections.first().and_then(|first| {
            site.section(&first.key)
                .find(|story| story.article.image.is_some())
        });
        let is_lead = |story: &Story| lead.is_some_and(|lead| lead.url == story.url);
        Self {
            site,
            lead,
            popular: paper
                .popular
                .iter()
                .filter_map(|slug| site.story(slug))
                .collect(),
            sections: paper
                .sections
                .iter()
                .map(|section| {
                    let stories = site.section(&section.key).filter(|story| !is_lead(story));
                    (section, stories.collect())
                })
                .collect(),
        }
    }
}

/// The page of one article.
#[derive(Template)]
#[template(path = "sample/article.html")]
pub(super) struct ArticlePage<'a> {
    site: &'a Site,
    story: &'a Story,
    read_also: Option<&'a Story>,
    related: Vec<&'a Story>,
}

impl<'a> ArticlePage<'a> {
    pub fn new(site: &'a Site, slug: &str) -> Option<Self> {
        let story = site.story(slug)?;
        let read_also = story.article.read_also.as_deref();
        Some(Self {
            site,
            story,
            read_also: read_also.and_then(|slug| site.story(slug)),
            related: site
                .section(&story.article.section)
                .filter(|other| other.article.slug != slug)
                .take(4)
                .collect(),
        })
    }
}

/// The page of an address that holds nothing.
#[derive(Template)]
#[template(path = "sample/not_found.html")]
pub(super) struct NotFound<'a> {
    pub site: &'a Site,
}

/// RSS 2.0 with Dublin Core authors and Media RSS pictures.
#[derive(Template)]
#[template(path = "sample/rss.xml")]
pub(super) struct Rss<'a> {
    pub site: &'a Site,
}

/// Atom (RFC 4287) with Media RSS pictures.
#[derive(Template)]
#[template(path = "sample/atom.xml")]
pub(super) struct Atom<'a> {
    pub site: &'a Site,
}
