//! Readers from a file (standards D13): each with a stated source of consent, nobody twice, and never anyone who left, is suppressed or
//! was erased.
//!
//! The file is read and judged on a thread of its own while the chunk before is stored, each in one transaction together with how
//! far the import is: one that was cut short goes on behind its last chunk, and the same file a second time does nothing.
//! A row becomes a subscription and one row of the consent ledger, method `import`, with the source as its page: `confirm` at the time
//! that the file gives, or `subscribe` for a reader who is yet to be asked.

mod columns;
mod rows;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use encoding_rs::Encoding;
use sha2::Digest as _;

pub use rows::Refusal;

use super::{Context, Error};
use crate::domain::list::List;
use crate::domain::subscription::SubscriptionStatus;
use crate::domain::token;
use crate::store::import::Target;
use crate::store::{self, Tx};
use rows::{Chunk, Plan};

/// Rows in one transaction: large enough that the pages of an index are written once for many rows, small enough that a sign-up
/// waits for it no longer than a moment.
const CHUNK: usize = 20_000;
const LONGEST_SOURCE: usize = 500;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// What to import.
#[derive(Debug, Clone)]
pub struct Order {
    /// The list.
    pub list: Arc<List>,
    /// The file.
    pub file: PathBuf,
    /// Where the consents come from.
    pub source: String,
    /// Readers who confirmed elsewhere, or who are to be asked.
    pub confirmed: bool,
    /// How many of those who are to be asked get their confirmation in an hour.
    pub per_hour: u32,
    /// How the file is encoded, when that is known.
    pub encoding: Option<&'static Encoding>,
    /// Change nothing.
    pub dry_run: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How the file is encoded.
    pub encoding: &'static str,
    /// Rows that were read, in this run.
    pub rows: u64,
    /// Rows that an earlier run had stored.
    pub resumed_after: u64,
    /// The row of the file that this run began with, counted as [`Refusal::row`].
    pub first_row: u64,
    /// Subscriptions that were made, in this run.
    pub added: u64,
    /// Rows that were not taken, by the word for why.
    pub refused: BTreeMap<&'static str, u64>,
    /// Rows in this run whose address looks like a slip of the pen, such as gmial.com; it is taken as it stands.
    pub slips: u64,
    /// The import had come to its end before, at this time: nothing was done.
    pub finished_before_ms: Option<i64>,
}

/// Imports a file. `watch` is told of each chunk before it is stored: the rows that are refused, and how it stands.
pub async fn import(
    context: &Context,
    order: &Order,
    mut watch: impl FnMut(&[Refusal], &Report) -> std::io::Result<()>,
) -> Result<Report, Error> {
    let source = order.source.trim();
    if source.is_empty()
        || source.chars().count() > LONGEST_SOURCE
        || source.chars().any(char::is_control)
    {
        return Err(Error::Refused(
            "say in a few words where the consents come from (--source): it is kept as their proof"
                .to_owned(),
        ));
    }
    let refused =
        |error: std::io::Error| Error::Refused(format!("{}: {error}", order.file.display()));
    let file = order.file.clone();
    let look = tokio::task::spawn_blocking(move || text::look(&file));
    let look = look
        .await
        .map_err(|error| panicked(&error))?
        .map_err(refused)?;
    let status = if order.confirmed {
        SubscriptionStatus::Confirmed
    } else {
        SubscriptionStatus::Pending
    };
    let encoding = order.encoding.unwrap_or(look.encoding);
    let mut hash = look.hash.chain_update(status.as_str()).chain_update(source);
    if encoding != look.encoding {
        // Read otherwise, the file has other rows. No source holds the character in between.
        hash = hash.chain_update("\0").chain_update(encoding.name());
    }
    let fingerprint = token::fingerprint(&hash.finalize());
    let now_ms = context.clock.now_ms();
    let mut target = Target {
        list_id: order.list.id,
        status,
        source,
        started_ms: now_ms,
    };
    let mut report = Report {
        encoding: encoding.name(),
        ..Report::default()
    };
    let mut tx = context.database.read().await?;
    let before = store::import::find(&mut tx, &fingerprint, target.list_id).await?;
    drop(tx);
    // When the confirmation of the next reader may go: behind those of an earlier run.
    let gap_ms = HOUR_MS / i64::from(order.per_hour.max(1));
    let mut ask_ms = now_ms;
    if let Some(before) = before {
        ask_ms = now_ms.max(before.started_ms + before.added * gap_ms);
        target.started_ms = before.started_ms;
        report.resumed_after = before.rows_done as u64;
        report.finished_before_ms = before.finished_ms;
        if before.finished_ms.is_some() {
            return Ok(report);
        }
    } else if !order.dry_run {
        let mut tx = context.database.write().await?;
        store::import::begin(&mut tx, &fingerprint, &target).await?;
        tx.commit().await?;
    }
    let plan = Plan {
        encoding,
        skip: report.resumed_after,
        chunk: CHUNK,
        remember: order.dry_run,
        now_ms,
    };
    // Two chunks may wait: while one is stored, the next is judged.
    let (sender, mut chunks) = tokio::sync::mpsc::channel(1);
    let file = order.file.clone();
    let reader = tokio::task::spawn_blocking(move || rows::read(&file, &plan, &sender));
    let mut done = report.resumed_after as i64;
    while let Some(chunk) = chunks.recv().await {
        let chunk = chunk.map_err(refused)?;
        let from = std::mem::replace(&mut done, chunk.rows_done as i64);
        let mut tx = if order.dry_run {
            context.database.read().await?
        } else {
            context.database.write_many().await?
        };
        let good = chunk.rows.len();
        report.slips += chunk.slips;
        if report.first_row == 0 {
            report.first_row = chunk.first_row;
        }
        let (refusals, gone) = lay(context, &mut tx, &target, chunk).await?;
        report.rows += (done - from) as u64;
        for refusal in &refusals {
            *report.refused.entry(refusal.code).or_default() += 1;
        }
        if order.dry_run {
            report.added += (good - gone) as u64;
            watch(&refusals, &report).map_err(refused)?;
            continue;
        }
        let added = store::import::place(&mut tx, &target, good).await?;
        if !order.confirmed {
            store::import::queue_confirmations(&mut tx, &target, now_ms, ask_ms, gap_ms).await?;
            ask_ms += added as i64 * gap_ms;
        }
        let key = (fingerprint.as_str(), target.list_id);
        if !store::import::advance(&mut tx, key, from, done, added as i64).await? {
            return Err(Error::Refused(
                "another process is importing this file: let it end".to_owned(),
            ));
        }
        report.added += added;
        watch(&refusals, &report).map_err(refused)?;
        tx.commit().await?;
    }
    reader.await.map_err(|error| panicked(&error))?;
    if !order.dry_run {
        let mut tx = context.database.write().await?;
        let now_ms = context.clock.now_ms();
        store::import::finish(&mut tx, &fingerprint, target.list_id, now_ms).await?;
        tx.commit().await?;
        context.wake.notify_one();
    }
    Ok(report)
}

/// Lays a chunk's good rows ready in the transaction; returns all of its refusals in the order of the file, and how many of them are
/// rows that were good until the database was asked.
async fn lay(
    context: &Context,
    tx: &mut Tx,
    target: &Target<'_>,
    chunk: Chunk,
) -> Result<(Vec<Refusal>, usize), Error> {
    let mut refusals = chunk.refusals;
    let mut gone: Vec<i64> = Vec::new();
    store::sign_up::take_turn(tx).await?;
    let mut words = store::import::lay(tx, target, &chunk.rows).await?;
    if store::erasure::count(tx).await? > 0 {
        let hashes = chunk.rows.iter().flat_map(|row| {
            let hashes = context.keyring.erasure_hashes(&row.identity).into_iter();
            hashes.map(|hash| (hash, row.row))
        });
        let (hashes, numbers): (Vec<String>, Vec<u64>) = hashes.unzip();
        let held = store::erasure::held(tx, &hashes).await?;
        let erased = hashes
            .iter()
            .zip(numbers)
            .filter(|(hash, _)| held.contains(*hash));
        words.extend(erased.map(|(_, row)| (row, "erased".to_owned())));
    }
    if !words.is_empty() {
        let addresses = chunk.rows.iter().map(|row| (row.row, &row.address));
        let addresses: HashMap<u64, &String> = addresses.collect();
        for (row, word) in words {
            gone.push(row as i64);
            let address = addresses.get(&row).map(ToString::to_string);
            refusals.push(known(row, &word, address.unwrap_or_default()));
        }
    }
    store::import::drop_rows(tx, &gone).await?;
    refusals.sort_by_key(|refusal| refusal.row);
    // An address may be suppressed and erased.
    refusals.dedup_by_key(|refusal| refusal.row);
    gone.sort_unstable();
    gone.dedup();
    Ok((refusals, gone.len()))
}

/// Why the database does not take a row.
fn known(row: u64, word: &str, address: String) -> Refusal {
    let (code, reason) = match word {
        "confirmed" => ("already", "is subscribed already"),
        "pending" => ("pending", "has signed up and is yet to confirm"),
        "unsubscribed" => (
            "left",
            "has left the list; only a fresh confirmation brings the reader back",
        ),
        "duplicate" => ("duplicate", "the address stands in the file twice"),
        "erased" => ("erased", "was erased at the reader's wish"),
        _ => ("suppressed", "is never to be mailed"),
    };
    Refusal {
        row,
        column: "email",
        code,
        reason: reason.to_owned(),
        address,
    }
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Error::Panic(error.to_string())
}
