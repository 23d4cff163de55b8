//! `nashra subscriber why`: why a reader got nothing, list by list, and what to do about it.

use clap::Args;
use serde_json::json;

use super::show::{next_ms, reply, zone};
use super::{Found, find};
use crate::app::App;
use crate::cli::{DONE, Where, output};
use crate::domain::address::EmailAddress;
use crate::domain::list::List;
use crate::domain::sign_up::HoldReason;
use crate::store::dossier::{Digest, Mail, Subscription};
use crate::store::{self, Tx, dossier, subscriber::Subscriber};

/// Say for each list why a reader got nothing, and what to do
#[derive(Debug, Args)]
#[command(after_help = "Example: nashra subscriber why reader@example.org")]
pub struct WhyArgs {
    /// The address
    address: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What holds a reader's mail of one list up, or does not.
struct Answer {
    /// A stable word.
    code: &'static str,
    /// What is so.
    why: String,
    /// What to do.
    next: String,
}

impl Answer {
    fn new(code: &'static str, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code,
            why: why.into(),
            next: next.into(),
        }
    }
}

pub async fn run(at: &Where, args: WhyArgs) -> anyhow::Result<u8> {
    let address = EmailAddress::parse(&args.address)?;
    let app = at.look().await?;
    let found = find(&app, &address).await?;
    let answers = match &found {
        Found::Subscriber(subscriber) => Some(answers(&app, subscriber).await?),
        Found::Suppressed { reason, since_ms } => {
            let lists = app.context.lists.iter();
            let answers =
                lists.map(|list| (list.slug.clone(), suppressed(list, reason, *since_ms)));
            Some(answers.collect())
        }
        Found::Erased | Found::Unknown => None,
    };
    let is_known = answers.is_some();
    let answers = answers.unwrap_or_default();
    if args.json {
        let rows = answers.iter().map(|(list, answer)| {
            json!({ "list": list, "code": answer.code, "why": answer.why, "next": answer.next })
        });
        output::json(&rows.collect::<Vec<_>>())?;
    } else {
        for (list, answer) in &answers {
            output::line(format!("{list}: {}; {}", answer.why, answer.next));
        }
    }
    app.close().await;
    anyhow::ensure!(is_known, "{}", found.nobody());
    Ok(DONE)
}

async fn answers(app: &App, subscriber: &Subscriber) -> anyhow::Result<Vec<(String, Answer)>> {
    let mut tx = app.context.database.read().await?;
    let suppression = dossier::suppression(&mut tx, &subscriber.identity).await?;
    let subscriptions = dossier::subscriptions(&mut tx, subscriber.id).await?;
    let mails = dossier::mails(&mut tx, subscriber.id).await?;
    let digests = dossier::digests(&mut tx, subscriber.id).await?;
    let mut confirmations = Vec::new();
    let of_sign_ups = |mail: &&Mail| mail.kind == "confirmation" && mail.move_id.is_none();
    for mail in mails.iter().filter(of_sign_ups) {
        confirmations.push((mail.lists()?, mail));
    }
    let mut answers = Vec::new();
    for list in app.context.lists.iter() {
        let subscription = subscriptions.iter().find(|row| row.list_id == list.id);
        let answer = match (&suppression, subscription) {
            (Some((reason, since_ms)), _) => suppressed(list, reason, *since_ms),
            (None, None) => Answer::new(
                "not-subscribed",
                "not subscribed",
                format!("the form is {}", app.context.subscribe_url(list)),
            ),
            (None, Some(row)) => {
                let asked = confirmations
                    .iter()
                    .rfind(|(lists, _)| lists.contains(&list.id));
                let mail = asked.map(|(_, mail)| *mail);
                let digest = digests.iter().rfind(|digest| digest.list_id == list.id);
                let choices = store::choices::of(&mut tx, list.id, subscriber.id)
                    .await?
                    .unwrap_or_default();
                match row.status.as_str() {
                    "confirmed" => {
                        let next = next_ms(app, &mut tx, row, &choices).await?;
                        let paused_ms = choices
                            .paused_until_ms
                            .filter(|until_ms| *until_ms > app.context.clock.now_ms());
                        confirmed(app, list, row, digest, (next, paused_ms))
                    }
                    "pending" => pending(list, &subscriber.address, row, mail),
                    _ => left(&mut tx, list, subscriber, row.changed_ms).await?,
                }
            }
        };
        answers.push((list.slug.clone(), answer));
    }
    Ok(answers)
}

async fn left(
    tx: &mut Tx,
    list: &List,
    subscriber: &Subscriber,
    left_ms: i64,
) -> anyhow::Result<Answer> {
    let zone = list.schedule.zone();
    let moved_ms = store::moves::ended_by(tx, list.id, subscriber.id).await?;
    let moved = dossier::moved_to(tx, subscriber.id).await?;
    let moved = moved.into_iter().find(|(_, ms)| Some(*ms) == moved_ms);
    Ok(match moved {
        Some((to, moved_ms)) => Answer::new(
            "moved",
            format!("moved on {} to {to}", output::time(moved_ms, zone)),
            format!("`nashra subscriber why {to}` says how it goes there"),
        ),
        None => Answer::new(
            "left",
            format!("left on {}", output::time(left_ms, zone)),
            "who wants it back signs up again",
        ),
    })
}

fn suppressed(list: &List, reason: &str, since_ms: i64) -> Answer {
    let since = output::time(since_ms, list.schedule.zone());
    Answer::new(
        "suppressed",
        format!("the address is suppressed ({reason}) since {since}"),
        "`nashra suppression remove` permits mail again",
    )
}

fn pending(list: &List, address: &str, row: &Subscription, mail: Option<&Mail>) -> Answer {
    let zone = list.schedule.zone();
    if let (Some(reasons), Some(held_ms)) = (&row.reasons, row.held_ms) {
        let since = output::time(held_ms, zone);
        let reasons = HoldReason::read(reasons);
        let reasons: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
        let reasons = reasons.join(", ");
        return Answer::new(
            "held",
            format!("the sign-up is held since {since} ({reasons})"),
            format!(
                "`nashra quarantine release {address}` mails the confirmation, `nashra quarantine drop {address}` forgets it"
            ),
        );
    }
    let again = "the reader clicks in it, or signs up again for another";
    let Some(mail) = mail else {
        let since = output::time(row.changed_ms, zone);
        return Answer::new(
            "pending",
            format!("not confirmed since {since}, and no confirmation is kept"),
            "the reader signs up again",
        );
    };
    let reply = reply(mail.code, mail.reply.as_deref());
    let at = output::time(mail.done_ms.unwrap_or(mail.due_ms), zone);
    match mail.status.as_str() {
        "queued" => Answer::new(
            "confirmation-queued",
            format!("not confirmed: the confirmation is queued for {at} {reply}")
                .trim_end()
                .to_owned(),
            "`nashra serve` or `nashra digest run` sends it",
        ),
        "sent" => Answer::new(
            "pending",
            format!("not confirmed: a relay took the confirmation on {at}"),
            again,
        ),
        _ => Answer::new(
            "confirmation-failed",
            format!("not confirmed: the confirmation {} ({reply})", mail.status),
            "mend what the reply says; the reader signs up again",
        ),
    }
}

fn confirmed(
    app: &App,
    list: &List,
    row: &Subscription,
    digest: Option<&Digest>,
    (next_ms, paused_ms): (Option<i64>, Option<i64>),
) -> Answer {
    let zone = zone(app, list.id);
    let next = next_ms.map_or_else(
        || "no digest is planned".to_owned(),
        |ms| format!("the next digest is due {}", output::time(ms, &zone)),
    );
    if let Some(until_ms) = paused_ms {
        let until = output::time(until_ms, &zone);
        return Answer::new(
            "paused",
            format!("paused by the reader until {until}"),
            next,
        );
    }
    let Some(digest) = digest else {
        let since = output::time(row.changed_ms, &zone);
        return Answer::new(
            "no-digest-yet",
            format!("confirmed since {since}, and no digest was sent since or is still kept"),
            next,
        );
    };
    let reply = reply(digest.code, digest.reply.as_deref());
    let (id, number) = (digest.digest_id, digest.attempts);
    match digest.status.as_str() {
        "sent" => {
            let at = digest.started_ms.map(|ms| output::time(ms, &zone));
            Answer::new(
                "sent",
                format!("a relay took digest {id} of {}", at.unwrap_or_default()),
                format!("look into the spam folder and the relay's log; {next}"),
            )
        }
        "queued" => Answer::new(
            "queued",
            format!("digest {id} waits for attempt {} {reply}", number + 1)
                .trim_end()
                .to_owned(),
            format!("`nashra digest show {id}` says how far it is"),
        ),
        "failed" => Answer::new(
            "failed",
            format!("digest {id} was refused ({reply})"),
            format!("mend what the reply says, then `nashra digest retry {id} --status failed`"),
        ),
        "unknown" => Answer::new(
            "unknown",
            format!("the answer to digest {id} was lost ({reply})"),
            format!(
                "ask the reader; `nashra digest retry {id} --status unknown` sends all such again"
            ),
        ),
        _ => Answer::new(
            "cancelled",
            format!(
                "digest {id} was not sent ({})",
                if reply.is_empty() {
                    "it was cancelled"
                } else {
                    &reply
                }
            ),
            next,
        ),
    }
}
