//! Issue 3, bad input of SMTP, through the built program: whatever is wrong with the relay is said in a clear sentence,
//! nothing is lost, and the next run sends everything.

use crate::harness::app::{Options, TestApp};
use crate::harness::database::{TestDb, both_databases};
use crate::harness::process::{Output, Program};

const READERS: usize = 3;

/// Readers, articles, and a relay that has little time for each step.
async fn waiting(db: TestDb) -> TestApp {
    let sections = r#"
        [delivery]
        retry = ["1s"]
        [smtp.timeouts]
        connect = "200ms"
        greeting = "200ms"
        command = "200ms"
        data_init = "200ms"
        data_block = "200ms"
        final_dot = "200ms"
    "#;
    let options = Options {
        sections: sections.to_owned(),
        ..Options::default()
    };
    let app = TestApp::with(db, options).await;
    app.many_confirmed(READERS).await;
    app.articles(3).await;
    app
}

/// A run that should not go on trying for long.
fn short_run(app: &TestApp) -> Program {
    app.digest_run(["--max-time", "1s"])
}

/// The run failed with this sentence, and every delivery is as it was.
async fn refused(app: &TestApp, output: &Output, sentence: &str) {
    assert_eq!(output.code, Some(1), "{sentence}: {output:#?}");
    assert!(
        output.stderr.contains(sentence),
        "{sentence}: {}",
        output.stderr
    );
    assert!(
        !output.stderr.contains('@'),
        "promise 10: {}",
        output.stderr
    );
    let rows = app.queue().await;
    assert_eq!(rows.len(), READERS, "{sentence}");
    for row in rows {
        let state = (row.status.as_str(), row.attempts, row.worker_id);
        assert_eq!(
            state,
            ("queued", 0, None),
            "{sentence}: the relay's fault is not the mail's"
        );
    }
    assert_eq!(app.catcher.accepted(), 0);
}

/// The next run, with nothing in its way, sends everything.
async fn recovered(app: &TestApp) {
    app.faults("");
    let output = app.digest_run([]).run().await;
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:#?}"
    );
    assert_eq!(app.catcher.accepted() as usize, READERS);
    assert!(app.queue().await.iter().all(|row| row.status == "sent"));
}

both_databases!(
    /// Nothing listens at the relay's port.
    a_relay_that_is_not_there_loses_nothing,
    |db| async move {
        let app = waiting(db).await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let output = short_run(&app).env("NASHRA__SMTP__PORT", &free).run().await;
        refused(&app, &output, &format!("Cannot connect to the relay 127.0.0.1:{free}")).await;
        assert!(output.stderr.contains("check its host and port"));
        recovered(&app).await;
    }
);

both_databases!(
    /// A relay that hangs, talks nonsense, or will not have us before any mail.
    a_relay_that_fails_before_the_first_mail_loses_nothing,
    |db| async move {
        let app = waiting(db).await;
        for (script, sentence) in [
            ("on connect hang", "did not answer within 200ms at the greeting"),
            ("on ehlo hang", "did not answer within 200ms at EHLO"),
            ("on connect lose", "was lost at the greeting"),
            ("on connect raw SSH-2.0-OpenSSH_9.9\\r\\n", "answered the greeting with something that is not SMTP"),
            ("on connect raw \\x16\\x03\\xff\\xfe\\r\\n", "answered the greeting with something that is not SMTP"),
            ("on connect reply 421 4.3.2 too busy", "refused us at the greeting with 421 4.3.2 too busy"),
            ("on connect reply 554 5.7.1 not you", "refused us at the greeting with 554 5.7.1 not you"),
            ("on ehlo reply 451 4.3.0 later", "refused us at EHLO with 451 4.3.0 later"),
        ] {
            app.faults(script);
            let output = short_run(&app).run().await;
            refused(&app, &output, sentence).await;
        }
        recovered(&app).await;
    }
);

both_databases!(
    /// S11: a relay without STARTTLS is refused at once when TLS is required.
    a_relay_without_tls_loses_nothing,
    |db| async move {
        let app = waiting(db).await;
        let output = app.digest_run([]).env("NASHRA__SMTP__TLS", "starttls").run().await;
        refused(&app, &output, "does not offer STARTTLS, which is required").await;
        recovered(&app).await;
    }
);

both_databases!(
    /// S1: a relay that hangs inside a mail costs that mail its turn and nothing else.
    a_relay_that_hangs_in_a_mail_loses_nothing,
    |db| async move {
        let app = waiting(db).await;
        for verb in ["mail", "rcpt", "data"] {
            app.faults(&format!("on {verb} times 3 hang"));
            let output = app.digest_run([]).run().await;
            // What hung on a new connection goes back and is sent by the same run.
            assert!(matches!(output.code, Some(0 | 10 | 11)), "{verb}: {output:#?}");
        }
        for row in app.queue().await.iter().filter(|row| row.status == "queued") {
            assert_eq!(row.worker_id, None);
            assert!(row.attempts > 0);
            assert!(row.reply.as_deref().unwrap().contains("did not answer within 200ms"), "{row:?}");
        }
        app.faults("");
        while app.digest_run([]).run().await.code == Some(11) {}
        assert_eq!(app.catcher.accepted() as usize, READERS, "each once");
        assert!(app.queue().await.iter().all(|row| row.status == "sent"));
    }
);

both_databases!(
    /// S12: a relay that hangs after the dot may have the mail: unknown, said so, not sent again.
    a_relay_that_hangs_after_the_dot_leaves_it_unknown,
    |db| async move {
        let app = waiting(db).await;
        app.faults("on dot to reader1@* hang");
        let output = app.digest_run(["--json"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!((&report["sent"], &report["unknown"]), (&2.into(), &1.into()));
        assert_eq!(app.digest_run([]).run().await.code, Some(10));
        assert_eq!(app.catcher.accepted() as usize, READERS, "the catcher kept it");
    }
);
