//! The window opens once, and its mails reach the editors.

use nashra::service::editing;

use super::{before_the_hour, letter, reviewed};
use crate::harness::app::{Options, TestApp};
use crate::harness::database::both_databases;
use crate::harness::queue::{execute, number};

const MAILS: &str = "SELECT COUNT(*) FROM editor_mails";

both_databases!(
    /// Of schedulers that look at once one opens the draft, and each editor gets one mail: in the list's language, with the titles and
    /// a link of one's own. It is no list mail.
    the_window_opens_once_and_each_editor_is_told,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        let now_ms = app.clock.now_ms();
        assert!(!editing::open(context, list, now_ms - 1).await.unwrap(), "twelve hours before, and no sooner");
        let mut looks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (context, list) = (context.clone(), std::sync::Arc::clone(list));
            looks.spawn(async move { editing::open(&context, &list, now_ms).await.unwrap() });
        }
        let opened = looks.join_all().await;
        assert_eq!(opened.into_iter().filter(|opened| *opened).count(), 1);
        assert!(!editing::open(context, list, now_ms + 1).await.unwrap());
        let before = app.catcher.messages().len();
        app.deliver_pending().await;
        let mails = app.catcher.messages();
        let mut to: Vec<_> = mails[before..].iter().map(|mail| mail.recipients.join(",")).collect();
        to.sort();
        assert_eq!(to, ["amal@desk.example", "omar@desk.example"]);
        let (amal, omar) = (letter(&app, "amal@desk.example"), letter(&app, "omar@desk.example"));
        for text in ["النشرة الأسبوعية", "خبر رقم 1 من Beirut", "افتح المسودة"] {
            assert!(amal.contains(text), "{text}: {amal}");
        }
        let link = |letter: &str| letter.split_whitespace().find(|word| word.contains("/draft/")).unwrap().to_owned();
        assert!(link(&amal).starts_with(&app.url) && link(&amal) != link(&omar), "each has a link of one's own");
        let mail = &mails[before];
        assert!(mail.header("List-Unsubscribe").is_none() && mail.header("Auto-Submitted").is_some());
        assert!(mail.html().unwrap().contains("/draft/"));
        let sql = "SELECT COUNT(*) FROM editor_mails WHERE status = 'sent' AND worker_id IS NULL AND code = 250";
        assert_eq!(number(&app.database(), sql).await, 2);
    }
);

both_databases!(
    /// S2: a relay that says "later" is asked again, with the same Message-ID; who is suppressed gets nothing.
    a_mail_to_an_editor_is_tried_again_and_none_goes_to_who_is_suppressed,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let suppressed = app.nashra(["suppression", "add", "omar@desk.example"]).run().await;
        assert_eq!(suppressed.code, Some(0), "{suppressed:#?}");
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        editing::open(context, list, app.clock.now_ms()).await.unwrap();
        app.faults("on rcpt to amal@desk.example reply 451 4.3.0 later");
        let before = app.catcher.messages().len();
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), before);
        let sql = "SELECT COUNT(*) FROM editor_mails WHERE status = 'queued' AND attempts = 1";
        assert_eq!(number(&app.database(), sql).await, 1);
        let sql = "SELECT COUNT(*) FROM editor_mails WHERE status = 'cancelled' AND address LIKE 'omar%'";
        assert_eq!(number(&app.database(), sql).await, 1);
        app.faults("");
        app.advance(std::time::Duration::from_hours(1));
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), before + 1);
    }
);

both_databases!(
    /// A mail that cannot be read, by whatever hand, ends alone; and nobody is told of a draft who is no editor any more.
    a_mail_that_cannot_be_read_holds_nothing_up,
    |db| async move {
        let app = before_the_hour(db, reviewed()).await;
        let context = &app.app.context;
        editing::open(context, context.list("weekly").unwrap(), app.clock.now_ms()).await.unwrap();
        let database = app.database();
        execute(&database, "UPDATE editor_mails SET content = '{}' WHERE address LIKE 'omar%'").await;
        let former = "UPDATE editor_mails SET address = 'former@desk.example', identity = 'former@desk.example' WHERE address LIKE 'amal%'";
        execute(&database, former).await;
        let before = app.catcher.messages().len();
        app.deliver_pending().await;
        assert_eq!(app.catcher.messages().len(), before);
        for (status, address) in [("failed", "omar"), ("cancelled", "former")] {
            let sql = format!("{MAILS} WHERE status = '{status}' AND address LIKE '{address}%'");
            assert_eq!(number(&database, &sql).await, 1, "{status}");
        }
    }
);

both_databases!(
    /// Without a window nothing opens, and no editor is told; a window without editors opens for the command line alone.
    without_a_window_nobody_is_told,
    |db| async move {
        let app = TestApp::with(db, Options { list: "editors = [\"amal@desk.example\"]".into(), ..Options::default() }).await;
        let context = &app.app.context;
        let list = context.list("weekly").unwrap();
        for hours in 0..200 {
            assert!(!editing::open(context, list, app.clock.now_ms() + hours * super::HOUR).await.unwrap());
        }
        assert_eq!(number(&app.database(), MAILS).await, 0);
    }
);

both_databases!(
    /// `digest run` opens the draft too, by the machine's clock; and the editors' addresses go with an erasure.
    digest_run_opens_the_draft,
    |db| async move {
        let options = Options {
            list: "review = \"8d\"\neditors = [\"amal@desk.example\"]".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let run = || app.nashra(["digest", "run"]).run();
        let (one, other) = tokio::join!(run(), run());
        for output in [one, other, run().await] {
            assert!(matches!(output.code, Some(0 | 10 | 11)), "{output:#?}");
        }
        let mails = app.catcher.messages();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].recipients, ["amal@desk.example"]);
        assert!(app.dump().await.contains("amal@desk.example"));
        let output = app.nashra(["subscriber", "erase", "amal@desk.example", "--yes"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        assert!(!app.dump().await.contains("amal@desk.example"));
    }
);

both_databases!(
    /// So does `serve`, by itself.
    serve_opens_the_draft,
    |db| async move {
        let options = Options {
            list: "review = \"8d\"\neditors = [\"amal@desk.example\"]".to_owned(),
            ..Options::default()
        };
        let app = TestApp::with(db, options).await;
        let mut running = app.nashra(["serve", "--role", "worker"]).spawn();
        let caught = app.catcher.wait_for(1);
        assert!(tokio::time::timeout(crate::harness::LIMIT, caught).await.is_ok());
        running.signal(crate::harness::process::Signal::Term);
        assert_eq!(running.finished().await.code, Some(0));
        assert!(app.link_of("amal@desk.example", "/draft/").starts_with(&app.url));
    }
);

both_databases!(
    /// A window of which nobody is told is allowed, with a warning; what is no address is a mistake.
    a_window_without_editors_is_warned_of,
    |db| async move {
        let options = Options { list: "review = \"12h\"".to_owned(), ..Options::default() };
        let app = TestApp::with(db, options).await;
        let output = app.nashra(["config", "check"]).run().await;
        assert_eq!(output.code, Some(0), "{output:#?}");
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(said.contains("lists[0].review") && said.contains("nashra digest edit"), "{said}");
        let wrong = app.nashra(["config", "check"]).env("NASHRA__DIGEST__EDITORS", "[\"amal\"]").run().await;
        assert_eq!(wrong.code, Some(2), "{wrong:#?}");
    }
);
