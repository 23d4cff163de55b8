//! X1, M16, M17: whatever stands in the database as a reader's name stays in the place for it in that reader's mail. And a digest
//! that mail programs cut is sent with a warning.

use std::sync::Arc;

use mail_parser::MessageParser;
use nashra::catcher::Caught;
use nashra::domain::address::EmailAddress;
use nashra::domain::article::{NewArticle, SafeHtml};
use nashra::store;

use crate::harness::app::{MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::both_databases;
use crate::harness::http;

/// A plain name to compare with.
const PLAIN: &str = "layla";
const HOSTILE: [&str; 14] = [
    "",
    " ",
    "x\r\nBcc: victim@example.net\r\n\r\nbody",
    "x\nSubject: other",
    "x\r.\r\nMAIL FROM:<a@example.net>",
    "\u{202e}drow\u{202c} \u{2066}isolated",
    "\u{202e}never closed",
    "{{ name }}{% include \"x\" %}",
    "%s%n%d {0} ${HOME}",
    "</td></table><script>alert(1)</script><a href=\"https://evil.example\">",
    "\"quoted\" <a@example.net>, b@example.net",
    "=?utf-8?q?x=0D=0ABcc:_a@example.net?=",
    "\u{feff}\u{200b}\u{1}\u{7f}\u{2028}\u{2029}",
    "..\n.\n",
];

/// A confirmed reader of a list with a name that no form would take.
async fn reader(app: &TestApp, list: &str, address: &str, name: &str) {
    let list = app.app.context.list(list).unwrap().id;
    let address = EmailAddress::parse(address).unwrap();
    let mut tx = app.app.context.database.write().await.unwrap();
    let id = store::subscriber::ensure(&mut tx, &address, MONDAY)
        .await
        .unwrap();
    store::subscription::set_pending(&mut tx, list, id, Some(name), MONDAY)
        .await
        .unwrap();
    store::subscription::confirm(&mut tx, list, id, MONDAY)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// The digest's mail to an address.
fn mail_to(app: &TestApp, address: &str) -> Arc<Caught> {
    let mails = app.catcher.messages();
    let mut to = mails.iter().filter(|mail| mail.recipients == [address]);
    let mail = Arc::clone(to.next().unwrap());
    assert!(to.next().is_none(), "{address}: one mail");
    mail
}

/// What a mail consists of beside its reader's own words: the names of its headers, its tags, its lines.
fn shape(mail: &Caught) -> (Vec<String>, Vec<String>, usize) {
    let headers = mail.headers().into_iter().map(|(name, _)| name).collect();
    let html = mail.html().unwrap();
    let tags = html.split('<').skip(1);
    let tags = tags.map(|rest| rest.split([' ', '>']).next().unwrap().to_owned());
    (
        headers,
        tags.collect(),
        mail.text().unwrap().lines().count(),
    )
}

both_databases!(
    /// X1: the digest goes out by the built program, and each mail is as every other but for the name.
    x1_a_hostile_name_stays_in_its_place,
    |db| async move {
        let app = TestApp::start(db).await;
        app.articles(3).await;
        let long = "ن".repeat(10_000);
        let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
        reader(&app, "weekly", "plain@example.org", PLAIN).await;
        for (n, name) in names.iter().enumerate() {
            reader(&app, "weekly", &format!("reader{n}@example.org"), name).await;
        }
        let output = app.digest_run([]).run().await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
        assert_eq!(app.catcher.accepted() as usize, names.len() + 1);

        let plain = mail_to(&app, "plain@example.org");
        assert!(plain.text().unwrap().contains(PLAIN) && plain.html().unwrap().contains(PLAIN));
        let (headers, mut tags, lines) = shape(&plain);
        tags.sort_unstable();
        for (n, name) in names.iter().enumerate() {
            let address = format!("reader{n}@example.org");
            let mail = mail_to(&app, &address);
            let (its_headers, mut its_tags, its_lines) = shape(&mail);
            its_tags.sort_unstable();
            assert_eq!(its_headers, headers, "{name:?}");
            assert_eq!(its_lines, lines, "{name:?}");
            // Without a name there is no element around it.
            assert!(its_tags.iter().all(|tag| tags.contains(tag)), "{name:?}: {its_tags:?}");
            assert!(its_tags.len() <= tags.len(), "{name:?}: {its_tags:?}");
            assert_eq!((mail.to(), mail.subject()), (address, plain.subject()), "{name:?}");
            let whole = MessageParser::new().parse(&mail.raw).unwrap();
            assert_eq!(whole.parts.len(), MessageParser::new().parse(&plain.raw).unwrap().parts.len());
            for text in [mail.text().unwrap(), mail.html().unwrap()] {
                assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{1}', '\u{7f}']), "{name:?}: turns or breaks what follows");
                assert!(text.matches('ن').count() < 2_000, "{name:?}: cut");
            }
        }
    }
);

/// An article of some length.
fn long(n: i64) -> NewArticle {
    let summary = "نصّ طويل بلا نهاية ".repeat(150);
    NewArticle {
        summary_html: SafeHtml::from_sanitised(summary.clone()),
        summary_text: summary,
        ..article(n, MONDAY - n * 60_000)
    }
}

both_databases!(
    /// M19: what Gmail would cut is left to the digest's page, which has all of it.
    a_digest_that_gmail_would_cut_is_shortened_and_its_page_is_whole,
    |db| async move {
        let lists = "[[lists]]\nslug = \"big\"\nname = \"Big\"\nlocale = \"ar\"\nschedule = \"0 7 * * 1\"\nzone = \"UTC\"\n\
            sections = [{ key = \"all\", name = \"All\", limit = 50 }]";
        let app = TestApp::with(db, Options { lists: lists.to_owned(), ..Options::default() }).await;
        reader(&app, "big", "layla@example.org", "ليلى").await;
        let list = app.app.context.list("big").unwrap().id;
        let mut tx = app.app.context.database.write().await.unwrap();
        for n in 1..=50 {
            put_article(&mut tx, (list, "all"), long(n), MONDAY).await;
        }
        tx.commit().await.unwrap();
        let output = app.digest_run(["--list", "big"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert!(output.stderr.contains("the letter has no room for all articles"), "{}", output.stderr);
        let mail = mail_to(&app, "layla@example.org");
        let raw = String::from_utf8_lossy(&mail.raw).into_owned();
        let (_, html) = raw.split_once("Content-Type: text/html").unwrap();
        assert!(html.len() <= 102_400, "{}", html.len());
        assert!(mail.html().unwrap().trim_end().ends_with("</html>"), "all of it");
        let text = mail.text().unwrap();
        let links: Vec<String> = (1..=50).map(|n| format!("https://news.example/articles/{n}")).collect();
        let shown = |link: &&String| text.lines().any(|line| line == link.as_str());
        let shown = links.iter().take_while(shown).count();
        assert!((5..50).contains(&shown), "{shown}");
        assert!(text.contains(&format!("في الموقع أيضاً: {} مادة", 50 - shown)), "{text}");
        let page = text.lines().find(|line| line.contains("/d/")).unwrap();
        let page = http::get(page).await;
        assert!(links.iter().all(|link| page.text().contains(link.as_str())), "{}", page.text());
    }
);
