//! `nashra digest edit`: what the editors' page does, from a terminal.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use crate::cli::output::{self, stamp, time};
use crate::cli::{DONE, Where};
use crate::domain::digest::Decision;
use crate::domain::editing::Editing;
use crate::domain::list::List;
use crate::service::compose::Draft;
use crate::service::editing::{self, COMMAND, Saved};

/// Decide what the next digest of a list holds: pin, drop, reorder, retitle, introduce
#[derive(Debug, Args)]
#[command(
    after_help = "Without a change it shows the draft. What is not decided here stays as it would be: articles that arrive until the\n\
                  hour still take part. A dropped article does not come in the next digest either.\n\
                  Example: nashra digest edit weekly --pin 42 --title \"42=A better title\" --order reports=42,40,41"
)]
pub struct EditArgs {
    /// The list
    list: String,
    /// Put an article first in its section, whether or not there is room
    #[arg(long, value_name = "ARTICLE")]
    pin: Vec<i64>,
    /// Leave an article out
    #[arg(long, value_name = "ARTICLE")]
    drop: Vec<i64>,
    /// Neither pin an article nor leave it out
    #[arg(long, value_name = "ARTICLE")]
    keep: Vec<i64>,
    /// Begin with this article; 0: with the one that would begin by itself
    #[arg(long, value_name = "ARTICLE")]
    lead: Option<i64>,
    /// Call an article otherwise in this digest; without a text it has its own title again
    #[arg(long, value_name = "ARTICLE=TEXT", value_parser = titled)]
    title: Vec<(i64, String)>,
    /// Put a section's articles in this order; without any they are in their own again
    #[arg(long, value_name = "SECTION=ARTICLE,ARTICLE", value_parser = ordered)]
    order: Vec<(String, Vec<i64>)>,
    /// Words before the first story; an empty text takes them away
    #[arg(long, value_name = "TEXT", conflicts_with = "introduction_file")]
    introduction: Option<String>,
    /// The same from a file; - is standard input
    #[arg(long, value_name = "FILE")]
    introduction_file: Option<PathBuf>,
    /// Forget everything that was decided, before anything else
    #[arg(long)]
    clear: bool,
    /// Show the draft after the change
    #[arg(long)]
    show: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn titled(text: &str) -> Result<(i64, String), String> {
    let (article, title) = text
        .split_once('=')
        .ok_or("write it as 42=A better title")?;
    let article = article.trim().parse();
    let article = article.map_err(|_| "the article before the = is a number")?;
    Ok((article, title.trim().to_owned()))
}

fn ordered(text: &str) -> Result<(String, Vec<i64>), String> {
    let (section, articles) = text.split_once('=').ok_or("write it as reports=42,40,41")?;
    let articles = articles.split(',').map(str::trim);
    let articles = articles.filter(|article| !article.is_empty());
    let articles: Result<Vec<i64>, _> = articles.map(str::parse).collect();
    let articles = articles.map_err(|_| "the articles after the = are numbers")?;
    Ok((section.trim().to_owned(), articles))
}

pub async fn run(at: &Where, args: EditArgs) -> anyhow::Result<u8> {
    let app = at.look().await?;
    let list = app.list(&args.list)?;
    let context = &app.context;
    let mut draft = editing::draft(context, &list).await?;
    let edited = edited(&args, &list, &draft)?;
    if edited != draft.edits.editing {
        let about = (&edited, draft.edits.version);
        match editing::save(context, &list, draft.period_ms, about, COMMAND).await? {
            Saved::Done(_) => {}
            Saved::Stale => anyhow::bail!(
                "somebody else changed the draft just now; nothing was written, try again"
            ),
            Saved::Closed => anyhow::bail!(
                "the digest of {} was made meanwhile; what went out is put right with `nashra digest correct`",
                time(draft.period_ms, list.schedule.zone())
            ),
        }
        draft = editing::draft(context, &list).await?;
    }
    if args.json {
        output::json(&as_json(&list, &draft))?;
    } else if args.show || !args.changes() {
        show(&list, &draft);
    } else {
        output::line(format!(
            "{}: the draft of {} is changed; `nashra digest preview --list {0}` writes it to files",
            list.slug,
            time(draft.period_ms, list.schedule.zone())
        ));
    }
    app.close().await;
    Ok(DONE)
}

impl EditArgs {
    fn changes(&self) -> bool {
        let articles = [&self.pin, &self.drop, &self.keep];
        articles.iter().any(|articles| !articles.is_empty())
            || self.lead.is_some()
            || !self.title.is_empty()
            || !self.order.is_empty()
            || self.introduction.is_some()
            || self.introduction_file.is_some()
            || self.clear
    }
}

/// What is decided after this command.
fn edited(args: &EditArgs, list: &List, draft: &Draft) -> anyhow::Result<Editing> {
    let own_title = |article: i64| {
        let mut articles = draft.articles.iter();
        let found = articles.find(|one| one.id == article);
        found.map(|found| found.title.as_str()).with_context(|| {
            format!(
                "article {article} is not in the draft; `nashra digest edit {}` shows what is",
                list.slug
            )
        })
    };
    let mut editing = if args.clear {
        Editing::default()
    } else {
        draft.edits.editing.clone()
    };
    for &article in &args.keep {
        editing.let_be(article);
    }
    for &article in &args.drop {
        own_title(article)?;
        editing.leave_out(article);
    }
    for &article in &args.pin {
        own_title(article)?;
        editing.pin(article);
    }
    if let Some(lead) = args.lead {
        if lead != 0 {
            own_title(lead)?;
        }
        editing.lead_with(Some(lead).filter(|lead| *lead != 0));
    }
    for (article, title) in &args.title {
        editing.call(*article, title, own_title(*article)?);
    }
    for (section, articles) in &args.order {
        let known = list.sections.iter().any(|one| one.key == *section);
        let keys = || list.sections.iter().map(|one| one.key.as_str());
        anyhow::ensure!(
            known,
            "list `{}` has no section `{section}`; it has {}",
            list.slug,
            keys().collect::<Vec<_>>().join(", ")
        );
        for article in articles {
            own_title(*article)?;
        }
        if articles.is_empty() {
            editing.order.remove(section);
        } else {
            editing.order.insert(section.clone(), articles.clone());
        }
    }
    if let Some(text) = &args.introduction {
        editing.introduce(text);
    } else if let Some(file) = &args.introduction_file {
        editing.introduce(&read(file)?);
    }
    if let Some(problem) = editing.problems().first() {
        anyhow::bail!("{problem}");
    }
    Ok(editing)
}

fn read(file: &Path) -> anyhow::Result<String> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    text.with_context(|| format!("{} cannot be read", file.display()))
}

/// Each article with what becomes of it, in the order of the letter.
fn rows(draft: &Draft) -> impl Iterator<Item = (i64, Decision, &str, &str)> {
    draft.selection.decisions.iter().map(|one| {
        let mut articles = draft.articles.iter();
        let own = articles.find(|article| article.id == one.article_id);
        let own = own.map_or("", |article| article.title.as_str());
        let title = draft.edits.editing.titles.get(&one.article_id);
        let title = title.map_or(own, String::as_str);
        (one.article_id, one.decision, one.section.as_str(), title)
    })
}

fn show(list: &List, draft: &Draft) {
    let zone = list.schedule.zone();
    let fact = |name: &str, value: String| output::line(format!("{name:<12}{value}"));
    fact("draft", format!("of {}", list.slug));
    fact("goes out", time(draft.period_ms, zone));
    if let Some(opened_ms) = draft.edits.opened_ms {
        fact("opened", time(opened_ms, zone));
    }
    if let Some((at, by)) = super::show::edited(&draft.edits) {
        fact("edited", format!("{} by {by}", time(at, zone)));
    }
    if let Some(text) = &draft.edits.editing.introduction {
        fact("introduction", format!("\n{text}"));
    }
    let rows: Vec<Vec<String>> = rows(draft)
        .map(|(id, decision, section, title)| {
            vec![
                decision.as_str().to_owned(),
                section.to_owned(),
                id.to_string(),
                title.to_owned(),
            ]
        })
        .collect();
    output::table(&["decision", "section", "article", "title"], &rows);
}

fn as_json(list: &List, draft: &Draft) -> Value {
    let articles = rows(draft).map(|(id, decision, section, title)| {
        json!({ "article": id, "decision": decision.as_str(), "section": section, "title": title })
    });
    json!({
        "list": list.slug,
        "period": stamp(draft.period_ms),
        "opened": draft.edits.opened_ms.map(stamp),
        "version": draft.edits.version,
        "edited": draft.edits.edited_ms.map(stamp),
        "edited_by": draft.edits.edited_by,
        "edits": draft.edits.editing,
        "articles": articles.collect::<Value>(),
    })
}
