//! T16, X6: links of digests that are counted, by article, section and day. No row has a person, link checkers do not count, and the link
//! leads to what is stored and nowhere else.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use nashra::domain::clicks::{CAUGHT_MS, EARLY_MS, WAIT_MS, day};
use nashra::domain::token::link::{LinkPlace, LinkToken};
use nashra::service::clicks::{self, Clicks};
use nashra::service::{self, Context};
use nashra::store;
use regex::Regex;
use reqwest::Method;

use crate::harness::app::{MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases, sqlite};
use crate::harness::http::{self, Answer};
use crate::harness::process::Signal;
use crate::harness::queue::execute;

const COUNT: &str = "[clicks]\ncount = true\n[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";

/// The program that counts, with a digest of four articles at two readers, who have had a minute to open it.
async fn counting(db: TestDb) -> (TestApp, i64) {
    let app = TestApp::with(
        db,
        Options {
            sections: COUNT.to_owned(),
            ..Options::default()
        },
    )
    .await;
    app.confirmed("layla@example.org").await;
    app.confirmed("omar@example.org").await;
    app.articles(3).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.write().await.unwrap();
    put_article(
        &mut tx,
        (list, "health"),
        article(9, MONDAY - 60_000 * 200),
        MONDAY,
    )
    .await;
    tx.commit().await.unwrap();
    let digest = app.publish().await;
    app.deliver_pending().await;
    app.advance(Duration::from_mins(1));
    (app, digest)
}

/// The links of articles in the text of a reader's digest, in its order.
fn links(app: &TestApp, reader: &str) -> Vec<String> {
    let mails = app.catcher.messages();
    let mail = mails
        .iter()
        .rev()
        .find(|mail| mail.recipients == [reader])
        .unwrap();
    let text = mail.text().unwrap();
    let lines = text.lines().map(str::trim_end);
    lines
        .filter(|line| line.contains("/l/"))
        .map(str::to_owned)
        .collect()
}

/// The link that nobody sees.
fn decoy(app: &TestApp, reader: &str) -> String {
    let mails = app.catcher.messages();
    let mail = mails
        .iter()
        .rev()
        .find(|mail| mail.recipients == [reader])
        .unwrap();
    let html = mail.html().unwrap();
    let empty = Regex::new(r#"<a ([^>]*)></a>"#).unwrap();
    let found: Vec<_> = empty
        .captures_iter(&html)
        .map(|found| found[1].to_owned())
        .collect();
    assert_eq!(found.len(), 1, "{html}");
    // V16: neither styled away nor on the way of a keyboard or a screen reader.
    let said = &found[0];
    assert!(
        said.contains("tabindex=\"-1\"") && said.contains("aria-hidden=\"true\""),
        "{said}"
    );
    for hiding in ["display", "visibility", "opacity", "font-size:0"] {
        assert!(!said.contains(hiding), "{said}");
    }
    let href = Regex::new(r#"href="([^"]+)""#).unwrap();
    href.captures(said).unwrap()[1].to_owned()
}

/// Follows a link from an address of its own.
async fn follow(link: &str, from: &str) -> Answer {
    let request = http::request(Method::GET, link);
    http::send(
        request
            .header("x-forwarded-for", from)
            .header("user-agent", "Browser/1"),
    )
    .await
}

/// Lets everything that waits ripen, and gives the counts of each article of the list.
async fn counted(app: &TestApp) -> HashMap<i64, i64> {
    app.advance(Duration::from_millis(WAIT_MS as u64));
    clicks::write(&app.app.context, false).await.unwrap();
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    store::clicks::of_articles(&mut tx, list, &[1, 2, 3, 4], 0)
        .await
        .unwrap()
}

fn token_of(link: &str) -> &str {
    link.rsplit_once("/l/").unwrap().1
}

both_databases!(
    /// T16: nothing of it unless the operator asks for it.
    t16_without_asking_links_are_direct,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.articles(3).await;
        app.publish().await;
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let (text, html) = (mails.last().unwrap().text().unwrap(), mails.last().unwrap().html().unwrap());
        assert!(text.contains("https://news.example/articles/1") && !text.contains("/l/"), "{text}");
        assert!(html.contains("https://news.example/articles/1") && !html.contains("/l/") && !Regex::new("<a [^>]*></a>").unwrap().is_match(&html), "{html}");
    }
);

both_databases!(
    /// X6: every article's link of both parts leads on to the article, is the same for every reader, and takes no address from outside.
    x6_links_lead_to_what_is_stored,
    |db| async move {
        let (app, digest) = counting(db).await;
        let found = links(&app, "layla@example.org");
        assert_eq!(found, links(&app, "omar@example.org"));
        assert_eq!(found.len(), 4);
        let mut targets = BTreeSet::new();
        for link in &found {
            assert!(link.starts_with(&app.url) && link.len() <= app.url.len() + 40, "{link}");
            let answer = http::get(&format!("{link}?url=https://evil.example/")).await;
            assert_eq!((answer.status, answer.header("cache-control"), answer.header("referrer-policy")), (302, "no-store", "no-referrer"));
            targets.insert(answer.header("location").to_owned());
        }
        let expected = [1, 2, 3, 9].map(|n| format!("https://news.example/articles/{n}"));
        assert_eq!(targets, expected.into());
        // The same in HTML, and no article's own address beside it.
        let mails = app.catcher.messages();
        let html = mails.last().unwrap().html().unwrap();
        assert!(found.iter().all(|link| html.contains(link.as_str())) && !html.contains("https://news.example/articles/"), "{html}");
        // In the browser they are direct: there is nothing to count.
        let page = http::get(&app.app.context.digest_url(&app.digest(digest).await.public_id)).await;
        assert!(page.text().contains("https://news.example/articles/1") && !page.text().contains("/l/"));

        // What was not signed here, or is of nothing that is stored, leads nowhere.
        let context = &app.app.context;
        let none = [(digest, 0, 77), (999, 0, 1)].map(|(digest_id, variant_id, article)| {
            let place = LinkPlace::Article(article);
            LinkToken { digest_id, variant_id, place }.sign(&context.keyring)
        });
        let good = token_of(&found[0]);
        for token in [none[0].as_str(), &none[1], &good[1..], &format!("{good}A"), "x", "https:%2F%2Fevil.example"] {
            let answer = http::get(&format!("{}/l/{token}", app.url)).await;
            assert_eq!((answer.status, answer.header("location")), (404, ""), "{token}");
        }
        assert_eq!(http::post_form(&found[0], &[]).await.status, 405);
    }
);

both_databases!(
    /// Point 7: counted by article, section and day; what is stored names neither network nor reader.
    clicks_are_numbers_of_a_day_and_nothing_else,
    |db| async move {
        let (app, digest) = counting(db).await;
        let found = links(&app, "layla@example.org");
        let before = app.dump().await;
        for (network, link) in [("192.0.2.10", 0), ("192.0.2.11", 0), ("2001:db8:7::1", 1), ("192.0.2.10", 3)] {
            assert_eq!(follow(&found[link], network).await.status, 302);
            app.advance(Duration::from_secs(5));
        }
        assert_eq!(app.dump().await, before, "a click waits in memory");
        let counts = counted(&app).await;
        assert_eq!(counts.values().sum::<i64>(), 4, "{counts:?}");
        let after = app.dump().await;
        let is_new = |line: &&str| !before.lines().any(|old| old == *line);
        let rows: Vec<&str> = after.lines().filter(is_new).collect();
        assert_eq!(rows.len(), 3, "{rows:?}");
        let filled = |dump: &str| dump.lines().filter(|line| !line.is_empty()).count();
        assert_eq!(filled(&before) + 3, filled(&after), "nothing else changed");
        let numbers = |row: &str| row.trim_matches(['(', ')']).replace(['\'', '|'], ",").split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let today = day(MONDAY).to_string();
        for row in &rows {
            let row = numbers(row);
            assert_eq!((row.len(), row[0].as_str(), row[3].as_str()), (5, "1", today.as_str()), "{row:?}");
            assert!(row[2] == "reports" || row[2] == "health", "{row:?}");
        }
        assert!(rows.iter().any(|row| numbers(row)[4] == "2"));
        for trace in ["192.0.2.", "2001:db8", "127.0.0.1", "Browser"] {
            assert!(!rows.iter().any(|row| row.contains(trace)), "{trace}");
        }

        // The same article on another day is another row; both count together, and alone.
        app.advance(Duration::from_hours(24));
        follow(&found[0], "192.0.2.10").await;
        let counts = counted(&app).await;
        assert_eq!(counts.values().sum::<i64>(), 5, "{counts:?}");
        let list = app.app.context.list("weekly").unwrap().id;
        let mut tx = app.app.context.database.read().await.unwrap();
        let later = store::clicks::of_articles(&mut tx, list, &[1, 2, 3, 4], day(MONDAY) + 1).await.unwrap();
        drop(tx);
        assert_eq!(later.values().copied().collect::<Vec<_>>(), [1]);

        let shown = app.nashra(["digest", "show", &digest.to_string(), "--json"]).run().await;
        let json: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let clicks = json["clicks"].as_array().unwrap();
        assert_eq!((clicks.len(), &clicks[0]["clicks"], &clicks[0]["section"]), (4, &3.into(), &serde_json::Value::Null));
        let lines = app.nashra(["digest", "show", &digest.to_string()]).run().await.stdout;
        assert!(lines.contains("clicks      3 · lead · خبر رقم 1 من Beirut"), "{lines}");
        assert!(lines.contains("clicks      1 · صحة · "), "{lines}");
    }
);

both_databases!(
    /// V16: who follows the link that nobody sees has the clicks of the last minute and the next ten taken back, and nobody else has.
    v16_link_checkers_do_not_count,
    |db| async move {
        let (app, digest) = counting(db).await;
        let found = links(&app, "layla@example.org");
        let trap = decoy(&app, "layla@example.org");
        assert_eq!(trap, decoy(&app, "omar@example.org"));
        assert!(!links(&app, "layla@example.org").contains(&trap), "not in the text");
        follow(&found[0], "192.0.2.10").await;
        follow(&found[0], "192.0.2.20").await;
        app.advance(Duration::from_secs(30));
        let answer = follow(&trap, "192.0.2.10").await;
        let page = app.app.context.digest_url(&app.digest(digest).await.public_id);
        assert_eq!((answer.status, answer.header("location")), (302, page.as_str()), "a person sees the digest");
        follow(&found[1], "192.0.2.10").await;
        assert_eq!(counted(&app).await.values().sum::<i64>(), 1);
        app.advance(Duration::from_millis(CAUGHT_MS as u64));
        follow(&found[1], "192.0.2.10").await;
        assert_eq!(counted(&app).await.values().sum::<i64>(), 2);
        // Who only looks where it leads is a program as well.
        follow(&found[1], "192.0.2.30").await;
        let head = http::request(Method::HEAD, &trap).header("x-forwarded-for", "192.0.2.30");
        assert_eq!(http::send(head).await.status, 302);
        assert_eq!(counted(&app).await.values().sum::<i64>(), 2);
    }
);

/// Timing, and programs that say themselves that nobody has clicked.
#[tokio::test]
async fn programs_that_only_look_do_not_count() {
    let (app, _) = counting(sqlite().await).await;
    let found = links(&app, "layla@example.org");
    // Three articles at once: a scanner, whatever it did before.
    for link in &found[..3] {
        follow(link, "192.0.2.10").await;
    }
    // HEAD and prefetching.
    let head = http::send(http::request(Method::HEAD, &found[0])).await;
    assert_eq!(
        (head.status, head.header("location")),
        (302, "https://news.example/articles/1")
    );
    for (name, value) in [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
    ] {
        let answer = http::send(http::request(Method::GET, &found[0]).header(name, value)).await;
        assert_eq!(answer.status, 302, "{name}");
        app.advance(Duration::from_secs(3));
    }
    assert_eq!(counted(&app).await, HashMap::new());
    // Two at once are a reader.
    for link in &found[..2] {
        follow(link, "192.0.2.20").await;
    }
    assert_eq!(counted(&app).await.values().sum::<i64>(), 2);
}

/// In the first seconds of a digest only programs are there.
#[tokio::test]
async fn a_click_that_comes_too_soon_does_not_count() {
    let app = TestApp::with(
        sqlite().await,
        Options {
            sections: COUNT.to_owned(),
            ..Options::default()
        },
    )
    .await;
    app.confirmed("layla@example.org").await;
    app.articles(2).await;
    app.publish().await;
    app.deliver_pending().await;
    let found = links(&app, "layla@example.org");
    follow(&found[0], "192.0.2.10").await;
    app.advance(Duration::from_millis(EARLY_MS as u64));
    follow(&found[1], "192.0.2.11").await;
    assert_eq!(counted(&app).await.values().sum::<i64>(), 1);
}

/// A process that is told to stop writes what it still has in memory.
#[tokio::test]
async fn a_stop_loses_no_click() {
    let (app, _) = counting(sqlite().await).await;
    let mut running = app
        .nashra(["serve", "--role", "web", "--listen", "127.0.0.1:0"])
        .spawn();
    let line = running.line("pages are served").await;
    let address = Regex::new(r"127\.0\.0\.1:\d+")
        .unwrap()
        .find(&line)
        .unwrap()
        .as_str()
        .to_owned();
    let link = links(&app, "layla@example.org")[0].replace(&app.url, &format!("http://{address}"));
    assert_eq!(http::get(&link).await.status, 302);
    running.signal(Signal::Term);
    assert_eq!(running.finished().await.code, Some(0));
    assert_eq!(counted(&app).await.values().sum::<i64>(), 1);
}

both_databases!(
    /// Readers with choices have links of their variant; they lead on when it is pruned, and when counting is switched off again.
    links_outlive_variants_and_the_switch,
    |db| async move {
        let app = TestApp::with(db, Options { sections: COUNT.to_owned(), ..Options::default() }).await;
        app.confirmed("layla@example.org").await;
        let choices = [("do", "save"), ("weekly.cadence", "list"), ("weekly.section", "reports"), ("weekly.language", "en")];
        let link = app.preferences_link("weekly", "layla@example.org").await;
        assert_eq!(http::post_form(&link, &choices).await.status, 303);
        app.articles(2).await;
        app.publish().await;
        app.deliver_pending().await;
        let found = links(&app, "layla@example.org");
        let context = &app.app.context;
        let token = LinkToken::verify(&context.keyring, token_of(&found[1])).unwrap();
        assert!(token.variant_id > 0, "{token:?}");
        let fresh = |count| Context { clicks: Arc::new(Clicks::new(count)), ..context.clone() };
        let target = async |context: &Context| -> Result<_, service::Error> { clicks::follow(context, token_of(&found[1]), None).await };
        let article = Some("https://news.example/articles/2".to_owned());
        assert_eq!(target(&fresh(true)).await.unwrap(), article);
        execute(&app.database(), "DELETE FROM digest_deliveries; UPDATE digest_variants SET edition = '{\"lead\":null,\"sections\":[]}'").await;
        assert_eq!(target(&fresh(true)).await.unwrap(), article, "its digest has looked at it");
        execute(&app.database(), "DELETE FROM digest_variants").await;
        assert_eq!(target(&fresh(false)).await.unwrap(), article);
        execute(&app.database(), "DELETE FROM digest_articles").await;
        assert_eq!(target(&fresh(true)).await.unwrap(), article, "no digest has looked at what stands beside the news");
    }
);

/// What cannot be written waits for the next time.
#[tokio::test]
async fn clicks_survive_a_write_that_fails() {
    let (app, _) = counting(sqlite().await).await;
    follow(&links(&app, "layla@example.org")[0], "192.0.2.10").await;
    app.advance(Duration::from_millis(WAIT_MS as u64));
    execute(&app.database(), "ALTER TABLE click_counts RENAME TO away").await;
    assert!(clicks::write(&app.app.context, false).await.is_err());
    execute(&app.database(), "ALTER TABLE away RENAME TO click_counts").await;
    assert_eq!(counted(&app).await.values().sum::<i64>(), 1);
}
