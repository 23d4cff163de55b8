//! Links of digests that are counted (`[clicks] count`): where they lead, and how often they were followed.
//!
//! A link is the same for all readers and leads to the article that is stored (X6). Clicks wait in memory for a minute, are
//! looked through for link checkers ([`crate::domain::clicks`]), and are added to the numbers of the day in one write. What is lost
//! when a process dies is a minute of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Context, Error};
use crate::domain::clicks::{Click, Counted, Salt, Visitor, Waiting, day};
use crate::domain::digest::{Edition, Item};
use crate::domain::network::household;
use crate::domain::token::link::{LinkPlace, LinkToken};
use crate::domain::token::random_id;
use crate::store;

/// Editions that are kept at hand; a bound for memory.
const EDITIONS: usize = 256;

/// Counts clicks, or does not.
#[derive(Debug, Default)]
pub struct Clicks {
    /// Whether links of new mails are counted ones. Those of earlier mails lead on in any case.
    count: bool,
    seen: Mutex<Seen>,
    editions: Mutex<HashMap<(i64, i64), Arc<Shown>>>,
    /// One write after the other.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Seen {
    salt: Option<Salt>,
    waiting: Waiting,
    /// What could not be written yet.
    unwritten: BTreeMap<Counted, i64>,
}

/// Whoever follows a link, for as long as it takes to tell people from programs.
#[derive(Debug, Clone, Copy)]
pub struct Follower<'a> {
    /// Where from.
    pub address: IpAddr,
    /// The program that asks, as it calls itself.
    pub program: &'a str,
    /// It only looks where the link leads (HEAD), or fetches in advance: no click.
    pub only_looks: bool,
}

/// What readers of an edition were shown.
#[derive(Debug)]
struct Shown {
    list_id: i64,
    started_ms: i64,
    page_url: String,
    /// Address and section of each article.
    articles: HashMap<i64, (String, String)>,
}

impl Clicks {
    /// Counts the clicks of mails that are sent from now on, or not.
    pub fn new(count: bool) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing that holds the lock leaves it half changed.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn editions(&self) -> MutexGuard<'_, HashMap<(i64, i64), Arc<Shown>>> {
        self.editions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The edition of a digest and a variant (0: the digest's own) as it is mailed, each article behind a link that counts, and the link
/// that nobody sees. As it is, and none, where nothing is counted.
pub fn linked<'a>(
    context: &Context,
    edition: &'a Edition,
    (digest_id, variant_id): (i64, i64),
) -> (Cow<'a, Edition>, Option<String>) {
    if !context.clicks.count || digest_id == 0 {
        return (Cow::Borrowed(edition), None);
    }
    let url = |place| {
        let token = LinkToken {
            digest_id,
            variant_id,
            place,
        };
        let token = token.sign(&context.keyring);
        format!("{}/l/{token}", context.site.public_url)
    };
    let mut edition = edition.clone();
    edition.each_link(|article_id, link| *link = url(LinkPlace::Article(article_id)));
    (Cow::Owned(edition), Some(url(LinkPlace::Decoy)))
}

/// Where the link with this token leads; `None` for one that is not ours. The click counts for `follower`, if it is one.
///
/// GET changes nothing anywhere (promise 1), and this is no exception: no state of a reader, a subscription or a mail depends on
/// it. It adds one to a number in memory, which many clicks share and which may be lost.
pub async fn follow(
    context: &Context,
    token: &str,
    follower: Option<Follower<'_>>,
) -> Result<Option<String>, Error> {
    let Some(token) = LinkToken::verify(&context.keyring, token) else {
        return Ok(None);
    };
    let Some(shown) = shown(context, &token).await? else {
        return Ok(None);
    };
    let LinkPlace::Article(article_id) = token.place else {
        if let Some(follower) = follower {
            catch(context, follower);
        }
        // Should it be a person after all, the digest is what they wanted to see.
        return Ok(Some(shown.page_url.clone()));
    };
    let found = match shown.articles.get(&article_id) {
        Some(found) => Some(found.clone()),
        // A variant that was pruned has left its articles in what its digest had looked at.
        None => noted(context, token.digest_id, article_id).await?,
    };
    let Some((url, section)) = found else {
        return Ok(None);
    };
    let follower = follower.filter(|follower| context.clicks.count && !follower.only_looks);
    if let Some(follower) = follower {
        let counted = Counted {
            list_id: shown.list_id,
            article_id,
            section,
            day: day(context.clock.now_ms()),
        };
        click(context, follower, (&token, &shown), counted);
    }
    Ok(Some(url))
}

/// The stored edition that a link is of.
async fn shown(context: &Context, token: &LinkToken) -> Result<Option<Arc<Shown>>, Error> {
    let which = (token.digest_id, token.variant_id);
    if let Some(shown) = context.clicks.editions().get(&which) {
        return Ok(Some(Arc::clone(shown)));
    }
    let mut tx = context.database.read().await?;
    let Some(digest) = store::digest::by_id(&mut tx, token.digest_id).await? else {
        return Ok(None);
    };
    let variant = match token.variant_id {
        0 => None,
        id => store::digest_variant::by_id(&mut tx, id).await?,
    };
    drop(tx);
    let variant = variant.filter(|variant| variant.digest_id == digest.id);
    let (public_id, edition) = match variant {
        Some(variant) => (variant.public_id, variant.edition),
        None => (digest.public_id, digest.edition),
    };
    let mut articles = HashMap::new();
    for section in edition.sections {
        for item in section.items {
            related(&mut articles, &item, &section.key);
            articles.insert(item.article_id, (item.url, section.key.clone()));
        }
    }
    // What stands beside the news belongs to no section of the digest.
    for item in edition.suggested.into_iter().chain(edition.popular) {
        articles.insert(item.article_id, (item.url, String::new()));
    }
    if let Some(lead) = edition.lead {
        // It stands above its section, which the digest has noted.
        let noted = noted(context, digest.id, lead.article_id).await?;
        let section = noted.map(|(_, section)| section).unwrap_or_default();
        related(&mut articles, &lead, &section);
        articles.insert(lead.article_id, (lead.url, section));
    }
    let shown = Arc::new(Shown {
        list_id: digest.list_id,
        started_ms: digest.started_ms.unwrap_or(digest.composed_ms),
        page_url: context.digest_url(&public_id),
        articles,
    });
    let mut editions = context.clicks.editions();
    if editions.len() >= EDITIONS {
        editions.clear();
    }
    editions.insert(which, Arc::clone(&shown));
    Ok(Some(shown))
}

/// What stands under an article counts for its section.
fn related(articles: &mut HashMap<i64, (String, String)>, item: &Item, section: &str) {
    for other in &item.related {
        let link = (other.url.clone(), section.to_owned());
        articles.insert(other.article_id, link);
    }
}

/// Address and section of an article that a digest has looked at.
async fn noted(
    context: &Context,
    digest_id: i64,
    article_id: i64,
) -> Result<Option<(String, String)>, Error> {
    let mut tx = context.database.read().await?;
    Ok(store::digest_article::looked_at(&mut tx, digest_id, article_id).await?)
}

fn catch(context: &Context, follower: Follower<'_>) {
    let now_ms = context.clock.now_ms();
    let mut seen = context.clicks.seen();
    let visitor = seen.visitor(follower, now_ms);
    seen.waiting.decoy(visitor, now_ms);
}

fn click(
    context: &Context,
    follower: Follower<'_>,
    (token, shown): (&LinkToken, &Shown),
    counted: Counted,
) {
    let at_ms = context.clock.now_ms();
    let mut seen = context.clicks.seen();
    let visitor = seen.visitor(follower, at_ms);
    seen.waiting.click(Click {
        visitor,
        digest_id: token.digest_id,
        started_ms: shown.started_ms,
        counted,
        at_ms,
    });
}

impl Seen {
    fn visitor(&mut self, follower: Follower<'_>, now_ms: i64) -> Visitor {
        let salt = self.salt.take().filter(|salt| salt.is_of(now_ms));
        let salt = salt.unwrap_or_else(|| Salt::new(now_ms, random_id()));
        let visitor = salt.visitor(&household(follower.address), follower.program);
        self.salt = Some(salt);
        visitor
    }
}

/// Writes the clicks that have waited long enough, or at the end `all`; says how many. What cannot be written is kept for
/// the next time.
pub async fn write(context: &Context, all: bool) -> Result<u64, Error> {
    let clicks = &context.clicks;
    let _turn = clicks.writing.lock().await;
    let counts = {
        let mut seen = clicks.seen();
        let mut counts = std::mem::take(&mut seen.unwritten);
        let ripe = if all {
            seen.waiting.rest()
        } else {
            seen.waiting.ripe(context.clock.now_ms())
        };
        for counted in ripe {
            *counts.entry(counted).or_default() += 1;
        }
        counts
    };
    if counts.is_empty() {
        return Ok(0);
    }
    let written = add(context, &counts).await;
    if written.is_err() {
        clicks.seen().unwritten = counts;
        return written.map(|()| 0);
    }
    Ok(counts.values().sum::<i64>() as u64)
}

async fn add(context: &Context, counts: &BTreeMap<Counted, i64>) -> Result<(), Error> {
    let mut tx = context.database.write().await?;
    store::clicks::add(&mut tx, counts).await?;
    Ok(tx.commit().await?)
}
