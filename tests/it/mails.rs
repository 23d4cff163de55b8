//! Every kind of mail as it arrives: its links in both parts (M20), its directions (T1–T3), its numbers, and two parsers that read
//! the same of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders as _};
use nashra::catcher::Caught;
use nashra::service::compose::{self, Composed};
use regex::Regex;

use crate::harness::app::{Options, TestApp, article, put_article};
use crate::harness::database::both_databases;
use crate::harness::{http, node};

/// A confirmation in Arabic and in English, a notice and a digest.
async fn every_kind(app: &TestApp) -> Vec<(&'static str, Arc<Caught>)> {
    let form = format!("{}/subscribe/weekly", app.url);
    let reader = [
        ("email", "layla@example.org"),
        ("name", "ليلى حدّاد \"أم\" عمر"),
    ];
    http::post_form(&form, &reader).await;
    app.deliver_pending().await;
    http::post_form(&app.confirmation_link("layla@example.org"), &[]).await;
    app.articles(7).await;
    app.publish().await;
    app.deliver_pending().await;
    http::post_form(&format!("{form}?lang=en"), &[("email", "omar@example.org")]).await;
    app.advance(Duration::from_hours(1));
    http::post_form(&form, &[("email", "layla@example.org")]).await;
    app.deliver_pending().await;
    let mails = app.catcher.messages();
    assert_eq!(mails.len(), 4);
    let find = |address: &str, word: &str| {
        let mut mails = mails.iter();
        let found =
            mails.find(|mail| mail.recipients == [address] && mail.subject().contains(word));
        Arc::clone(found.unwrap_or_else(|| panic!("no mail to {address} about {word}")))
    };
    vec![
        ("confirmation", find("layla@example.org", "أكّد")),
        (
            "confirmation in English",
            find("omar@example.org", "Confirm"),
        ),
        ("digest", find("layla@example.org", "خبر رقم")),
        ("notice", find("layla@example.org", "أنت مشترك")),
    ]
}

fn everything() -> Options {
    let sections = "[[lists]]\nslug = \"big\"\nname = \"الكبيرة\"\nlocale = \"ar\"\nschedule = \"0 7 * * 1\"\nzone = \"UTC\"\nlead = false\nsections = [\n";
    let four = |n| format!("  {{ key = \"s{n}\", name = \"قسم {n}\", limit = 50 }},\n");
    Options {
        lists: format!("{sections}{}]\n", (0..4).map(four).collect::<String>()),
        ..Options::default()
    }
}

both_databases!(
    /// Issue 3, point 10 and M20: every link of the HTML stands alone on a line of the text, and the other way round; only the
    /// masthead's link home may be missing.
    every_link_is_in_both_parts,
    |db| async move {
        let app = TestApp::start(db).await;
        let href = Regex::new(r#"href="([^"]+)""#).unwrap();
        for (kind, mail) in every_kind(&app).await {
            let (text, html) = (mail.text().unwrap(), mail.html().unwrap());
            let shown: BTreeSet<String> = href.captures_iter(&html).map(|found| found[1].replace("&amp;", "&")).collect();
            let alone: BTreeSet<String> = text.lines().map(str::trim_end).filter(|line| line.starts_with("http")).map(str::to_owned).collect();
            let without_home = |links: &BTreeSet<String>| links.iter().filter(|link| **link != app.url).cloned().collect::<BTreeSet<_>>();
            assert_eq!(without_home(&shown), without_home(&alone), "{kind}");
            assert!(!without_home(&shown).is_empty(), "{kind}");
            for link in &shown {
                assert!(link.starts_with("http"), "{kind}: {link} is relative (T15)");
            }
            // Our own links answer.
            for link in shown.iter().filter(|link| link.starts_with(&app.url)) {
                assert_eq!(http::get(link).await.status, 200, "{kind}: {link}");
            }
        }
    }
);

both_databases!(
    /// T1–T3: direction on html, body, every table and cell; neither bdi nor logical CSS.
    every_element_says_its_direction,
    |db| async move {
        let app = TestApp::start(db).await;
        let tag = Regex::new(r"<(html|body|table|td)\b[^>]*>").unwrap();
        let logical = Regex::new(r"(margin|padding|border)-(inline|block)|text-align:\s*(start|end)|<bdi").unwrap();
        let comment = Regex::new(r"(?s)<!--.*?-->").unwrap();
        for (kind, mail) in every_kind(&app).await {
            let html = mail.html().unwrap();
            let (dir, lang) = if kind.ends_with("English") { ("ltr", "en") } else { ("rtl", "ar") };
            let html = comment.replace_all(&html, "");
            let mut count = 0;
            for found in tag.find_iter(&html) {
                let said = found.as_str().contains(&format!("dir=\"{dir}\"")) && found.as_str().contains(&format!("lang=\"{lang}\""));
                assert!(said, "{kind}: {}", found.as_str());
                count += 1;
            }
            assert!(count > 8 && !logical.is_match(&html), "{kind}");
            assert!(html.starts_with("<!DOCTYPE html>"), "{kind}");
            // M15: each part names its language.
            let languages = String::from_utf8_lossy(&mail.raw).matches(&format!("Content-Language: {lang}")).count();
            assert_eq!(languages, 2, "{kind}");
        }
    }
);

both_databases!(
    /// Issue 3, point 4: the plural forms of Arabic that a digest can need reach the letter.
    numbers_take_their_arabic_form,
    |db| async move {
        let app = TestApp::with(db, everything()).await;
        let form = format!("{}/subscribe/big", app.url);
        http::post_form(&form, &[("email", "layla@example.org")]).await;
        app.deliver_pending().await;
        http::post_form(&app.confirmation_link("layla@example.org"), &[]).await;
        let context = &app.app.context;
        let list = context.list("big").unwrap();
        let forms = [
            (1, "مادة واحدة في قسم واحد."),
            (2, "مادتان في قسمين."),
            (3, "3 مواد في 3 أقسام."),
            (11, "11 مادة في 4 أقسام."),
            (100, "100 مادة في 4 أقسام."),
        ];
        let mut next = 0;
        for (number, words) in forms {
            let now_ms = app.clock.now_ms();
            let mut tx = context.database.write().await.unwrap();
            for n in 0..number {
                next += 1;
                put_article(&mut tx, (list.id, &format!("s{}", n % 4)), article(next, now_ms - 1000 * (n + 1)), now_ms).await;
            }
            tx.commit().await.unwrap();
            let composed = compose::compose(context, list, now_ms, false).await.unwrap();
            assert!(matches!(composed, Composed::Ready(_)), "{number}: {composed:?}");
            nashra::service::publish::publish(context).await.unwrap();
            app.deliver_pending().await;
            let mails = app.catcher.messages();
            let mail = mails.last().unwrap();
            for part in [mail.text().unwrap(), mail.html().unwrap()] {
                assert!(part.contains(&format!("إليك أبرز ما نشرناه: {words}")), "{number}: {words} is not in {part}");
            }
            app.advance(Duration::from_hours(7 * 24));
        }
    }
);

/// Line ends as one parser writes them, and none at the end.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

both_databases!(
    /// M6–M8, M11, M13: two parsers that share no code read the same subject, names and parts of every mail.
    two_parsers_agree,
    |db| async move {
        let app = TestApp::start(db).await;
        for (kind, mail) in every_kind(&app).await {
            let file = app.directory().join("mail.eml");
            std::fs::write(&file, &mail.raw).unwrap();
            let Some(program) = node::script("parse.mjs", [&file]) else { return };
            let output = program.run().await;
            assert_eq!(output.code, Some(0), "{output:?}");
            let theirs: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
            let ours = MessageParser::new().parse(&mail.raw).unwrap();
            let from = ours.from().unwrap().first().unwrap();
            assert_eq!(theirs["subject"].as_str(), ours.subject(), "{kind}");
            assert_eq!(theirs["fromName"].as_str(), from.name(), "{kind}");
            assert_eq!((from.name(), from.address()), (Some("المرفأ"), theirs["fromAddress"].as_str()), "{kind}");
            assert_eq!(theirs["to"].as_str(), Some(mail.recipients[0].as_str()), "{kind}");
            assert_eq!(plain(theirs["text"].as_str().unwrap()), plain(&ours.body_text(0).unwrap()), "{kind}");
            assert_eq!(plain(theirs["html"].as_str().unwrap()), plain(&ours.body_html(0).unwrap()), "{kind}");
            assert_eq!((ours.text_body_count(), ours.html_body_count(), ours.attachment_count()), (1, 1, 0), "{kind}");
            assert_eq!(theirs["attachments"], 0, "{kind}");
            let list_mail = !kind.starts_with("confirmation");
            let unsubscribe = mail.header("List-Unsubscribe").map(|value| value[1..value.len() - 1].to_owned());
            assert_eq!((theirs["unsubscribe"].as_str(), unsubscribe.is_some()), (unsubscribe.as_deref(), list_mail), "{kind}");
            for part in &ours.parts[1..] {
                assert_eq!(part.content_type().unwrap().attribute("charset"), Some("utf-8"), "{kind}");
            }
        }
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_arabic_digest_as_it_is_sent() {
    let app = TestApp::start(crate::harness::database::sqlite().await).await;
    let mails = every_kind(&app).await;
    let (_, digest) = mails.iter().find(|(kind, _)| *kind == "digest").unwrap();
    let headers: Vec<String> = digest
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let shown = format!(
        "{}\n\n{}\n\n{}",
        headers.join("\n"),
        digest.subject(),
        plain(&digest.text().unwrap())
    );
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"http://127\.0\.0\.1:\d+", "http://[SITE]");
    settings.add_filter(r"/u/[\w-]+", "/u/[TOKEN]");
    settings.add_filter(r"/p/[\w-]+", "/p/[TOKEN]");
    settings.add_filter(r"/d/[\w-]+", "/d/[DIGEST]");
    settings.add_filter(r"Message-ID: <.+@", "Message-ID: <[TAG]@");
    settings.add_filter("boundary=\"=_[\\w]+\"", "boundary=\"[BOUNDARY]\"");
    settings.bind(|| insta::assert_snapshot!("arabic_digest", shown));
}
