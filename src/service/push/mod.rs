//! Articles that a program sends. All articles of a request are stored in one transaction, or none and everything wrong is told: what
//! was refused can be sent again as a whole, and nothing is ever half done.
//!
//! A request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) is done once: its answer is kept in the same
//! transaction, for a day. There is no mark of a request that runs which a crash could leave behind: a process knows its own, and
//! PostgreSQL's lock ends with the transaction. Refusals are not kept, as nothing was done.

mod door;
mod read;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::gather::Places;
use super::{Context, Error};
use crate::domain::article::NewArticle;
use crate::domain::popular::Source;
use crate::domain::token::fingerprint;
use crate::store::api_answer::{self, Kept, RequestKey};
use crate::store::article::{self, Stored};
use crate::store::{self, Tx};

pub use door::{Admission, Door};
use read::Good;
pub use read::ItemFault;

/// Articles of one request.
pub const MOST_ARTICLES: usize = 100;
/// Bytes of one article, as of one item of a feed (X4).
pub const MOST_ITEM_BYTES: usize = 1_000_000;
/// Bytes of a request, as of a feed (X4).
pub const MOST_BYTES: usize = 5_000_000;
/// How long the answer to a request with a key is kept.
const KEPT: Duration = Duration::from_hours(24);

/// A request of a program that was let in.
#[derive(Debug)]
pub struct Request {
    /// The name of its token.
    pub by: String,
    /// Its Idempotency-Key.
    pub key: Option<String>,
    /// What it says: JSON, one article or an array.
    pub body: Vec<u8>,
}

/// A request that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The answer as JSON: `{"articles": [{"article", "result", "list", "section"}]}` in the order of the request.
    pub answer: String,
    /// It was done before, and is not done again.
    pub is_repeated: bool,
}

/// Why nothing was done.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// Not JSON; what the parser says.
    NotJson(String),
    /// No article, or more than [`MOST_ARTICLES`]: so many.
    Number(usize),
    /// Articles with faults.
    Articles(Vec<ItemFault>),
    /// The key belongs to another body.
    KeyReused,
    /// The first request with this key is being worked on.
    KeyRunning,
}

/// A refusal, or a failure of ours.
#[derive(Debug)]
pub enum PushError {
    /// The request is at fault.
    Refused(Refusal),
    /// We are.
    Failed(Error),
}

impl From<Refusal> for PushError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for PushError {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Stores the articles of a request, once.
pub async fn push(context: &Context, request: Request) -> Result<Done, PushError> {
    let of = request.key.map(|key| RequestKey {
        token: request.by.clone(),
        key,
    });
    let print = fingerprint(&request.body);
    let mut turn = None;
    if let Some(of) = &of {
        turn = Some(context.api.turn(of).ok_or(Refusal::KeyRunning)?);
        let mut tx = context.database.read().await?;
        if let Some(done) = done_before(&mut tx, of, &print, context.clock.now_ms()).await? {
            return Ok(done);
        }
    }
    let (lists, body) = (Arc::clone(&context.lists), request.body);
    // Sanitising megabytes of HTML is work for another thread.
    let articles = tokio::task::spawn_blocking(move || read::read(&lists, &body))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write().await?;
    if let Some(of) = &of {
        if !api_answer::claim(&mut tx, number(of)).await? {
            return Err(Refusal::KeyRunning.into());
        }
        // Another process may have done it since we looked.
        if let Some(done) = done_before(&mut tx, of, &print, now_ms).await? {
            return Ok(done);
        }
    }
    let answer = store_all(&mut tx, &articles, now_ms).await?;
    if let Some(of) = &of {
        let kept = Kept {
            fingerprint: print,
            answer: answer.clone(),
        };
        api_answer::keep(&mut tx, of, &kept, now_ms + KEPT.as_millis() as i64).await?;
    }
    tx.commit().await?;
    drop(turn);
    tracing::info!(
        token = request.by,
        articles = articles.len(),
        "articles were sent"
    );
    Ok(Done {
        answer,
        is_repeated: false,
    })
}

/// The answer that this request got before; an error when the key belongs to another.
async fn done_before(
    tx: &mut Tx,
    of: &RequestKey,
    print: &str,
    now_ms: i64,
) -> Result<Option<Done>, PushError> {
    match api_answer::find(tx, of, now_ms).await? {
        Some(kept) if kept.fingerprint != print => Err(Refusal::KeyReused.into()),
        kept => Ok(kept.map(|kept| Done {
            answer: kept.answer,
            is_repeated: true,
        })),
    }
}

/// The number of a request in the database's locks.
fn number(of: &RequestKey) -> i64 {
    let hash = Sha256::digest(format!("api request\n{}\n{}", of.token, of.key));
    hash.iter()
        .take(8)
        .fold(0, |number, octet| (number << 8) | i64::from(*octet))
}

/// Stores each article and puts it in its place; gives the answer.
async fn store_all(tx: &mut Tx, articles: &[Good], now_ms: i64) -> Result<String, store::Error> {
    let new: Vec<&NewArticle> = articles.iter().map(|good| &good.article).collect();
    let stored = article::upsert(tx, &new, now_ms).await?;
    let (mut places, mut counts) = (Places::default(), Vec::new());
    let mut results = Vec::with_capacity(articles.len());
    for (good, (id, stored)) in articles.iter().zip(stored) {
        let result = match stored {
            Stored::New => "new",
            Stored::Changed => "changed",
            Stored::Same => "same",
        };
        places.put((good.list.id, id), &good.section, &good.rule);
        counts.extend(good.article.views.map(|count| (id, count)));
        results.push(json!({ "article": id, "result": result, "list": good.list.slug, "section": good.section }));
    }
    places.store(tx).await?;
    store::score::set(tx, Source::Pushed, &counts, now_ms).await?;
    Ok(json!({ "articles": results }).to_string())
}
