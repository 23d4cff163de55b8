//! Issue 3, point 8: the built `nashra catch`, and a digest in a catcher that is not ours (maildev).

use serde_json::Value;

use crate::harness::app::TestApp;
use crate::harness::database::{both_databases, sqlite};
use crate::harness::http;
use crate::harness::node::Maildev;
use crate::harness::process::{Program, Signal};

const FREE: [&str; 5] = ["catch", "--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0"];

#[tokio::test]
async fn catch_keeps_what_a_run_sends_and_ends_on_ctrl_c() {
    let app = TestApp::start(sqlite().await).await;
    app.many_confirmed(2).await;
    app.articles(3).await;
    let mut catch = Program::nashra(FREE).spawn();
    let mail = catch.line("smtp://127.0.0.1:").await;
    let inbox = catch.line("http://127.0.0.1:").await;
    let port = mail.rsplit(':').next().unwrap();
    let inbox = inbox.split_whitespace().last().unwrap();
    let output = app
        .digest_run([])
        .env("NASHRA__SMTP__PORT", port)
        .run()
        .await;
    assert_eq!(output.code, Some(0), "{output:#?}");
    let page = http::get(inbox).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("reader0@example.org"),
        "{}",
        page.text()
    );
    let listing = http::get(&format!("{inbox}api/messages")).await.json();
    assert_eq!(listing["messages"].as_array().unwrap().len(), 2);
    catch.signal(Signal::Int);
    assert_eq!(catch.finished().await.code, Some(0));
}

#[tokio::test]
async fn catch_says_which_port_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--smtp", "--http"] {
        let mut arguments = FREE.to_vec();
        let place = arguments
            .iter()
            .position(|argument| *argument == option)
            .unwrap();
        arguments[place + 1] = &address;
        let output = Program::nashra(arguments).run().await;
        assert_eq!(output.code, Some(1), "{output:#?}");
        assert!(
            output.stderr.contains(&address) && output.stderr.contains(option),
            "{}",
            output.stderr
        );
    }
}

#[tokio::test]
async fn catch_says_which_line_of_a_script_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("faults.txt");
    std::fs::write(
        &script,
        "# faults\non dot every 100 drop\non rcpt times many hang\n",
    )
    .unwrap();
    let script = script.to_str().unwrap();
    let output = Program::nashra(FREE.into_iter().chain(["--script", script]))
        .run()
        .await;
    assert_eq!(output.code, Some(1), "{output:#?}");
    for part in [script, "is not a script", "line 3", "many"] {
        assert!(
            output.stderr.contains(part),
            "`{part}` in {}",
            output.stderr
        );
    }
    let output = Program::nashra(FREE.into_iter().chain(["--script", "nowhere.txt"]))
        .run()
        .await;
    assert_eq!(output.code, Some(1));
    assert!(
        output.stderr.contains("nowhere.txt cannot be read"),
        "{}",
        output.stderr
    );
}

#[tokio::test]
async fn catch_plays_its_script() {
    let app = TestApp::start(sqlite().await).await;
    app.many_confirmed(1).await;
    app.articles(1).await;
    let script = app.directory().join("faults.txt");
    std::fs::write(&script, "on rcpt reply 550 5.1.1 nobody here\n").unwrap();
    let mut catch = Program::nashra(
        FREE.into_iter()
            .chain(["--script", script.to_str().unwrap()]),
    )
    .spawn();
    let mail = catch.line("smtp://127.0.0.1:").await;
    let port = mail.rsplit(':').next().unwrap();
    assert_eq!(
        app.digest_run([])
            .env("NASHRA__SMTP__PORT", port)
            .run()
            .await
            .code,
        Some(0)
    );
    let row = app.queue().await.remove(0);
    assert_eq!((row.status.as_str(), row.code), ("failed", Some(550)));
}

both_databases!(
    /// The digest as another's program reads it: maildev, by its REST API.
    a_digest_reaches_maildev,
    |db| async move {
        let Some(maildev) = Maildev::start().await else { return };
        let app = TestApp::start(db).await;
        app.many_confirmed(2).await;
        app.articles(3).await;
        let output = app.digest_run([]).env("NASHRA__SMTP__PORT", maildev.smtp.to_string()).run().await;
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:#?}");
        let mails = http::get(&format!("{}/email", maildev.api)).await.json();
        let mails = mails.as_array().unwrap();
        assert_eq!(mails.len(), 2);
        let mail: &Value = &mails[0];
        let shown = app.nashra(["digest", "list", "--json"]).run().await;
        let digests: Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!(mail["subject"], digests[0]["subject"]);
        assert_eq!((&mail["from"][0]["address"], &mail["from"][0]["name"]), (&"news@marfa.example".into(), &"المرفأ".into()));
        let html = mail["html"].as_str().unwrap();
        assert!(html.contains("dir=\"rtl\"") && html.contains("lang=\"ar\""), "T1");
        assert!(html.contains("https://news.example/articles/1") && html.contains("خبر رقم 1"));
        assert!(mail["text"].as_str().unwrap().contains("خبر رقم 1"));
        let source = http::get(&format!("{}/email/{}/source", maildev.api, mail["id"].as_str().unwrap())).await;
        for header in ["List-Unsubscribe: <http", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "List-Id: ", "Message-ID: <",
            "Date: ", "MIME-Version: 1.0"] {
            assert!(source.text().contains(header), "`{header}` in {}", source.text());
        }
    }
);
