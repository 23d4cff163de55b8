//! Decisions about articles in words and as JSON: the same for a digest that was made and for one that would be.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::cli::output;
use crate::domain::digest::{Decided, Decision, Extra, ExtraKind};
use crate::domain::placing::Rule;
use crate::domain::selection::Selection;
use crate::store::digest_article::Titled;
use crate::store::{self, Tx};

/// Why an article is in its section.
pub fn rule_in_words(rule: Option<&Rule>) -> String {
    match rule {
        Some(Rule::Named) => "its feed or its sender names the section".to_owned(),
        Some(Rule::Url(pattern)) => format!("its address fits the pattern {pattern}"),
        Some(Rule::Category(name)) => format!("it has the category «{name}»"),
        Some(Rule::Rest) => "no rule of a section is for it".to_owned(),
        None => "placed by an earlier version, which did not write down why".to_owned(),
    }
}

/// A decision about an article.
pub fn in_words(decided: &Titled<Decided>) -> String {
    let Titled {
        of, other_title, ..
    } = decided;
    let why = &of.why;
    let [had, min, newer] = [why.had, why.min, why.newer].map(Option::unwrap_or_default);
    let words = match of.decision {
        Decision::Lead => "the lead story".to_owned(),
        Decision::Chosen => "stands in its section".to_owned(),
        Decision::Pinned => "pinned to its section by an editor".to_owned(),
        Decision::Dropped => "left out by an editor".to_owned(),
        Decision::SectionFull if why.newer.is_none() => "its section was full".to_owned(),
        Decision::SectionFull => format!("its section was full: {newer} newer ones stand there"),
        Decision::SectionShort => {
            return format!("its section had {had} and stands from {min} articles on");
        }
        Decision::Folded => {
            let alike = f64::from(why.alike.unwrap_or_default()) / 100.0;
            let sent = if why.sent {
                ", which was sent before"
            } else {
                ""
            };
            let other = other(of.other_id, other_title.as_deref());
            return format!("folded into {other} (alike {alike:.2}){sent}");
        }
        Decision::NoSection => "its section is not in the list any more".to_owned(),
        Decision::OtherReaders => "looked at for readers with other choices".to_owned(),
    };
    match &why.from {
        Some(from) => {
            format!("{words}; from {from}, which had {had} and stands from {min} articles on")
        }
        None => words,
    }
}

/// Where an article stands beside the news.
pub fn extra_in_words(extra: &Titled<Extra>) -> String {
    let score = extra.of.score as f64 / 1_000.0;
    match extra.of.kind {
        ExtraKind::Related => {
            let other = other(extra.of.other_id, extra.other_title.as_deref());
            format!("read also, with {other} (near {score:.2})")
        }
        ExtraKind::Suggested => format!("what readers may like (near {score:.2})"),
        ExtraKind::Popular => format!("popular (score {score:.2})"),
    }
}

fn other(id: Option<i64>, title: Option<&str>) -> String {
    let id = id.map_or_else(|| "another".to_owned(), |id| id.to_string());
    format!("{id} «{}»", title.unwrap_or_default())
}

/// A decision as JSON.
pub fn json_of(decided: &Titled<Decided>) -> Value {
    let Titled { of, title, .. } = decided;
    json!({ "article": of.article_id, "decision": of.decision.as_str(), "section": of.section, "position": of.position,
        "title": title, "other": of.other_id, "figures": of.why, "why": in_words(decided) })
}

/// The same of what stands beside the news.
pub fn extra_json(extra: &Titled<Extra>) -> Value {
    let Titled { of, title, .. } = extra;
    json!({ "article": of.article_id, "beside": of.kind.as_str(), "position": of.position, "title": title, "other": of.other_id,
        "score": of.score, "why": extra_in_words(extra) })
}

/// Prints a row for each article: where it stands, or that it does not, and why.
pub fn table(decided: &[Titled<Decided>], extras: &[Titled<Extra>]) {
    let row = |word: &str, section: &str, id: i64, title: &str, why: String| {
        let id = id.to_string();
        let mut row = [word, section, &id, title].map(str::to_owned).to_vec();
        row.push(why);
        row
    };
    let news = decided.iter().map(|one| {
        let Decided {
            article_id,
            decision,
            section,
            ..
        } = &one.of;
        row(
            decision.as_str(),
            section,
            *article_id,
            &one.title,
            in_words(one),
        )
    });
    let beside = extras.iter().map(|one| {
        let (word, id) = (one.of.kind.as_str(), one.of.article_id);
        row(word, "", id, &one.title, extra_in_words(one))
    });
    let rows: Vec<_> = news.chain(beside).collect();
    output::table(&["decision", "section", "article", "title", "why"], &rows);
}

/// The decisions and extras of a digest that is not stored, with the titles.
pub async fn titled(
    tx: &mut Tx,
    selection: &Selection,
) -> anyhow::Result<(Vec<Titled<Decided>>, Vec<Titled<Extra>>)> {
    let decisions = selection.decisions.iter();
    let mut ids: Vec<i64> = decisions
        .flat_map(|one| one.other_id.into_iter().chain([one.article_id]))
        .collect();
    ids.extend(selection.extras.iter().map(|one| one.article_id));
    let titles = store::article_pool::titles(tx, &ids).await?;
    let decided = selection.decisions.iter();
    let decided = decided.map(|of| named(&titles, of.clone(), of.article_id, of.other_id));
    let extras = selection.extras.iter();
    let extras = extras.map(|of| named(&titles, of.clone(), of.article_id, of.other_id));
    Ok((decided.collect(), extras.collect()))
}

fn named<T>(titles: &HashMap<i64, String>, of: T, id: i64, other: Option<i64>) -> Titled<T> {
    Titled {
        of,
        title: titles.get(&id).cloned().unwrap_or_default(),
        other_title: other.and_then(|other| titles.get(&other)).cloned(),
    }
}
