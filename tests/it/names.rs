//! Issue 4, bad input: whatever a reader's name holds, it stays in its place; and a digest that is too long still goes out.

use nashra::domain::address::EmailAddress;
use nashra::domain::article::SafeHtml;
use nashra::store;

use crate::harness::app::{MONDAY, TestApp, article};
use crate::harness::database::both_databases;

const HOSTILE: [&str; 12] = [
    "",
    "   ",
    "ليلى",
    "Eve\r\nBcc: everyone@example.org",
    "Eve\u{2028}Subject: other",
    "\u{202e}drowssap\u{2066}x",
    "{{ 7 * 7 }}",
    "%s%n%s",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "NASHRASLOTUNSUBSCRIBE NASHRASLOTADDRESS",
    ".\r\n.\r\nMAIL FROM:<x@example.org>",
];

both_databases!(
    /// X1, X13, M17: each mail is one message with one To and one Subject, its link is its reader's own, and no name becomes markup,
    /// a header or a command.
    hostile_names_stay_in_their_place,
    |db| async move {
        let app = TestApp::start(db).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let long = "ن".repeat(10_000);
        let names: Vec<&str> = HOSTILE.iter().copied().chain([long.as_str()]).collect();
        let mut tx = app.app.context.database.write().await.unwrap();
        for (n, name) in names.iter().enumerate() {
            let address = EmailAddress::parse(&format!("reader{n}@example.org")).unwrap();
            let id = store::subscriber::ensure(&mut tx, &address, MONDAY).await.unwrap();
            store::subscription::set_pending(&mut tx, list, id, Some(name), MONDAY).await.unwrap();
            store::subscription::confirm(&mut tx, list, id, MONDAY).await.unwrap();
        }
        tx.commit().await.unwrap();
        app.articles(3).await;
        let digest = app.publish().await;
        app.deliver_pending().await;
        assert_eq!(app.counts(digest).await.sent, names.len() as i64);
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), names.len(), "no name ended its message");
        for mail in mails {
            let source = String::from_utf8_lossy(&mail.raw).into_owned();
            let head = source.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
            for header in ["to:", "subject:", "from:", "message-id:"] {
                assert_eq!(head.lines().filter(|line| line.starts_with(header)).count(), 1, "{header} in {head}");
            }
            assert!(!head.contains("bcc:"));
            let (text, html) = (mail.text().unwrap(), mail.html().unwrap());
            assert!(!html.contains("<script") && !html.contains("<img src=x"), "{html}");
            assert!(text.chars().count() < 6_000, "a long name is cut");
            for body in [&text, &html] {
                assert!(!body.contains(['\u{202e}', '\u{2028}']));
                assert!(body.contains("/u/"), "its own link");
            }
        }
    }
);

both_databases!(
    /// M19: a digest that Gmail would cut still goes out, and the operator is told.
    m19_a_digest_that_is_too_long_goes_out_with_a_warning,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(2).await;
        let list = app.app.context.list("weekly").unwrap().id;
        let words = "كلمات كثيرة جداً في هذا الملخّص الطويل ".repeat(600);
        let mut tx = app.app.context.database.write().await.unwrap();
        for n in 1..=4 {
            let mut article = article(n, MONDAY - n * 3_600_000);
            article.summary_html = SafeHtml::from_sanitised(words.clone());
            let (id, _) = store::article::upsert(&mut tx, &article, MONDAY).await.unwrap();
            store::article::place(&mut tx, list, id, "reports").await.unwrap();
        }
        tx.commit().await.unwrap();
        let output = app.digest_run([]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert!(output.stderr.contains("Gmail cuts it"), "{output:#?}");
        assert_eq!(app.catcher.accepted(), 2);
    }
);
