//! The main job from end to end, on both databases: a reader subscribes, confirms, and gets one digest.

use std::sync::atomic::Ordering;

use crate::harness::app::TestApp;
use crate::harness::database::both_databases;

both_databases!(
    /// Issue 3: the form, the mail, the button, the digest; every delivery recorded.
    a_reader_subscribes_confirms_and_gets_one_digest,
    |db| async move {
        let app = TestApp::start(db).await;
        app.confirmed("layla@example.org").await;
        app.articles(3).await;
        let digest = app.publish().await;
        let progress = app.deliver_pending().await;
        assert_eq!(progress.sent.load(Ordering::Relaxed), 1);
        let counts = app.counts(digest).await;
        assert_eq!((counts.sent, counts.queued), (1, 0));
        let mails = app.catcher.messages();
        let mail = mails.last().unwrap();
        assert_eq!(mail.recipients, ["layla@example.org"]);
        assert!(mail.html().unwrap().contains("https://news.example/articles/3"));
    }
);
