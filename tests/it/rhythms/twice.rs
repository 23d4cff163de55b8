//! What readers are owed when things happen twice: a second digest that is taken back, an address that is changed back and on.

use nashra::domain::choices::Choices;
use nashra::domain::digest::PausedBy;
use nashra::service::compose::Composed;
use nashra::service::control;

use super::{HOUR, mails, reader, span, start, stored, tick};
use crate::harness::app::{DAY, MONDAY, TestApp};
use crate::harness::database::both_databases;
use crate::harness::http;
use crate::harness::queue::number;

both_databases!(
    /// A digest that nobody got was to bring some what an earlier one had not: they are owed both.
    what_a_second_digest_was_to_bring_is_not_forgotten,
    |db| async move {
        let app = start(db, "").await;
        for name in ["got", "missed"] {
            reader(&app, "weekly", name, &Choices::default()).await;
        }
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        app.faults("on rcpt to missed@* reply 451 4.2.1 later");
        let Composed::Ready(first) = tick(&app, "weekly").await else { panic!("a digest") };
        app.faults("");
        let context = &app.app.context;
        assert!(control::cancel(context, first.id).await.unwrap());
        stored(&app, "weekly", 2, "reports", MONDAY + DAY).await;
        app.advance(span(7 * DAY));
        let second = app.publish().await;
        assert!(control::cancel(context, second).await.unwrap());
        stored(&app, "weekly", 3, "reports", MONDAY + 8 * DAY).await;
        app.advance(span(7 * DAY));
        tick(&app, "weekly").await;
        assert_eq!(mails(&app, "got"), [vec![1], vec![3, 2]]);
        assert_eq!(mails(&app, "missed"), [vec![3, 2, 1]]);
    }
);

/// The reader at `from` changes the address to `to`.
async fn moves(app: &TestApp, from: &str, to: &str) {
    let id = format!("SELECT id FROM subscribers WHERE address = '{from}@example.org'");
    let id = number(&app.database(), &id).await;
    let context = &app.app.context;
    let link = context.preferences_url(context.list("weekly").unwrap().id, id);
    let to = format!("{to}@example.org");
    let asked = http::post_form(&link, &[("do", "move"), ("email", &to)]).await;
    assert_eq!(asked.status, 303);
    app.deliver_pending().await;
    let button = app.confirmation_link(&to);
    assert_eq!(http::post_form(&button, &[]).await.status, 200);
}

both_databases!(
    /// Whoever moves there and back before a digest has left gets it at home, and who moves on after it gets it once.
    who_moves_back_gets_what_waits_once,
    |db| async move {
        let app = start(db, "").await;
        for name in ["layla", "rami"] {
            reader(&app, "weekly", name, &Choices::default()).await;
        }
        stored(&app, "weekly", 1, "reports", MONDAY - HOUR).await;
        let digest = app.publish().await;
        let context = &app.app.context;
        assert!(control::pause(context, digest, PausedBy::Operator, "").await.unwrap());
        moves(&app, "layla", "away").await;
        moves(&app, "away", "layla").await;
        moves(&app, "rami", "new").await;
        app.faults("on rcpt to layla@* reply 451 4.2.1 later");
        assert!(control::resume(context, digest).await.unwrap());
        app.deliver_pending().await;
        assert_eq!(mails(&app, "new").concat(), [1]);
        // It is still being sent, to the other.
        app.advance(span(HOUR));
        moves(&app, "new", "rami").await;
        moves(&app, "rami", "newer").await;
        app.faults("");
        app.advance(span(HOUR));
        app.deliver_pending().await;
        assert_eq!(mails(&app, "layla").concat(), [1]);
        for name in ["away", "rami", "newer"] {
            assert!(mails(&app, name).concat().is_empty(), "{name}");
        }
    }
);
