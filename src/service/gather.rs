//! Articles in: every feed of every list is read, its articles are stored once and placed in the lists that asked for it.
//! A feed that fails is reported and passed over; the others, and the digest, go on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Context, Error};
use crate::domain::article::NewArticle;
use crate::domain::list::{List, section_for};
use crate::feed::{self, FeedError, FetchLimits, Fetched, Fetcher, ParsedFeed, Validators};
use crate::store::article::{Placement, Stored};
use crate::store::{self, Tx};

/// How many feeds are read at a time.
const PARALLEL: usize = 8;

/// A server that wants to be left alone for longer is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What one feed gave.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FeedReport {
    /// The feed.
    pub url: String,
    /// Articles not known before.
    pub new: usize,
    /// Articles whose title, summary or picture changed.
    pub changed: usize,
    /// Articles known just so.
    pub same: usize,
    /// Items that could not be used, each with the reason.
    pub skipped: Vec<String>,
    /// Drafts, which are left alone.
    pub drafts: usize,
    /// The feed had nothing new (304, or a folder whose files are as they were).
    pub unchanged: bool,
    /// Why it could not be read.
    pub error: Option<String>,
}

impl FeedReport {
    pub(super) fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            new: 0,
            changed: 0,
            same: 0,
            skipped: Vec::new(),
            drafts: 0,
            unchanged: false,
            error: None,
        }
    }

    /// What was stored, as a line for the terminal.
    pub fn in_words(&self) -> String {
        let Self {
            url,
            new,
            changed,
            same,
            ..
        } = self;
        match self.drafts {
            0 => format!("{url}: {new} new, {changed} changed, {same} known"),
            drafts => {
                format!("{url}: {new} new, {changed} changed, {same} known; drafts: {drafts}")
            }
        }
    }

    pub(super) fn count(&mut self, stored: Stored) {
        match stored {
            Stored::New => self.new += 1,
            Stored::Changed => self.changed += 1,
            Stored::Same => self.same += 1,
        }
    }
}

/// A feed and the lists it goes to, each with the section the list gives it.
pub(super) type Placing = Vec<(Arc<List>, Option<String>)>;

/// Reads every feed of `lists`, several at a time; one report for each, by address.
pub async fn gather(
    context: &Context,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
) -> Result<Vec<FeedReport>, Error> {
    read_all(context, fetcher, placings(lists)).await
}

/// Reads those feeds of `lists` whose last reading is older than `gather_interval`.
pub async fn gather_stale(
    context: &Context,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
) -> Result<Vec<FeedReport>, Error> {
    let before_ms = context.clock.now_ms() - context.gather_interval.as_millis() as i64;
    let mut feeds = placings(lists);
    for row in store::feed::all(&mut context.database.read().await?).await? {
        if row.tried_ms.is_some_and(|tried| tried > before_ms) {
            feeds.remove(&row.url);
        }
    }
    read_all(context, fetcher, feeds).await
}

fn placings(lists: &[Arc<List>]) -> BTreeMap<String, Placing> {
    let mut feeds: BTreeMap<String, Placing> = BTreeMap::new();
    for list in lists {
        for source in &list.feeds {
            feeds
                .entry(source.url.clone())
                .or_default()
                .push((Arc::clone(list), source.section.clone()));
        }
    }
    feeds
}

async fn read_all(
    context: &Context,
    fetcher: &Fetcher,
    feeds: BTreeMap<String, Placing>,
) -> Result<Vec<FeedReport>, Error> {
    let turns = Arc::new(Semaphore::new(PARALLEL));
    let mut tasks = JoinSet::new();
    for (url, placing) in feeds {
        let (context, fetcher, turns) = (context.clone(), fetcher.clone(), Arc::clone(&turns));
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let read = read_feed(&context, &fetcher, &url, &placing).await;
            (url, read)
        });
    }
    let mut reports = Vec::new();
    while let Some(task) = tasks.join_next().await {
        match task {
            Ok((url, read)) => reports.push(read.or_else(|error| failed(&url, error))?),
            Err(panic) => {
                tracing::error!(%panic, "reading a feed ended in a panic; it is passed over");
            }
        }
    }
    reports.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(reports)
}

/// What the database refuses of one feed is that feed's business; a database that is away is everybody's.
fn failed(url: &str, error: Error) -> Result<FeedReport, Error> {
    if error.is_temporary() {
        return Err(error);
    }
    tracing::error!(feed = url, %error, "the articles of a feed cannot be stored; it is passed over");
    Ok(FeedReport {
        error: Some(error.to_string()),
        ..FeedReport::of(url)
    })
}

/// Reads one feed; only the database can make this fail.
async fn read_feed(
    context: &Context,
    fetcher: &Fetcher,
    url: &str,
    placing: &Placing,
) -> Result<FeedReport, Error> {
    let mut report = FeedReport::of(url);
    let described = describe(placing);
    let known = store::feed::by_url(&mut context.database.read().await?, url).await?;
    if let Some(retry_ms) = known.as_ref().and_then(|row| row.retry_ms)
        && retry_ms > context.clock.now_ms()
    {
        let until = jiff::Timestamp::from_millisecond(retry_ms).unwrap_or(jiff::Timestamp::MAX);
        report.error = Some(format!(
            "{url}: passed over, because its server asked not to be read before {until}"
        ));
        return Ok(report);
    }
    // Validators count only while the articles go to the same places as last time.
    let validators =
        known
            .filter(|row| row.placed_in == described)
            .map_or_else(Validators::default, |row| Validators {
                etag: row.etag,
                last_modified: row.last_modified,
            });
    let read = fetch_and_parse(fetcher, url, &validators).await;
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write_many().await?;
    match read {
        Ok(None) => {
            report.unchanged = true;
            store::feed::record_unchanged(&mut tx, url, now_ms).await?;
        }
        Ok(Some((parsed, validators))) => {
            store_articles(&mut tx, &parsed.articles, placing, now_ms, &mut report).await?;
            report.skipped = parsed.passed_over().collect();
            report.drafts = parsed.drafts;
            let (etag, last_modified) = (
                validators.etag.as_deref(),
                validators.last_modified.as_deref(),
            );
            store::feed::record_success(&mut tx, url, &described, etag, last_modified, now_ms)
                .await?;
        }
        Err(error) => {
            tracing::warn!(feed = url, %error, "feed passed over");
            report.error = Some(error.to_string());
            let wait = error.retry_after().map(|wait| wait.min(LONGEST_WAIT));
            let retry_ms = wait.map(|wait| now_ms + wait.as_millis() as i64);
            store::feed::record_failure(&mut tx, url, &error.to_string(), now_ms, retry_ms).await?;
        }
    }
    tx.commit().await?;
    Ok(report)
}

async fn fetch_and_parse(
    fetcher: &Fetcher,
    url: &str,
    validators: &Validators,
) -> Result<Option<(ParsedFeed, Validators)>, FeedError> {
    if feed::is_folder(url) {
        return read_folder(Path::new(url), validators, fetcher.limits()).await;
    }
    match feed::read_source(fetcher, url, validators).await? {
        Fetched::NotModified => Ok(None),
        Fetched::Body {
            bytes,
            content_type,
            final_url,
            validators,
        } => {
            // Reading megabytes of XML is work for another thread.
            let limits = fetcher.limits().clone();
            let read = tokio::task::spawn_blocking(move || {
                feed::parse(&bytes, content_type.as_deref(), &final_url, &limits)
            });
            let parsed = read
                .await
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
            Ok(Some((parsed, validators)))
        }
    }
}

/// Reads a folder of Markdown files on another thread; `None` when no file has changed.
pub(super) async fn read_folder(
    folder: &Path,
    known: &Validators,
    limits: &FetchLimits,
) -> Result<Option<(ParsedFeed, Validators)>, FeedError> {
    let (folder, known, limits) = (folder.to_owned(), known.clone(), limits.clone());
    tokio::task::spawn_blocking(move || feed::read_folder(&folder, &known, &limits))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Reads one feed without storing anything: `feed check`.
pub async fn check(fetcher: &Fetcher, url: &str) -> Result<ParsedFeed, FeedError> {
    let read = fetch_and_parse(fetcher, url, &Validators::default()).await?;
    Ok(read.map(|(parsed, _)| parsed).unwrap_or_default())
}

/// Stores articles and puts each into every list, in the section that its feed or its categories lead to.
pub(super) async fn store_articles(
    tx: &mut Tx,
    articles: &[NewArticle],
    placing: &Placing,
    now_ms: i64,
    report: &mut FeedReport,
) -> Result<(), Error> {
    let stored = store::article::upsert(tx, articles, now_ms).await?;
    let mut placed = BTreeMap::new();
    for (article, (id, what)) in articles.iter().zip(stored) {
        report.count(what);
        for (list, feed_section) in placing {
            let section = section_for(&list.sections, feed_section.as_deref(), &article.categories);
            if let Some(section) = section {
                placed.insert((list.id, id), section.key.as_str());
            }
        }
    }
    store::article::place(tx, &placements(placed)).await?;
    Ok(())
}

/// Sections by list and article.
pub(super) fn placements(sections: BTreeMap<(i64, i64), &str>) -> Vec<Placement<'_>> {
    sections
        .into_iter()
        .map(|((list_id, article_id), section)| Placement {
            list_id,
            article_id,
            section,
        })
        .collect()
}

/// Where a feed's articles go, as text to compare: lists, sections and the categories that lead to them.
fn describe(placing: &Placing) -> String {
    let places = placing.iter().map(|(list, section)| {
        if let Some(section) = section {
            format!("{}:{section}", list.slug)
        } else {
            let sections = list.sections.iter().map(|section| {
                let names = section.categories.join("|");
                format!("{}={}|{names}", section.key, section.name)
            });
            format!("{}:[{}]", list.slug, sections.collect::<Vec<_>>().join(","))
        }
    });
    places.collect::<Vec<_>>().join(" ")
}
