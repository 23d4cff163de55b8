//! `digest edit` and `digest test`: what the page does, from a terminal, by the machine's clock.

use nashra::clock::Clock;
use serde_json::{Value, json};

use super::{HOUR, reviewed, row};
use crate::harness::app::{TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::Output;

/// Five articles of the last hours.
async fn start(db: TestDb) -> TestApp {
    let app = TestApp::with(db, reviewed()).await;
    let list = app.app.context.list("weekly").unwrap().id;
    let now_ms = Clock::System.now_ms();
    let mut tx = app.app.context.database.write().await.unwrap();
    for n in 1..=5 {
        let section = if n < 4 { "reports" } else { "health" };
        put_article(
            &mut tx,
            (list, section),
            article(n, now_ms - n * HOUR),
            now_ms,
        )
        .await;
    }
    tx.commit().await.unwrap();
    app
}

async fn edit(app: &TestApp, more: &[&str]) -> Output {
    let command = ["digest", "edit", "weekly"];
    app.nashra(command.iter().chain(more).copied()).run().await
}

/// What the draft holds: each decision, and the article's row.
async fn draft(app: &TestApp) -> (Vec<(String, i64)>, Value) {
    let output = edit(app, &["--json"]).await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    let draft: Value = serde_json::from_str(&output.stdout).unwrap();
    let articles = draft["articles"].as_array().unwrap().iter();
    let decided = articles.map(|one| {
        (
            one["decision"].as_str().unwrap().to_owned(),
            one["article"].as_i64().unwrap(),
        )
    });
    (decided.collect(), draft)
}

both_databases!(
    /// Each option does what it says, shows it, and `digest preview` has it; what is not in the draft is named.
    a_draft_is_edited_from_a_terminal,
    |db| async move {
        let app = start(db).await;
        let mut rows = Vec::new();
        for n in 1..=5 {
            rows.push(row(&app, n).await);
        }
        let id = |n: usize| rows[n - 1];
        let shown = edit(&app, &[]).await;
        assert!(shown.code == Some(0) && shown.stdout.contains("goes out"), "{shown:#?}");
        assert_eq!(draft(&app).await.1["version"], json!(0), "looking decides nothing");

        let words = app.directory().join("words.txt");
        std::fs::write(&words, "كلمة المحرر.\n").unwrap();
        let (pin, drop, lead) = (id(3).to_string(), id(1).to_string(), id(2).to_string());
        let (title, order) = (format!("{}=عنوان آخر", id(5)), format!("health={},{}", id(5), id(4)));
        let changes = [
            "--pin", &pin, "--drop", &drop, "--lead", &lead, "--title", &title, "--order", &order,
            "--introduction-file", words.to_str().unwrap(),
        ];
        let output = edit(&app, &changes).await;
        assert!(output.code == Some(0) && output.stdout.contains("digest preview"), "{output:#?}");
        let (decided, stored) = draft(&app).await;
        let wanted = [("lead", 2), ("pinned", 3), ("chosen", 5), ("chosen", 4), ("dropped", 1)];
        assert_eq!(decided, wanted.map(|(word, n)| (word.to_owned(), id(n))));
        assert_eq!((&stored["edited_by"], &stored["version"]), (&json!("command"), &json!(1)));
        assert_eq!(stored["edits"]["introduction"], json!("كلمة المحرر."));

        let out = app.directory().join("preview");
        let preview = app.nashra(["digest", "preview", "--list", "weekly", "--out", out.to_str().unwrap()]).run().await;
        assert_eq!(preview.code, Some(0), "{preview:#?}");
        let text = std::fs::read_to_string(out.join("weekly.txt")).unwrap();
        assert!(text.contains("عنوان آخر") && !text.contains("خبر رقم 1 "), "{text}");

        let keep = edit(&app, &["--keep", &drop, "--lead", "0", "--introduction", "", "--order", "health=", "--title", &format!("{}=", id(5))]).await;
        assert_eq!(keep.code, Some(0), "{keep:#?}");
        assert_eq!(draft(&app).await.1["edits"], json!({ "pinned": [id(3)] }));
        assert_eq!(edit(&app, &["--clear"]).await.code, Some(0));
        assert_eq!(draft(&app).await.1["edits"], json!({}));
        for (wrong, code, said) in [
            (&["--pin", "999"][..], 1, "article 999 is not in the draft"),
            (&["--order", "reports=999"], 1, "article 999 is not in the draft"),
            (&["--order", "sport=1"], 1, "has no section `sport`; it has reports, health, cartoons"),
            (&["--title", "x=y"], 2, "is a number"),
            (&["--introduction", "x", "--introduction-file", "y"], 2, "cannot be used with"),
            (&["--introduction-file", "nowhere"], 1, "nowhere cannot be read"),
        ] {
            let output = edit(&app, wrong).await;
            assert!(output.code == Some(code) && output.stderr.contains(said), "{output:#?}");
        }
    }
);

both_databases!(
    /// The test is the real mail, to this address alone.
    a_test_is_mailed_to_whom_the_command_names,
    |db| async move {
        let app = start(db).await;
        let command = ["digest", "test", "weekly", "--to", "boss@desk.example", "--sections", "health", "--language", "en"];
        let output = app.nashra(command).run().await;
        assert!(output.code == Some(0) && output.stdout.contains("a test is queued"), "{output:#?}");
        let run = app.nashra(["digest", "run", "--as-of", "2026-01-01T07:00:00Z"]).run().await;
        assert_eq!(run.code, Some(0), "{run:#?}");
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipients, ["boss@desk.example"]);
        let text = mails[0].text().unwrap();
        assert!(mails[0].subject().starts_with("[Test] ") && text.contains("articles/4") && !text.contains("articles/1"), "{text}");
        let nothing = app.nashra(["digest", "test", "weekly", "--to", "boss@desk.example", "--sections", "cartoons"]).run().await;
        assert!(nothing.code == Some(1) && nothing.stdout.contains("would get nothing"), "{nothing:#?}");
        let wrong = app.nashra(["digest", "test", "weekly", "--to", "boss"]).run().await;
        assert!(wrong.code == Some(1) && wrong.stderr.contains("--to"), "{wrong:#?}");
    }
);
