//! The demonstration: two sample sites, a catcher and this program's own pages on real sockets, a temporary database, and the
//! story of two readers from the form to the digest. It uses the program as an operator would: a configuration text, the
//! same services, the same wire.

mod check;
pub mod site;
mod story;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::catcher::{Catcher, CatcherConfig};
use crate::clock::Clock;
use crate::domain::token;
use crate::web::{self, Web};
use crate::worker::{Sender, Until};
use site::SampleSite;

/// Takes one line for the person who watches.
type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// Everything that runs while the demo does.
pub struct Demo {
    app: App,
    catcher: Catcher,
    directory: PathBuf,
    sites: [String; 2],
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Demo {
    /// Starts the sites, the catcher, the pages and the sender; says which ports had to be replaced.
    pub async fn start(say: Say<'_>) -> anyhow::Result<Self> {
        let directory = std::env::temp_dir().join(format!("nashra-demo-{}", token::random_id()));
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("{} cannot be created", directory.display()))?;
        let started = Self::start_in(directory.clone(), say).await;
        if started.is_err() {
            let _ = std::fs::remove_dir_all(&directory);
        }
        started
    }

    async fn start_in(directory: PathBuf, say: Say<'_>) -> anyhow::Result<Self> {
        let pages = listen(8080, "pages", say).await?;
        let listeners = [
            listen(8081, "Arabic sample site", say).await?,
            listen(8082, "English sample site", say).await?,
        ];
        let public_url = address_of(&pages)?;
        let sites = [address_of(&listeners[0])?, address_of(&listeners[1])?];
        let catcher = start_catcher(say).await?;

        let text = configuration(&public_url, &sites, &directory, catcher.smtp_addr());
        let app = App::open(
            crate::config::parse(&text, std::iter::empty())?,
            Clock::System,
        )
        .await?;
        let stop = CancellationToken::new();
        let mut tasks = Vec::new();
        let samples = [
            (SampleSite::arabic(), "marfa"),
            (SampleSite::english(), "lantern"),
        ];
        for ((listener, base), (sample, slug)) in listeners.into_iter().zip(&sites).zip(samples) {
            let form = format!("{public_url}/subscribe/{slug}");
            let router = sample.router(base.clone(), form, app.context.clock.now_ms());
            let stopped = stop.clone();
            tasks.push(tokio::spawn(async move {
                let _ = axum::serve(listener, router)
                    .with_graceful_shutdown(async move { stopped.cancelled().await })
                    .await;
            }));
        }
        let (web, stopped) = (
            Web::new(
                app.context.clone(),
                app.trusted_proxies(),
                app.request_timeout(),
            ),
            stop.clone(),
        );
        tasks.push(tokio::spawn(async move {
            let _ = web::serve(pages, web, async move { stopped.cancelled().await }).await;
        }));
        let sender = Sender::new(
            app.context.clone(),
            Arc::new(app.routes(None)?),
            Until::Stopped,
        );
        let stopped = stop.clone();
        tasks.push(tokio::spawn(async move {
            if let Err(error) = sender.run(stopped).await {
                tracing::error!(%error, "the sender of the demo ended");
            }
        }));
        Ok(Self {
            app,
            catcher,
            directory,
            sites,
            stop,
            tasks,
        })
    }

    /// Tells the story, one line a step, and checks what arrived.
    pub async fn tell(&self, say: Say<'_>) -> anyhow::Result<()> {
        story::tell(self, say).await
    }

    /// What can be opened in a browser.
    pub fn urls(&self) -> Vec<(String, String)> {
        let context = &self.app.context;
        let mut urls = vec![
            ("Arabic sample site".to_owned(), self.sites[0].clone()),
            ("English sample site".to_owned(), self.sites[1].clone()),
        ];
        for list in context.lists.iter() {
            urls.push((
                format!("form ({})", list.language),
                context.subscribe_url(list),
            ));
            urls.push((
                format!("archive ({})", list.language),
                context.archive_url(list),
            ));
        }
        urls.extend(
            self.catcher
                .http_addr()
                .map(|inbox| ("caught mails".to_owned(), format!("http://{inbox}/"))),
        );
        urls
    }

    /// Ends everything and removes the temporary files.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
        self.app.close().await;
        self.catcher.stop().await;
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Listens on the usual port, or on a free one when that is taken.
async fn listen(port: u16, what: &str, say: Say<'_>) -> anyhow::Result<TcpListener> {
    if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        return Ok(listener);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("no free port on 127.0.0.1")?;
    say(&format!(
        "port {port} is busy: the {what} use{} {}",
        if what.ends_with('s') { "" } else { "s" },
        listener.local_addr()?.port()
    ));
    Ok(listener)
}

fn address_of(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn start_catcher(say: Say<'_>) -> anyhow::Result<Catcher> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let config = |smtp, http| {
        let mut config = CatcherConfig::new(at(smtp), || Clock::System.now_ms());
        config.http = Some(at(http));
        config
    };
    if let Ok(catcher) = Catcher::start(config(1025, 8025)).await {
        return Ok(catcher);
    }
    let catcher = Catcher::start(config(0, 0)).await?;
    say(&format!(
        "ports 1025 and 8025 are busy: the catcher uses {}",
        catcher.smtp_addr().port()
    ));
    Ok(catcher)
}

/// The configuration an operator would write for the two sites.
fn configuration(
    public_url: &str,
    sites: &[String; 2],
    directory: &std::path::Path,
    smtp: SocketAddr,
) -> String {
    // A JSON string is a TOML string: the directory's name may hold anything.
    let quoted = |text: String| serde_json::Value::String(text).to_string();
    let database = quoted(format!("sqlite:{}", directory.join("nashra.db").display()));
    let key_file = quoted(directory.join("secret.key").display().to_string());
    let ([arabic, english], port) = (sites, smtp.port());
    format!(
        r#"
[site]
name = "المرفأ"
public_url = "{public_url}"
postal_address = "المرفأ، شارع البحر 12، الطابق الثاني"

[database]
url = {database}

[secrets]
key_file = {key_file}

[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"

[mail]
from = "news@marfa.example"
from_name = "المرفأ"

[feeds]
allow_private = true

[addresses]
mx_check = false
[sign_up]
unstamped = "accept"
min_fill = "0s"

[digest]
lateness = "8d"

[[lists]]
slug = "marfa"
name = "النشرة الأسبوعية"
description = "أهم ما نشرناه هذا الأسبوع، كل اثنين الساعة السابعة صباحاً."
locale = "ar"
formats = "ar-LB-u-nu-latn"
schedule = "0 7 * * 1"
zone = "Asia/Beirut"
ask_name = true
sections = [
  {{ key = "reports", name = "تقارير وتحقيقات", limit = 4, layout = "cards" }},
  {{ key = "health", name = "الصحة والمجتمع", limit = 5, layout = "headlines" }},
  {{ key = "culture", name = "ثقافة", limit = 4, layout = "headlines" }},
  {{ key = "cartoon", name = "كاريكاتير", limit = 1, layout = "cartoon" }},
]
feeds = [{{ url = "{arabic}/feed.xml" }}]

[[lists]]
slug = "lantern"
name = "The Lantern Weekly"
masthead = "The Lantern"
description = "The week in the city, every Monday at seven in the morning."
locale = "en"
from_name = "The Lantern"
schedule = "0 7 * * 1"
zone = "Europe/London"
ask_name = true
sections = [
  {{ key = "reports", name = "Reports", limit = 4, layout = "cards" }},
  {{ key = "health", name = "Health and community", limit = 5, layout = "headlines" }},
  {{ key = "culture", name = "Culture", limit = 4, layout = "headlines" }},
  {{ key = "cartoon", name = "Cartoon", limit = 1, layout = "cartoon" }},
]
feeds = [{{ url = "{english}/feed.xml" }}]
"#
    )
}
