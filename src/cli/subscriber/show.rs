//! `nashra subscriber show`: a reader at a glance.

use clap::Args;
use jiff::tz::TimeZone;

use super::{Found, find};
use crate::app::App;
use crate::cli::{DONE, Where, output};
use crate::domain::address::EmailAddress;
use crate::domain::choices::Choices;
use crate::service::{export, next};
use crate::store::{self, dossier, subscriber::Subscriber};

/// So many of the last mails are shown.
const LAST: usize = 10;

/// Show a reader: the lists, what was chosen, the last mails
#[derive(Debug, Args)]
#[command(
    after_help = "Why nothing came: nashra subscriber why reader@example.org\n\
    Example: nashra subscriber show reader@example.org"
)]
pub struct ShowArgs {
    /// The address
    address: String,
    /// Print JSON: the same as `subscriber export`
    #[arg(long)]
    json: bool,
}

pub async fn run(at: &Where, args: ShowArgs) -> anyhow::Result<u8> {
    let address = EmailAddress::parse(&args.address)?;
    let app = at.look().await?;
    let code = match find(&app, &address).await? {
        Found::Subscriber(_) | Found::Suppressed { .. } if args.json => {
            output::json(&export::of_address(&app.context, &address).await?)?;
            DONE
        }
        Found::Subscriber(subscriber) => {
            show(&app, &subscriber).await?;
            DONE
        }
        Found::Suppressed { reason, since_ms } => {
            output::line(format!("{}, no subscriber", address.as_str()));
            output::line(suppressed(&reason, since_ms));
            DONE
        }
        found => anyhow::bail!("{}", found.nobody()),
    };
    app.close().await;
    Ok(code)
}

async fn show(app: &App, subscriber: &Subscriber) -> anyhow::Result<()> {
    let mut tx = app.context.database.read().await?;
    output::line(format!(
        "{}, subscriber {} since {}",
        subscriber.address,
        subscriber.id,
        output::time(subscriber.created_ms, &TimeZone::UTC)
    ));
    if let Some((reason, since_ms)) = dossier::suppression(&mut tx, &subscriber.identity).await? {
        output::line(suppressed(&reason, since_ms));
    }
    for (to, moved_ms) in dossier::moved_to(&mut tx, subscriber.id).await? {
        let moved = output::time(moved_ms, &TimeZone::UTC);
        output::line(format!("moved on {moved} to {to}"));
    }
    for (former, moved_ms) in store::moves::former(&mut tx, subscriber.id).await? {
        if let Some(former) = store::subscriber::by_id(&mut tx, former).await? {
            let moved = output::time(moved_ms, &TimeZone::UTC);
            output::line(format!("was {} until {moved}", former.address));
        }
    }
    for (to, since_ms) in dossier::moves(&mut tx, subscriber.id).await? {
        let since = output::time(since_ms, &TimeZone::UTC);
        output::line(format!(
            "asked on {since} to move to {to}, which is not confirmed yet"
        ));
    }
    let mut rows = Vec::new();
    for row in dossier::subscriptions(&mut tx, subscriber.id).await? {
        let choices = store::choices::of(&mut tx, row.list_id, subscriber.id).await?;
        let choices = choices.unwrap_or_default();
        let zone = zone(app, row.list_id);
        let status = match row.held_ms {
            Some(_) => format!("{} (held)", row.status),
            None => row.status.clone(),
        };
        let next = if row.status == "confirmed" {
            next_ms(app, &mut tx, &row, &choices).await?
        } else {
            None
        };
        rows.push(vec![
            row.slug,
            status,
            output::time(row.changed_ms, &zone),
            next.map(|ms| output::time(ms, &zone)).unwrap_or_default(),
            row.name.unwrap_or_default(),
            chosen(&choices, &zone),
        ]);
    }
    output::line("");
    output::table(
        &["list", "status", "changed", "next digest", "name", "chosen"],
        &rows,
    );
    let mails = mails(app, &mut tx, subscriber.id).await?;
    if !mails.is_empty() {
        output::line("");
        output::table(&["mailed", "list", "kind", "status", "reply"], &mails);
    }
    Ok(())
}

/// Why nothing is mailed to an address.
fn suppressed(reason: &str, since_ms: i64) -> String {
    let since = output::time(since_ms, &TimeZone::UTC);
    format!("suppressed since {since} ({reason}): nothing is mailed")
}

/// The zone that a list's times are told in.
pub(super) fn zone(app: &App, list_id: i64) -> TimeZone {
    let list = app.context.list_by_id(list_id);
    list.map_or(TimeZone::UTC, |list| list.schedule.zone().clone())
}

/// When the next digest is due for a confirmed reader; never for a list that left the configuration.
pub(super) async fn next_ms(
    app: &App,
    tx: &mut store::Tx,
    row: &dossier::Subscription,
    choices: &Choices,
) -> anyhow::Result<Option<i64>> {
    let Some(list) = app.context.list_by_id(row.list_id) else {
        return Ok(None);
    };
    let decided_ms = next::decided(tx, list).await?;
    let now_ms = app.context.clock.now_ms();
    Ok(next::of_reader(
        list,
        decided_ms,
        choices,
        row.next_ms,
        now_ms,
    ))
}

fn chosen(choices: &Choices, zone: &TimeZone) -> String {
    let mut words = Vec::new();
    if let Some(sections) = &choices.sections {
        words.push(sections.join("+"));
    }
    if let Some(rhythm) = &choices.rhythm {
        let cadence = rhythm.cadence().as_str();
        words.push(match rhythm.day() {
            0 => format!("{cadence} {}:00 {}", rhythm.hour(), rhythm.zone()),
            day => format!("{cadence} day {day} {}:00 {}", rhythm.hour(), rhythm.zone()),
        });
    }
    words.extend(choices.language.clone());
    if let Some(until_ms) = choices.paused_until_ms {
        words.push(format!("paused until {}", output::time(until_ms, zone)));
    }
    words.join(", ")
}

/// The last mails of every kind, newest first.
async fn mails(
    app: &App,
    tx: &mut store::Tx,
    subscriber_id: i64,
) -> anyhow::Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let slugs = dossier::slugs(tx).await?;
    for mail in dossier::mails(tx, subscriber_id).await? {
        let lists = mail.lists()?;
        let lists = lists.iter().filter_map(|id| slugs.get(id));
        let lists: Vec<&str> = lists.map(String::as_str).collect();
        let reply = reply(mail.code, mail.reply.as_deref());
        rows.push((
            mail.created_ms,
            mail.list_id,
            lists.join(", "),
            mail.kind,
            mail.status,
            reply,
        ));
    }
    for digest in dossier::digests(tx, subscriber_id).await? {
        let reply = reply(digest.code, digest.reply.as_deref());
        let kind = format!("digest {}", digest.digest_id);
        let at_ms = digest.started_ms.unwrap_or_default();
        rows.push((
            at_ms,
            digest.list_id,
            digest.slug,
            kind,
            digest.status,
            reply,
        ));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    rows.truncate(LAST);
    let rows = rows
        .into_iter()
        .map(|(at_ms, list_id, slug, kind, status, reply)| {
            let at = output::time(at_ms, &zone(app, list_id));
            vec![at, slug, kind, status, reply]
        });
    Ok(rows.collect())
}

/// A relay's last word.
pub(super) fn reply(code: Option<i64>, text: Option<&str>) -> String {
    let code = code.map(|code| code.to_string());
    let words: Vec<&str> = code.as_deref().into_iter().chain(text).collect();
    words.join(" ")
}
