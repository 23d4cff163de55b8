//! The story of two readers, step by step, through the same doors that everybody uses.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::{Demo, Say, check};
use crate::catcher::Caught;
use crate::domain::list::List;
use crate::service::compose::{self, Composed};
use crate::service::gather::{self, Occasion};
use crate::service::publish;
use crate::store;

/// How long any one step may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One of the two readers.
pub(super) struct Reader {
    pub(super) address: &'static str,
    pub(super) name: &'static str,
    pub(super) list: &'static str,
}

const READERS: [Reader; 2] = [
    Reader {
        address: "layla@example.org",
        name: "ليلى",
        list: "marfa",
    },
    Reader {
        address: "omar@example.org",
        name: "Omar",
        list: "lantern",
    },
];

/// Tells it.
pub(super) async fn tell(demo: &Demo, say: Say<'_>) -> anyhow::Result<()> {
    let began = Instant::now();
    let step = |text: String| say(&format!("{:>6} ms  {text}", began.elapsed().as_millis()));
    let context = &demo.app.context;
    // Made before the readers' browser: it chooses the TLS provider for both.
    let fetcher = demo.app.fetcher()?;
    let browser = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()?;

    let feeds = gather::gather(context, &fetcher, &context.lists, Occasion::Digest).await?;
    for feed in &feeds {
        ensure!(
            feed.error.is_none(),
            "{}: {}",
            feed.url,
            feed.error.as_deref().unwrap_or_default()
        );
        step(format!("gathered {} articles from {}", feed.new, feed.url));
    }
    for reader in &READERS {
        subscribe(demo, &browser, reader).await?;
        step(format!(
            "{} posted the form of {}",
            reader.address, reader.list
        ));
    }
    let caught = wait_for(demo, READERS.len()).await?;
    for reader in &READERS {
        let mail = check::mail_to(&caught, reader.address)?;
        step(format!(
            "caught «{}» for {}",
            mail.subject(),
            reader.address
        ));
        confirm(&browser, &mail).await?;
        step(format!(
            "{} pressed the button of the confirmation page",
            reader.address
        ));
    }
    for list in context.lists.iter() {
        let now_ms = context.clock.now_ms();
        match compose::compose(context, list, now_ms, false).await? {
            Composed::Ready(digest) => {
                step(format!(
                    "composed «{}»: {} articles",
                    digest.subject,
                    digest.edition.article_count()
                ));
            }
            other => anyhow::bail!("list {} has no digest: {other:?}", list.slug),
        }
    }
    let started = publish::publish(context).await?;
    context.wake.notify_one();
    step(format!(
        "froze the recipients of {} digests: {} deliveries",
        started.len(),
        started.iter().map(|(_, number)| number).sum::<u64>()
    ));
    let caught = wait_for(demo, READERS.len() * 2).await?;
    for reader in &READERS {
        let list = context.list(reader.list).context("a list of the demo")?;
        let facts = check::digest(demo, &caught, reader, list).await?;
        step(format!("checked the digest of {}: {facts}", reader.address));
    }
    recorded(demo, &started).await?;
    step("every delivery is recorded as sent; nothing is left in the queue".to_owned());
    Ok(())
}

async fn wait_for(demo: &Demo, count: usize) -> anyhow::Result<Vec<std::sync::Arc<Caught>>> {
    tokio::time::timeout(PATIENCE, demo.catcher.wait_for(count))
        .await
        .with_context(|| format!("mail {count} did not arrive"))
}

/// Opens the form, as a browser does, and posts the fields it has.
async fn subscribe(demo: &Demo, browser: &reqwest::Client, reader: &Reader) -> anyhow::Result<()> {
    let list: &List = demo
        .app
        .context
        .list(reader.list)
        .context("a list of the demo")?;
    let url = demo.app.context.subscribe_url(list);
    let page = browser
        .get(&url)
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    ensure!(
        page.contains("name=\"email\"") && page.contains("method=\"post\""),
        "{url} has no form"
    );
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", reader.address)
        .append_pair("name", reader.name)
        .finish();
    let posted = browser
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await?;
    // The client followed the redirect: what is left is the page that says "look in your mailbox".
    ensure!(
        posted.status().is_success() && posted.url().path().ends_with("/check-mail"),
        "{url} answered {}",
        posted.status()
    );
    Ok(())
}

/// Follows the link of the mail's text part and presses the page's button.
async fn confirm(browser: &reqwest::Client, mail: &Caught) -> anyhow::Result<()> {
    let text = mail.text().context("the confirmation has no text part")?;
    let url = text
        .split_whitespace()
        .find(|word| word.contains("/confirm/"))
        .context("the confirmation has no link")?
        .to_owned();
    browser.get(&url).send().await?.error_for_status()?;
    browser.post(&url).send().await?.error_for_status()?;
    Ok(())
}

/// The database agrees with the catcher.
async fn recorded(demo: &Demo, started: &[(i64, u64)]) -> anyhow::Result<()> {
    let wait = async {
        for (digest, recipients) in started {
            loop {
                let mut tx = demo.app.context.database.read().await?;
                let counts = store::digest_delivery::counts(&mut tx, *digest).await?;
                drop(tx);
                if counts.sent as u64 == *recipients {
                    break;
                }
                // The catcher has the mail before its result is written, some milliseconds later.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .context("a delivery was not recorded")?
}
