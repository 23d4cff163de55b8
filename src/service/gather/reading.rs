//! One feed's reading: whether it is asked now, of which address, and what is remembered of the answer.

use super::turns::{HostSays, Refusal};
use super::{
    FeedReport, LONGEST_WAIT, Occasion, Placing, describe, fetch_and_parse, store_articles,
};
use crate::domain::feed::{backoff, host};
use crate::domain::popular::Source;
use crate::feed::{FeedError, Fetcher, ParsedFeed, SkipReason, Validators};
use crate::service::letter::ToEditor;
use crate::service::{Context, Error};
use crate::store::editor_mail::{self, EditorMail};
use crate::store::feed::{Bad, FeedRow, Good};
use crate::store::{self, Tx};

/// What came of one feed.
pub(super) struct Reading {
    pub(super) report: FeedReport,
    pub(super) says: HostSays,
}

/// What was fetched, and where the configured address leads for good.
type Answer = (Option<(ParsedFeed, Validators)>, Option<String>);

/// Reads one feed, or says why not; only the database can make this fail.
pub(super) async fn read_feed(
    context: &Context,
    fetcher: &Fetcher,
    url: &str,
    placing: &Placing,
    occasion: Occasion,
    refusal: Option<Refusal>,
) -> Result<Reading, Error> {
    let mut report = FeedReport::of(url);
    let known = store::feed::by_url(&mut context.database.read().await?, url).await?;
    let why_not = known
        .as_ref()
        .and_then(|row| why_not(row, occasion, context.clock.now_ms()));
    if let Some(why) = why_not {
        tell_late(context, url, placing, known.as_ref()).await?;
        report.error = Some(format!("{url}: passed over, because {why}"));
        return Ok(Reading {
            report,
            says: HostSays::Unasked,
        });
    }
    if let Some(refusal) = refusal {
        let (said, until_ms) = match refusal {
            Refusal::Busy { until_ms } => {
                let until = moment(until_ms);
                let said = format!(
                    "{url}: passed over, because its host asked not to be read before {until}"
                );
                (said, Some(until_ms))
            }
            Refusal::Slow => {
                let url = url.to_owned();
                (FeedError::SlowHost { url }.to_string(), None)
            }
        };
        let mut tx = context.database.write().await?;
        store::feed::record_held(&mut tx, url, &said, until_ms).await?;
        tx.commit().await?;
        report.error = Some(said);
        return Ok(Reading {
            report,
            says: HostSays::Unasked,
        });
    }
    let described = describe(placing);
    // Validators count only while the articles go to the same places as last time.
    let validators = known
        .as_ref()
        .filter(|row| row.placed_in == described)
        .map_or_else(Validators::default, |row| Validators {
            etag: row.etag.clone(),
            last_modified: row.last_modified.clone(),
        });
    let mut moved_to = known.as_ref().and_then(|row| row.moved_to.clone());
    let asked = host(moved_to.as_deref().unwrap_or(url));
    let read = fetch(fetcher, url, &mut moved_to, &validators).await;
    // What another server said of its versions means nothing at the feed's own address.
    let came_back = moved_to.is_none() && known.as_ref().is_some_and(|row| row.moved_to.is_some());
    let before = if came_back {
        Validators::default()
    } else {
        validators
    };
    let now_ms = context.clock.now_ms();
    let mut tx = context.database.write_many().await?;
    let says = host_says(read.as_ref().err(), asked.as_deref(), now_ms);
    match read {
        Ok((None, moved)) => {
            report.unchanged = true;
            moved_to = moved;
            store::feed::record_unchanged(&mut tx, url, moved_to.as_deref(), now_ms).await?;
        }
        Ok((Some((parsed, new)), moved)) => {
            // What breaks off was not read to its end: it is asked for again as if it had not been sent.
            let kept = if breaks_off(&parsed) { &before } else { &new };
            moved_to = moved;
            let good = Good {
                placed_in: &described,
                etag: kept.etag.as_deref(),
                last_modified: kept.last_modified.as_deref(),
                moved_to: moved_to.as_deref(),
            };
            let given = (parsed.articles.as_slice(), Source::Feed);
            store_articles(&mut tx, given, placing, now_ms, &mut report).await?;
            report.skipped = parsed.passed_over().collect();
            report.drafts = parsed.drafts;
            store::feed::record_success(&mut tx, url, good, now_ms).await?;
        }
        Err(error) => {
            tracing::warn!(feed = url, %error, "feed passed over");
            let error_text = error.to_string();
            let wait = error.retry_after().map(|wait| wait.min(LONGEST_WAIT));
            let failures = known.as_ref().map_or(0, |row| row.failures) + 1;
            let failures = u32::try_from(failures).unwrap_or(u32::MAX);
            let pause = backoff(url, failures, context.feeds.interval);
            let bad = Bad {
                error: &error_text,
                retry_ms: wait.map(|wait| now_ms + wait.as_millis() as i64),
                backoff_ms: pause.map(|pause| now_ms + pause.as_millis() as i64),
                gone: matches!(error, FeedError::Gone { .. }),
                moved_to: moved_to.as_deref(),
            };
            store::feed::record_failure(&mut tx, url, bad, now_ms).await?;
            report.error = Some(error_text);
        }
    }
    let moved_before = known.as_ref().and_then(|row| row.moved_to.as_deref());
    if let Some(to) = &moved_to
        && moved_before != Some(to)
    {
        tracing::warn!(
            feed = url,
            to,
            "the feed moved for good: write its new address into the configuration"
        );
    }
    let failing_ms = known.and_then(|row| row.failing_ms).unwrap_or(now_ms);
    let news = if let Some(error) = &report.error {
        let since_ms = now_ms - context.feeds.alert_after.as_millis() as i64;
        let news = store::feed::tell(&mut tx, url, since_ms, now_ms).await?;
        if news {
            mail(context, &mut tx, placing, (url, failing_ms, error)).await?;
        }
        news
    } else {
        store::feed::tell_again(&mut tx, url).await?
    };
    tx.commit().await?;
    match &report.error {
        Some(error) if news => tell(url, failing_ms, error),
        None if news => tracing::info!(feed = url, "the feed reads again"),
        _ => {}
    }
    Ok(Reading { report, says })
}

/// Why a feed is not asked now, as the end of "passed over, because …".
fn why_not(row: &FeedRow, occasion: Occasion, now_ms: i64) -> Option<String> {
    if let Some(until_ms) = row.retry_ms.filter(|until| *until > now_ms) {
        return Some(format!(
            "its server asked not to be read before {}",
            moment(until_ms)
        ));
    }
    if occasion != Occasion::Asked
        && let Some(gone_ms) = row.gone_ms
    {
        return Some(format!(
            "its site says since {} that it is gone for good (410); remove it from the configuration, or try it once more with \
             `nashra feed fetch`",
            moment(gone_ms)
        ));
    }
    // A digest must not miss what came while a feed was left alone; so it asks, however often the feed failed.
    let backoff_ms = row.backoff_ms.filter(|until| *until > now_ms)?;
    (occasion == Occasion::Interval).then(|| {
        format!(
            "it failed {} times in a row; the next try is after {}",
            row.failures,
            moment(backoff_ms)
        )
    })
}

/// Asks the address that the configured one leads to for good, as far as one is known. When that fails for its own part, the
/// configured one is asked; only when that has a feed again is the other forgotten: it may be all that is left of the feed.
async fn fetch(
    fetcher: &Fetcher,
    url: &str,
    moved_to: &mut Option<String>,
    validators: &Validators,
) -> Result<Answer, FeedError> {
    let Some(place) = moved_to.as_deref() else {
        return fetch_and_parse(fetcher, url, validators).await;
    };
    match fetch_and_parse(fetcher, place, validators).await {
        Ok((read, further)) => {
            let moved = further.unwrap_or_else(|| place.to_owned());
            Ok((read, Some(moved).filter(|moved| moved != url)))
        }
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            // Without the other server's validators: they mean nothing here.
            let own = fetch_and_parse(fetcher, url, &Validators::default()).await;
            let Ok(own) = own else {
                return Err(error);
            };
            tracing::warn!(feed = url, %error, "the address it moved to does not answer; its own does again");
            *moved_to = None;
            Ok(own)
        }
    }
}

fn breaks_off(parsed: &ParsedFeed) -> bool {
    let mut reasons = parsed.skipped.iter().map(|(_, why)| why);
    reasons.any(|why| matches!(why, SkipReason::Malformed { .. }))
}

/// What an answer says about the host that was asked; another one, where that one led, speaks for itself alone.
fn host_says(error: Option<&FeedError>, asked: Option<&str>, now_ms: i64) -> HostSays {
    let of_asked = |url: &str| asked.is_some() && host(url).as_deref() == asked;
    match error {
        Some(FeedError::TimedOut { url, .. }) if of_asked(url) => HostSays::Nothing,
        Some(error @ FeedError::Busy { url, .. }) if of_asked(url) => {
            error.retry_after().map_or(HostSays::Something, |wait| {
                let until_ms = now_ms + wait.min(LONGEST_WAIT).as_millis() as i64;
                HostSays::Later { until_ms }
            })
        }
        _ => HostSays::Something,
    }
}

/// A feed may be left alone for longer than the operator wants to wait for the news that it fails.
async fn tell_late(
    context: &Context,
    url: &str,
    placing: &Placing,
    known: Option<&FeedRow>,
) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    let since_ms = now_ms - context.feeds.alert_after.as_millis() as i64;
    let late = known.filter(|row| row.told_ms.is_none());
    let late = late.and_then(|row| Some((row.failing_ms.filter(|at| *at <= since_ms)?, row)));
    let Some((failing_ms, row)) = late else {
        return Ok(());
    };
    let mut tx = context.database.write().await?;
    let news = store::feed::tell(&mut tx, url, since_ms, now_ms).await?;
    let error = row.error.as_deref().unwrap_or_default();
    if news {
        mail(context, &mut tx, placing, (url, failing_ms, error)).await?;
    }
    tx.commit().await?;
    if news {
        tell(url, failing_ms, error);
    }
    Ok(())
}

/// The same by mail, queued with the note that it was told, so that it goes out once.
async fn mail(
    context: &Context,
    tx: &mut Tx,
    placing: &Placing,
    (url, since_ms, error): (&str, i64, &str),
) -> Result<(), Error> {
    let Some((list, _)) = placing.first() else {
        return Ok(());
    };
    let content = ToEditor::Alert {
        feed: url.to_owned(),
        since_ms,
        error: error.to_owned(),
    };
    let content = content.json()?;
    let now_ms = context.clock.now_ms();
    for to in &context.feeds.alert_to {
        let about = (list.id, 0);
        editor_mail::enqueue(tx, EditorMail::Alert, about, to, &content, now_ms).await?;
    }
    context.wake.notify_one();
    Ok(())
}

/// The one line about a feed that fails.
fn tell(url: &str, failing_ms: i64, error: &str) {
    let since = moment(failing_ms);
    tracing::error!(
        feed = url,
        since,
        error,
        "the feed fails; nothing more is said until it reads again"
    );
}

fn moment(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX);
    at.to_string()
}
