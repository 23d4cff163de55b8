//! `digest preview`, and promise 8: `digest list|show|why` explain each digest; `digest run` on a terminal.

use serde_json::Value;

use crate::harness::app::{DAY, MONDAY, Options, TestApp, article, put_article};
use crate::harness::database::{TestDb, both_databases, sqlite};
use crate::harness::process::Output;
use crate::harness::queue::number;
use crate::relays::with_two;

fn json(output: &Output) -> Value {
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:#?}"
    );
    serde_json::from_str(&output.stdout).unwrap()
}

/// A sent digest of five articles out of seven.
async fn sent(db: TestDb) -> (TestApp, String) {
    let app = TestApp::start(db).await;
    app.many_confirmed(2).await;
    app.articles(7).await;
    let digest = app.publish().await;
    app.faults("on rcpt to reader1@* reply 550 5.1.1 nobody");
    app.deliver_pending().await;
    (app, digest.to_string())
}

both_databases!(
    /// The preview is the mail that would go out, the same octets each time, and leaves no trace.
    preview_writes_files_and_no_rows,
    |db| async move {
        let app = TestApp::start(db).await;
        app.articles(3).await;
        let mut mails = Vec::new();
        for out in ["first", "second"] {
            let preview = ["digest", "preview", "--as-of", "2026-01-05T07:00:00Z", "--locale", "en", "--out", out];
            let output = app.nashra(preview).dir(app.directory()).run().await;
            assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
            assert!(output.stdout.contains("weekly: 3 articles"), "{}", output.stdout);
            let read = |ending: &str| std::fs::read_to_string(app.directory().join(out).join(format!("weekly.{ending}"))).unwrap();
            let (html, text) = (read("html"), read("txt"));
            assert!(html.contains("lang=\"en\"") && html.contains("dir=\"ltr\""), "{html}");
            assert!(html.contains("https://news.example/articles/3") && text.contains("https://news.example/articles/3"));
            mails.push(read("eml"));
        }
        assert!(mails[0].contains("Subject: ") && mails[0].contains("List-Unsubscribe: "));
        assert_eq!(mails[0], mails[1], "octet for octet");
        for table in ["digests", "digest_articles", "deliveries", "workers"] {
            assert_eq!(number(&app.database(), &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(app.catcher.connections(), 0);
    }
);

both_databases!(
    /// Between two periods the preview is of the next, whose articles it holds; at a period that is due, of that.
    a_preview_between_two_periods_is_of_the_next,
    |db| async move {
        let app = TestApp::start(db).await;
        app.many_confirmed(1).await;
        app.articles(3).await;
        for (at, date) in [("2026-01-05T07:00:00Z", "5 January 2026"), ("2026-01-07T12:00:00Z", "12 January 2026")] {
            let preview = ["digest", "preview", "--as-of", at, "--locale", "en"];
            let output = app.nashra(preview).dir(app.directory()).run().await;
            let html = std::fs::read_to_string(app.directory().join("preview").join("weekly.html")).unwrap_or_default();
            assert!(html.contains(date), "{output:#?} {html}");
            if date.starts_with('5') {
                // From now on the first period is decided, and there is news of the second.
                app.publish().await;
                let mut tx = app.app.context.database.write().await.unwrap();
                let new = article(9, MONDAY + DAY);
                let list = app.app.context.list("weekly").unwrap().id;
                put_article(&mut tx, (list, "reports"), new, MONDAY + DAY).await;
                tx.commit().await.unwrap();
            }
        }
    }
);

#[tokio::test]
async fn preview_says_what_it_cannot_do() {
    let app = TestApp::start(sqlite().await).await;
    let preview = |arguments: &'static [&'static str]| {
        app.nashra(["digest", "preview"].iter().chain(arguments).copied())
            .dir(app.directory())
            .run()
    };
    let output = preview(&[]).await;
    assert_eq!(output.code, Some(1));
    assert!(
        output.stdout.contains("weekly: nothing new between 20"),
        "{output:#?}"
    );
    let hint = "read the feeds with --gather";
    assert!(output.stdout.contains(hint), "{output:#?}");
    let output = preview(&["--gather"]).await;
    assert!(!output.stdout.contains(hint), "{output:#?}");
    let output = preview(&["--locale", "tlh"]).await;
    assert_eq!(output.code, Some(1));
    assert!(
        output
            .stderr
            .contains("no texts in `tlh`; there are ar, en"),
        "{}",
        output.stderr
    );
    let output = preview(&["--out", "nashra.toml/x"]).await;
    assert_eq!(output.code, Some(1));
    assert!(
        output.stderr.contains("nashra.toml/x cannot be created"),
        "{}",
        output.stderr
    );
    let output = preview(&["--as-of", "yesterday"]).await;
    assert_eq!(output.code, Some(2));
}

both_databases!(
    /// Promise 8: what was made, and what became of it.
    digest_list_and_show,
    |db| async move {
        let (app, digest) = sent(db).await;
        let output = app.nashra(["digest", "list"]).run().await;
        let row = output.stdout.lines().nth(1).unwrap();
        assert!(row.contains("weekly") && row.contains("2026-01-05 07:00 UTC") && row.contains("sent"), "{row}");
        let rows = json(&app.nashra(["digest", "list", "--json"]).run().await);
        assert_eq!((&rows[0]["state"], &rows[0]["articles"], &rows[0]["period"]), (&"sent".into(), &5.into(), &"2026-01-05T07:00:00Z".into()));

        let output = app.nashra(["digest", "show", &digest]).run().await;
        assert!(output.stdout.contains("1 sent, 0 queued (0 to be retried), 1 failed, 0 unknown, 0 cancelled"), "{}", output.stdout);
        let shown = json(&app.nashra(["digest", "show", &digest, "--json"]).run().await);
        assert_eq!((&shown["deliveries"]["sent"], &shown["deliveries"]["failed"]), (&1.into(), &1.into()));
        assert!(shown["finished"].is_string() && shown["page"].as_str().unwrap().contains("/d/"));
        let page = crate::harness::http::get(shown["page"].as_str().unwrap()).await;
        assert_eq!(page.status, 200);
    }
);

both_databases!(
    /// Promise 8: each article that was looked at, and why it is in or not.
    digest_why,
    |db| async move {
        let (app, digest) = sent(db).await;
        let rows = json(&app.nashra(["digest", "why", "--digest", &digest, "--json"]).run().await);
        let decisions: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["decision"].as_str().unwrap()).collect();
        assert_eq!(decisions, ["lead", "chosen", "chosen", "chosen", "chosen", "section_full", "section_full"]);
        let output = app.nashra(["digest", "why", "--digest", &digest]).run().await;
        assert!(output.stdout.contains("section_full") && output.stdout.contains("خبر رقم 7"), "{}", output.stdout);
        assert!(output.stdout.contains("its section was full: 5 newer ones stand there"), "{}", output.stdout);
        for command in [&["show", "999"][..], &["why", "--digest", "999"]] {
            let output = app.nashra(["digest"].iter().chain(command).copied()).run().await;
            assert_eq!(output.code, Some(1));
            assert!(output.stderr.contains("there is no digest 999; `nashra digest list` shows them"), "{}", output.stderr);
        }
    }
);

both_databases!(
    /// A database without digests is no error, and says what to do next.
    digest_list_of_nothing,
    |db| async move {
        let app = TestApp::start(db).await;
        let output = app.nashra(["digest", "list"]).run().await;
        assert_eq!(output.code, Some(0));
        assert!(output.stdout.contains("no digest yet; `nashra digest run`"), "{}", output.stdout);
        assert_eq!(json(&app.nashra(["digest", "list", "--json"]).run().await), serde_json::json!([]));
    }
);

both_databases!(
    /// Issue 4, point 4: on a terminal a run tells its rate, the time left, and what each relay took.
    a_run_on_a_terminal_tells_how_far_it_is,
    |db| async move {
        let (app, _second) = with_two(db, Options::default()).await;
        app.many_confirmed(200).await;
        app.articles(3).await;
        app.publish().await;
        app.faults("on dot delay 20ms");
        let output = app.digest_run([]).on_a_terminal().run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        for word in [" sent · 0 retried · 0 failed · ", "/s · ", " left, ", " · main ", " · second "] {
            assert!(output.stdout.contains(word), "{word}: {}", output.stdout);
        }
    }
);
