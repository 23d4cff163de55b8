//! `nashra article`: articles from files, sanitised before they are stored, in the next digest (issue 3, point 3).

use nashra::domain::article::Article;
use nashra::store;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;
use crate::harness::process::{Output, Program};

const MARKDOWN: &str = "---
title: الميناء بعد عام
url: https://manara.example/port
date: 2026-01-05T05:00:00Z
section: health
source: وكالات
---
عاد **العمل** إلى الرصيف.

<script>alert(1)</script><a href=\"javascript:alert(1)\" onclick=x>هنا</a>
";

/// Runs `nashra article …` where these files are.
async fn article(app: &TestApp, arguments: &[&str], files: &[(&str, &str)]) -> Output {
    for (name, text) in files {
        std::fs::write(app.directory().join(name), text).unwrap();
    }
    let config = app.config_file();
    let all = [
        &["--config", config.to_str().unwrap(), "article"],
        arguments,
    ]
    .concat();
    Program::nashra(all).dir(app.directory()).run().await
}

async fn stored(app: &TestApp) -> Vec<Article> {
    let list = app.app.context.list("weekly").unwrap().id;
    let mut tx = app.app.context.database.read().await.unwrap();
    let mut articles = store::article::newest(&mut tx, list, 100).await.unwrap();
    articles.sort_by(|a, b| a.title.cmp(&b.title));
    articles
}

both_databases!(
    /// X2: a Markdown file becomes a harmless article, is listed, and stands in the next digest.
    a_markdown_article_is_stored_harmless_and_goes_out_in_the_next_digest,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        let import = ["import", "--list", "weekly", "port.md"];
        let output = article(&app, &import, &[("port.md", MARKDOWN)]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(output.stdout, "port.md: 1 new, 0 changed, 0 known\n");
        let articles = stored(&app).await;
        let html = articles[0].summary_html.as_str();
        assert_eq!(html.trim(), "عاد <strong>العمل</strong> إلى الرصيف.<br>هنا");
        assert_eq!((articles[0].section.as_str(), articles[0].source.as_deref()), ("health", Some("وكالات")));

        let listed = article(&app, &["list", "--list", "weekly"], &[]).await;
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let line = listed.stdout.lines().nth(1).unwrap();
        assert!(line.contains("2026-01-05 05:00 UTC") && line.contains("health") && line.ends_with("الميناء بعد عام"), "{line}");
        let listed = article(&app, &["list", "--list", "weekly", "--json"], &[]).await;
        let rows: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
        assert_eq!(rows[0]["url"], "https://manara.example/port");
        assert_eq!(rows[0]["published"], "2026-01-05T05:00:00Z");

        app.publish().await;
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let mail = mails.last().unwrap();
        for part in [mail.html().unwrap(), mail.text().unwrap()] {
            assert!(part.contains("الميناء بعد عام"), "{part}");
            assert!(!part.contains("alert(1)"), "{part}");
        }
    }
);

both_databases!(
    /// Once more is no second article; other words are a change.
    importing_again_updates,
    |db| async move {
        let app = TestApp::start(db).await;
        let import = ["import", "--list", "weekly", "port.md"];
        let changed = MARKDOWN.replace("بعد عام", "بعد عامين");
        for (text, said) in [(MARKDOWN, "1 new, 0 changed, 0 known"), (MARKDOWN, "0 new, 0 changed, 1 known"), (&changed, "0 new, 1 changed, 0 known")] {
            let output = article(&app, &import, &[("port.md", text)]).await;
            assert_eq!(output.stdout, format!("port.md: {said}\n"), "{output:?}");
        }
        assert_eq!(stored(&app).await[0].title, "الميناء بعد عامين");
    }
);

both_databases!(
    /// What is wrong is said with file and line; what is right is stored all the same.
    errors_name_file_and_line_and_good_articles_are_stored,
    |db| async move {
        let app = TestApp::start(db).await;
        let lines = "{\"title\": \"One\", \"url\": \"https://n.example/1\", \"summary\": \"<b onclick=x>Lead</b><script>x</script>\"}\n\n\
            {\"title\": \"Two\", \"url\": \"n.example/2\"}\nno JSON\n{\"title\": \"Three\", \"url\": \"https://n.example/3\"}\n";
        let files = [
            ("week.jsonl", lines),
            ("bad.md", "---\ntitle: T\nurl: https://n.example/t\ndate: soon\n---\n"),
            ("good.md", MARKDOWN),
        ];
        let import = ["import", "--list", "weekly", "week.jsonl", "bad.md", "missing.md", "good.md"];
        let output = article(&app, &import, &files).await;
        assert_eq!(output.code, Some(1), "{output:?}");
        for said in ["week.jsonl: JSON lines, line 3: it has no http(s) link", "week.jsonl: JSON lines, line 4: not a JSON object", "bad.md, line 4: \"soon\" is not a date", "missing.md"] {
            assert!(output.stderr.contains(said), "{said}: {output:?}");
        }
        assert!(output.stdout.contains("week.jsonl: 2 new") && output.stdout.contains("good.md: 1 new"), "{output:?}");
        let articles = stored(&app).await;
        assert_eq!(articles.iter().map(|a| &*a.title).collect::<Vec<_>>(), ["One", "Three", "الميناء بعد عام"]);
        // The summary of a JSON line is text: what looks like a tag is shown, not obeyed.
        assert!(articles[0].summary_html.as_str().starts_with("&lt;b onclick=x&gt;Lead"));
    }
);

both_databases!(
    /// `--section` wins over the file; one that the list has not is refused with those it has.
    a_section_is_checked_and_wins,
    |db| async move {
        let app = TestApp::start(db).await;
        let output = article(&app, &["import", "--list", "weekly", "--section", "sport", "port.md"], &[("port.md", MARKDOWN)]).await;
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains("no section `sport`; it has reports, health, cartoons"), "{output:?}");
        assert!(stored(&app).await.is_empty());
        let output = article(&app, &["import", "--list", "weekly", "--section", "cartoons", "port.md"], &[]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(stored(&app).await[0].section, "cartoons");
        let output = article(&app, &["import", "--list", "monthly", "port.md"], &[]).await;
        assert!(output.code != Some(0) && output.stderr.contains("monthly"), "{output:?}");
        let output = article(&app, &["import", "--list", "weekly"], &[]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
    }
);
