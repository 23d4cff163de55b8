//! `nashra digest why`: where an article stands in each list's digests and why, or all of that of one digest (promise 8).

use clap::Args;
use serde_json::{Value, json};

use super::reasons;
use super::show::{find, slug, zone};
use crate::app::App;
use crate::cli::output::{self, parse_time, stamp, time};
use crate::cli::{DONE, Where};
use crate::domain::digest::{Audience, DigestStatus};
use crate::domain::list::List;
use crate::service::compose;
use crate::store;
use crate::store::article_pool::Standing;
use crate::store::digest_article::Seen;

/// Say why an article stands where it does, or why it does not; or all of that of one digest
#[derive(Debug, Args)]
#[command(
    after_help = "Example: nashra digest why https://example.org/articles/17 --list weekly\n         nashra digest why --digest 12"
)]
pub struct WhyArgs {
    /// The article: its number, as `article list` shows it, or its address
    #[arg(required_unless_present = "digest")]
    article: Option<String>,
    /// Only in this list
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Only in this digest; without an article: every article that it looked at
    #[arg(long, value_name = "DIGEST")]
    digest: Option<i64>,
    /// What the next digest would make of the article as of this moment instead of now
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    as_of: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: WhyArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    match (&args.article, args.digest) {
        (Some(article), _) => of_article(&app, article, &args).await?,
        (None, Some(digest)) => of_digest(&app, digest, args.json).await?,
        (None, None) => {}
    }
    app.close().await;
    Ok(DONE)
}

async fn of_digest(app: &App, id: i64, as_json: bool) -> anyhow::Result<()> {
    let digest = find(app, id).await?;
    let mut tx = app.context.database.read().await?;
    let decided = store::digest_article::of_digest(&mut tx, id).await?;
    let extras = store::digest_article::extras_of_digest(&mut tx, id).await?;
    if as_json {
        let rows = decided.iter().map(reasons::json_of);
        let rows = rows.chain(extras.iter().map(reasons::extra_json));
        return output::json(&rows.collect::<Vec<_>>());
    }
    let zone = zone(app, &digest);
    output::line(format!(
        "digest {id} of {}: articles published after {} and up to {} that no earlier digest had looked at",
        slug(app, &digest),
        time(digest.since_ms, &zone),
        time(digest.until_ms, &zone)
    ));
    if let Some(reason) = &digest.reason {
        output::line(format!("the period was skipped: {reason}"));
    }
    reasons::table(&decided, &extras);
    Ok(())
}

async fn of_article(app: &App, name: &str, args: &WhyArgs) -> anyhow::Result<()> {
    let only = args
        .list
        .as_deref()
        .map(|slug| app.list(slug))
        .transpose()?;
    if let Some(digest) = args.digest {
        find(app, digest).await?;
    }
    let mut tx = app.context.database.read().await?;
    let ids = store::article_pool::named(&mut tx, name).await?;
    anyhow::ensure!(
        !ids.is_empty(),
        "there is no article {name}; `nashra article list --list LIST` shows the newest, with --json their addresses"
    );
    let mut found = Vec::new();
    for id in ids {
        for standing in store::article_pool::standings(&mut tx, id).await? {
            if only.as_ref().is_none_or(|list| list.id == standing.list_id) {
                let mut seen =
                    store::digest_article::of_article(&mut tx, standing.list_id, id).await?;
                seen.retain(|one| args.digest.is_none_or(|digest| one.digest_id == digest));
                found.push((standing, seen));
            }
        }
    }
    drop(tx);
    let as_of_ms = args.as_of.unwrap_or_else(|| app.context.clock.now_ms());
    let mut all = Vec::new();
    for (standing, seen) in &found {
        let list = app.context.list_by_id(standing.list_id);
        let next = match list.filter(|_| args.digest.is_none()) {
            Some(list) => next(app, (list, as_of_ms), standing, seen).await?,
            None => None,
        };
        if args.json {
            all.push(as_json(app, standing, seen, next));
        } else {
            print(app, standing, seen, next);
        }
    }
    if args.json {
        output::json(&all)?;
    } else if found.is_empty() {
        output::line(
            "no list has it: no feed of a list brings it any more, or the list left the configuration",
        );
    }
    Ok(())
}

/// What the list's next digest would make of the article at this moment, in words and as JSON.
async fn next(
    app: &App,
    (list, as_of_ms): (&List, i64),
    standing: &Standing,
    seen: &[Seen],
) -> anyhow::Result<Option<(String, Value)>> {
    let id = standing.article.id;
    let draft = compose::preview(&app.context, list, as_of_ms).await?;
    let mut tx = app.context.database.read().await?;
    let (decided, extras) = reasons::titled(&mut tx, &draft.selection).await?;
    let mut decided = decided.iter().filter(|one| one.of.article_id == id);
    if let Some(decided) = decided.next() {
        let words = format!(
            "{} · {}",
            decided.of.decision.as_str(),
            reasons::in_words(decided)
        );
        return Ok(Some((words, reasons::json_of(decided))));
    }
    let mut extras = extras.iter().filter(|one| one.of.article_id == id);
    if let Some(extra) = extras.next() {
        return Ok(Some((
            reasons::extra_in_words(extra),
            reasons::extra_json(extra),
        )));
    }
    let zone = list.schedule.zone();
    let published_ms = standing.article.published_ms;
    let (word, words) = if published_ms > as_of_ms {
        let at = time(published_ms, zone);
        ("future", format!("it is dated {at} and waits until then"))
    } else if seen.iter().any(|one| one.counts && one.decided.is_some()) {
        let words = "nothing: a digest has looked at it, so that it is not new any more";
        ("looked_at", words.to_owned())
    } else {
        let since = time(draft.since_ms, zone);
        let words =
            format!("nothing: it is older than what is looked at, which is dated after {since}");
        ("too_old", words)
    };
    Ok(Some((
        words.clone(),
        json!({ "article": id, "decision": word, "why": words }),
    )))
}

fn state(seen: &Seen) -> String {
    let own = if seen.audience == Audience::Own {
        ", for readers whose own hour had come"
    } else {
        ""
    };
    let waits = match seen.status {
        DigestStatus::Skipped => ", so that the article stays new",
        DigestStatus::Ready if seen.decided.is_some() => ", not started",
        DigestStatus::Cancelled if !seen.counts => ", so that the article stays new",
        _ => "",
    };
    format!("{}{waits}{own}", seen.status.as_str())
}

fn words_of(seen: &Seen) -> String {
    let decided = seen.decided.as_ref().map(|one| {
        format!(
            "{} · {} · {}",
            one.of.decision.as_str(),
            one.of.section,
            reasons::in_words(one)
        )
    });
    let extra = seen.extra.as_ref().map(reasons::extra_in_words);
    decided.or(extra).unwrap_or_default()
}

fn print(app: &App, standing: &Standing, seen: &[Seen], next: Option<(String, Value)>) {
    let list = app.context.list_by_id(standing.list_id);
    let zone = list.map_or(jiff::tz::TimeZone::UTC, |list| list.schedule.zone().clone());
    let fact = |name: &str, value: String| output::line(format!("{name:<12}{value}"));
    let article = &standing.article;
    fact("article", format!("{} «{}»", article.id, article.title));
    fact("address", article.url.clone());
    fact("published", time(article.published_ms, &zone));
    fact("list", list_name(app, standing.list_id));
    let rule = reasons::rule_in_words(standing.rule.as_ref());
    fact("section", format!("{}: {rule}", article.section));
    for one in seen {
        let period = time(one.period_ms, &zone);
        fact(
            "digest",
            format!("{} of {period} ({})", one.digest_id, state(one)),
        );
        fact("", words_of(one));
    }
    if let Some((words, _)) = next {
        fact("next", words);
    }
    output::line("");
}

fn list_name(app: &App, id: i64) -> String {
    let list = app.context.list_by_id(id);
    list.map_or_else(|| format!("#{id} (removed)"), |list| list.slug.clone())
}

fn as_json(app: &App, standing: &Standing, seen: &[Seen], next: Option<(String, Value)>) -> Value {
    let article = &standing.article;
    let digests = seen.iter().map(|one| {
        json!({ "digest": one.digest_id, "period": stamp(one.period_ms), "audience": one.audience, "state": one.status,
            "counts": one.counts, "decided": one.decided.as_ref().map(reasons::json_of),
            "beside": one.extra.as_ref().map(reasons::extra_json) })
    });
    json!({
        "article": article.id,
        "title": article.title,
        "url": article.url,
        "published": stamp(article.published_ms),
        "categories": article.categories,
        "list": list_name(app, standing.list_id),
        "section": article.section,
        "rule": standing.rule.as_ref().map(crate::domain::placing::Rule::to_words),
        "placed": reasons::rule_in_words(standing.rule.as_ref()),
        "digests": digests.collect::<Vec<_>>(),
        "next": next.map(|(_, value)| value),
    })
}
