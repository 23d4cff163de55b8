//! Articles in: every feed of every list is read, its articles are stored once and placed in the lists that asked for it.
//! A feed that fails is reported and passed over; the others, and the digest, go on.

mod reading;
mod turns;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use self::reading::read_feed;
use self::turns::{HostSays, Turns};
use super::{Context, Error};
use crate::domain::article::NewArticle;
use crate::domain::feed::host;
use crate::domain::list::List;
use crate::domain::placing::{Rule, UrlPattern, place};
use crate::domain::popular::Source;
use crate::feed::{self, FeedError, FetchLimits, Fetched, Fetcher, ParsedFeed, Validators};
use crate::store::article::{Placement, Stored};
use crate::store::feed::FeedRow;
use crate::store::{self, Tx};

/// A server that wants to be left alone for longer is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Why feeds are read now; it decides which of those that fail are asked. A `Retry-After` is kept always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The interval is over: feeds in back-off and feeds that are gone (410) are left alone.
    Interval,
    /// A digest is about to be made: feeds in back-off are asked too.
    Digest,
    /// A person wants it: those that are gone too.
    Asked,
}

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

/// Reads the feeds of `lists` that may be asked on this occasion, several at a time and few of one host; one report for each, by
/// address. Only the database can make this fail.
pub async fn gather(
    context: &Context,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
    occasion: Occasion,
) -> Result<Vec<FeedReport>, Error> {
    let known = store::feed::all(&mut context.database.read().await?).await?;
    read_all(context, fetcher, placings(context, lists), known, occasion).await
}

/// Reads those feeds of `lists` whose last reading is older than `[feeds] interval`.
pub async fn gather_stale(
    context: &Context,
    fetcher: &Fetcher,
    lists: &[Arc<List>],
) -> Result<Vec<FeedReport>, Error> {
    let before_ms = context.clock.now_ms() - context.feeds.interval.as_millis() as i64;
    let mut feeds = placings(context, lists);
    let known = store::feed::all(&mut context.database.read().await?).await?;
    for row in &known {
        if row.tried_ms.is_some_and(|tried| tried > before_ms) {
            feeds.remove(&row.url);
        }
    }
    read_all(context, fetcher, feeds, known, Occasion::Interval).await
}

/// The feeds of `lists`, each with every list that has it, whichever lists are gathered for: what is read goes to all of them, and a
/// feed goes to the same places each time.
fn placings(context: &Context, lists: &[Arc<List>]) -> BTreeMap<String, Placing> {
    let mut feeds: BTreeMap<String, Placing> = BTreeMap::new();
    let wanted = lists.iter().flat_map(|list| &list.feeds);
    feeds.extend(wanted.map(|source| (source.url.clone(), Vec::new())));
    let all = context.lists.iter().chain(lists);
    // In the order of their slugs; a list that is given goes before the same of the configuration.
    let all: BTreeMap<&str, &Arc<List>> = all.map(|list| (list.slug.as_str(), list)).collect();
    for list in all.into_values() {
        for source in &list.feeds {
            if let Some(placing) = feeds.get_mut(&source.url) {
                placing.push((Arc::clone(list), source.section.clone()));
            }
        }
    }
    feeds
}

async fn read_all(
    context: &Context,
    fetcher: &Fetcher,
    feeds: BTreeMap<String, Placing>,
    known: Vec<FeedRow>,
    occasion: Occasion,
) -> Result<Vec<FeedReport>, Error> {
    let mut waiting = queue(feeds, known, context.feeds.parallel);
    let (mut tasks, mut hosts) = (JoinSet::new(), HashMap::new());
    let mut reports = Vec::new();
    loop {
        while let Some(turn) = waiting.next() {
            let (context, fetcher, (url, placing)) = (context.clone(), fetcher.clone(), turn.feed);
            let task = tasks.spawn(async move {
                let read = read_feed(&context, &fetcher, &url, &placing, occasion, turn.refusal);
                let read = read.await;
                (url, read)
            });
            hosts.insert(task.id(), turn.host);
        }
        let Some(task) = tasks.join_next_with_id().await else {
            break;
        };
        let id = task
            .as_ref()
            .map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        let mut says = HostSays::Something;
        match task {
            Ok((_, (_, Ok(reading)))) => {
                says = reading.says;
                reports.push(reading.report);
            }
            Ok((_, (url, Err(error)))) => reports.push(failed(&url, error)?),
            Err(panic) => {
                tracing::error!(%panic, "reading a feed ended in a panic; it is passed over");
            }
        }
        if let Some(host) = hosts.remove(&id) {
            waiting.done(&host, says);
        }
    }
    reports.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(reports)
}

/// The feeds in the queues of their hosts. Those that failed come last, most often last of all, so that some which always make their
/// host ask for a pause, or never answer, keep no other from being read.
fn queue(
    feeds: BTreeMap<String, Placing>,
    known: Vec<FeedRow>,
    parallel: usize,
) -> Turns<(String, Placing)> {
    let known: HashMap<String, FeedRow> = known
        .into_iter()
        .map(|row| (row.url.clone(), row))
        .collect();
    let mut feeds: Vec<_> = feeds.into_iter().collect();
    feeds.sort_by_key(|(url, _)| known.get(url).map_or(0, |row| row.failures));
    let mut turns = Turns::new(parallel);
    for (url, placing) in feeds {
        let moved_to = known.get(&url).and_then(|row| row.moved_to.as_deref());
        turns.add(host(moved_to.unwrap_or(&url)), (url, placing));
    }
    turns
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

/// What the feed holds, unless it is the same as the last time; and where the address that was asked leads for good.
async fn fetch_and_parse(
    fetcher: &Fetcher,
    url: &str,
    validators: &Validators,
) -> Result<(Option<(ParsedFeed, Validators)>, Option<String>), FeedError> {
    if feed::is_folder(url) {
        let limit = fetcher.limits().total;
        let read = read_folder(Path::new(url), validators, fetcher.limits());
        // A folder may lie on another machine, which may hang.
        let read = tokio::time::timeout(limit, read).await;
        let url = url.to_owned();
        return Ok((read.map_err(|_| FeedError::TimedOut { url, limit })??, None));
    }
    match feed::read_source(fetcher, url, validators).await? {
        Fetched::NotModified { moved } => Ok((None, moved)),
        Fetched::Body {
            bytes,
            content_type,
            final_url,
            validators,
            moved,
        } => {
            // Reading megabytes of XML is work for another thread.
            let limits = fetcher.limits().clone();
            let read = tokio::task::spawn_blocking(move || {
                feed::parse(&bytes, content_type.as_deref(), &final_url, &limits)
            });
            let parsed = read
                .await
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
            Ok((Some((parsed, validators)), moved))
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
    let (read, _) = fetch_and_parse(fetcher, url, &Validators::default()).await?;
    Ok(read.map(|(parsed, _)| parsed).unwrap_or_default())
}

/// Stores articles and puts each into every list, in the section that its feed, its address or its categories lead to; what they say of
/// how often they were read is kept as this source's.
pub(super) async fn store_articles(
    tx: &mut Tx,
    (articles, source): (&[NewArticle], Source),
    placing: &Placing,
    now_ms: i64,
    report: &mut FeedReport,
) -> Result<(), Error> {
    let stored = store::article::upsert(tx, articles, now_ms).await?;
    let (mut places, mut counts) = (Places::default(), Vec::new());
    for (article, (id, what)) in articles.iter().zip(stored) {
        report.count(what);
        counts.extend(article.views.map(|count| (id, count)));
        for (list, named) in placing {
            let named = named.as_deref();
            let found = place(&list.sections, named, &article.url, &article.categories);
            if let Some((section, rule)) = found {
                places.put((list.id, id), &section.key, &rule);
            }
        }
    }
    places.store(tx).await?;
    store::score::set(tx, source, &counts, now_ms).await?;
    Ok(())
}

/// The sections of articles by list and article; of one that is put twice the last counts.
#[derive(Default)]
pub(super) struct Places(BTreeMap<(i64, i64), (String, String)>);

impl Places {
    /// Puts an article of a list into a section.
    pub(super) fn put(&mut self, place: (i64, i64), section: &str, rule: &Rule) {
        self.0.insert(place, (section.to_owned(), rule.to_words()));
    }

    /// Writes them.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), store::Error> {
        let places = self.0.iter();
        let rows: Vec<Placement<'_>> = places
            .map(|((list_id, article_id), (section, rule))| Placement {
                list_id: *list_id,
                article_id: *article_id,
                section,
                rule: Some(rule),
            })
            .collect();
        store::article::place(tx, &rows).await
    }
}

/// Where a feed's articles go, as text to compare: lists, sections, and the categories and patterns that lead to them.
fn describe(placing: &Placing) -> String {
    let places = placing.iter().map(|(list, section)| {
        if let Some(section) = section {
            format!("{}:{section}", list.slug)
        } else {
            let sections = list.sections.iter().map(|section| {
                let names = section.categories.join("|");
                let urls = section.urls.iter().map(UrlPattern::as_str);
                let urls = urls.collect::<Vec<_>>().join("|");
                format!("{}={}|{names}|{urls}", section.key, section.name)
            });
            format!("{}:[{}]", list.slug, sections.collect::<Vec<_>>().join(","))
        }
    });
    places.collect::<Vec<_>>().join(" ")
}
